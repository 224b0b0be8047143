// The page of signing keys: says which of them is in this browser, and makes one.

import { send } from "./http.js";
import { enrolKey, findUsableKey, whyUnable } from "./keys.js";
import { byId, fill, kst, notice } from "./view.js";

document.querySelector("[data-unless-script]").hidden = true;
const page = JSON.parse(byId("keys-page").textContent);

async function show() {
  const { keys } = await send("GET", page.urls.keys);
  const key = await findUsableKey(page.person, keys.map(({ kid }) => kid));
  byId("here").hidden = false;
  byId("make").hidden = key !== null;
  byId("here-said").textContent = key
    ? fill(page.texts.key_here, { label: key.label, since: kst(new Date(key.made).toISOString()) })
    : page.texts.key_none_here;
  const row = key && document.querySelector(`[data-kid="${key.kid}"] .here-mark`);
  if (row) row.hidden = false;
  return key;
}

function explain(problem) {
  if (problem.code === "step-up-required") {
    sessionStorage.setItem("naru-key-label", byId("key-label").value);
    location.assign(page.urls.step_up);
    return;
  }
  const text = problem.status === 0 ? page.texts.no_connection : (problem.body?.detail ?? problem.message);
  byId("key-problem").replaceChildren(notice("danger", page.texts.key_failed, text));
}

async function make() {
  const label = byId("key-label").value.trim();
  if (!label) {
    byId("key-label").focus();
    return;
  }
  byId("make-key").disabled = true;
  try {
    await enrolKey({ person: page.person, label, api: page.urls.keys });
    sessionStorage.removeItem("naru-key-label");
    location.assign(location.pathname);
  } catch (problem) {
    explain(problem);
  } finally {
    byId("make-key").disabled = false;
  }
}

const why = await whyUnable();
if (why) {
  byId("unable").hidden = false;
  document.querySelector(`[data-unable=${why}]`).hidden = false;
} else {
  byId("make-key").addEventListener("click", make);
  try {
    const key = await show();
    const typed = sessionStorage.getItem("naru-key-label");
    if (typed) byId("key-label").value = typed;
    // Back from entering the password: go on with what was asked.
    if (!key && new URLSearchParams(location.search).has("enrol")) await make();
  } catch (problem) {
    byId("here").hidden = false;
    explain(problem);
  }
}
