// V15 to V18: exactly the named keyholders opened, what comes out is what was sealed, nothing is left out.

import { hex, refuse, sha256, utf8 } from "../bytes.js";
import { member, spelling } from "../canon.js";
import { openEnvelope } from "../envelope.js";
import { isClaimed, openObject } from "../note.js";
import { array, bytes, equal, exactly, object, text } from "../shape.js";
import { inBatches } from "./bids.js";
import { holderInUse } from "./keys.js";
import { laneOf } from "./log.js";
import { pass, skip } from "./outcome.js";

const NOTHING = ["draw.json", "evaluation.json", "award.json", "recovery.json"];

export const notOpened = () => skip("nothing was opened");

function checkUnopened({ bundle, of }) {
  if (!of("tender.failed").length && !of("tender.cancelled").length) refuse("nothing was opened, and the log does not say why");
  for (const path of [...NOTHING, ...bundle.under("pieces")]) if (bundle.has(path)) refuse("%(path)s, though nothing was opened", { path });
  if (bundle.has("opening.jsonl") && bundle.bytes("opening.jsonl").length) refuse("%(path)s, though nothing was opened", { path: "opening.jsonl" });
}

// Index in the lane's groups of the group that an entry names.
function chosenIn(lane, { event }) {
  const named = spelling(array(member(event, "group"), "group"));
  const chosen = lane.groups.findIndex((group) => spelling(group) === named);
  return chosen >= 0 ? chosen : refuse("a group that is none of the box's");
}

async function openPieces(context, path, holders) {
  const note = context.bundle.text(path);
  for (const holder of holders) {
    const { key } = holderInUse(context, holder);
    if (isClaimed(note, key)) return { holder, note: await openObject(note, "pieces", key) };
  }
  return refuse("%(path)s is signed by no keyholder of the group", { path });
}

function checkLogged({ bundle, of }, path, holder) {
  const logged = of("opening.pieces").filter((entry) => laneOf(entry) === "price");
  const own = ({ event }) => member(event, "note_sha256") === bundle.sha256(path) && member(event, "holder") === holder;
  if (logged.length && !logged.some(own)) refuse("%(path)s is not the one in the log", { path });
}

// holder -> (stmt -> bytes or null) of all notes.
async function gather(context, lane, named) {
  const { bundle, tender, closed, envelopes, told } = context;
  const holders = lane.holders.map(({ id }) => id).filter((id) => named.some((index) => lane.groups[index].includes(id)));
  const given = new Map(holders.map((holder) => [holder, new Map()]));
  const paths = bundle.under("pieces");
  for (const [done, path] of paths.entries()) {
    const { holder, note } = await openPieces(context, path, holders);
    for (const [name, value] of Object.entries({ tender, lane: "price", closed_idx: closed.index })) equal(member(note, name), value, name);
    for (const [stmt, piece] of Object.entries(object(member(note, "pieces"), "pieces"))) {
      if (!envelopes.has(stmt)) refuse("a piece of what is not to be opened");
      if (given.get(holder).has(stmt)) refuse("%(holder)s gave a piece twice", { holder });
      given.get(holder).set(stmt, piece === null ? null : bytes(piece, "piece"));
    }
    checkLogged(context, path, holder);
    told(done, paths.length);
  }
  return given;
}

function readRecovery({ bundle, of, envelopes }) {
  const recovery = exactly(bundle.json("recovery.json"), ["v", "type", "lane", "ceks"], "recovery.json");
  for (const [name, value] of Object.entries({ v: 1, type: "recovery", lane: "price" })) equal(recovery[name], value, name);
  const ceks = new Map();
  for (const [stmt, cek] of Object.entries(object(recovery.ceks, "ceks"))) {
    if (!envelopes.has(stmt)) refuse("a key of what is not to be opened");
    ceks.set(stmt, bytes(cek, "cek", 32));
  }
  const inPrice = (type) => of(type).filter((entry) => laneOf(entry) === "price");
  const recovered = inPrice("opening.recovered");
  if (!inPrice("opening.recovery").length || recovered.length !== 1) refuse("a recovery that the log does not tell of");
  equal(member(recovered[0].event, "recovery_sha256"), bundle.sha256("recovery.json"), "recovery_sha256");
  return ceks;
}

export async function v15(context, warn) {
  const { bundle, of, lanes: { price: lane }, envelopes } = context;
  const entries = ["opening.group", "opening.fallback"].flatMap(of).filter((entry) => laneOf(entry) === "price").sort((a, b) => a.index - b.index);
  context.isOpened = entries.length > 0;
  if (!context.isOpened) {
    checkUnopened(context);
    return notOpened();
  }
  const named = entries.map((entry) => chosenIn(lane, entry));
  const chosen = named.at(-1);
  const given = await gather(context, lane, named);
  context.ceks = bundle.has("recovery.json") ? readRecovery(context) : null;
  for (const holder of context.ceks ? [] : lane.groups[chosen]) {
    for (const stmt of envelopes.keys()) if (!given.get(holder).has(stmt)) refuse("%(holder)s gave no piece of %(stmt)s", { holder, stmt: stmt.slice(0, 10) });
  }
  const nulls = [...given.values()].flatMap((pieces) => [...pieces.values()]).filter((piece) => piece === null).length;
  if (nulls) warn("%(count)s envelopes do not open, their keyholders say", { count: nulls });
  Object.assign(context, { chosen, pieces: given });
  return pass("exactly one group (%(group)s) gave the pieces of %(count)s envelopes", { group: lane.groups[chosen].join(", "), count: envelopes.size });
}

function keysOf({ ceks, pieces, chosen, lanes: { price: { groups } } }, stmt) {
  if (ceks) return { cek: ceks.get(stmt) };
  return { groups, chosen, blobs: new Map(groups[chosen].map((holder) => [holder, pieces.get(holder).get(stmt)])) };
}

export async function v16(context) {
  const { seeds, list, envelopes, draw, told } = context;
  if (!context.isOpened) return notOpened();
  const order = [...seeds, ...list].map(({ stmt }) => stmt).filter((stmt) => envelopes.has(stmt));
  const found = new Map();
  await inBatches(order, told, async (stmt) => found.set(stmt, await openEnvelope(stmt, envelopes.get(stmt), keysOf(context, stmt), draw)));
  context.found = order.map((stmt) => found.get(stmt));
  return pass("%(count)s envelopes opened with their committed keys", { count: order.length });
}

export function v17(context) {
  const { bundle, found, of } = context;
  if (!context.isOpened) return notOpened();
  const written = utf8(found.map((line) => `${spelling(line)}\n`).join(""));
  if (hex(sha256(written)) !== bundle.sha256("opening.jsonl")) refuse("the published opening is not what comes out of the envelopes");
  const opened = of("opening.opened");
  if (opened.length !== 1) refuse("the log does not tell of the opening");
  equal(member(opened[0].event, "opening_sha256"), hex(sha256(written)), "opening_sha256");
  context.opened = opened[0].event;
  const faulty = found.filter(({ verdict }) => verdict !== "opened").length;
  return pass("%(count)s published as they were sealed, %(faulty)s of them faulty by their own commitments", { count: found.length, faulty });
}

// Who has to contribute in advance, in the order of the seeds.
function contributors(mode, { holders }) {
  if (mode === "M2") return ["@agency", ...holders.map(({ id }) => `@${id}`)];
  return mode === "M3" ? ["@agency", "@prices"] : ["@agency"];
}

export function v18(context) {
  const { published, seeds, items, draw, lanes, bundle } = context;
  for (const seed of array(bundle.json("seeds.json"), "seeds.json")) exactly(seed, ["holder", "stmt"], "seeds.json");
  const due = contributors(draw.mode, lanes.price);
  if (spelling(seeds.map(({ holder }) => text(holder, "holder"))) !== spelling(due)) refuse("other contributions than the rule of the draw asks for");
  if (spelling(array(member(published.event, "seeds"), "seeds")) !== spelling(seeds.map(({ stmt }) => stmt))) refuse("other contributions than were published");
  for (const { holder, stmt } of seeds) equal(items.get(stmt).statement.supplier, holder, "supplier");
  return pass("%(count)s contributions are those published before the first bid", { count: seeds.length });
}
