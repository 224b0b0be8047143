// A time stamp over a bid (RFC 3161), as a bid file keeps it: what it is over and when. Twin of bidding/stamp.py.
// Whether an authority signed it is for `openssl ts -verify` to say, with a root that its reader trusts.

import { hex, unhex } from "./canon.js";

const [INTEGER, OCTETS, TIME, SEQUENCE, EXPLICIT] = [0x02, 0x04, 0x18, 0x30, 0xa0];

function refuse() {
  throw new Error("not a time stamp over this bid");
}

// The elements side by side in `bytes`: [{ tag, body }].
function elements(bytes) {
  const found = [];
  for (let at = 0; at < bytes.length; ) {
    const [tag, first] = [bytes[at], bytes[at + 1]];
    let [length, start] = [first, at + 2];
    if (first === undefined) refuse();
    if (first >= 0x80) {
      length = 0;
      if (first === 0x80 || first > 0x84) refuse();
      for (let n = first & 0x7f; n > 0; n -= 1, start += 1) length = length * 256 + (bytes[start] ?? refuse());
    }
    if (start + length > bytes.length) refuse();
    found.push({ tag, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

const inside = (element, tag = SEQUENCE) => (element?.tag === tag ? elements(element.body) : refuse());

function infoOf(token) {
  const [status, content] = inside(elements(token)[0]);
  const [code] = inside(status);
  if (code?.tag !== INTEGER || code.body.length !== 1 || code.body[0] > 1) refuse(); // not granted
  const [signed] = inside(inside(content)[1], EXPLICIT);
  const [held] = inside(inside(inside(signed)[2])[1], EXPLICIT);
  return inside(inside(held, OCTETS)[0]);
}

// What a stamp over the bid `stmt` (hex) is over, in hex.
export async function imprintOf(stmt) {
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", unhex(stmt))));
}

// The time (milliseconds) in `token`, a DER TimeStampResp over `stmt`; throws where it is none, or over something else.
export async function stampedAt(token, stmt) {
  const [, , imprint, , time] = infoOf(token);
  const [, hashed] = inside(imprint);
  if (hashed?.tag !== OCTETS || hex(hashed.body) !== (await imprintOf(stmt)) || time?.tag !== TIME) refuse();
  const spelled = String.fromCharCode(...time.body);
  const [, y, m, d, h, i, s, fraction = ""] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?Z$/.exec(spelled) ?? refuse();
  return Date.parse(`${y}-${m}-${d}T${h}:${i}:${s}.${fraction.padEnd(3, "0").slice(0, 3)}Z`);
}
