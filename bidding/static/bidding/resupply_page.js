// On a receipt's page while a recovery is in force: the bid file is opened in this page alone, its key sealed, and only that
// sealed key is posted, by the very form that takes a pasted one.

import { LARGEST } from "./bid_file.js";
import { sealFromFile } from "./resupply.js";
import { byId, fill, notice } from "./view.js";

const page = JSON.parse(byId("resupply-page").textContent);
const { texts } = page;

function say(tone, title, line = "") {
  byId("recovery-said").replaceChildren(notice(tone, title, line));
}

function refuse(field, line) {
  say("danger", texts.not_sealed, line);
  byId(field).focus();
}

async function supply(event) {
  event.preventDefault();
  const [chosen] = byId("recovery-file").files;
  const passphrase = byId("recovery-passphrase");
  if (!chosen) return refuse("recovery-file", texts.no_file);
  if (!passphrase.value) return refuse("recovery-passphrase", texts.no_passphrase);
  byId("recovery-seal").disabled = true;
  say("info", texts.opening);
  try {
    const text = chosen.size > LARGEST ? "" : await chosen.text();
    byId("sealed").value = await sealFromFile(text, passphrase.value, page);
  } catch (fault) {
    byId("recovery-seal").disabled = false;
    const line = texts.faults[fault.code] ?? fill(texts.fault, { fault: fault.message });
    return refuse(fault.code === "passphrase" ? "recovery-passphrase" : "recovery-file", line);
  }
  passphrase.value = "";
  say("success", texts.sealed, texts.sending);
  byId("recovery-paste-form").submit();
}

if (globalThis.crypto?.subtle) {
  byId("recovery-from-file").hidden = false;
  byId("recovery-paste").open = false;
  byId("recovery-from-file").addEventListener("submit", supply);
}
