// Signed notes (C2SP signed-note, Ed25519) and what this product says in them: box, keyholder keys, receipt.

import { base64, canonical, concat, digest, equalBytes, hex, jcs, parse, sha256, unbase64, utf8 } from "./canon.js";

const ED25519 = 1;

export class NoteError extends Error {}

// "name+hash+key" -> { name, id, public }. The hash must be the key's own.
export async function readVkey(text) {
  const [name, id, ...rest] = text.split("+");
  const body = unbase64(rest.join("+"));
  if (!name || /\s/.test(name) || body.length !== 33 || body[0] !== ED25519) throw new NoteError("verifier key");
  const expected = await keyIdOf(name, body);
  if (hex(expected) !== id) throw new NoteError("verifier key hash");
  return { name, id: expected, public: body.slice(1) };
}

export async function verifyEd25519(publicBytes, signature, message) {
  const key = await crypto.subtle.importKey("raw", publicBytes, "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", key, signature, message);
}

export function parseNote(note) {
  const cut = note.lastIndexOf("\n\n");
  if (cut < 0 || !note.endsWith("\n")) throw new NoteError("not a signed note");
  const lines = note.slice(cut + 2, -1).split("\n");
  const signatures = lines.map((line) => {
    const match = /^\u2014 (\S+) (\S+)$/.exec(line);
    if (!match) throw new NoteError("signature line");
    const bytes = unbase64(match[2]);
    if (bytes.length < 5) throw new NoteError("signature line");
    return { name: match[1], id: bytes.slice(0, 4), signature: bytes.slice(4) };
  });
  return { text: note.slice(0, cut + 1), signatures };
}

// The text of a note that one of `vkeys` (texts) has signed. A known key with a false signature spoils the note.
export async function openNote(note, vkeys) {
  const { text, signatures } = parseNote(note);
  let isSigned = false;
  for (const vkey of vkeys) {
    const key = await readVkey(vkey);
    for (const { name, id, signature } of signatures) {
      if (name !== key.name || !equalBytes(id, key.id)) continue;
      if (!(await verifyEd25519(key.public, signature, utf8(text)))) throw new NoteError(`false signature by ${name}`);
      isSigned = true;
    }
  }
  if (!isSigned) throw new NoteError("not signed by a known key");
  return text;
}

// The object of a note `koneps/v1/<type>`, its canonical form checked.
export async function openObject(note, type, vkeys) {
  const text = await openNote(note, vkeys);
  const head = `koneps/v1/${type}\n`;
  if (!text.startsWith(head)) throw new NoteError(`not a ${type}`);
  const object = parse(utf8(text.slice(head.length, -1)));
  if (object === null || object.type !== type || object.v !== 1) throw new NoteError(`not a ${type}`);
  return object;
}

// ---- signing, for keys that are this browser's own

const keyIdOf = async (name, body) => (await sha256(concat(utf8(name + "\n"), body))).slice(0, 4);

// The verifier key of an Ed25519 public key (32 bytes) under `name`.
export async function vkeyOf(name, publicBytes) {
  const body = concat([ED25519], publicBytes);
  return `${name}+${hex(await keyIdOf(name, body))}+${base64(body)}`;
}

// The note `koneps/v1/<kind>` of `object`, signed under the key that `vkey` names. `sign`: bytes in, signature out.
export async function signObject(kind, object, vkey, sign) {
  const { name, id } = await readVkey(vkey);
  const text = `koneps/v1/${kind}\n${canonical(object)}\n`;
  return `${text}\n\u2014 ${name} ${base64(concat(id, await sign(utf8(text))))}\n`;
}

// ---- the box

const same = (left, right) => canonical(left) === canonical(right);

export const boxId = async (box) => hex(await digest("box", jcs(box)));

// Ten characters that two people can read to each other: 50 bits of the box id in Crockford's base 32.
export function boxCode(id) {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let bits = BigInt(`0x${id.slice(0, 13)}`) >> 2n; // 52 bits, the first 50 kept
  let code = "";
  for (let i = 0; i < 10; i += 1, bits >>= 5n) code = alphabet[Number(bits & 31n)] + code;
  return `${code.slice(0, 5)}-${code.slice(5)}`;
}

// What GET …/box answered, checked: signed by the agency, of this tender and notice, every holder's key signed by that
// holder. Throws NoteError naming the first thing that does not fit.
export async function verifyBox(answer, reference) {
  const box = await openObject(answer.box_note, "box", [answer.vkeys.agency]);
  if (!same(box, answer.box)) throw new NoteError("the box differs from the signed one");
  if ((await boxId(box)) !== answer.box_id) throw new NoteError("box id");
  if (box.tender !== reference) throw new NoteError("the box is of another tender");
  if (box.notice_sha256 !== answer.notice_sha256) throw new NoteError("the box is of another notice");
  if (box.suite !== "S1") throw new NoteError("unknown suite");
  for (const name of Object.keys(box.lanes)) await verifyLane(answer, box, name);
  return box;
}

async function verifyLane(answer, box, name) {
  if (name !== "price" && name !== "docs") throw new NoteError("unknown lane");
  const { holders, groups } = box.lanes[name];
  if (!holders.length || !groups.length) throw new NoteError("nobody could open this box");
  const known = new Set(holders.map(({ id }) => id));
  if (known.size !== holders.length) throw new NoteError("a holder appears twice");
  for (const group of groups) {
    if (!group.length || group.some((id) => !known.has(id))) throw new NoteError("a group names an unknown holder");
  }
  for (const id of known) {
    if (!groups.some((group) => group.includes(id))) throw new NoteError(`holder ${id} is in no group`);
  }
  for (const holder of holders) await verifyHolder(answer, box, name, holder);
}

async function verifyHolder(answer, box, name, holder) {
  const vkey = answer.vkeys.holders[holder.id];
  if (!vkey) throw new NoteError(`no verifier key for holder ${holder.id}`);
  for (const note of answer.khkeys) {
    let key;
    try {
      key = await openObject(note, "khkey", [vkey]);
    } catch {
      continue; // another holder's note
    }
    const fits = key.tender === box.tender && key.lane === name && key.holder === holder.id;
    if (fits && key.suite === box.suite && key.pub === holder.pub) return;
  }
  throw new NoteError(`holder ${holder.id} has not signed the key in the box`);
}

// ---- the receipt

// The receipt's object, if it is the server's signed word that exactly this statement was received.
export async function verifyReceipt(note, vkey, { tender, bid, stmt, ver = 1 }) {
  const receipt = await openObject(note, "receipt", [vkey]);
  if (receipt.stmt !== stmt) throw new NoteError("the receipt is for another statement");
  if (receipt.tender !== tender || receipt.bid !== bid || receipt.ver !== ver) throw new NoteError("the receipt is for another bid");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(receipt.received)) throw new NoteError("the receipt's instant");
  return receipt;
}
