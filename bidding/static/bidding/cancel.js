// Asking to cancel a bid: the request is made and signed here, with a key of this browser or a passkey.

import { canonical, concat, utf8 } from "./canon.js";
import { send } from "./http.js";
import { whyUnable } from "./keys.js";
import { findSigners } from "./signing.js";
import { byId, notice, setError } from "./view.js";

document.querySelector("[data-unless-script]").hidden = true;
const page = JSON.parse(byId("cancel-page").textContent);
const offset = Date.parse(page.server_time.slice(0, 23) + "Z") - Date.now();
const LEAST = 10;
let signer = null;

const wire = () => new Date(Date.now() + offset).toISOString().replace("Z", "000Z");

async function requestHash(request) {
  const data = concat(utf8("koneps/v1/cancel\0"), utf8(canonical(request)));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

function explain(title, text) {
  byId("cancel-problem").replaceChildren(notice("danger", title, text));
}

function ready() {
  byId("cancel-send").disabled = !(signer && byId("cancel-agree").checked);
}

async function ask(event) {
  event.preventDefault();
  const reason = byId("cancel-reason").value.trim();
  setError("cancel-reason", reason.length < LEAST ? page.texts.too_short : "");
  if (reason.length < LEAST) {
    byId("cancel-reason").focus();
    return;
  }
  byId("cancel-send").disabled = true;
  const request = { ...page.request, reason, made: wire() };
  let signature;
  try {
    signature = await signer.sign(await requestHash(request));
  } catch {
    explain(page.texts.failed, page.texts.passkey_declined);
    ready();
    return;
  }
  try {
    await send("POST", page.urls.ask, canonical({ request, signature }));
    location.assign(page.urls.done);
  } catch (problem) {
    explain(page.texts.failed, problem.status === 0 ? page.texts.no_connection : (problem.body?.detail ?? problem.message));
    ready();
  }
}

async function begin() {
  byId("cancel-form").hidden = false;
  if (await whyUnable()) {
    explain(page.texts.failed, page.texts.unable);
    return;
  }
  const { keys } = await send("GET", page.urls.keys);
  [signer = null] = await findSigners(page, keys);
  if (signer) byId("cancel-key").textContent = signer.told;
  else explain(page.texts.failed, page.texts.no_key);
  ready();
}

byId("cancel-agree").addEventListener("change", ready);
byId("cancel-form").addEventListener("submit", ask);
try {
  await begin();
} catch (problem) {
  explain(page.texts.failed, problem.status === 0 ? page.texts.no_connection : problem.message);
}
