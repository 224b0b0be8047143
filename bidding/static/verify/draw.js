// The reserve prices and the draw (protocol 8): seeds, rates, prices, their numbers, the tally, the estimated price.

import { concat, fromHex, hex, hkdf, refuse, uint32, utf8 } from "./bytes.js";
import { byRule, up } from "./rounding.js";
import { Xof } from "./xof.js";

export const seedOfNumbers = ({ agency, nonces, boxId, boxRoot }) =>
  hkdf(utf8("koneps/v1/draw"), concat(agency, ...nonces), concat(fromHex(boxId, 32), fromHex(boxRoot, 32), uint32(nonces.length)));

export const seedOfValues = (contributions, boxId) => hkdf(utf8("koneps/v1/values"), concat(...contributions), fromHex(boxId, 32));

// One rate in each of n equal segments of [lo, hi]; unit 0.001 %.
function segments(xof, { lo, hi, n }) {
  const edge = (index) => (index === n ? hi + 1 : Number(up(BigInt(lo) * BigInt(n) + BigInt(index) * BigInt(hi - lo), BigInt(n))));
  return Array.from({ length: n }, (_, index) => edge(index) + xof.below(edge(index + 1) - edge(index)));
}

// Fixed counts of distinct rates above and below 100 %.
function split(xof, { lo, hi, above, below }) {
  const rates = new Set();
  for (const [count, from, to] of [[above, 100_001, hi], [below, lo, 99_999]]) {
    if (count > to - from + 1) refuse("the range is too small for its rates");
    const due = rates.size + count;
    while (rates.size < due) rates.add(from + xof.below(to - from + 1));
  }
  return [...rates];
}

export function ratesOf(seed, lot, rule) {
  const xof = new Xof(seed, `rates:${lot}`);
  return rule.kind === "segments" ? segments(xof, rule) : split(xof, rule);
}

// base x rate, up to the next 100 won.
export const priceAt = (base, rate) => up(base * BigInt(rate), 100_000n, 100n);

export const numbered = (seed, lot, prices) => new Xof(seed, `order:${lot}`).shuffle(prices);

export function tally(picks, count) {
  const counts = new Array(count).fill(0);
  for (const own of picks) for (const number of own) counts[number - 1] += 1;
  return counts;
}

// The most chosen numbers, most votes first, the lowest number first among equals.
export function drawnOf(counts, choose) {
  const numbers = counts.map((_, index) => index + 1);
  return numbers.sort((a, b) => counts[b - 1] - counts[a - 1] || a - b).slice(0, choose);
}

// `equal`: what the bids have in common, as text.
export const lots = (seed, lot, equal, stmts) => new Xof(seed, `lot:${lot}:${equal}`).shuffle([...stmts].sort());

// Mode M0: a seed for lots, and nothing else.
const NO_PRICES = {
  seed_v: null, rates: null, prices: [], counts: [], drawn: [], sum: "0", choose: 0, round: "exact", estimated_price: null, arithmetic: [],
};

// The whole draw of a lot as draw.json has it. `seeds`: {agency, contributions, given}; `bids`: opened ones in list order.
export function drawOf({ rule: draw, lot, boxId, boxRoot, seeds, bids }) {
  const seedN = seedOfNumbers({ agency: seeds.agency, nonces: bids.map(({ nonce }) => nonce), boxId, boxRoot });
  const about = { v: 1, type: "draw", mode: draw.mode, order: draw.order, lot, box: boxId, box_root: boxRoot, bidders: bids.length, seed_n: hex(seedN) };
  if (draw.mode === "M0") return { json: { ...about, ...NO_PRICES }, seedN, price: null };
  const seedV = draw.mode === "M2" ? seedOfValues(seeds.contributions, boxId) : null;
  const rates = draw.mode === "M3" ? null : ratesOf(seedV ?? seedN, lot, draw.rule);
  const values = rates ? rates.map((rate) => priceAt(BigInt(draw.base[lot] ?? refuse("no base amount for this lot")), rate)) : seeds.given;
  const prices = draw.order === "given" ? values : numbered(seedN, lot, values);
  const counts = tally(bids.map(({ picks }) => picks), draw.rule.n);
  const drawn = drawnOf(counts, draw.choose);
  const chosen = drawn.map((number) => prices[number - 1]);
  const sum = chosen.reduce((total, price) => total + price, 0n);
  const price = byRule(sum, BigInt(draw.choose), draw.round);
  const steps = [
    { label: "drawn-numbers", expression: drawn.map((number) => `#${number} x${counts[number - 1]}`).join(", "), value: String(sum) },
    { label: "estimated-price", expression: `(${chosen.join(" + ")}) / ${draw.choose}, ${draw.round}`, value: String(price) },
  ];
  const json = {
    ...about, seed_v: seedV && hex(seedV), rates, prices: prices.map(String), counts, drawn, sum: String(sum),
    choose: draw.choose, round: draw.round, estimated_price: String(price), arithmetic: steps,
  };
  return { json, seedN, price };
}
