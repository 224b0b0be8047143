// V19 to V23, and V26: draw, estimated price, ranking, lots, award and standing, each computed again.

import { digest, fromB64u, hex, refuse, sha256 } from "../bytes.js";
import { jcs, member, spelling } from "../canon.js";
import { lots } from "../draw.js";
import { evaluate } from "../evaluation.js";
import { technicalOf } from "../scoring.js";
import { hasStanding, stand, wantedOf } from "../standing.js";
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

// The technical points as the bundle gives them: V27 computes them from the sheets.
function technicalIn({ bundle, terms }) {
  if (technicalOf(terms) === undefined) return null;
  const results = array(member(bundle.object("technical.json"), "results"), "results").map((one) => {
    exactly(one, ["stmt", "points", "qualified", "arithmetic"], "a technical result");
    integer(one.points, "points", 0);
    if (typeof one.qualified !== "boolean") refuse("%(what)s is not what it must be", { what: "qualified" });
    return { stmt: anyText(one.stmt, "stmt"), points: one.points, qualified: one.qualified };
  });
  return { sha256: bundle.sha256("technical.json"), results };
}

export function v19(context) {
  const { bundle, found, list, terms, draw: rule, boxId, boxRoot } = context;
  if (!context.isOpened) return notOpened();
  const listed = new Set(list.map(({ stmt }) => stmt));
  const bids = found.filter(({ stmt }) => listed.has(stmt));
  const exclusions = readExclusions(context, bids);
  context.result = evaluate({ terms, rule, boxId, boxRoot, seeds: seedsOf(context), bids, exclusions, technical: technicalIn(context) });
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
  if (json.mode === "M0") return pass("no reserve prices: a seed for lots alone");
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
  const equals = new Map();
  for (const { stmt } of ranked.sort((a, b) => a.rank - b.rank)) {
    const equal = result.equals.get(text(stmt, "stmt"));
    equals.set(equal, [...(equals.get(equal) ?? []), stmt]);
  }
  let ties = 0;
  for (const [equal, stmts] of equals) {
    if (stmts.length < 2) continue;
    ties += 1;
    if (spelling(lots(result.draw.seedN, terms.lot, equal, stmts)) !== spelling(stmts)) refuse("equal bids of %(amount)s are not in the order of the lot", { amount: equal });
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

// The award that is not undone, as the log has it; undefined where there is none.
function awardInForce(of) {
  const [made, undone] = [of("award.confirmed"), [...of("award.refused"), ...of("award.reopened")]];
  return made.length > undone.length ? made.reduce((a, b) => (a.index > b.index ? a : b)) : undefined;
}

// What an award has to say: the first that was not passed over, or the first of the standing.
function dueByEvaluation({ terms, result }, award) {
  if (hasStanding(terms, [])) refuse("an award without the standing that it goes by");
  exactly(award, AWARD, "award.json");
  const ranked = (result?.json.placings ?? []).filter(({ rank }) => rank !== null);
  const out = passedOver(award, ranked);
  return ranked.find(({ stmt }) => !out.has(stmt)) ?? refuse("an award, but nobody is left");
}

function dueByStanding({ bundle, terms }, award) {
  const standing = bundle.object("standing.json");
  const isShared = terms.method === "desired-quantity" || member(bundle.object("notice.json"), "framework") !== undefined;
  exactly(award, [...AWARD, "standing", ...(isShared ? ["winners"] : [])], "award.json");
  if (!same(award.disqualified, [])) refuse("beside a standing nobody is passed over");
  equal(member(standing, "outcome"), "awardable", "outcome");
  equal(award.standing, hex(digest("standing", bundle.bytes("standing.json"))), "standing");
  const winners = array(member(standing, "winners"), "winners");
  if (isShared && !same(award.winners, winners)) refuse("the award names other winners");
  return object(winners[0], "winners");
}

export function v23(context) {
  const { bundle, of, tender, terms, digest: evaluation } = context;
  const confirmed = awardInForce(of);
  if (!bundle.has("award.json")) return confirmed ? refuse("%(path)s is missing", { path: "award.json" }) : skip("no award yet");
  const award = object(bundle.json("award.json"), "award.json");
  const byStanding = bundle.has("standing.json");
  const first = byStanding ? dueByStanding(context, award) : dueByEvaluation(context, award);
  const fixed = { v: 1, type: "award", tender, lot: terms.lot, stmt: first.stmt, supplier: first.supplier, amount: first.amount, evaluation };
  for (const [name, value] of Object.entries(fixed)) equal(award[name], value, name);
  approvedByTwo(award, "the award");
  if (!confirmed) refuse("the log does not tell of the award");
  if (Object.hasOwn(confirmed.event, "standing") !== byStanding) refuse("the log tells of another award");
  for (const name of ["stmt", "supplier", "amount", "evaluation", "approvals", ...(byStanding ? ["standing"] : [])]) {
    if (!same(member(confirmed.event, name) ?? null, award[name])) refuse("the log tells of another award");
  }
  if (of("review.decided").some(({ index }) => index > confirmed.index)) refuse("a review was decided after the award");
  return pass("awarded to %(supplier)s for %(amount)s, first eligible, confirmed by two", first);
}

export function v26(context, warn) {
  const { bundle, of, result } = context;
  const decided = of("review.decided");
  if (!bundle.has("standing.json")) {
    if (bundle.has("reviews.json") || decided.length) refuse("reviews, and no standing after them");
    return skip("no review, and none needed");
  }
  if (!result) refuse("a standing of what was never opened");
  const reviews = bundle.has("reviews.json") ? array(bundle.json("reviews.json"), "reviews.json") : [];
  if (bundle.has("reviews.json") && !reviews.length) refuse("reviews.json lists no review");
  const auction = bundle.has("auction.json") ? bundle.object("auction.json") : null;
  const standing = stand({ evaluation: result.json, reviews, auction, wanted: wantedOf(bundle.object("notice.json")) });
  if (!isPublished(bundle, "standing.json", standing)) refuse("the published standing is not the one computed");
  if (decided.length !== reviews.length) refuse("the log knows other reviews than the bundle");
  decided.forEach(({ event }, index) => checkDecided(event, reviews[index], warn));
  return pass("%(count)s reviews, %(outcome)s", { count: reviews.length, outcome: standing.outcome });
}

function checkDecided(event, review, warn) {
  const told = { ...review, review_sha256: hex(sha256(jcs(review))) };
  for (const name of ["stmt", "kind", "result", "review_sha256", "approvals"]) {
    if (!same(member(event, name) ?? null, told[name])) refuse("the log tells of another review");
  }
  if (review.result === "fail" || review.kind === "reinstatement") warn("bid %(stmt)s: %(kind)s, %(result)s (%(reason)s)", { stmt: review.stmt.slice(0, 10), kind: review.kind, result: review.result, reason: review.reason || "-" });
}
