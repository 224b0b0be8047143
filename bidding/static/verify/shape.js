// What a value must be, before anything is done with it: a member that is missing or of another kind is refused.

import { fromB64u, refuse } from "./bytes.js";
import { member, spelling } from "./canon.js";

const HASH = /^[0-9a-f]{64}$/;
const INSTANT = /^([1-9]\d{3})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z$/;

export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

export function object(value, what) {
  return isObject(value) ? value : refuse("%(what)s is not an object", { what });
}

export function array(value, what) {
  return Array.isArray(value) ? value : refuse("%(what)s is not an array", { what });
}

export function text(value, what) {
  return typeof value === "string" && value !== "" ? value : refuse("%(what)s is not a text", { what });
}

export function anyText(value, what) {
  return typeof value === "string" ? value : refuse("%(what)s is not a text", { what });
}

export function integer(value, what, least = -Infinity, most = Infinity) {
  return Number.isSafeInteger(value) && least <= value && value <= most ? value : refuse("%(what)s is not the number it must be", { what });
}

export function hash(value, what) {
  return typeof value === "string" && HASH.test(value) ? value : refuse("%(what)s is not a hash", { what });
}

export const bytes = (value, what, length) => (typeof value === "string" ? fromB64u(value, length) : refuse("%(what)s is not bytes", { what }));

// Exactly these members, no more and no fewer.
export function exactly(value, names, what) {
  object(value, what);
  const found = Object.keys(value).sort().join(" ");
  return found === [...names].sort().join(" ") ? value : refuse("%(what)s has other members", { what });
}

export const same = (a, b) => spelling(a) === spelling(b);

export function equal(found, expected, what) {
  return found === expected ? found : refuse("%(what)s is not what it must be", { what });
}

// "2026-11-12T01:00:00.000000Z" -> microseconds since 1970: far below 2^53 in size.
export function instant(value, what) {
  const parts = typeof value === "string" ? INSTANT.exec(value) : null;
  if (!parts) refuse("%(what)s is not an instant", { what });
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  if (new Date(at).toISOString().slice(0, 19) !== value.slice(0, 19)) refuse("%(what)s is not an instant", { what });
  return at * 1000 + Number(parts[7]);
}

export const SECOND = 1_000_000;

export function approvedByTwo(value, what) {
  const who = member(value, "approvals");
  const isTwo = Array.isArray(who) && who.length === 2 && who.every((one) => typeof one === "string" && one) && who[0] !== who[1];
  return isTwo || refuse("%(what)s is not approved by two persons", { what });
}
