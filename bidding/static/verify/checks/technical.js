// V27: the technical result, where a notice scores proposals before prices.

import { hex, refuse, sha256 } from "../bytes.js";
import { jcs, member } from "../canon.js";
import { technicalOf } from "../scoring.js";
import { approvedByTwo, array, equal, exactly, same, text } from "../shape.js";
import { evaluatorsOf, scoreSheets } from "../technical.js";
import { notOpened } from "./opening.js";
import { pass, skip } from "./outcome.js";

const MEMBERS = ["v", "type", "tender", "lot", "evaluators", "sheets", "results"];

export function v27(context, warn) {
  const { bundle, box, tender, terms, list, cancelled, isOpened } = context;
  if (member(box, "first") === undefined) return bundle.has("technical.json") ? refuse("a technical result where there is none, or none where there is one") : skip("no proposals are scored");
  if (!isOpened) return notOpened();
  const technical = exactly(bundle.json("technical.json"), MEMBERS, "technical.json");
  for (const [name, value] of Object.entries({ v: 1, type: "technical", tender, lot: terms.lot })) equal(technical[name], value, name);
  const tech = technicalOf(terms);
  const evaluators = evaluatorsOf(tech, technical.sheets);
  const due = list.map(({ stmt }) => stmt).filter((stmt) => !cancelled.has(stmt));
  if (!same(technical.sheets.map(({ stmt }) => stmt), due)) refuse("sheets of other bids than those of the list");
  if (!same(technical.evaluators, evaluators)) refuse("other evaluators than those of the sheets");
  const results = scoreSheets(tech, technical.sheets);
  if (!same(technical.results, results)) refuse("the technical results do not come out of the sheets");
  checkFixed(context, technical.sheets, results);
  checkSigned(context, evaluators, technical.sheets);
  const unread = technical.sheets.filter(({ scores }) => !Object.keys(scores).length).length;
  if (unread) warn("%(count)s proposals could not be read, the agency says: nothing was scored", { count: unread });
  return pass("%(evaluators)s evaluators, %(count)s proposals, %(out)s left out", { evaluators: evaluators.length, count: results.length, out: context.unqualified.size });
}

const only = (of, type) => (of(type).length === 1 ? of(type)[0] : refuse("%(count)s entries of type %(type)s", { count: of(type).length, type }));

// Two persons fixed this very result, and left out exactly whom they had to.
function checkFixed({ bundle, of, terms, unqualified }, sheets, results) {
  const [fixed, left] = [only(of, "technical.fixed"), only(of, "tender.unqualified")];
  approvedByTwo(fixed.event, "the technical result");
  for (const { event } of [fixed, left]) equal(member(event, "technical_sha256"), bundle.sha256("technical.json"), "technical_sha256");
  const opensAll = terms.scoring.price?.lowest_over === "valid";
  const isOut = (result, index) => (opensAll ? !Object.keys(sheets[index].scores).length : !result.qualified);
  const due = results.filter(isOut).map(({ stmt }) => stmt);
  if (due.length !== unqualified.size || !due.every((stmt) => unqualified.has(stmt))) refuse("others are left out than do not qualify");
}

// Each evaluator had signed its scores before the result was fixed.
function checkSigned({ of }, evaluators, sheets) {
  const signed = new Map();
  for (const entry of of("technical.sheet")) {
    const code = text(member(entry.event, "evaluator"), "evaluator");
    if (signed.has(code)) refuse("%(evaluator)s signed twice", { evaluator: code });
    signed.set(code, entry);
  }
  const fixed = only(of, "technical.fixed").index;
  const scored = array(sheets, "sheets").filter(({ scores }) => Object.keys(scores).length);
  for (const code of evaluators) {
    const entry = signed.get(code) ?? refuse("%(evaluator)s signed nothing", { evaluator: code });
    if (entry.index >= fixed) refuse("%(evaluator)s signed after the result was fixed", { evaluator: code });
    const own = { v: 1, type: "scores", evaluator: code, scores: Object.fromEntries(scored.map(({ stmt, scores }) => [stmt, scores[code]])) };
    if (member(entry.event, "scores_sha256") !== hex(sha256(jcs(own)))) refuse("%(evaluator)s signed other scores", { evaluator: code });
  }
}
