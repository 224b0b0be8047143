// Whose signatures count: pinned keys first, and for what is not pinned the bundle's own claim.

import { refuse } from "../bytes.js";
import { member } from "../canon.js";
import { readVkey } from "../note.js";
import { anyText, exactly, isObject, object } from "../shape.js";

const NAMES = ["log", "agency", "receipt"];
const NOTHING = { holders: {}, operators: {} };
const known = new WeakMap();

function readClaims(bundle) {
  const keys = bundle.object("keys.json");
  exactly(keys, [...NAMES, "holders", ...("operators" in keys ? ["operators"] : [])], "keys.json");
  for (const vkey of [...NAMES.map((name) => keys[name]), ...Object.values(object(keys.holders, "holders"))]) anyText(vkey, "keys.json");
  if (!("operators" in keys)) return { ...keys, operators: {} };
  const operators = Object.values(object(keys.operators, "operators"));
  for (const name of operators) anyText(name, "operators");
  return operators.length ? keys : refuse("%(what)s is not what it must be", { what: "operators" });
}

// What keys.json claims; nothing at all where it is missing or anything in it is not as it must be.
export function claimsOf(bundle) {
  if (!known.has(bundle)) {
    let claims = NOTHING;
    try {
      claims = readClaims(bundle);
    } catch {
      // it claims nothing
    }
    known.set(bundle, claims);
  }
  return known.get(bundle);
}

const claimed = (value, what) => readVkey(value ?? refuse("no key of %(what)s", { what }));

// {key, isPinned} of the agency or the receipts.
export function keyInUse({ bundle, pinned }, name) {
  const own = pinned?.[name];
  return own ? { key: own, isPinned: true } : { key: claimed(claimsOf(bundle)[name], name), isPinned: false };
}

// A policy may name several logs: the one that the bundle claims counts, else the first.
export function logInUse({ bundle, pinned }) {
  const logs = pinned?.logs ?? [];
  const claim = claimsOf(bundle).log;
  if (!logs.length) return { key: claimed(claim, "log"), isPinned: false };
  return { key: logs.find(({ spelled }) => spelled === claim) ?? logs[0], isPinned: true };
}

export function holderInUse({ bundle, pinned }, id) {
  const own = pinned?.holders.get(id);
  return own ? { key: own, isPinned: true } : { key: claimed(member(claimsOf(bundle).holders, id), id), isPinned: false };
}

// Who runs a keyholder, as the log says, else as the bundle claims; "" where nobody says.
export function operatorsOf({ bundle, published }) {
  const said = member(published.event, "operators");
  const named = isObject(said) ? said : claimsOf(bundle).operators;
  return (id) => member(named, id) ?? "";
}
