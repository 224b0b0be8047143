// Canonical form, digests and byte spellings: the browser's twin of app/tlog/canon.py.
//
// Values that may be hashed or signed: null, booleans, strings, whole numbers up to 2^53 - 1, arrays, and objects
// with ASCII keys. Anything else throws, so that nothing is ever signed that the other side would read differently.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text) => encoder.encode(text);

export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function unhex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new TypeError("not lower-case hex");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

// Only the one spelling that `base64` gives: padded, and no stray bits in the last character.
export function unbase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) throw new TypeError("not base64");
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  if (base64(bytes) !== text) throw new TypeError("not canonical base64");
  return bytes;
}

export const b64u = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export function unb64u(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) throw new TypeError("not base64url");
  const padded = text.replaceAll("-", "+").replaceAll("_", "/") + "=".repeat((4 - (text.length % 4)) % 4);
  return unbase64(padded);
}

const DEEPEST = 32; // levels of arrays and objects

// RFC 8785 for the values named above.
export function canonical(value, levels = DEEPEST) {
  if (typeof value === "object" && value !== null && levels === 0) throw new TypeError("nested too deeply");
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) throw new TypeError("not a whole number within 2^53 - 1");
    return String(value);
  }
  if (typeof value === "string") return spellString(value);
  if (Array.isArray(value)) return "[" + Array.from(value, (inner) => canonical(inner, levels - 1)).join(",") + "]";
  if (typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    const members = Object.keys(value).sort().map((key) => spellKey(key) + ":" + canonical(value[key], levels - 1));
    return "{" + members.join(",") + "}";
  }
  throw new TypeError(`${typeof value} has no canonical form`);
}

function spellString(text) {
  // An unpaired surrogate has no UTF-8; JSON.stringify would hide it behind an escape.
  if (/\p{Surrogate}/u.test(text)) throw new TypeError("unpaired surrogate");
  return JSON.stringify(text);
}

function spellKey(key) {
  if (!/^[\x00-\x7f]*$/.test(key)) throw new TypeError("key is not ASCII");
  return JSON.stringify(key);
}

export const jcs = (value) => utf8(canonical(value));

// The value of canonical bytes. Any other spelling of the same value (duplicate keys, spaces, 1.0, escapes) throws.
export function parse(bytes) {
  const text = decoder.decode(bytes);
  const value = JSON.parse(text);
  if (canonical(value) !== text) throw new TypeError("not in canonical form");
  return value;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

// H of the protocol: SHA-256("koneps/v1/" label 00 data).
export const digest = (label, bytes) => sha256(concat(utf8(`koneps/v1/${label}\0`), bytes));

export function equalBytes(left, right) {
  if (left.length !== right.length) return false;
  let difference = 0;
  for (let i = 0; i < left.length; i += 1) difference |= left[i] ^ right[i];
  return difference === 0;
}

export const randomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));
