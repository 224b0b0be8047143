// Technical scores from the evaluators' sheets, to the byte of technical.json's results (protocol 7).

import { refuse } from "./bytes.js";
import { percent, points, step } from "./figures.js";
import { halfUp } from "./rounding.js";
import { array, exactly, integer, object } from "./shape.js";

const POINT = 10_000n;
const FULL = 100_000n;
const LEAST_TO_DROP = 4;
const CODE = /^E[1-9]\d*$/;

const numberOf = (code) => Number(code.slice(1));
const byNumber = (a, b) => numberOf(a) - numberOf(b);

// Who scored: the same on every sheet that has scores, each with every leaf of the criteria and nothing else.
export function evaluatorsOf(tech, sheets) {
  const parents = new Set(tech.criteria.map(({ parent }) => parent));
  const leaves = tech.criteria.filter(({ code }) => !parents.has(code));
  let evaluators = null;
  for (const sheet of array(sheets, "sheets")) {
    exactly(sheet, ["stmt", "scores"], "a sheet");
    const codes = Object.keys(object(sheet.scores, "scores")).sort(byNumber);
    if (!codes.length) continue;
    evaluators ??= codes;
    if (codes.join() !== evaluators.join() || !codes.every((code) => CODE.test(code))) refuse("a sheet with other evaluators");
    for (const code of codes) {
      exactly(sheet.scores[code], leaves.map((leaf) => leaf.code), "scores");
      for (const leaf of leaves) integer(sheet.scores[code][leaf.code], "scores", 0, leaf.full * 10_000);
    }
  }
  if (evaluators !== null && evaluators.length < tech.least_evaluators) refuse("fewer evaluators than the notice asks for");
  return evaluators ?? [];
}

const most = (totals, isBetter) => totals.reduce((best, one) => (isBetter(one.total, best.total) ? one : best));

// The mean of the totals that count, and how it came about.
function meanOf(tech, evaluators, { scores }) {
  const totals = evaluators.map((code) => ({ code, total: Object.values(scores[code]).reduce((sum, one) => sum + BigInt(one), 0n) }));
  const steps = [];
  let rest = totals;
  if (tech.drop === "extremes" && totals.length >= LEAST_TO_DROP) {
    const highest = most(totals, (a, b) => a > b);
    const lowest = most(totals.filter((one) => one !== highest), (a, b) => a < b);
    rest = totals.filter((one) => one !== highest && one !== lowest);
    steps.push(step("technical-dropped", [highest, lowest].map(({ code, total }) => `${code} ${points(total)}`).join(", "), "2"));
  }
  const sum = rest.reduce((all, { total }) => all + total, 0n);
  const count = BigInt(rest.length);
  const mean = halfUp(sum, count * POINT);
  steps.push(step("technical-total", rest.map(({ code, total }) => `${code} ${points(total)}`).join(" + "), points(sum)));
  steps.push(step("technical-mean", `${points(sum)} / ${count}`, points(mean)));
  return { mean, steps };
}

const qualifies = ({ full, threshold }, mean) => threshold === null || mean * FULL >= BigInt(full) * POINT * BigInt(threshold);

function judged(tech, { mean, steps }, means) {
  const isQualified = qualifies(tech, mean);
  const arithmetic = [...steps];
  if (tech.threshold !== null) {
    const sign = isQualified ? ">=" : "<";
    arithmetic.push(step("technical-threshold", `${points(mean)} ${sign} ${tech.full} x ${percent(tech.threshold)}%`, sign));
  }
  if (tech.rank_gap === null || !isQualified) return { value: mean, isQualified, arithmetic };
  const first = means.reduce((a, b) => (a > b ? a : b));
  const above = means.filter((one) => one > mean).length;
  const left = first - BigInt(tech.rank_gap) * BigInt(above);
  const value = left > 0n ? left : 0n;
  arithmetic.push(step("technical-rank-gap", `${points(first)} - ${points(BigInt(tech.rank_gap))} x (${above + 1} - 1)`, points(value)));
  return { value, isQualified, arithmetic };
}

// The results in the order of the sheets, as technical.json has them.
export function scoreSheets(tech, sheets) {
  const evaluators = evaluatorsOf(tech, sheets);
  const found = sheets.map((sheet) => (Object.keys(sheet.scores).length ? meanOf(tech, evaluators, sheet) : null));
  const means = found.filter((one) => one !== null).map(({ mean }) => mean);
  return sheets.map(({ stmt }, index) => {
    if (found[index] === null) return { stmt, points: 0, qualified: false, arithmetic: [step("no-proposal", "0", "0")] };
    const { value, isQualified, arithmetic } = judged(tech, found[index], means);
    return { stmt, points: Number(value), qualified: isQualified, arithmetic };
  });
}
