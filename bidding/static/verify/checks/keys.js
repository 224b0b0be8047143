// Whose signatures count: pinned keys first, and for what is not pinned the bundle's own claim.

import { refuse, Refused } from "../bytes.js";
import { member } from "../canon.js";
import { readVkey } from "../note.js";
import { isObject, object, text } from "../shape.js";

const areTexts = (value) => isObject(value) && Object.values(value).every((one) => typeof one === "string");

// What the bundle claims. A keys.json that is missing, or not as it should be in any member, claims nothing at all.
export function claims(bundle) {
  let named;
  try {
    named = bundle.object("keys.json");
  } catch (fault) {
    if (fault instanceof Refused) return {};
    throw fault;
  }
  const { holders, operators, ...own } = named;
  const isProper = areTexts(own) && Object.keys(own).sort().join() === "agency,log,receipt" && areTexts(holders);
  const isNamed = operators === undefined || (areTexts(operators) && Object.keys(operators).length > 0);
  return isProper && isNamed ? named : {};
}

const claimedKey = (bundle, name) => readVkey(text(member(claims(bundle), name), name));

// {key, isPinned} of the agency or the receipts.
export function keyInUse({ bundle, pinned }, name) {
  const own = pinned?.[name];
  return own ? { key: own, isPinned: true } : { key: claimedKey(bundle, name), isPinned: false };
}

// A policy may name several logs: the one that the bundle claims counts, else the first.
export function logInUse({ bundle, pinned }) {
  const logs = pinned?.logs ?? [];
  if (!logs.length) return { key: claimedKey(bundle, "log"), isPinned: false };
  const claimed = logs.length > 1 ? member(claims(bundle), "log") : null;
  return { key: logs.find(({ spelled }) => spelled === claimed) ?? logs[0], isPinned: true };
}

export function holderInUse({ bundle, pinned }, id) {
  const own = pinned?.holders.get(id);
  if (own) return { key: own, isPinned: true };
  const claimed = member(object(member(claims(bundle), "holders"), "holders"), id);
  return { key: readVkey(claimed === undefined ? refuse("no key of keyholder %(id)s", { id }) : text(claimed, id)), isPinned: false };
}
