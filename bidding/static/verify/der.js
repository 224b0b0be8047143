// As much of DER as signatures need: one element after the other, lengths in their shortest spelling.

import { concat, refuse } from "./bytes.js";

// {tag, body, whole, end} of the element that begins at `at`.
export function readElement(bytes, at = 0) {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (first === undefined || (tag & 0x1f) === 0x1f) refuse("not DER");
  let [length, start] = [first, at + 2];
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) refuse("not DER");
    length = 0;
    for (let n = 0; n < count; n += 1) length = length * 256 + (bytes[start + n] ?? refuse("not DER"));
    start += count;
    if (length < 0x80 || length < 256 ** (count - 1)) refuse("not the shortest DER");
  }
  const end = start + length;
  if (end > bytes.length) refuse("DER that is cut off");
  return { tag, body: bytes.subarray(start, end), whole: bytes.subarray(at, end), end };
}

export function children(body) {
  const found = [];
  for (let at = 0; at < body.length; ) {
    const element = readElement(body, at);
    found.push(element);
    at = element.end;
  }
  return found;
}

export function sequence(bytes, tag = 0x30) {
  const element = readElement(bytes);
  if (element.tag !== tag || element.end !== bytes.length) refuse("not the DER that is due here");
  return children(element.body);
}

function fixed(element, length) {
  if (element.tag !== 2 || element.body.length === 0 || element.body[0] & 0x80) refuse("not a positive number");
  const digits = element.body[0] === 0 && element.body.length > 1 ? element.body.subarray(1) : element.body;
  if (digits !== element.body && !(digits[0] & 0x80)) refuse("not the shortest DER");
  if (digits.length > length) refuse("too large a number");
  return concat(new Uint8Array(length - digits.length), digits);
}

// An ECDSA signature as DER has it -> r and s side by side, as WebCrypto has it.
export function rawEcdsa(der, length = 32) {
  const numbers = sequence(der);
  return numbers.length === 2 ? concat(fixed(numbers[0], length), fixed(numbers[1], length)) : refuse("not an ECDSA signature");
}
