// What a notice may say of its method in `terms.scoring` (protocol 4): anything else is not a notice.

import { refuse } from "./bytes.js";
import { anyText, array, exactly, integer } from "./shape.js";

export const METHODS = ["quote", "qualification", "lowest", "negotiation", "two-stage", "desired-quantity", "sale", "best-value", "reverse-auction"];
export const MOST = 1_000_000_000_000;
const WITHOUT = ["quote", "lowest"];
const FRACTION = /^(0|[1-9]\d{0,3})(?:\/([1-9]\d{0,3}))?$/;
const CODE = /^[1-9]\d?(?:\.[1-9]\d?){0,3}$/;
const AMOUNT = /^[1-9][0-9]{0,15}$/;

const wrong = (what) => refuse("%(what)s is not what it must be", { what });
const oneOf = (value, allowed, what) => (allowed.includes(value) ? value : wrong(what));
const boolean = (value, what) => oneOf(value, [true, false], what);
export const amount = (value, what) => (typeof value === "string" && AMOUNT.test(value) ? value : wrong(what));
const orNull = (value, check) => (value === null ? null : check(value));
const letters = (value, least, most, what) => (anyText(value, what) && least <= [...value].length && [...value].length <= most ? value : wrong(what));

function divisor(a, b) {
  return b === 0 ? a : divisor(b, a % b);
}

function checkFraction(value, isPositive, what) {
  const found = FRACTION.exec(anyText(value, what)) ?? wrong(what);
  const [over, under] = [Number(found[1]), found[2] === undefined ? 1 : Number(found[2])];
  if (found[2] === "1" || divisor(over, under) !== 1 || (isPositive && over === 0)) wrong(what);
}

function checkTable(table) {
  exactly(table, ["full", "slope", "base", "pass_mark", "plateau"], "table");
  integer(table.full, "full", 2, 100);
  checkFraction(table.slope, true, "slope");
  integer(table.base, "base", 1, 100);
  integer(table.pass_mark, "pass_mark", 1, 100);
  orNull(table.plateau, (value) => integer(value, "plateau", 1, 100_000));
}

function checkNetCost(cost) {
  exactly(cost, ["won", "rate"], "net_cost");
  amount(cost.won, "net_cost");
  integer(cost.rate, "net_cost", 1, 100_000);
}

function checkFormula(formula) {
  exactly(formula, ["full", "reference", "reference_won", "mark", "low", "extra", "lifted", "below_low", "lowest_over"], "price");
  integer(formula.full, "full", 1, 100);
  oneOf(formula.reference, ["estimated-price", "given"], "reference");
  if ((formula.reference_won === null) !== (formula.reference === "estimated-price")) wrong("reference_won");
  orNull(formula.reference_won, (value) => amount(value, "reference_won"));
  integer(formula.mark, "mark", 2, 100);
  integer(formula.low, "low", 1, Math.min(99, formula.mark - 1));
  checkFraction(formula.extra, false, "extra");
  boolean(formula.lifted, "lifted");
  oneOf(formula.below_low, ["line", "flat"], "below_low");
  oneOf(formula.lowest_over, ["valid", "qualified"], "lowest_over");
}

export const parentOf = (code) => (code.includes(".") ? code.slice(0, code.lastIndexOf(".")) : null);

function checkCriteria(criteria, full) {
  if (!(1 <= array(criteria, "criteria").length && criteria.length <= 200)) wrong("criteria");
  const sums = new Map([[null, 0]]);
  const own = new Map();
  for (const one of criteria) {
    exactly(one, ["code", "name", "full", "parent"], "criteria");
    if (typeof one.code !== "string" || !CODE.test(one.code) || own.has(one.code)) wrong("code");
    letters(one.name, 1, 200, "name");
    integer(one.full, "full", 1, 100);
    if (one.parent !== parentOf(one.code) || (one.parent !== null && !own.has(one.parent))) wrong("parent");
    own.set(one.code, one.full);
    sums.set(one.parent, (sums.get(one.parent) ?? 0) + one.full);
  }
  for (const [parent, sum] of sums) if (sum !== (parent === null ? full : own.get(parent))) wrong("criteria");
}

function checkTechnical(tech) {
  exactly(tech, ["criteria", "full", "threshold", "drop", "rank_gap", "least_evaluators", "blind"], "technical");
  integer(tech.full, "full", 1, 100);
  checkCriteria(tech.criteria, tech.full);
  orNull(tech.threshold, (value) => integer(value, "threshold", 1, 100_000));
  oneOf(tech.drop, ["none", "extremes"], "drop");
  orNull(tech.rank_gap, (value) => integer(value, "rank_gap", 1, tech.full * 10_000));
  integer(tech.least_evaluators, "least_evaluators", 1, 50);
  boolean(tech.blind, "blind");
}

function checkSplit({ technical, price, ceiling_won: ceiling }) {
  checkTechnical(technical);
  if (technical.full + price.full !== 100) wrong("full");
  orNull(ceiling, (value) => amount(value, "ceiling_won"));
}

const CHECKS = {
  qualification(scoring) {
    exactly(scoring, ["table", "net_cost"], "scoring");
    checkTable(scoring.table);
    orNull(scoring.net_cost, checkNetCost);
  },
  negotiation(scoring) {
    exactly(scoring, ["technical", "price", "ceiling_won"], "scoring");
    checkFormula(scoring.price);
    checkSplit(scoring);
  },
  "two-stage"(scoring) {
    exactly(scoring, ["technical", "form"], "scoring");
    checkTechnical(scoring.technical);
    oneOf(scoring.form, ["simultaneous", "separate"], "form");
  },
  "best-value"(scoring) {
    exactly(scoring, ["technical", "price", "ceiling_won"], "scoring");
    exactly(scoring.price, ["full", "formula"], "price");
    integer(scoring.price.full, "full", 1, 99);
    oneOf(scoring.price.formula, ["lowest-over-bid", "linear", "budget-share"], "formula");
    checkSplit(scoring);
  },
  "desired-quantity"(scoring) {
    exactly(scoring, ["quantity", "unit"], "scoring");
    integer(scoring.quantity, "quantity", 1, MOST);
    letters(scoring.unit, 1, 20, "unit");
  },
  sale(scoring) {
    exactly(scoring, Object.hasOwn(scoring, "minimum_won") ? ["minimum_won"] : [], "scoring");
    if (Object.hasOwn(scoring, "minimum_won")) amount(scoring.minimum_won, "minimum_won");
  },
  "reverse-auction"(scoring) {
    exactly(scoring, ["rounds", "round_seconds", "step_rate", "extend_seconds", "last_seconds"], "scoring");
    integer(scoring.rounds, "rounds", 1, 10);
    integer(scoring.round_seconds, "round_seconds", 1, 86_400);
    integer(scoring.step_rate, "step_rate", 1, 99_999);
    integer(scoring.extend_seconds, "extend_seconds", 0, scoring.round_seconds);
    integer(scoring.last_seconds, "last_seconds", 0, scoring.round_seconds);
  },
};

export function checkScoring(terms) {
  const { method } = terms;
  if (!Object.hasOwn(terms, "scoring")) {
    if (![...WITHOUT, "qualification"].includes(method)) wrong("scoring");
    return;
  }
  if (!Object.hasOwn(CHECKS, method) || terms.scoring === null || typeof terms.scoring !== "object" || Array.isArray(terms.scoring)) wrong("scoring");
  CHECKS[method](terms.scoring);
}

// The rule of the technical evaluation, where the method scores proposals; else undefined.
export const technicalOf = ({ scoring }) => scoring?.technical;
