// Reasons, points, ranks: the evaluation of all bids, to the byte of evaluation.json (protocol 9).

import { fromB64u, hex, refuse, sha256 } from "./bytes.js";
import { jcs } from "./canon.js";
import { drawOf, lots } from "./draw.js";
import { compared, step } from "./figures.js";
import { judge, rateOf } from "./methods.js";
import { technicalOf } from "./scoring.js";

const BASIS = {
  national: { rebid: "국가계약법 시행령 제20조제1항", renotice: "국가계약법 시행령 제20조제2항", "negotiated-contract": "국가계약법 시행령 제27조제1항", "single-quote": "국가계약법 시행령 제30조제1항" },
  local: { rebid: "지방계약법 시행령 제19조제1항", renotice: "지방계약법 시행령 제19조제2항", "negotiated-contract": "지방계약법 시행령 제26조제1항", "single-quote": "지방계약법 시행령 제30조제1항" },
};

const WITHOUT_PRICES = ["negotiation", "best-value", "sale", "reverse-auction"];

const faulty = ({ stmt, supplier, verdict, reason }) => ({
  stmt, supplier, rank: null, reason: verdict, amount: null, rate: null, tied: false, arithmetic: [step("fault", reason, verdict)],
});

const unranked = ({ stmt, supplier, amount, quantity }, reason) => ({ stmt, supplier, rank: null, reason, amount, rate: null, tied: false, arithmetic: [], quantity });

const byOrder = (a, b) => {
  const at = a.order.findIndex((one, index) => one !== b.order[index]);
  return at < 0 ? 0 : a.order[at] < b.order[at] ? -1 : 1;
};

// The valid ones as the method orders them; equal ones in the order of the lot.
function ranked(valid, seed, lot) {
  const groups = new Map();
  for (const bid of [...valid].sort(byOrder)) groups.set(bid.equal, [...(groups.get(bid.equal) ?? []), bid]);
  const order = [...groups].flatMap(([equal, bids]) => {
    if (bids.length === 1) return [{ ...bids[0], tied: false }];
    const known = new Map(bids.map((bid) => [bid.stmt, bid]));
    return lots(seed, lot, equal, known.keys()).map((stmt) => ({ ...known.get(stmt), tied: true }));
  });
  return order.map((bid, index) => ({ ...bid, rank: index + 1 }));
}

// What each ranked bid gets of the quantity that is wanted, down the ranking.
function allotted(bids, wanted) {
  let left = wanted;
  const got = bids.map((bid) => {
    const taken = Math.min(bid.quantity, left);
    const line = step("allotted", `min(${bid.quantity}, ${left})`, String(taken));
    left -= taken;
    return { ...bid, allotted: taken, arithmetic: [...bid.arithmetic, line] };
  });
  const sum = wanted - left;
  return { bids: got, steps: [step("quantity-allotted", `${sum} ${left ? "<" : "="} ${wanted}`, String(sum))] };
}

export function nextSteps({ method, regime, is_rebid: isRebid }, outcome) {
  if (outcome === "ranked") return [];
  const actions = ["rebid", "renotice"];
  if (isRebid) actions.push("negotiated-contract");
  else if (method === "quote" && outcome === "failed") actions.push("single-quote");
  return actions.map((action) => ({ action, legal_basis: BASIS[regime][action] }));
}

const withNonce = (bid) => ({ ...bid, nonce: fromB64u(bid.nonce, 32) });

const refuseUnless = (isSo, what) => isSo || refuse("%(what)s do not fit together", { what });

function checkFit({ terms, rule }) {
  const { method, scoring = {} } = terms;
  const isBare = rule.mode === "M0";
  refuseUnless(terms.floor_rate === null || ["quote", "qualification"].includes(method), "floor_rate");
  refuseUnless(!isBare || WITHOUT_PRICES.includes(method), "mode");
  refuseUnless(rule.quantity === (method === "desired-quantity" ? scoring.quantity : undefined), "quantity");
  if (method === "sale") refuseUnless(isBare === (scoring.minimum_won !== undefined), "minimum_won");
  if (scoring.net_cost) refuseUnless(rule.base[terms.lot] !== undefined, "net_cost");
  if (isBare && method === "negotiation") refuseUnless(scoring.price.reference === "given", "reference");
  if (isBare && method === "best-value") refuseUnless(scoring.price.formula === "lowest-over-bid" || scoring.ceiling_won !== null, "ceiling_won");
}

const placing = ({ stmt, supplier, rank = null, reason, amount, rate = null, tied = false, arithmetic, points, quantity, allotted: share }) => ({
  stmt, supplier, rank, reason, amount, rate, tied, arithmetic,
  ...(points === undefined ? {} : { points }), ...(quantity === undefined ? {} : { quantity }), ...(share === undefined ? {} : { allotted: share }),
});

// `bids`: lines of opening.jsonl that are no seeds, in list order. `technical`: {sha256, results} where proposals are
// scored, else null. {json, draw, equals} with draw null where none was due; `equals`: what each ranked bid is equal by.
export function evaluate({ terms, rule, boxId, boxRoot, seeds, bids, exclusions, technical = null }) {
  checkFit({ terms, rule });
  if ((technicalOf(terms) !== undefined) !== (technical !== null)) refuse("a technical result where there is none, or none where there is one");
  const excluded = new Map(exclusions.map((one) => [one.stmt, one.reason]));
  const isOpened = (bid) => bid.verdict === "opened";
  const running = bids.filter((bid) => isOpened(bid) && !excluded.has(bid.stmt));
  const given = new Set(bids.map(({ stmt }) => stmt));
  const results = new Map((technical?.results ?? []).map((one) => [one.stmt, one]));
  for (const { stmt } of technical ? running : []) if (!results.has(stmt)) refuse("a bid without a technical result");
  const unqualified = [...results.values()].filter(({ stmt, qualified }) => !qualified && !given.has(stmt)).length;
  const valid = running.length + unqualified;
  const isEnough = valid >= terms.minimum_valid;
  const draw = isEnough ? drawOf({ rule, lot: terms.lot, boxId, boxRoot, seeds, bids: bids.filter(isOpened).map(withNonce) }) : null;
  const found = draw ? placed({ bids, running, excluded, draw, terms, rule, results }) : { placings: bids.map((bid) => unplaced(bid, excluded, "too-few-valid-bids")), steps: [], floor: null, equals: new Map() };
  const outcome = !draw ? "failed" : found.placings.some(({ rank }) => rank === 1) ? "ranked" : "no-winner";
  const json = {
    v: 1, type: "evaluation", terms, box: boxId, outcome, draw_sha256: draw && hex(sha256(jcs(draw.json))),
    estimated_price: draw && draw.price !== null ? String(draw.price) : null, floor_price: found.floor === null ? null : String(found.floor), valid,
    placings: found.placings.map(placing), exclusions, next: nextSteps(terms, outcome),
    arithmetic: [
      compared("valid-bids", valid, isEnough ? ">=" : "<", terms.minimum_valid),
      ...(draw ? draw.json.arithmetic : []), ...found.steps,
    ],
    ...(technical ? { technical_sha256: technical.sha256 } : {}),
  };
  return { json, draw, equals: found.equals };
}

function unplaced(bid, excluded, otherwise) {
  if (bid.verdict !== "opened") return faulty(bid);
  return unranked(bid, excluded.get(bid.stmt) ?? otherwise);
}

function placed({ bids, running, excluded, draw, terms, rule, results }) {
  const race = running.map(({ stmt, supplier, amount, quantity }) => ({ stmt, supplier, amount, quantity, won: BigInt(amount), rate: draw.price === null ? null : rateOf(BigInt(amount), draw.price) }));
  const found = judge({ bids: race, price: draw.price, terms, base: rule.base, results });
  const inRace = new Set(running.map(({ stmt }) => stmt));
  const order = ranked(found.bids.filter(({ reason }) => reason === "valid"), draw.seedN, terms.lot);
  const shared = found.allots === undefined ? { bids: order, steps: [] } : allotted(order, found.allots);
  const placings = [
    ...shared.bids,
    ...found.bids.filter(({ reason }) => reason !== "valid"),
    ...bids.filter(({ stmt }) => !inRace.has(stmt)).map((bid) => unplaced(bid, excluded)),
  ];
  return { placings, steps: [...found.steps, ...shared.steps], floor: found.floor, equals: new Map(order.map(({ stmt, equal }) => [stmt, equal])) };
}
