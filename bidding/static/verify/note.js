// C2SP signed notes, verifier keys, checkpoints and cosignatures. A signature of a key that is not asked for says nothing.

import { base64, concat, fromBase64, hex, refuse, sha256, utf8 } from "./bytes.js";
import { parse } from "./canon.js";

const [ED25519, COSIGNATURE] = [1, 4];
const MAX_SIGNATURES = 100;

const keyId = (name, type, key) => sha256(concat(utf8(`${name}\n`), Uint8Array.of(type), key)).slice(0, 4);

function checkName(name) {
  if (!name || /[+\s]/u.test(name)) refuse("a key's name has no blank and no +");
}

// `name+id+key` -> {name, id, key} of an Ed25519 key. Refused unless the id is the key's.
export function readVkey(spelled, due = ED25519) {
  const [, name, id, encoded] = /^([^+]*)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(spelled) ?? refuse("a verifier key is name+id+key");
  checkName(name);
  const typed = fromBase64(encoded);
  const [type, key] = [typed[0], typed.slice(1)];
  if (type !== due || key.length !== 32) refuse("not a verifier key of the kind that is due here");
  if (hex(keyId(name, type, key)) !== id) refuse("the key's id is not that of the key");
  return { name, id, key, spelled };
}

const imported = new Map();

async function importEd25519(key) {
  const spelled = base64(key);
  if (!imported.has(spelled)) imported.set(spelled, crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]));
  return imported.get(spelled);
}

export async function isEd25519(key, signature, message) {
  if (signature.length !== 64) return false;
  try {
    return await crypto.subtle.verify("Ed25519", await importEd25519(key), signature, message);
  } catch {
    return false;
  }
}

function readLine(line) {
  const [, name, encoded] = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? refuse("a malformed signature line");
  checkName(name);
  const bytes = fromBase64(encoded);
  if (bytes.length < 5) refuse("a signature is a key id and at least one byte");
  return { name, id: hex(bytes.slice(0, 4)), bytes: bytes.slice(4) };
}

// Text and signature lines, nothing verified.
export function splitNote(note) {
  // eslint-disable-next-line no-control-regex
  if (!note.isWellFormed() || /[\x00-\x09\x0b-\x1f]/.test(note)) refuse("a note has no control characters");
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n") || cut + 2 >= note.length) refuse("a note without signatures");
  const lines = note.slice(cut + 2, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) refuse("more signatures than a note may have");
  return { text: note.slice(0, cut + 1), signatures: lines.map(readLine) };
}

const claimed = (signatures, { name, id }) => signatures.filter((one) => one.name === name && one.id === id);

export const readWitnessKey = (spelled) => readVkey(spelled, COSIGNATURE);

// The text, if the key signed it. A signature that claims to be of this key and is wrong spoils the note.
export async function openNote(note, vkey) {
  const { text, signatures } = splitNote(note);
  const found = claimed(signatures, vkey);
  if (!found.length) refuse("not signed by %(name)s", { name: vkey.name });
  for (const { bytes } of found) if (!(await isEd25519(vkey.key, bytes, utf8(text)))) refuse("the signature of %(name)s is wrong", { name: vkey.name });
  return text;
}

// The object in a note of type `kind`: a line that says so, then its canonical spelling.
export async function openObject(note, kind, vkey) {
  const text = await openNote(note, vkey);
  const heading = `koneps/v1/${kind}\n`;
  if (!text.startsWith(heading)) refuse("not a note of type %(kind)s", { kind });
  const value = parse(text.slice(heading.length, -1));
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : refuse("a note without an object");
}

// Whether a signature line of the note claims to be by this key.
export const isClaimed = (note, vkey) => claimed(splitNote(note).signatures, vkey).length > 0;

// Seconds since 1970 at which this witness cosigned the note, the earliest of several; null where it did not.
// A line that claims to be this witness's and is wrong spoils the checkpoint.
export async function cosignedAt({ text, signatures }, vkey) {
  let earliest = null;
  for (const { bytes } of claimed(signatures, vkey)) {
    const time = bytes.length === 72 ? new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0) : null;
    const isGood = time !== null && (await isEd25519(vkey.key, bytes.slice(8), utf8(`cosignature/v1\ntime ${time}\n${text}`)));
    if (!isGood) refuse("the cosignature of %(name)s is wrong", { name: vkey.name });
    if (earliest === null || Number(time) < earliest) earliest = Number(time);
  }
  return earliest;
}

// Origin, size and root of a checkpoint's text (C2SP tlog-checkpoint).
export function readCheckpoint(text) {
  const [origin, size, root, ...rest] = text.split("\n");
  if (!origin || rest.pop() !== "" || rest.includes("")) refuse("not a checkpoint");
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) refuse("a checkpoint without a size");
  const hash = fromBase64(root);
  return hash.length === 32 ? { origin, size: Number(size), root: hash } : refuse("a checkpoint without a root");
}
