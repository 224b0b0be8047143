// A member's key file for one tender: made here, saved under a passphrase, read back strictly. Twin of bidding/keyfile.py.
//
// The text is one line of canonical JSON. What stands in clear (tender, holder, public keys, the log that the member saw
// when the keys were made) is bound to the ciphertext as additional data; `sum` tells a damaged file from a wrong
// passphrase. Nothing in a file is believed before its shape, its sum, its seal and its own public keys have been checked.

import { b64u, canonical, concat, equalBytes, hex, jcs, parse, randomBytes, sha256, unb64u, utf8 } from "./canon.js";
import { readVkey, vkeyOf } from "./notes.js";

export const ITERATIONS = 600_000; // PBKDF2-HMAC-SHA-256, the least that is taken
const MOST_ITERATIONS = 10_000_000;
export const PASSPHRASE_LEAST = 12;
const LARGEST = 65_536;
export const LANES = ["docs", "price"];
const HEAD = ["agency", "created", "holder", "iterations", "iv", "kdf", "lanes", "log", "salt", "tender", "type", "v", "vkey"];
const SECRET = ["holder", "lanes", "note", "tender", "type", "v"];
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const HOLDER = /^[A-Z][A-Z0-9]{0,7}$/;
const TENDER = /^[0-9A-Z]{1,20}-\d{3}(-[0-9A-Z]{1,8}){0,2}$/;

// `code`: not-a-key-file, cut, damaged, weak, passphrase, other-tender, other-holder, other-keys, short.
export class KeyFileError extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

function demand(holds, code = "not-a-key-file") {
  if (!holds) throw new KeyFileError(code);
}

// The code that a fault of the parser itself (bad base64, a float, a member that is no text) comes out as.
async function within(code, act) {
  try {
    return await act();
  } catch (fault) {
    throw fault instanceof KeyFileError ? fault : new KeyFileError(code);
  }
}

const names = (object) => Object.keys(object ?? {}).sort();
const isExactly = (object, members) => names(object).join() === members.join();
export const keyName = (holder) => `keyholder-${holder}`;

// ---- keys

async function pairOf(algorithm, usages) {
  const pair = await crypto.subtle.generateKey(algorithm, true, usages);
  const whole = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { secret: whole.slice(-32), public: new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

const PKCS8 = { Ed25519: "302e020100300506032b657004220420", X25519: "302e020100300506032b656e04220420" };

// The public half that belongs to 32 secret bytes.
async function publicOf(algorithm, secret) {
  const head = Uint8Array.from(PKCS8[algorithm].match(/../g), (byte) => Number.parseInt(byte, 16));
  const usages = algorithm === "Ed25519" ? ["sign"] : ["deriveBits"];
  const key = await crypto.subtle.importKey("pkcs8", concat(head, secret), algorithm, true, usages);
  return unb64u((await crypto.subtle.exportKey("jwk", key)).x);
}

// Fresh keys of one member for one tender: a note key (Ed25519) and one X25519 key for each lane.
// `log`: what the member's browser saw of the log: { origin, vkey, size, root }; `agency`: the agency's verifier key.
export async function makeKeys({ tender, holder, lanes = ["price"], log, agency, created }) {
  const note = await pairOf("Ed25519", ["sign", "verify"]);
  const keys = { tender, holder, log, agency, created, lanes: {}, note: note.secret };
  keys.vkey = await vkeyOf(keyName(holder), note.public);
  for (const lane of lanes) {
    const made = await pairOf("X25519", ["deriveBits"]);
    keys.lanes[lane] = { secret: made.secret, pub: b64u(made.public) };
  }
  return keys;
}

// The signing side of a note: bytes in, 64 bytes out.
export async function signerOf(keys) {
  const head = Uint8Array.from(PKCS8.Ed25519.match(/../g), (byte) => Number.parseInt(byte, 16));
  const key = await crypto.subtle.importKey("pkcs8", concat(head, keys.note), "Ed25519", false, ["sign"]);
  return async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", key, bytes));
}

// ---- passphrase

// 0 to 3: too short, weak, fair, strong. By length and by how many different characters; looked up nowhere.
export function strengthOf(passphrase) {
  const letters = [...passphrase.normalize("NFC")];
  if (letters.length < PASSPHRASE_LEAST) return 0;
  const different = new Set(letters.map((letter) => letter.toLowerCase())).size;
  if (different < 6) return 1;
  return letters.length >= 20 && different >= 10 ? 3 : letters.length >= 16 || different >= 10 ? 2 : 1;
}

// Eighty random bits in letters that cannot be mistaken for one another.
export function suggestPassphrase() {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const letters = Array.from(randomBytes(16), (byte) => alphabet[byte & 31]).join("");
  return letters.match(/.{4}/g).join("-");
}

async function keyFrom(passphrase, salt, iterations, usage) {
  const base = await crypto.subtle.importKey("raw", utf8(passphrase.normalize("NFC")), "PBKDF2", false, ["deriveKey"]);
  const kdf = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(kdf, base, { name: "AES-GCM", length: 256 }, false, [usage]);
}

const bound = (head) => concat(utf8("koneps/v1/keyfile\0"), jcs(head));
const sumOf = async (file) => hex(await sha256(jcs(file)));

// ---- writing and reading

export async function writeKeyFile(keys, passphrase, { iterations = ITERATIONS, salt = randomBytes(16), iv = randomBytes(12) } = {}) {
  demand([...passphrase].length >= PASSPHRASE_LEAST, "short");
  demand(iterations >= ITERATIONS, "weak");
  const { tender, holder, log, agency, created, vkey } = keys;
  const each = (value) => Object.fromEntries(Object.entries(keys.lanes).map(([lane, key]) => [lane, value(key)]));
  const secret = { v: 1, type: "keyfile-secret", tender, holder, note: b64u(keys.note), lanes: each((key) => b64u(key.secret)) };
  const head = {
    v: 1, type: "keyfile", tender, holder, vkey, lanes: each((key) => key.pub), log, agency, created,
    kdf: "PBKDF2-HMAC-SHA-256", iterations, salt: b64u(salt), iv: b64u(iv),
  };
  const key = await keyFrom(passphrase, salt, iterations, "encrypt");
  const ct = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bound(head) }, key, jcs(secret));
  const file = { ...head, ct: b64u(new Uint8Array(ct)) };
  return `${canonical({ ...file, sum: await sumOf(file) })}\n`;
}

// What stands in clear, its shape and sum checked; not yet proved by the passphrase. `expected`: { tender, holder }.
export async function readKeyFile(text, expected = {}) {
  demand(typeof text === "string" && text.length <= LARGEST && text.startsWith("{"));
  demand(text.trimEnd().endsWith("}"), "cut");
  const { sum, ...file } = await within("damaged", () => parse(utf8(text.trimEnd())));
  demand(file.type === "keyfile" && file.v === 1);
  demand(sum === (await sumOf(file)), "damaged");
  const { ct, ...head } = file;
  await within("not-a-key-file", () => checkHead(head, ct));
  demand(head.iterations >= ITERATIONS, "weak");
  demand(head.tender === (expected.tender ?? head.tender), "other-tender");
  demand(head.holder === (expected.holder ?? head.holder), "other-holder");
  return { head, ct };
}

async function checkHead(head, ct) {
  demand(isExactly(head, HEAD) && head.kdf === "PBKDF2-HMAC-SHA-256");
  demand(TENDER.test(head.tender) && HOLDER.test(head.holder) && INSTANT.test(head.created));
  demand(Number.isSafeInteger(head.iterations) && head.iterations >= 1 && head.iterations <= MOST_ITERATIONS);
  demand(unb64u(head.salt).length === 16 && unb64u(head.iv).length === 12 && unb64u(ct).length > 16);
  const lanes = names(head.lanes);
  demand(lanes.includes("price") && lanes.every((lane) => LANES.includes(lane) && unb64u(head.lanes[lane]).length === 32));
  demand(isExactly(head.log, ["origin", "root", "size", "vkey"]) && unb64u(head.log.root).length === 32);
  demand(typeof head.log.origin === "string" && Number.isSafeInteger(head.log.size) && head.log.size >= 0);
  for (const vkey of [head.vkey, head.log.vkey, head.agency]) await readVkey(vkey);
  demand((await readVkey(head.vkey)).name === keyName(head.holder));
}

// The keys of a file, each proved to belong to the public half that stands in clear.
export async function openKeyFile(text, passphrase, expected = {}) {
  const { head, ct } = await readKeyFile(text, expected);
  const key = await keyFrom(passphrase, unb64u(head.salt), head.iterations, "decrypt");
  const seal = { name: "AES-GCM", iv: unb64u(head.iv), additionalData: bound(head) };
  const plain = await within("passphrase", () => crypto.subtle.decrypt(seal, key, unb64u(ct)));
  return within("other-keys", () => keysOf(head, parse(new Uint8Array(plain))));
}

async function keysOf(head, secret) {
  demand(isExactly(secret, SECRET) && secret.v === 1 && secret.type === "keyfile-secret", "other-keys");
  demand(secret.tender === head.tender && secret.holder === head.holder, "other-keys");
  demand(names(secret.lanes).join() === names(head.lanes).join(), "other-keys");
  const note = unb64u(secret.note);
  const { public: signing } = await readVkey(head.vkey);
  demand(note.length === 32 && equalBytes(await publicOf("Ed25519", note), signing), "other-keys");
  const lanes = {};
  for (const [lane, spelled] of Object.entries(secret.lanes)) {
    const own = unb64u(spelled);
    demand(own.length === 32 && b64u(await publicOf("X25519", own)) === head.lanes[lane], "other-keys");
    lanes[lane] = { secret: own, pub: head.lanes[lane] };
  }
  const { tender, holder, vkey, log, agency, created } = head;
  return { tender, holder, vkey, log, agency, created, note, lanes };
}
