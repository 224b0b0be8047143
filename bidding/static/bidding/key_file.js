// The key file of an offline machine: an Ed25519 signing key under a passphrase. Twin of bidding/key_file.py, which has the
// format. The key is made extractable, for it has to go into the file; it never goes anywhere else.

import { b64u, concat, jcs, canonical, parse, unb64u, utf8 } from "./canon.js";
import { lock, unlock } from "./locking.js";

const HEAD = ["kid", "label", "public", "supplier", "type", "v"];
const PKCS8 = Uint8Array.of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const bound = (head) => concat(utf8("koneps/v1/signing-key-file\0"), jcs(head));

// { seed, publicKey }: 32 bytes, and the public half in base64url.
export async function makePair() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const { d, x } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { seed: unb64u(d), publicKey: x };
}

export async function importSeed(seed) {
  const privateKey = await crypto.subtle.importKey("pkcs8", concat(PKCS8, seed), "Ed25519", true, ["sign"]);
  const { x } = await crypto.subtle.exportKey("jwk", privateKey);
  return { privateKey, publicKey: x };
}

export async function writeKeyFile({ kid, supplier, label, seed }, passphrase) {
  const { publicKey } = await importSeed(seed);
  const head = { v: 1, type: "signing-key-file", kid, supplier, label, public: publicKey };
  return `${canonical({ ...head, key: await lock(seed, passphrase, bound(head)) })}\n`;
}

// { kid, supplier, label, privateKey }; throws LockError "passphrase", or an Error where it is no such file.
export async function openKeyFile(text, passphrase) {
  const { key: locked, ...head } = parse(utf8(text.replace(/\n+$/, "")));
  const isOurs = Object.keys(head).sort().join() === HEAD.join() && head.v === 1 && head.type === "signing-key-file";
  if (!isOurs || !UUID.test(head.kid)) throw new Error("not a signing key file");
  for (const name of ["supplier", "label", "public"]) if (typeof head[name] !== "string") throw new Error("not a signing key file");
  const { privateKey, publicKey } = await importSeed(await unlock(locked, passphrase, bound(head)));
  if (publicKey !== head.public) throw new Error("the file holds another key than it says");
  return { kid: head.kid, supplier: head.supplier, label: head.label, privateKey };
}
