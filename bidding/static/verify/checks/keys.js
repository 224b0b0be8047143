// Whose signatures count: pinned keys first, and for what is not pinned the bundle's own claim.

import { refuse } from "../bytes.js";
import { member } from "../canon.js";
import { readVkey } from "../note.js";
import { object, text } from "../shape.js";

const claimedKey = (bundle, name) => readVkey(text(member(bundle.object("keys.json"), name), name));

// {key, isPinned} of the agency or the receipts.
export function keyInUse({ bundle, pinned }, name) {
  const own = pinned?.[name];
  return own ? { key: own, isPinned: true } : { key: claimedKey(bundle, name), isPinned: false };
}

// A policy may name several logs: the one that the bundle claims counts, else the first.
export function logInUse({ bundle, pinned }) {
  const logs = pinned?.logs ?? [];
  if (!logs.length) return { key: claimedKey(bundle, "log"), isPinned: false };
  const claimed = logs.length > 1 && bundle.has("keys.json") ? member(bundle.object("keys.json"), "log") : null;
  return { key: logs.find(({ spelled }) => spelled === claimed) ?? logs[0], isPinned: true };
}

export function holderInUse({ bundle, pinned }, id) {
  const own = pinned?.holders.get(id);
  if (own) return { key: own, isPinned: true };
  const claimed = member(object(member(bundle.object("keys.json"), "holders"), "holders"), id);
  return { key: readVkey(claimed === undefined ? refuse("no key of keyholder %(id)s", { id }) : text(claimed, id)), isPinned: false };
}
