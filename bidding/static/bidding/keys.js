// A person's signing key: Ed25519, made here, kept here, not extractable. The server learns its public half.

import { b64u } from "./canon.js";
import { send } from "./http.js";
import { enrolmentBytes, sign } from "./signatures.js";
import * as store from "./store.js";

// Why this browser cannot sign or seal, or null: "insecure" (plain http to another machine) or "old" (no Ed25519, X25519).
export async function whyUnable() {
  if (!globalThis.isSecureContext || !globalThis.crypto?.subtle) return "insecure";
  try {
    await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
    await crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
    if (!globalThis.indexedDB) return "old";
  } catch {
    return "old";
  }
  return null;
}

// Keys of `person` on this shelf, newest first; `enrolled` says which of them the server knows.
export async function listKeys(person) {
  const mine = (await store.all("keys")).filter((key) => key.person === person);
  return mine.sort((left, right) => right.made - left.made);
}

// The key to sign with: here in this browser and live on the server, or null.
export async function findUsableKey(person, liveKids) {
  return (await listKeys(person)).find((key) => liveKids.includes(key.kid)) ?? null;
}

// Make a key, shelve it, then tell the server. In this order a lost answer loses no key: asking again is harmless.
export async function enrolKey({ person, label, api }) {
  const { kid, challenge, supplier } = await send("POST", `${api}/challenge`, {});
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const publicKey = b64u(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)));
  const key = { kid, person, label, publicKey, privateKey: pair.privateKey, made: Date.now() };
  await store.put("keys", kid, key);
  const signature = b64u(await sign(key, enrolmentBytes({ kid, publicKey, challenge, supplier })));
  try {
    await send("POST", api, { kid, challenge, public: publicKey, label, signature });
  } catch (problem) {
    // Refused: the server does not know it. (No answer at all: it may, and the next look will tell.)
    if (problem.status) await store.remove("keys", kid);
    throw problem;
  }
  await askToKeep();
  return key;
}

export const forgetKey = (kid) => store.remove("keys", kid);

// Browsers may clear shelves of pages that did not ask to keep them.
async function askToKeep() {
  try {
    await navigator.storage?.persist?.();
  } catch {
    // Not granted: the key works all the same, and a new one can always be enrolled.
  }
}
