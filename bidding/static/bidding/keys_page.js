// The page of signing keys: says which of them is in this browser, and makes one, or a passkey.

import { send } from "./http.js";
import { enrolKey, findUsableKey, whyUnable } from "./keys.js";
import { canUse, Declined, enrolPasskey } from "./passkeys.js";
import { watchOfflineKey } from "./offline_key.js";
import { byId, fill, kst, notice } from "./view.js";

document.querySelector("[data-unless-script]").hidden = true;
const page = JSON.parse(byId("keys-page").textContent);

async function show() {
  const { keys } = await send("GET", page.urls.keys);
  const key = await findUsableKey(page.person, keys.map(({ kid }) => kid));
  byId("here").hidden = false;
  byId("with-browser").hidden = key !== null;
  byId("here-said").textContent = key
    ? fill(page.texts.key_here, { label: key.label, since: kst(new Date(key.made).toISOString()) })
    : page.texts.key_none_here;
  const row = key && document.querySelector(`[data-kid="${key.kid}"] .here-mark`);
  if (row) row.hidden = false;
  return key;
}

function explain(problem, kind) {
  if (problem.code === "step-up-required") {
    sessionStorage.setItem("naru-key-label", byId("key-label").value);
    sessionStorage.setItem("naru-key-wanted", kind);
    location.assign(page.urls.step_up);
    return;
  }
  const said = problem instanceof Declined ? page.texts.passkey_declined : (problem.body?.detail ?? problem.message);
  const text = problem.status === 0 ? page.texts.no_connection : said;
  byId("key-problem").replaceChildren(notice("danger", page.texts.key_failed, text));
}

async function make(kind) {
  const label = byId("key-label").value.trim();
  if (!label) {
    byId("key-label").focus();
    return;
  }
  byId("key-problem").replaceChildren();
  byId("make-key").disabled = byId("make-passkey").disabled = true;
  try {
    const wanted = { person: page.person, site: page.site, label, api: page.urls.keys };
    await (kind === "passkey" ? enrolPasskey(wanted) : enrolKey(wanted));
    sessionStorage.removeItem("naru-key-label");
    location.assign(location.pathname);
  } catch (problem) {
    explain(problem, kind);
  } finally {
    byId("make-key").disabled = byId("make-passkey").disabled = false;
  }
}

const why = await whyUnable();
if (why) {
  byId("unable").hidden = false;
  document.querySelector(`[data-unable=${why}]`).hidden = false;
} else {
  byId("make-key").addEventListener("click", () => make("browser"));
  byId("make-passkey").addEventListener("click", () => make("passkey"));
  watchOfflineKey(page);
  byId("with-passkey").hidden = !canUse(page.site);
  try {
    const key = await show();
    const typed = sessionStorage.getItem("naru-key-label");
    if (typed) byId("key-label").value = typed;
    // Back from entering the password: go on with what was asked. A passkey wants a press of its own.
    if (new URLSearchParams(location.search).has("enrol")) {
      if (sessionStorage.getItem("naru-key-wanted") === "passkey") byId("make-passkey").focus();
      else if (!key) await make("browser");
    }
  } catch (problem) {
    byId("here").hidden = false;
    explain(problem, "browser");
  }
}
