// V19 to V23: draw, estimated price, ranking, lots and award, each computed again.

import { digest, fromB64u, hex, refuse, sha256 } from "../bytes.js";
import { jcs, member, spelling } from "../canon.js";
import { lots } from "../draw.js";
import { evaluate } from "../evaluation.js";
import { anyText, approvedByTwo, array, equal, exactly, integer, object, same, text } from "../shape.js";
import { notOpened } from "./opening.js";
import { pass, skip } from "./outcome.js";

const AWARD = ["v", "type", "tender", "lot", "stmt", "supplier", "amount", "evaluation", "disqualified", "approvals"];
const NO_DRAW = "no draw: too few valid bids";

function readExclusions({ bundle }, bids) {
  const stmts = new Set();
  const known = new Set(bids.map(({ stmt }) => stmt));
  return array(member(bundle.object("evaluation.json"), "exclusions"), "exclusions").map((one) => {
    exactly(one, ["stmt", "reason", "legal_basis"], "an exclusion");
    for (const name of ["stmt", "reason", "legal_basis"]) anyText(one[name], name);
    if (!known.has(one.stmt) || stmts.has(one.stmt)) refuse("an exclusion of no bid, or one twice");
    stmts.add(one.stmt);
    return one;
  });
}

// What the draw takes from the contributions; refused where one did not open to what it has to be.
function seedsOf({ found, seeds, draw }) {
  const opened = new Map(found.map((line) => [line.stmt, line]));
  const facts = seeds.map(({ stmt, holder }) => {
    const line = opened.get(stmt);
    return line.verdict === "opened" ? line : refuse("the contribution of %(holder)s does not open", { holder });
  });
  const nonces = facts.filter(({ nonce }) => nonce !== undefined).map(({ nonce }) => fromB64u(nonce, 32));
  const given = draw.mode === "M3" ? facts.at(-1).prices.map(BigInt) : null;
  return { agency: nonces[0], contributions: nonces.slice(1), given };
}

export function v19(context) {
  const { bundle, found, list, terms, draw: rule, boxId, boxRoot } = context;
  if (!context.isOpened) return notOpened();
  const listed = new Set(list.map(({ stmt }) => stmt));
  const bids = found.filter(({ stmt }) => listed.has(stmt));
  const exclusions = readExclusions(context, bids);
  context.result = evaluate({ terms, rule, boxId, boxRoot, seeds: seedsOf(context), bids, exclusions });
  const { draw } = context.result;
  if (bundle.has("draw.json") !== (draw !== null)) refuse(draw ? "%(path)s is missing" : "%(path)s, though there was no draw", { path: "draw.json" });
  if (!draw) return skip(NO_DRAW);
  const published = bundle.object("draw.json");
  for (const name of ["seed_n", "seed_v", "rates", "prices"]) {
    if (!same(member(published, name) ?? null, draw.json[name])) refuse("%(what)s come out otherwise", { what: name });
  }
  return pass("seeds and %(count)s reserve prices come out as published (%(mode)s)", { count: draw.json.prices.length, mode: rule.mode });
}

const isPublished = (bundle, path, json) => bundle.sha256(path) === hex(sha256(jcs(json)));

export function v20({ bundle, result, opened, isOpened }) {
  if (!isOpened) return notOpened();
  if (!result.draw) {
    if (member(opened, "draw_sha256") !== null) refuse("the log tells of a draw that there was not");
    return skip(NO_DRAW);
  }
  const { json } = result.draw;
  if (!isPublished(bundle, "draw.json", json)) refuse("the published draw is not the one computed");
  equal(member(opened, "draw_sha256"), bundle.sha256("draw.json"), "draw_sha256");
  return pass("numbers %(drawn)s drawn, estimated price %(price)s", { drawn: json.drawn.join(", "), price: json.estimated_price });
}

export function v21(context, warn) {
  const { bundle, result, opened } = context;
  if (!context.isOpened) return notOpened();
  if (!isPublished(bundle, "evaluation.json", result.json)) refuse("the published evaluation is not the one computed");
  context.digest = hex(digest("evaluation", bundle.bytes("evaluation.json")));
  equal(member(opened, "evaluation"), context.digest, "evaluation");
  const { outcome, placings, exclusions, floor_price: floor } = result.json;
  for (const { stmt, reason } of exclusions) warn("bid %(stmt)s excluded: %(reason)s; the bundle cannot prove why", { stmt: stmt.slice(0, 10), reason });
  const ranked = placings.filter(({ rank }) => rank !== null).length;
  return pass("%(outcome)s: %(ranked)s of %(count)s ranked, floor %(floor)s", { outcome, ranked, count: placings.length, floor: floor ?? "-" });
}

export function v22({ bundle, result, terms, isOpened }) {
  if (!isOpened) return notOpened();
  if (!result.draw) return skip(NO_DRAW);
  const placings = array(member(bundle.object("evaluation.json"), "placings"), "placings").map((one) => object(one, "placings"));
  const ranked = placings.filter((one) => member(one, "rank") !== null);
  for (const { rank } of ranked) integer(rank, "rank");
  const amounts = new Map();
  for (const { stmt, amount } of ranked.sort((a, b) => a.rank - b.rank)) amounts.set(text(amount, "amount"), [...(amounts.get(amount) ?? []), text(stmt, "stmt")]);
  let ties = 0;
  for (const [amount, stmts] of amounts) {
    if (stmts.length < 2) continue;
    ties += 1;
    if (spelling(lots(result.draw.seedN, terms.lot, amount, stmts)) !== spelling(stmts)) refuse("equal bids of %(amount)s are not in the order of the lot", { amount });
  }
  return pass("%(count)s prices decided by lot", { count: ties });
}

function passedOver(award, ranked) {
  const out = new Set();
  for (const one of array(award.disqualified, "disqualified")) {
    exactly(one, ["stmt", "reason", "legal_basis", "approvals"], "disqualified");
    text(one.reason, "reason");
    text(one.legal_basis, "legal_basis");
    approvedByTwo(one, "the disqualification");
    if (!ranked.some(({ stmt }) => stmt === one.stmt)) refuse("somebody is passed over who was not ranked");
    out.add(one.stmt);
  }
  return out;
}

export function v23({ bundle, of, tender, terms, result, digest: evaluation }) {
  const confirmed = of("award.confirmed");
  if (!bundle.has("award.json")) return confirmed.length ? refuse("%(path)s is missing", { path: "award.json" }) : skip("no award yet");
  const award = exactly(bundle.json("award.json"), AWARD, "award.json");
  const ranked = (result?.json.placings ?? []).filter(({ rank }) => rank !== null);
  const out = passedOver(award, ranked);
  const first = ranked.find(({ stmt }) => !out.has(stmt)) ?? refuse("an award, but nobody is left");
  const fixed = { v: 1, type: "award", tender, lot: terms.lot, stmt: first.stmt, supplier: first.supplier, amount: first.amount, evaluation };
  for (const [name, value] of Object.entries(fixed)) equal(award[name], value, name);
  approvedByTwo(award, "the award");
  if (confirmed.length !== 1) refuse("the log does not tell of the award");
  for (const name of ["stmt", "supplier", "amount", "evaluation", "approvals"]) {
    if (!same(member(confirmed[0].event, name) ?? null, award[name])) refuse("the log tells of another award");
  }
  return pass("awarded to %(supplier)s for %(amount)s, first eligible, confirmed by two", first);
}

// A bundle with reviews is refused until they are computed here too: nothing passes that was not computed.
export function v26({ bundle, of }) {
  if (["standing.json", "reviews.json"].some((path) => bundle.has(path)) || of("review.decided").length) refuse("a standing, which this version cannot compute");
  return skip("no review, and none needed");
}

// The same of auctions.
export function v28({ bundle, of }) {
  if (bundle.has("auction.json") || ["auction.announced", "auction.bid", "auction.closed"].some((type) => of(type).length)) refuse("an auction, which this version cannot compute");
  return skip("no auction");
}
