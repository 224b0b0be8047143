// Bytes and their spellings: UTF-8, hex, base64, base64url, each with one spelling for each value; and the hashes.
// Small hashes are synchronous: a tree of short messages is quicker without a promise for each.

import { sha256, sha512 } from "/static/vendor/noble/sha2.js";

export { sha256, sha512 };

// A sentence with its values: "%(n)s bids" and {n: 5}. Kept apart so that a page can say it in the reader's language.
export const fill = (sentence, values = {}) =>
  sentence.replace(/%\((\w+)\)s/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));

// What the material itself is guilty of. Everything else that is thrown is a fault of this program; a check fails on both.
export class Refused extends Error {
  constructor(sentence, values = {}) {
    super(fill(sentence, values));
    Object.assign(this, { sentence, values });
  }
}

export function refuse(sentence, values) {
  throw new Refused(sentence, values);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => encoder.encode(text);

export function fromUtf8(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse("not UTF-8");
  }
}

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const sameBytes = (a, b) => a.length === b.length && a.every((byte, index) => byte === b[index]);

// Order of byte strings: by the first byte that differs, a shorter one before what it begins.
export function compareBytes(a, b) {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) if (a[index] !== b[index]) return a[index] - b[index];
  return a.length - b.length;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hex(bytes) {
  let spelled = "";
  for (const byte of bytes) spelled += HEX[byte];
  return spelled;
}

export function fromHex(spelled, length) {
  if (typeof spelled !== "string" || !/^(?:[0-9a-f]{2})*$/.test(spelled)) refuse("not lowercase hex");
  const bytes = new Uint8Array(spelled.length / 2);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = parseInt(spelled.slice(2 * index, 2 * index + 2), 16);
  if (length !== undefined && bytes.length !== length) refuse("not %(length)s bytes of hex", { length });
  return bytes;
}

function binary(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

export const base64 = (bytes) => btoa(binary(bytes));

export const b64u = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export function fromBase64(spelled) {
  let bytes;
  try {
    bytes = Uint8Array.from(atob(spelled), (letter) => letter.charCodeAt(0));
  } catch {
    refuse("not base64");
  }
  return base64(bytes) === spelled ? bytes : refuse("not the one spelling of base64");
}

export function fromB64u(spelled, length) {
  if (typeof spelled !== "string" || !/^[A-Za-z0-9_-]*$/.test(spelled)) refuse("not base64url");
  let bytes;
  try {
    bytes = Uint8Array.from(atob(spelled.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  } catch {
    refuse("not base64url");
  }
  if (b64u(bytes) !== spelled) refuse("not the one spelling of base64url");
  if (length !== undefined && bytes.length !== length) refuse("not %(length)s bytes of base64url", { length });
  return bytes;
}

// SHA-256 with the label in front (protocol 3.1): bytes under two labels never share a hash.
export const digest = (label, data) => sha256(concat(utf8(`koneps/v1/${label}\0`), data));

export function hmac(hash, key, message) {
  const block = hash === sha512 ? 128 : 64;
  const short = new Uint8Array(block);
  short.set(key.length > block ? hash(key) : key);
  const inner = hash(concat(short.map((byte) => byte ^ 0x36), message));
  return hash(concat(short.map((byte) => byte ^ 0x5c), inner));
}

// RFC 5869 with SHA-256.
export function hkdf(salt, material, info, length = 32) {
  const key = hmac(sha256, salt, material);
  let [last, whole] = [new Uint8Array(), new Uint8Array()];
  for (let round = 1; whole.length < length; round += 1) {
    last = hmac(sha256, key, concat(last, info, Uint8Array.of(round)));
    whole = concat(whole, last);
  }
  return whole.slice(0, length);
}

export function uint32(number) {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, number);
  return bytes;
}
