// V24: the bid of the receipt's holder is in the list and unchanged.

import { concat, digest, fromB64u, hex, refuse } from "../bytes.js";
import { jcs, member } from "../canon.js";
import { openObject } from "../note.js";
import { equal } from "../shape.js";
import { keyInUse } from "./keys.js";
import { pass, skip } from "./outcome.js";

export async function v24(context, warn) {
  const { given, list, items, entries, tender, log, cancelled } = context;
  if (!given.receipt) return skip("no receipt given");
  const { key, isPinned } = keyInUse(context, "receipt");
  const receipt = await openObject(given.receipt, "receipt", key);
  const stmt = member(receipt, "stmt");
  const listed = list.find((entry) => entry.stmt === stmt) ?? refuse("the bid of this receipt is not in the list: keep the receipt, it is the proof");
  const { statement } = items.get(stmt);
  const { salt, event } = entries.find(({ index }) => index === listed.idx);
  const c = hex(digest("event", concat(fromB64u(salt, 32), jcs(event))));
  const due = { type: "receipt", received: listed.received, tender, bid: statement.bid, ver: listed.ver, origin: log.key.name, salt, c };
  for (const [name, value] of Object.entries(due)) equal(member(receipt, name), value, name);
  if (!isPinned) warn("the receipt key is the bundle's own claim: pin it");
  if (cancelled.has(stmt)) warn("this bid was cancelled before the opening");
  return pass("bid %(bid)s, received %(received)s, is in the list unchanged", { bid: statement.bid, received: listed.received });
}
