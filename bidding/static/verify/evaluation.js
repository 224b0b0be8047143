// Floor, reasons, ranks: the evaluation of all bids, to the byte of evaluation.json (protocol 9).

import { fromB64u, hex, refuse, sha256 } from "./bytes.js";
import { jcs } from "./canon.js";
import { drawOf, lots } from "./draw.js";
import { up } from "./rounding.js";

const FULL = 100_000n;
const BASIS = {
  national: { rebid: "국가계약법 시행령 제20조제1항", renotice: "국가계약법 시행령 제20조제2항", "negotiated-contract": "국가계약법 시행령 제27조제1항", "single-quote": "국가계약법 시행령 제30조제1항" },
  local: { rebid: "지방계약법 시행령 제19조제1항", renotice: "지방계약법 시행령 제19조제2항", "negotiated-contract": "지방계약법 시행령 제26조제1항", "single-quote": "지방계약법 시행령 제30조제1항" },
};

const step = (label, expression, value) => ({ label, expression, value });
const percent = (rate) => `${Math.floor(rate / 1000)}.${String(rate % 1000).padStart(3, "0")}`;
const compared = (label, a, sign, b) => step(label, `${a} ${sign} ${b}`, sign);

function floorOf({ method, floor_rate: rate, a_value: a }, price) {
  if ((method === "lowest") !== (rate === null)) refuse("a floor where there is none, or none where there is one");
  if (price <= 0n) refuse("an estimated price of nothing");
  if (rate === null) return { floor: null, steps: [] };
  const deduction = BigInt(a);
  if (!(0 < rate && rate <= 100_000) || deduction >= price) refuse("a floor that cannot be computed");
  const floor = deduction + up((price - deduction) * BigInt(rate), FULL);
  const base = deduction > 0n ? `${deduction} + (${price} - ${deduction})` : `${price}`;
  return { floor, steps: [step("floor-price", `${base} x ${percent(rate)}%, up-1`, String(floor))] };
}

function reasonOf(amount, price, floor) {
  if (amount > price) return "above-estimated-price";
  return floor !== null && amount < floor ? "below-floor" : "valid";
}

function judged({ stmt, supplier, amount }, { price, floor }) {
  const won = BigInt(amount);
  const rate = Number((won * FULL) / price);
  if (!Number.isSafeInteger(rate)) refuse("a rate beyond all numbers");
  const arithmetic = [
    step("bid-rate", `${won} / ${price}`, `${percent(rate)}%`),
    compared("against-estimated-price", won, won <= price ? "<=" : ">", price),
    ...(floor === null ? [] : [compared("against-floor", won, won >= floor ? ">=" : "<", floor)]),
  ];
  return { stmt, supplier, rank: null, reason: reasonOf(won, price, floor), amount, rate, tied: false, arithmetic };
}

const faulty = ({ stmt, supplier, verdict, reason }) => ({
  stmt, supplier, rank: null, reason: verdict, amount: null, rate: null, tied: false, arithmetic: [step("fault", reason, verdict)],
});

const unranked = ({ stmt, supplier, amount }, reason) => ({ stmt, supplier, rank: null, reason, amount, rate: null, tied: false, arithmetic: [] });

// Lowest first; equal amounts in the order of the lot.
function ranked(valid, seed, lot) {
  const amounts = [...new Set(valid.map(({ amount }) => amount))].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  const order = amounts.flatMap((amount) => {
    const equals = new Map(valid.filter((one) => one.amount === amount).map((one) => [one.stmt, one]));
    const stmts = equals.size > 1 ? lots(seed, lot, amount, equals.keys()) : [...equals.keys()];
    return stmts.map((stmt) => ({ ...equals.get(stmt), tied: equals.size > 1 }));
  });
  return order.map((one, index) => ({ ...one, rank: index + 1 }));
}

function nextSteps({ method, regime, is_rebid: isRebid }, outcome) {
  if (outcome === "ranked") return [];
  const actions = ["rebid", "renotice"];
  if (isRebid) actions.push("negotiated-contract");
  else if (method === "quote" && outcome === "failed") actions.push("single-quote");
  return actions.map((action) => ({ action, legal_basis: BASIS[regime][action] }));
}

const withNonce = (bid) => ({ ...bid, nonce: fromB64u(bid.nonce, 32) });

// `bids`: lines of opening.jsonl that are no seeds, in list order. {json, draw} with draw null where none was due.
export function evaluate({ terms, rule, boxId, boxRoot, seeds, bids, exclusions }) {
  const excluded = new Map(exclusions.map((one) => [one.stmt, one.reason]));
  const isOpened = (bid) => bid.verdict === "opened";
  const contenders = bids.filter((bid) => isOpened(bid) && !excluded.has(bid.stmt));
  const isEnough = contenders.length >= terms.minimum_valid;
  const draw = isEnough ? drawOf({ rule, lot: terms.lot, boxId, boxRoot, seeds, bids: bids.filter(isOpened).map(withNonce) }) : null;
  const { floor, steps } = draw ? floorOf(terms, draw.price) : { floor: null, steps: [] };
  const placings = draw ? placed({ bids, contenders, excluded, draw, floor, lot: terms.lot }) : bids.map((bid) => unplaced(bid, excluded, "too-few-valid-bids"));
  const outcome = !draw ? "failed" : placings.some(({ rank }) => rank === 1) ? "ranked" : "no-winner";
  const json = {
    v: 1, type: "evaluation", terms, box: boxId, outcome, draw_sha256: draw && hex(sha256(jcs(draw.json))),
    estimated_price: draw && String(draw.price), floor_price: floor === null ? null : String(floor), valid: contenders.length,
    placings, exclusions, next: nextSteps(terms, outcome),
    arithmetic: [
      compared("valid-bids", contenders.length, isEnough ? ">=" : "<", terms.minimum_valid),
      ...(draw ? draw.json.arithmetic : []), ...steps,
    ],
  };
  return { json, draw };
}

function unplaced(bid, excluded, otherwise) {
  if (bid.verdict !== "opened") return faulty(bid);
  return unranked(bid, excluded.get(bid.stmt) ?? otherwise);
}

function placed({ bids, contenders, excluded, draw, floor, lot }) {
  const found = contenders.map((bid) => judged(bid, { price: draw.price, floor }));
  const inRace = new Set(contenders.map(({ stmt }) => stmt));
  return [
    ...ranked(found.filter(({ reason }) => reason === "valid"), draw.seedN, lot),
    ...found.filter(({ reason }) => reason !== "valid"),
    ...bids.filter(({ stmt }) => !inRace.has(stmt)).map((bid) => unplaced(bid, excluded)),
  ];
}
