// What a member does with its keys: publish them, open test envelopes, check an opening by itself, give pieces.
//
// The checks are the browser's twin of bidding/keyholder/checks.py (rules R1 to R7 of the protocol): nothing of the
// request is believed but what hangs on the log key and the agency key in the member's own key file.

import { b64u, canonical, digest, hex, jcs, sha256, unb64u, unbase64, utf8 } from "./canon.js";
import { leafHash, openCheckpoint, rootOf, verifyConsistency, verifyInclusion } from "./merkle.js";
import { boxId, openObject, signObject } from "./notes.js";
import { cosigners, meetsQuorum, readPolicy } from "./policy.js";
import { holderOpen, makeContext, makeStatement, newId, openWithKey, seedPayload, sealEnvelope, wire } from "./sealing.js";
import { signerOf } from "./keyfile.js";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

// No piece is given. `rule`: R1 to R7; `why`: a short sentence.
export class Refused extends Error {
  constructor(rule, why) {
    super(`${rule}: ${why}`);
    Object.assign(this, { rule, why });
  }
}

function demand(holds, rule, why) {
  if (!holds) throw new Refused(rule, why);
}

// ---- publishing one's keys

// One signed note a lane: { lane: note }.
export async function makeKhkeys(keys) {
  const sign = await signerOf(keys);
  const notes = {};
  for (const [lane, { pub }] of Object.entries(keys.lanes)) {
    const { tender, holder, created } = keys;
    const object = { v: 1, type: "khkey", tender, lane, holder, suite: "S1", pub, created };
    notes[lane] = await signObject("khkey", object, keys.vkey, sign);
  }
  return notes;
}

// ---- a test envelope: sealed to this holder alone; its text (bytes) proves that the file's key opens

export async function openTest(envelope, keys, lane = "price") {
  const blob = await holderOpen(envelope, keys.holder, keys.lanes[lane].secret);
  return openWithKey(envelope, blob);
}

// ---- the contribution to the draw (mode M2): 32 random bytes, sealed to the whole committee and forgotten

// What GET …/box said of the box under review, checked as far as a member can: its own keys are in it.
export async function checkOwnBox(box, keys) {
  demand(box.tender === keys.tender, "R1", "the keys are of another tender");
  for (const [lane, { pub }] of Object.entries(keys.lanes)) {
    const own = box.lanes[lane]?.holders.find(({ id }) => id === keys.holder);
    demand(own?.pub === pub, "R1", "the key in the box is not the one in this file");
  }
  return boxId(box);
}

const NO_CLIENT = "0".repeat(64); // the statement of a contribution names no build: it is nobody's bid

export async function makeSeed(box, keys) {
  const supplier = `@${keys.holder}`;
  const ctx = makeContext({ box: await checkOwnBox(box, keys), tender: box.tender, lot: "1", supplier, bid: newId() });
  const { envelope } = await sealEnvelope(ctx, box.lanes.price, seedPayload());
  const about = { noticeSha256: box.notice_sha256, envelope, client: NO_CLIENT, made: wire(Date.now()) };
  const object = { v: 1, type: "khseed", statement: await makeStatement(ctx, about), envelope };
  return signObject("khseed", object, keys.vkey, await signerOf(keys));
}

// ---- the checks before a piece is given

// `request`: what the server says of the tender; `keys`: the member's opened key file; `now`: the member's own clock (ms).
// Resolves to what passed, or throws Refused; a request that lacks a member is refused under R7.
export async function checkRequest(request, keys, lane, now) {
  try {
    return await check(request, keys, lane, now);
  } catch (fault) {
    throw fault instanceof Refused ? fault : new Refused("R7", `not a proper request: ${fault.message}`);
  }
}

async function check(request, keys, lane, now) {
  const { tender, box } = request;
  demand(tender === keys.tender, "R1", "the keys are of another tender");
  demand(request.lane === lane && keys.lanes[lane], "R1", "the keys are of another lane");
  const { checkpoint, cosigned } = await checkCheckpoint(request, keys.log, box.policy);
  const { published, closed, changes = [], cancellations = [], fallbacks = [], fixed, unqualified } = request;
  const groups = [request.group, ...fallbacks];
  const technical = [fixed, unqualified].filter((entry) => entry !== undefined);
  const told = [
    [[published], "tender.published"], [changes, "tender.deadline_changed"], [[closed], "tender.closed"],
    [cancellations, "tender.cancellations"], [[request.group], "opening.group"], [fallbacks, "opening.fallback"],
    [technical.slice(0, 1), "technical.fixed"], [technical.slice(1), "tender.unqualified"],
  ];
  for (const [entries, kind] of told) {
    for (const entry of entries) await included(entry, checkpoint, tender, kind);
  }
  const order = [published, closed, ...cancellations, ...technical, ...groups].map(({ index }) => index);
  demand(order.every((index, i) => i === 0 || order[i - 1] < index), "R4", "published, closed and the group do not follow each other in the log");
  await checkBox(request, keys, lane);
  const { group } = groups.at(-1).event;
  demand(groups.every(({ event }) => (event.lane ?? "price") === lane), "R4", "a group of another lane");
  const opens = latest([published, closed, ...changes].map(({ event }) => event.opens_at));
  demand(now >= Date.parse(opens), "R2", `the opening time ${opens} has not come`);
  demand(isGroup(box.lanes[lane], group) && group.includes(keys.holder), "R7", "this holder is not in the group that was fixed");
  await checkList(request.list, closed.event);
  const struck = new Set(cancellations.flatMap(({ event }) => event.stmts.map(({ stmt }) => stmt)));
  const counted = request.group.event.cancelled ?? struck.size;
  demand(struck.size === counted, "R6", "the cancellations are not those before which the group was fixed");
  const out = leftOut(request, technical, lane);
  for (const stmt of out) struck.add(stmt);
  const final = request.list.filter((entry) => entry.final === true && !struck.has(entry.stmt)).map(({ stmt }) => stmt);
  return {
    tender, lane, holder: keys.holder, checkpoint, cosigned, opens, closedIndex: closed.index, boxRoot: closed.event.box_root,
    group, box: published.event.box, bids: final.length, leftOut: technical.length ? out.length : null, asked: new Set([...final, ...published.event.seeds]),
  };
}

// The bids that do not qualify: named in the log before the group, and counted by it. Where proposals come first, no price
// is opened without them.
function leftOut({ box, group }, technical, lane) {
  const counted = group.event.unqualified;
  if (!technical.length) {
    demand(counted === undefined, "R6", "the group was fixed after a technical evaluation that is not shown");
    demand(lane !== "price" || box.first !== "docs", "R4", "proposals come first, and no technical evaluation is in the log");
    return [];
  }
  demand(technical.length === 2, "R4", "a technical evaluation that is not shown whole");
  const [fixed, { stmts, approvals, technical_sha256: sha256 }] = technical.map(({ event }) => event);
  const isOwn = fixed.technical_sha256 === sha256 && new Set(approvals).size >= 2;
  demand(isOwn, "R6", "what was left out is not what the fixed evaluation says, or not approved by two");
  demand(new Set(stmts).size === counted, "R6", "the group was fixed with other unqualified bids than those shown");
  return stmts;
}

// Of instants in the one spelling of signed objects, which sorts as text.
function latest(instants) {
  demand(instants.every((one) => INSTANT.test(one)), "R7", "an instant in another spelling");
  return instants.sort().at(-1);
}

async function checkCheckpoint(request, seen, policyHash) {
  let checkpoint;
  try {
    checkpoint = await openCheckpoint(request.checkpoint, seen.vkey);
  } catch (fault) {
    throw new Refused("R3", `the checkpoint: ${fault.message}`);
  }
  demand(checkpoint.origin === seen.origin, "R3", "another log's checkpoint");
  try {
    const proof = request.consistency.map(unbase64);
    await verifyConsistency(seen.size, unb64u(seen.root), checkpoint.size, checkpoint.root, seen.size ? proof : []);
  } catch {
    throw new Refused("R3", "the log does not extend the one seen when the keys were made");
  }
  return { checkpoint, cosigned: await checkWitnesses(request, policyHash, seen.vkey) };
}

// The policy is the one whose hash is in the box; without one nobody but the log vouches for the checkpoint.
async function checkWitnesses(request, policyHash, logVkey) {
  if (policyHash === null) return [];
  demand(typeof request.policy === "string", "R3", "the policy of the witnesses is missing");
  demand(hex(await sha256(utf8(request.policy))) === policyHash, "R3", "the policy is not the one in the box");
  const policy = await readPolicy(request.policy);
  demand(policy.logs.includes(logVkey), "R3", "the policy is for another log");
  const found = await cosigners(request.checkpoint, policy);
  demand(meetsQuorum(policy, found), "R3", "too few witnesses have signed the checkpoint");
  return [...found];
}

const isGroup = (lane, group) => lane.groups.some((one) => canonical(one) === canonical(group));

async function included({ index, event, proof }, checkpoint, tender, kind) {
  try {
    await verifyInclusion(index, checkpoint.size, await leafHash(jcs({ e: event, v: 1 })), proof.map(unbase64), checkpoint.root);
  } catch {
    throw new Refused("R4", `${event.type} is not in the log`);
  }
  demand(event.type === kind && event.tender === tender, "R4", `not ${kind} of ${tender}`);
}

async function checkBox({ box, box_note: note, published, closed, tender }, keys, lane) {
  const id = await boxId(box);
  const isLogged = id === published.event.box && id === closed.event.box && box.tender === tender;
  demand(isLogged, "R6", "the box is not the one that was published");
  try {
    demand(canonical(await openObject(note, "box", [keys.agency])) === canonical(box), "R6", "the box differs from the signed one");
  } catch (fault) {
    throw fault instanceof Refused ? fault : new Refused("R6", `the box: ${fault.message}`);
  }
  const own = box.lanes[lane].holders.find(({ id: holder }) => holder === keys.holder);
  demand(own?.pub === keys.lanes[lane].pub, "R1", "the key in the box is not the one in this file");
  demand(published.event.holders[keys.holder] === keys.vkey, "R1", "the published signing key is not the one in this file");
}

async function checkList(list, closed) {
  const sorted = list.every((entry, i) => i === 0 || list[i - 1].stmt < entry.stmt);
  demand(sorted, "R5", "the list is not sorted, or repeats a statement");
  const leaves = await Promise.all(list.map((entry) => leafHash(jcs(entry))));
  demand(hex(await rootOf(leaves)) === closed.box_root, "R5", "the list is not the one that was closed");
}

// ---- pieces

async function checkItem({ statement, envelope }, passed) {
  const { tender, lane, box, asked } = passed;
  demand(statement.tender === tender && statement.box === box, "R6", "a statement of another tender or box");
  const { lot, supplier, bid, ver } = statement;
  const ctx = { v: 1, type: "ctx", box, tender, lot, supplier, bid, ver, lane };
  const isOwn = canonical(envelope.ctx) === canonical(ctx) && hex(await digest("envelope", jcs(envelope))) === statement.env[lane];
  demand(isOwn, "R6", "the envelope is not the one that the statement signs for");
  demand(passed.holder in envelope.wraps, "R6", "the envelope holds nothing for this holder");
  const stmt = hex(await digest("bid", jcs(statement)));
  demand(asked.has(stmt), "R6", `${stmt} is neither in the list nor a published seed`);
  return stmt;
}

// The piece, or null where the bidder's wrap does not hold what the bidder committed to.
async function pieceOf(envelope, keys, lane) {
  try {
    return b64u(await holderOpen(envelope, keys.holder, keys.lanes[lane].secret));
  } catch {
    return null;
  }
}

const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));
const AT_ONCE = 16;

// The signed note of pieces for `items` (one part of the list). `told(done)` is called as it goes on; between small
// lots the page gets its turn.
export async function makePieces(items, passed, keys, told = () => {}) {
  const pieces = {};
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const lot = items.slice(at, at + AT_ONCE);
    const made = await Promise.all(
      lot.map(async (item) => {
        try {
          return [await checkItem(item, passed), await pieceOf(item.envelope, keys, passed.lane)];
        } catch (fault) {
          throw fault instanceof Refused ? fault : new Refused("R6", `not a proper bid: ${fault.message}`);
        }
      }),
    );
    for (const [stmt, piece] of made) pieces[stmt] = piece;
    told(Math.min(at + AT_ONCE, items.length));
    await breathe();
  }
  const { tender, lane, holder, closedIndex } = passed;
  const object = { v: 1, type: "pieces", tender, lane, holder, closed_idx: closedIndex, pieces };
  return { note: await signObject("pieces", object, keys.vkey, await signerOf(keys)), pieces };
}
