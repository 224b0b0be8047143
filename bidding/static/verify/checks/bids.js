// V08 to V12 and V14: the frozen list, each bid's statement, signature, time, witnesses and envelope.

import { fromHex, hex, refuse } from "../bytes.js";
import { jcs, member } from "../canon.js";
import { checkEnvelope, envelopeHash, statementHash } from "../envelope.js";
import { leafHash, rootOf } from "../merkle.js";
import { checkSupplierSignature } from "../signature.js";
import { anyText, approvedByTwo, array, equal, exactly, hash, instant, integer, object, SECOND, text } from "../shape.js";
import { laneOf } from "./log.js";
import { pass, skip } from "./outcome.js";

const AT_ONCE = 50;
const STATEMENT = ["v", "type", "box", "tender", "lot", "supplier", "bid", "ver", "prev", "notice_sha256", "env", "client", "made"];
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const [LATE, LATE_NEAR, NEAR] = [90 * SECOND, 30 * SECOND, 600 * SECOND];

// Runs `act` over all, some at a time so that the browser has enough to do; the first fault in order is the one told.
export async function inBatches(items, told, act) {
  for (let first = 0; first < items.length; first += AT_ONCE) {
    const some = await Promise.allSettled(items.slice(first, first + AT_ONCE).map(act));
    for (const { status, reason } of some) if (status === "rejected") throw reason;
    told(first, items.length);
  }
}

function readListed(entry) {
  exactly(entry, ["stmt", "idx", "received", "ver", "final"], "list.json");
  hash(entry.stmt, "stmt");
  integer(entry.idx, "idx", 0);
  equal(entry.ver, 1, "ver");
  equal(entry.final, true, "final");
  return { ...entry, at: instant(entry.received, "received") };
}

export function v08(context) {
  const { bundle, closed, boxId } = context;
  const json = array(bundle.json("list.json"), "list.json");
  const list = json.map(readListed);
  list.forEach(({ stmt }, index) => index && list[index - 1].stmt >= stmt && refuse("the list is not sorted, or holds a bid twice"));
  const found = { box: boxId, box_root: hex(rootOf(json.map((entry) => leafHash(jcs(entry))))), list_sha256: bundle.sha256("list.json"), count: list.length };
  for (const [name, value] of Object.entries(found)) equal(member(closed.event, name), value, name);
  Object.assign(context, { list, boxRoot: found.box_root, cancelled: cancelledOf(context, list) });
  context.unqualified = unqualifiedOf(context, list);
  context.sealed = new Set([...context.cancelled, ...context.unqualified]); // what is never opened
  return pass("%(count)s bids, sorted and unique, root %(root)s as closed", { count: list.length, root: found.box_root.slice(0, 10) });
}

function cancelledOf({ of }, list) {
  const cancelled = new Set();
  const listed = new Set(list.map(({ stmt }) => stmt));
  for (const one of of("tender.cancellations").flatMap(({ event }) => array(member(event, "stmts"), "stmts"))) {
    const stmt = member(object(one, "stmts"), "stmt");
    if (!listed.has(stmt) || cancelled.has(stmt)) refuse("a cancellation of no bid, or one twice");
    approvedByTwo(one, "the cancellation");
    cancelled.add(stmt);
  }
  const group = of("opening.group").find((one) => laneOf(one) === "price");
  if (group && (member(group.event, "cancelled") ?? 0) !== cancelled.size) refuse("another number of cancelled bids than was said at the opening");
  return cancelled;
}

function unqualifiedOf({ of, box, cancelled }, list) {
  const isFirst = member(box, "first") !== undefined;
  const left = new Set(list.map(({ stmt }) => stmt).filter((stmt) => !cancelled.has(stmt)));
  const stmts = [];
  for (const { event } of of("tender.unqualified")) {
    if (!isFirst) refuse("bids were left out of a tender that scores no proposals");
    approvedByTwo(event, "the technical result");
    stmts.push(...array(member(event, "stmts"), "stmts"));
    stmts.forEach((stmt, index) => (!left.has(stmt) || (index && stmts[index - 1] >= stmt)) && refuse("left out: no bid of the list, or not in order"));
  }
  const group = of("opening.group").find((one) => laneOf(one) === "price");
  if (group) equal(member(group.event, "unqualified"), isFirst ? stmts.length : undefined, "unqualified");
  return new Set(stmts);
}

function checkStatement(statement, context) {
  const { boxId, box, tender, terms } = context;
  const hasDocs = member(object(member(box, "lanes"), "lanes"), "docs") !== undefined;
  exactly(statement, STATEMENT, "the statement");
  const fixed = { v: 1, type: "bid", box: boxId, tender, lot: terms.lot, ver: 1, prev: null, notice_sha256: box.notice_sha256 };
  for (const [name, value] of Object.entries(fixed)) equal(statement[name], value, name);
  const letters = [...text(statement.supplier, "supplier")].length;
  if (letters > 40) refuse("%(what)s is not what it must be", { what: "supplier" });
  if (!UUID.test(anyText(statement.bid, "bid"))) refuse("%(what)s is not what it must be", { what: "bid" });
  exactly(statement.env, ["price", "docs"], "env");
  hash(statement.env.price, "env");
  if (statement.env.docs !== null) hash(statement.env.docs, "env");
  if (statement.env.docs !== null && !hasDocs) refuse("documents where none are asked for");
  hash(statement.client, "client");
  instant(statement.made, "made");
}

export function v09(context, warn) {
  const { bundle, list, entries } = context;
  const seeds = array(bundle.json("seeds.json"), "seeds.json").map((seed) => ({ ...object(seed, "seeds.json"), stmt: anyText(member(seed, "stmt"), "stmt") }));
  const bids = new Set(list.map(({ stmt }) => stmt));
  const all = [...seeds.map(({ stmt }) => stmt), ...bids].sort();
  if (new Set(all).size !== all.length) refuse("a seed twice, or a seed that is a bid");
  const due = all.map((stmt) => `statements/${stmt}.json`).sort();
  if (due.join("\n") !== bundle.under("statements").join("\n")) refuse("statements are missing, or there are others");
  const [items, suppliers] = [new Map(), new Set()];
  for (const stmt of all) {
    const { statement, signature } = exactly(bundle.json(`statements/${stmt}.json`), ["statement", "signature"], "the statement");
    checkStatement(statement, context);
    if (statementHash(statement) !== stmt) refuse("statement %(stmt)s has another hash", { stmt });
    const isSeed = !bids.has(stmt);
    if (isSeed !== statement.supplier.startsWith("@")) refuse("a seed among the bids, or a bid among the seeds");
    if (isSeed) equal(signature, null, "signature");
    if (suppliers.has(statement.supplier)) refuse("%(supplier)s twice", { supplier: statement.supplier });
    suppliers.add(statement.supplier);
    items.set(stmt, { stmt, statement, signature });
  }
  Object.assign(context, { seeds, items });
  warnOfClients(list, items, entries, warn);
  return pass("%(bids)s bids and %(seeds)s seeds state what the list says", { bids: list.length, seeds: seeds.length });
}

function warnOfClients(list, items, entries, warn) {
  const released = new Set(entries.filter(({ type }) => type === "client.release").map(({ event }) => member(event, "sha256")));
  const others = released.size ? list.filter(({ stmt }) => !released.has(items.get(stmt).statement.client)) : [];
  if (others.length) warn("%(count)s bids were sealed by a program that is not in the log", { count: others.length });
}

export async function v10(context) {
  const { list, items, of, told } = context;
  const added = of("supplier.key_added");
  const kids = new Map(added.map((entry) => [text(member(entry.event, "kid"), "kid"), entry]));
  if (kids.size !== added.length) refuse("one name for two keys");
  if (!list.length) return skip("no bids");
  const revoked = of("supplier.key_revoked");
  await inBatches(list, told, async ({ stmt, idx }) => {
    const { statement, signature } = items.get(stmt);
    const { kid } = object(signature, "signature");
    const key = kids.get(kid);
    const isEarlier = key && key.index < idx && member(key.event, "supplier") === statement.supplier;
    if (!isEarlier) refuse("bid %(stmt)s: no key of %(supplier)s was enrolled before", { stmt: stmt.slice(0, 10), supplier: statement.supplier });
    if (revoked.some(({ event, index }) => member(event, "kid") === kid && index < idx)) refuse("bid %(stmt)s: its key had been revoked", { stmt: stmt.slice(0, 10) });
    await checkSupplierSignature(signature, key.event, fromHex(stmt, 32));
  });
  return pass("%(count)s bids signed with keys enrolled before", { count: list.length });
}

export function v11(context) {
  const { list, of, deadline } = context;
  const submitted = new Map(of("bid.submitted").map((entry) => [entry.index, entry]));
  if (submitted.size !== list.length) refuse("the log tells of another number of bids than the list");
  for (const { stmt, idx, received, at } of list) {
    const entry = submitted.get(idx) ?? refuse("bid %(stmt)s is not in the log where the list says", { stmt: stmt.slice(0, 10) });
    if (entry.salt === null) refuse("bid %(stmt)s was not sealed in the log", { stmt: stmt.slice(0, 10) });
    if (member(entry.event, "stmt") !== stmt) refuse("bid %(stmt)s is not in the log where the list says", { stmt: stmt.slice(0, 10) });
    equal(entry.event.at, received, "received");
    if (at >= deadline) refuse("bid %(stmt)s came at %(received)s, after the deadline", { stmt: stmt.slice(0, 10), received });
  }
  return pass("all %(count)s bids were in the log before the deadline", { count: list.length });
}

// Since when (microseconds) witnesses had signed a state of the log with the entry in it; null: never.
export function witnessedAt({ checkpoint, archived }, index) {
  const times = [checkpoint, ...archived].filter(({ size, time }) => size > index && time !== null).map(({ time }) => time);
  return times.length ? Math.min(...times) * SECOND : null;
}

const seconds = (microseconds) => Math.ceil(microseconds / SECOND);

export function v12(context, warn) {
  const { list, witnesses, deadline } = context;
  if (!witnesses || !list.length) return skip("no witnesses, or no bids");
  let longest = 0;
  for (const { stmt, idx, at } of list) {
    const gap = witnessedAt(context, idx) - at;
    longest = Math.max(longest, gap);
    if (gap > (at >= deadline - NEAR ? LATE_NEAR : LATE)) warn("bid %(stmt)s: witnesses signed %(seconds)s seconds after its receipt", { stmt: stmt.slice(0, 10), seconds: seconds(gap) });
  }
  return pass("witnesses signed within %(seconds)s seconds of every bid", { seconds: seconds(longest) });
}

export function v14(context) {
  const { bundle, items, lanes, sealed, told } = context;
  const due = [];
  for (const { stmt, statement } of items.values()) {
    if (sealed.has(stmt)) continue;
    due.push(`envelopes/${stmt}.json`);
    if (statement.env.docs !== null) due.push(`envelopes/${stmt}.docs.json`);
  }
  if (due.sort().join("\n") !== bundle.under("envelopes").join("\n")) refuse("envelopes are missing, or there are others");
  const envelopes = new Map();
  for (const [stmt, { statement }] of items) {
    if (sealed.has(stmt)) continue;
    envelopes.set(stmt, readEnvelope(bundle.json(`envelopes/${stmt}.json`), statement, "price", lanes.price));
    if (statement.env.docs !== null) readEnvelope(bundle.json(`envelopes/${stmt}.docs.json`), statement, "docs", lanes.docs);
    told(envelopes.size, items.size);
  }
  context.envelopes = envelopes;
  return pass("%(count)s envelopes are the ones signed for", { count: envelopes.size });
}

function readEnvelope(envelope, statement, name, lane) {
  if (envelopeHash(envelope) !== statement.env[name]) refuse("the envelope of %(supplier)s is not the one signed for", { supplier: statement.supplier });
  checkEnvelope(envelope, statement, name, lane);
  return envelope;
}
