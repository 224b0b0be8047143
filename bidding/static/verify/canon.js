// The one spelling of a value (RFC 8785, narrowed as protocol 3.1 says) and its strict reader. No floats: money is text.

import { fromUtf8, refuse, utf8 } from "./bytes.js";

export const MAX_DEPTH = 32;

function spell(value, levels) {
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "string") return value.isWellFormed() ? JSON.stringify(value) : refuse("half a character pair");
  if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : refuse("a number that is no whole number of 53 bits");
  if (typeof value !== "object") return refuse("%(value)s has no spelling", { value: typeof value });
  if (levels === 0) return refuse("nested too deeply");
  if (Array.isArray(value)) return `[${value.map((one) => spell(one, levels - 1)).join(",")}]`;
  return `{${Object.keys(value).sort().map((key) => `${name(key)}:${spell(value[key], levels - 1)}`).join(",")}}`;
}

function name(key) {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(key) ? JSON.stringify(key) : refuse("a name that is not ASCII");
}

export const spelling = (value) => spell(value, MAX_DEPTH);

export const jcs = (value) => utf8(spelling(value));

// The value that `jcs` spelled as these bytes. A second member of one name, a float, a blank, another order: all differ
// from the spelling and are refused with it.
export function parse(bytes) {
  const text = typeof bytes === "string" ? bytes : fromUtf8(bytes);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("not JSON");
  }
  return spelling(value) === text ? value : refuse("not the canonical spelling");
}

// Reads a member of an object that strangers filled: nothing inherited shows through.
export const member = (object, key) => (Object.hasOwn(object, key) ? object[key] : undefined);
