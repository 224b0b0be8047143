// What each method makes of the bids of the race, once the draw is made (protocol 9.1 to 9.7).
//
// A method gives {bids, steps, floor}: each bid with its reason, arithmetic, and what it has of points and quantity;
// `order` by which the valid ones stand (the least first) and `equal`, what those have in common that a lot puts in order.

import { refuse } from "./bytes.js";
import { compared, fraction, hundredths, percent, points, ratio, step } from "./figures.js";
import { halfUp, up } from "./rounding.js";

const FULL = 100_000n;
const POINT = 10_000n;

function floorOf({ floor_rate: rate, a_value: a }, price, needsFloor) {
  if (needsFloor !== (rate !== null)) refuse("a floor where there is none, or none where there is one");
  if (price <= 0n) refuse("an estimated price of nothing");
  if (rate === null) return { floor: null, steps: [] };
  const deduction = BigInt(a);
  if (!(0 < rate && rate <= 100_000) || deduction >= price) refuse("a floor that cannot be computed");
  const floor = deduction + up((price - deduction) * BigInt(rate), FULL);
  const base = deduction > 0n ? `${deduction} + (${price} - ${deduction})` : `${price}`;
  return { floor, steps: [step("floor-price", `${base} x ${percent(rate)}%, up-1`, String(floor))] };
}

export function rateOf(won, price) {
  const rate = Number((won * FULL) / price);
  return Number.isSafeInteger(rate) ? rate : refuse("a rate beyond all numbers");
}

const bidRate = (won, price) => step("bid-rate", `${won} / ${price}`, `${percent(rateOf(won, price))}%`);
const atMost = (label, won, most) => compared(label, won, won <= most ? "<=" : ">", most);
const atLeast = (label, won, least) => compared(label, won, won >= least ? ">=" : "<", least);
const against = (won, price) => [bidRate(won, price), atMost("against-estimated-price", won, price)];

function byPrice({ bids, price, terms }, needsFloor) {
  const { floor, steps } = floorOf(terms, price, needsFloor);
  const judged = bids.map((bid) => {
    const reason = bid.won > price ? "above-estimated-price" : floor !== null && bid.won < floor ? "below-floor" : "valid";
    const arithmetic = [...against(bid.won, price), ...(floor === null ? [] : [atLeast("against-floor", bid.won, floor)])];
    return { ...bid, reason, arithmetic, order: [bid.won], equal: `${bid.won}` };
  });
  return { bids: judged, steps, floor };
}

// ---- 9.2

// Ratio, plateau and points of one price by a table: {ratio, isFlat, points, steps}.
export function pricePoints(table, { won, price, a }) {
  const [over, under] = [won - a, price - a];
  const exact = halfUp(over > 0n ? over : 0n, under);
  const isFlat = table.plateau !== null && over <= under && over * FULL >= under * BigInt(table.plateau);
  const counted = isFlat ? BigInt(table.plateau) / 10n : exact;
  const [k, parts] = fraction(table.slope);
  const distance = BigInt(table.base) * 100n - counted;
  const lost = k * (distance < 0n ? -distance : distance) * 100n;
  const left = (BigInt(table.full) * POINT * parts - lost) / parts;
  const least = 2n * POINT;
  const value = left > least ? floorDiv(BigInt(table.full) * POINT * parts - lost, parts) : least;
  const [top, bottom] = [`(${won} - ${a})`, `(${price} - ${a})`];
  const line = `${table.full} - ${table.slope} x |${table.base} - ${ratio(counted)}|`;
  return {
    points: value,
    steps: [
      step("price-ratio", `100 x ${top} / ${bottom}`, ratio(exact)),
      ...(isFlat ? [step("plateau", `${top} >= ${percent(table.plateau)}% x ${bottom}`, ratio(counted))] : []),
      step("price-points", value === least ? `max(${line}, 2)` : line, points(value)),
    ],
  };
}

const floorDiv = (n, d) => (n % d !== 0n && n < 0n ? n / d - 1n : n / d);

function netCost({ terms: { scoring, lot }, price, base }) {
  if (scoring.net_cost === null) return { limit: null, steps: [] };
  const { won, rate } = scoring.net_cost;
  const whole = BigInt(base[lot] ?? refuse("no base amount for this lot"));
  const cost = up(BigInt(won) * price, whole);
  const limit = up(cost * BigInt(rate), FULL);
  return {
    limit,
    steps: [
      step("net-cost", `${won} x ${price} / ${whole}, up-1`, String(cost)),
      step("net-cost-limit", `${cost} x ${percent(rate)}%, up-1`, String(limit)),
    ],
  };
}

function qualification(race) {
  const found = byPrice(race, true);
  if (!race.terms.scoring) return found;
  const { table } = race.terms.scoring;
  const { limit, steps } = netCost(race);
  const others = 100 - table.full;
  const bids = found.bids.map((bid) => {
    const scored = pricePoints(table, { won: bid.won, price: race.price, a: BigInt(race.terms.a_value) });
    const short = BigInt(table.pass_mark) * POINT - scored.points;
    const needed = short > 0n ? short : 0n;
    const canPass = needed <= BigInt(others) * POINT;
    const sign = canPass ? "<=" : ">";
    const reason = bid.reason !== "valid" ? bid.reason : limit !== null && bid.won < limit ? "below-net-cost" : canPass ? "valid" : "cannot-pass";
    return {
      ...bid, reason, points: { price: Number(scored.points), needed: Number(needed) },
      arithmetic: [
        ...bid.arithmetic,
        ...(limit === null ? [] : [atLeast("against-net-cost", bid.won, limit)]),
        ...scored.steps,
        step("needed-points", `${table.pass_mark} - ${points(scored.points)} ${sign} ${others}`, sign),
      ],
    };
  });
  return { bids, steps: [...found.steps, ...steps], floor: found.floor };
}

// ---- 9.3 to 9.5

function technicalStep({ full, threshold }, value) {
  if (threshold === null) return step("technical-points", `${points(value)} / ${full}`, points(value));
  const least = up(BigInt(full) * POINT * BigInt(threshold), FULL);
  return step("technical-points", `${points(value)} ${value >= least ? ">=" : "<"} ${points(least)}`, points(value));
}

// Reason and first steps of a bid that was scored before its price was opened.
function scored(bid, { price, terms: { scoring }, results }) {
  const result = results.get(bid.stmt) ?? refuse("a bid without a technical result");
  const technical = BigInt(result.points);
  const ceiling = scoring.ceiling_won ? BigInt(scoring.ceiling_won) : null;
  const reason = !result.qualified ? "not-qualified"
    : price !== null && bid.won > price ? "above-estimated-price"
    : ceiling !== null && bid.won > ceiling ? "above-ceiling" : "valid";
  const arithmetic = [
    technicalStep(scoring.technical, technical),
    ...(price === null ? [] : against(bid.won, price)),
    ...(ceiling === null ? [] : [atMost("against-ceiling", bid.won, ceiling)]),
  ];
  return { ...bid, reason, technical, arithmetic };
}

// `rated`: {value, expression} of the price, or null where it has no points.
function totalled(bid, rated) {
  const value = rated ? rated.value : 0n;
  const total = bid.technical + value;
  const more = rated ? [step("price-points", rated.expression, points(value)), step("total-points", `${points(bid.technical)} + ${points(value)}`, points(total))] : [];
  return {
    ...bid, arithmetic: [...bid.arithmetic, ...more],
    points: { technical: Number(bid.technical), price: Number(value), total: Number(total) },
    order: [-total, -bid.technical], equal: `${total}:${bid.technical}`,
  };
}

const least = (bids) => bids.map(({ won }) => won).reduce((a, b) => (a < b ? a : b));

function negotiated(formula, reference, lowest, won) {
  const full = BigInt(formula.full);
  const [mark, low, x] = [reference * BigInt(formula.mark), reference * BigInt(formula.low), won * 100n];
  const l = formula.lifted && lowest * 100n < low ? low : lowest * 100n;
  const bounded = (value) => (value > full * POINT ? full * POINT : value);
  if (x >= mark) return { value: bounded(halfUp(full * l, x)), expression: `${full} x ${hundredths(l)} / ${hundredths(x)}` };
  if (x < low && formula.below_low === "flat") return { value: bounded(halfUp(full * BigInt(formula.low), 100n)), expression: `${full} x ${formula.low} / 100` };
  const c = x > low ? x : low;
  const [extra, parts] = fraction(formula.extra);
  const wide = mark - low;
  const value = halfUp(full * l * parts * wide + extra * (mark - c) * mark, mark * parts * wide);
  const line = `${formula.extra} x (${hundredths(mark)} - ${hundredths(c)}) / (${hundredths(mark)} - ${hundredths(low)})`;
  return { value: bounded(value), expression: `${full} x ${hundredths(l)} / ${hundredths(mark)} + ${line}` };
}

function negotiation(race) {
  const { price, terms: { scoring: { price: formula } } } = race;
  if (race.terms.floor_rate !== null) refuse("a floor where there is none, or none where there is one");
  const bids = race.bids.map((bid) => scored(bid, race));
  const reference = formula.reference === "given" ? BigInt(formula.reference_won) : price ?? refuse("no estimated price to refer to");
  const set = new Set(bids.filter(({ reason }) => formula.lowest_over === "valid" || reason === "valid"));
  const lowest = set.size ? least([...set]) : null;
  const steps = [step("reference-price", formula.reference, String(reference)), ...(lowest === null ? [] : [step("lowest-price", formula.lowest_over, String(lowest))])];
  return { bids: bids.map((bid) => totalled(bid, set.has(bid) ? negotiated(formula, reference, lowest, bid.won) : null)), steps, floor: null };
}

function twoStage(race) {
  if (race.terms.floor_rate !== null) refuse("a floor where there is none, or none where there is one");
  const bids = race.bids.map((one) => {
    const bid = scored(one, race);
    const technical = Number(bid.technical);
    return { ...bid, points: { technical, price: 0, total: technical }, order: [bid.won, -bid.technical], equal: `${bid.won}:${bid.technical}` };
  });
  return { bids, steps: [], floor: null };
}

const BEST = {
  "lowest-over-bid": ({ full, x, l }) => ({ value: halfUp(full * l, x), expression: `${full} x ${l} / ${x}` }),
  linear: ({ full, x, l, c }) => ({ value: c === l ? full * POINT : halfUp(full * (c - x), c - l), expression: `${full} x (${c} - ${x}) / (${c} - ${l})` }),
  "budget-share": ({ full, x, c }) => ({ value: halfUp(full * (c - x), c), expression: `${full} x (${c} - ${x}) / ${c}` }),
};

function bestValue(race) {
  const { price, terms: { scoring } } = race;
  if (race.terms.floor_rate !== null) refuse("a floor where there is none, or none where there is one");
  const bids = race.bids.map((bid) => scored(bid, race));
  const valid = bids.filter(({ reason }) => reason === "valid");
  const l = valid.length ? least(valid) : null;
  const tops = [price, scoring.ceiling_won === null ? null : BigInt(scoring.ceiling_won)].filter((one) => one !== null);
  const c = tops.length ? tops.reduce((a, b) => (a < b ? a : b)) : null;
  const rated = ({ reason, won }) => (reason === "valid" ? BEST[scoring.price.formula]({ full: BigInt(scoring.price.full), x: won, l, c }) : null);
  return { bids: bids.map((bid) => totalled(bid, rated(bid))), steps: l === null ? [] : [step("lowest-price", "qualified", String(l))], floor: null };
}

// ---- 9.6, 9.7

function desiredQuantity(race) {
  const found = byPrice(race, false);
  const bids = found.bids.map((bid) => ({ ...bid, order: [bid.won, -BigInt(bid.quantity)], equal: `${bid.won}:${bid.quantity}` }));
  return { ...found, bids, allots: race.terms.scoring.quantity };
}

function sale({ bids, price, terms }) {
  if (terms.floor_rate !== null) refuse("a floor where there is none, or none where there is one");
  const bottom = price ?? BigInt(terms.scoring.minimum_won);
  const judged = bids.map((bid) => ({
    ...bid, reason: bid.won >= bottom ? "valid" : "below-estimated-price", order: [-bid.won], equal: `${bid.won}`, rate: rateOf(bid.won, bottom),
    arithmetic: [bidRate(bid.won, bottom), atLeast("against-estimated-price", bid.won, bottom)],
  }));
  return { bids: judged, steps: [], floor: null };
}

function firstRound(race) {
  if (race.price !== null) return byPrice(race, false);
  if (race.terms.floor_rate !== null) refuse("a floor where there is none, or none where there is one");
  return { bids: race.bids.map((bid) => ({ ...bid, reason: "valid", arithmetic: [], order: [bid.won], equal: `${bid.won}` })), steps: [], floor: null };
}

const METHODS = {
  quote: (race) => byPrice(race, true),
  lowest: (race) => byPrice(race, false),
  qualification, negotiation, "two-stage": twoStage, "best-value": bestValue, "desired-quantity": desiredQuantity, sale, "reverse-auction": firstRound,
};

// `race`: {bids: [{stmt, won, …}], price: BigInt or null, terms, base, results: Map}.
export const judge = (race) => METHODS[race.terms.method](race);
