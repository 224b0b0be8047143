// With what a person can sign a bid on this page: a key of this browser, passkeys, or both. Each way to sign has a `label`
// and `sign(stmt)`, which gives the signature's object for the 32 bytes of the statement's hash.

import * as browserKeys from "./keys.js";
import * as passkeys from "./passkeys.js";
import { signStatement } from "./signatures.js";
import { element, fill, kst } from "./view.js";

// `live` are the person's keys as the server lists them, newest first.
export async function findSigners({ person, site, texts }, live) {
  const found = [];
  const mine = live.filter((key) => key.credential);
  if (mine.length && passkeys.canUse(site)) {
    const label = mine.map((key) => key.label).join(", ");
    const told = fill(texts.passkey_ok, { label });
    found.push({ kind: "webauthn", label, told, sign: (stmt) => passkeys.signStatement(site, mine, stmt) });
  }
  const own = await browserKeys.findUsableKey(person, live.map(({ kid }) => kid));
  if (own) {
    const told = fill(texts.key_ok, { label: own.label, since: kst(new Date(own.made).toISOString()) });
    found.push({ kind: "Ed25519", label: own.label, told, sign: (stmt) => signStatement(own, stmt) });
  }
  return found;
}

// One radio button for each way; `chosen(signer)` hears the choice, the first one at once.
export function offerSigners(place, signers, texts, chosen) {
  place.hidden = signers.length < 2;
  const names = { webauthn: texts.sign_passkey, Ed25519: texts.sign_browser };
  const choices = signers.map((signer, i) => {
    const radio = element("input", { type: "radio", name: "signer", id: `signer-${i}`, value: signer.kind });
    radio.checked = i === 0;
    radio.addEventListener("change", () => chosen(signer));
    const label = element("label", { for: `signer-${i}`, text: `${names[signer.kind]}: ${signer.label}` });
    return element("div", { className: "choice" }, radio, label);
  });
  place.querySelector("[data-choices]").replaceChildren(...choices);
  if (signers.length) chosen(signers[0]);
}
