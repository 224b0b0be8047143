// V05 to V07: the terms are the published ones, the opening keys are the keyholders', the deadline only moved later.

import { refuse } from "../bytes.js";
import { member } from "../canon.js";
import { boxId } from "../envelope.js";
import { openObject } from "../note.js";
import { checkScoring, METHODS, MOST, technicalOf } from "../scoring.js";
import { anyText, approvedByTwo, array, bytes, equal, exactly, instant, integer, object, same, SECOND, text } from "../shape.js";
import { holderInUse, keyInUse, operatorsOf } from "./keys.js";
import { pass } from "./outcome.js";

const TERMS = ["tender", "lot", "method", "floor_rate", "a_value", "minimum_valid", "regime", "kind", "is_rebid", "rule_version"];
const DRAW = ["mode", "rule", "pick", "choose", "base", "round", "order", "beacon"];
const RULES = { segments: ["kind", "lo", "hi", "n"], split: ["kind", "lo", "hi", "n", "above", "below"], given: ["kind", "lo", "hi", "n"] };
const NO_DRAW = { mode: "M0", rule: { kind: "none", lo: 0, hi: 0, n: 0 }, pick: 0, choose: 0, base: {}, round: "exact", order: "drawn", beacon: null };
const [TWO_HOURS, DAY] = [7200 * SECOND, 86_400 * SECOND];
const [MOST_GROUPS, MOST_PRICES] = [10, 100];

const oneOf = (value, allowed, what) => (allowed.includes(value) ? value : refuse("%(what)s is not what it must be", { what }));

function checkTerms(terms) {
  exactly(terms, Object.hasOwn(object(terms, "terms"), "scoring") ? [...TERMS, "scoring"] : TERMS, "terms");
  for (const name of ["tender", "lot", "kind", "rule_version"]) anyText(terms[name], name);
  oneOf(terms.method, METHODS, "method");
  oneOf(terms.regime, ["national", "local"], "regime");
  if (terms.floor_rate !== null) integer(terms.floor_rate, "floor_rate");
  if (!/^(?:0|[1-9][0-9]*)$/.test(anyText(terms.a_value, "a_value"))) refuse("%(what)s is not what it must be", { what: "a_value" });
  integer(terms.minimum_valid, "minimum_valid");
  oneOf(terms.is_rebid, [true, false], "is_rebid");
  checkScoring(terms);
  return terms;
}

function checkDraw(draw, method) {
  if (object(draw, "draw").mode === "M0" && method !== "desired-quantity") return same(draw, NO_DRAW) ? draw : refuse("%(what)s is not what it must be", { what: "draw" });
  exactly(draw, method === "desired-quantity" ? [...DRAW, "quantity"] : DRAW, "draw");
  if (method === "desired-quantity") integer(draw.quantity, "quantity", 1, MOST);
  oneOf(draw.mode, ["M1", "M2", "M3"], "mode");
  oneOf(draw.order, draw.mode === "M3" ? ["drawn", "given"] : ["drawn"], "order");
  equal(draw.beacon, null, "beacon");
  const { kind } = object(draw.rule, "rule");
  oneOf(kind, draw.mode === "M3" ? ["given"] : ["segments", "split"], "rule");
  exactly(draw.rule, RULES[kind], "rule");
  for (const name of RULES[kind].slice(1)) integer(draw.rule[name], name);
  const { lo, hi, n, above, below } = draw.rule;
  if (kind === "split" && (above + below !== n || above < 0 || below < 0)) refuse("%(what)s is not what it must be", { what: "rule" });
  if (!(0 < lo && lo < hi)) refuse("%(what)s is not what it must be", { what: "rule" });
  integer(n, "n", 1, MOST_PRICES);
  integer(draw.pick, "pick", 1, n);
  integer(draw.choose, "choose", 1, n);
  for (const amount of Object.values(object(draw.base, "base"))) if (!/^[1-9][0-9]*$/.test(anyText(amount, "base"))) refuse("%(what)s is not what it must be", { what: "base" });
  return draw;
}

// Where proposals are scored, the documents are opened before the prices, and the box says so.
function checkFirst(box, terms) {
  const isFirst = technicalOf(terms) !== undefined;
  equal(member(box, "first"), isFirst ? "docs" : undefined, "first");
  if (isFirst && member(object(member(box, "lanes"), "lanes"), "docs") === undefined) refuse("%(what)s is not what it must be", { what: "lanes" });
}

export async function v05(context, warn) {
  const { bundle, published, tender } = context;
  const agency = keyInUse(context, "agency");
  const box = await openObject(bundle.text("box.note"), "box", agency.key);
  const fixed = { v: 1, type: "box", suite: "S1", replace: "forbidden", tender, notice_sha256: bundle.sha256("notice.json") };
  for (const [name, value] of Object.entries(fixed)) equal(member(box, name), value, name);
  const id = boxId(box);
  equal(member(published.event, "box"), id, "box");
  equal(member(published.event, "notice_sha256"), box.notice_sha256, "notice_sha256");
  const terms = checkTerms(member(bundle.object("notice.json"), "terms"));
  equal(terms.tender, tender, "tender");
  const draw = checkDraw(member(box, "draw"), terms.method);
  if (draw.order === "given" && !tender.startsWith("T")) refuse("given numbers are for practice only");
  checkFirst(box, terms);
  const policy = member(box, "policy");
  if (policy !== null) equal(bundle.sha256("policy.txt"), policy, "policy.txt");
  approvedByTwo(published.event, "tender.published");
  if (!agency.isPinned) warn("the agency's key is the bundle's own claim: pin it");
  Object.assign(context, { box, boxId: id, terms, draw });
  return pass("box %(box)s signed by %(name)s, its notice unchanged, approved by two", { box: id.slice(0, 10), name: agency.key.name });
}

const members = (group) => [...group].sort().join("\n");

function checkLane(lane) {
  exactly(lane, ["holders", "groups", "release"], "lane");
  equal(lane.release, "ceks", "release");
  const ids = array(lane.holders, "holders").map((holder) => {
    exactly(holder, ["id", "pub"], "holder");
    bytes(holder.pub, "pub", 32);
    return text(holder.id, "id");
  });
  if (new Set(ids).size !== ids.length) refuse("a keyholder twice");
  const groups = array(lane.groups, "groups");
  if (!(1 <= groups.length && groups.length <= MOST_GROUPS)) refuse("no groups, or too many");
  for (const group of groups) {
    if (!array(group, "group").length || new Set(group).size !== group.length) refuse("an empty group, or a keyholder twice in one");
    for (const one of group) if (!ids.includes(one)) refuse("a group with somebody who is no keyholder");
  }
  if (new Set(groups.map(members)).size !== groups.length) refuse("two groups with the same members");
  if (!ids.every((id) => groups.some((group) => group.includes(id)))) refuse("a keyholder in no group");
}

async function checkHolder(context, name, { id, pub }) {
  const { bundle, tender, published } = context;
  const { key, isPinned } = holderInUse(context, id);
  const path = `khkeys/${id}${name === "docs" ? ".docs" : ""}.note`;
  const note = await openObject(bundle.text(path), "khkey", key);
  for (const [what, value] of Object.entries({ tender, lane: name, holder: id, pub })) equal(member(note, what), value, what);
  const named = member(published.event, "holders");
  if (named !== undefined) equal(member(object(named, "holders"), id), key.spelled, "holders");
  return isPinned;
}

export async function v06(context, warn) {
  const lanes = object(member(context.box, "lanes"), "lanes");
  exactly(lanes, "docs" in lanes ? ["price", "docs"] : ["price"], "lanes");
  const unpinned = new Set();
  let count = 0;
  for (const [name, lane] of Object.entries(lanes)) {
    checkLane(lane);
    for (const holder of lane.holders) {
      if (!(await checkHolder(context, name, holder))) unpinned.add(holder.id);
      count += 1;
    }
  }
  if (unpinned.size) warn("keys of keyholders are the bundle's own claim: %(ids)s", { ids: [...unpinned].join(", ") });
  const operator = operatorsOf(context);
  if (lanes.price.groups.some((group) => new Set(group.map(operator)).size === 1)) warn("single-operator mode: the operator could have read bids early");
  context.lanes = lanes;
  return pass("%(count)s keys signed by their keyholders", { count });
}

// Two hours after the recovery was announced, or two more days where the outage was a disaster of a day or longer.
function checkOutage({ entries }, { index, event }, old, due) {
  const found = entries.filter((entry) => entry.type === "outage.declared" && same(member(entry.event, "outage") ?? null, event.outage));
  if (found.length !== 1 || found[0].index > index) refuse("a deadline moved for an outage that was not declared");
  const outage = found[0].event;
  if (!same(member(outage, "approvals") ?? null, event.approvals)) refuse("a deadline moved for an outage that others approved");
  const [began, ended] = ["began", "ended"].map((name) => instant(member(outage, name), name));
  const announced = member(outage, "announced") === undefined ? ended : instant(outage.announced, "announced");
  if (!(began < ended && ended <= announced)) refuse("an outage that ends before it begins");
  const isDisaster = ended - began >= DAY;
  const reach = isDisaster ? 2 * DAY : TWO_HOURS;
  if (!(began <= old && old < announced + reach)) refuse("a deadline moved for an outage that did not touch it");
  const from = isDisaster ? announced : Math.max(old, announced);
  if (due < from + reach) refuse("a deadline moved by less than the rule of outages");
}

export function v07(context, warn) {
  const { published, closed, of } = context;
  let deadline = instant(member(published.event, "closes_at"), "closes_at");
  let spelled = published.event.closes_at;
  for (const change of of("tender.deadline_changed")) {
    const { event, index } = change;
    if (index < published.index || index > closed.index) refuse("a deadline moved before publication or after closing");
    equal(member(event, "old"), spelled, "old");
    const due = instant(member(event, "new"), "new");
    if (due <= deadline) refuse("a deadline moved, but not later");
    approvedByTwo(event, "tender.deadline_changed");
    if (member(event, "outage") === undefined) {
      if (instant(event.at, "at") >= deadline) refuse("a deadline moved after it had passed");
    } else {
      checkOutage(context, change, deadline, due);
      warn("the deadline was moved because of an outage, to %(at)s", { at: event.new });
    }
    [deadline, spelled] = [due, event.new];
  }
  equal(member(closed.event, "closes_at"), spelled, "closes_at");
  if (instant(member(closed.event, "closed_at"), "closed_at") < deadline) refuse("closed before the deadline");
  context.deadline = deadline;
  return pass("deadline %(at)s, moved %(count)s times", { at: spelled, count: of("tender.deadline_changed").length });
}
