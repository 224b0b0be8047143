// Who stands where after the reviews: standing.json to the byte (protocol 10.1 to 10.3).

import { digest, hex, refuse, sha256 } from "./bytes.js";
import { jcs } from "./canon.js";
import { nextSteps } from "./evaluation.js";
import { compared, points, step } from "./figures.js";
import { pricePoints } from "./methods.js";
import { amount } from "./scoring.js";
import { anyText, array, exactly, hash, instant, integer, text } from "./shape.js";

const REVIEW = ["v", "type", "tender", "lot", "stmt", "kind", "result", "reason", "legal_basis", "points", "evidence", "approvals", "at"];
const KINDS = {
  qualification: ["pass", "fail"], negotiation: ["pass", "fail"], disqualification: ["fail"], refusal: ["fail"], "lot-limit": ["fail"], reinstatement: ["pass"],
};
const NEEDED = { qualification: "qualification", negotiation: "negotiation" };
const ALWAYS = ["qualification", "negotiation", "desired-quantity", "reverse-auction"];
const CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const MOST = 1_000_000;
const POINT = 10_000n;

const wrong = (what) => refuse("%(what)s is not what it must be", { what });

function checkReview(review, terms, ranked) {
  const isAgreed = Object.hasOwn(review, "agreed");
  exactly(review, isAgreed ? [...REVIEW, "agreed"] : REVIEW, "a review");
  if (isAgreed) {
    amount(review.agreed, "agreed");
    if (review.kind !== "negotiation" || review.result !== "pass" || terms.method !== "negotiation") wrong("agreed");
  }
  for (const [name, value] of Object.entries({ v: 1, type: "review", tender: terms.tender, lot: terms.lot })) if (review[name] !== value) wrong(name);
  if (!ranked.has(anyText(review.stmt, "stmt"))) refuse("a review of no ranked bid");
  const results = typeof review.kind === "string" && Object.hasOwn(KINDS, review.kind) ? KINDS[review.kind] : wrong("kind");
  if (!results.includes(review.result)) wrong("result");
  if (anyText(review.reason, "reason") !== "" && !CODE.test(review.reason)) wrong("reason");
  anyText(review.legal_basis, "legal_basis");
  if (review.result === "fail") ["reason", "legal_basis"].forEach((name) => text(review[name], name));
  if (review.points !== null) {
    if (review.kind !== "qualification") wrong("points");
    integer(review.points, "points", 0, MOST);
  }
  for (const one of array(review.evidence, "evidence")) hash(one, "evidence");
  const [first, second, ...more] = array(review.approvals, "approvals");
  if (more.length || text(first, "approvals") === text(second, "approvals")) refuse("not approved by two");
  instant(review.at, "at");
  return review;
}

// What is left of a bid's reviews: a reinstatement strikes what was against it, another review its forerunner.
function inForce(history) {
  let left = [];
  for (const review of history) {
    if (review.kind === "reinstatement") left = left.filter(({ result }) => result !== "fail");
    else left = [...left.filter(({ kind }) => kind !== review.kind), review];
  }
  return left;
}

function rankingOf({ placings, terms }, auction) {
  const ranked = placings.filter(({ rank }) => rank !== null);
  if ((terms.method === "reverse-auction" && ranked.length > 1) !== (auction !== null)) refuse("a reverse auction stands by its auction, and nothing else does");
  if (auction === null) return ranked;
  const known = new Map(ranked.map((one) => [one.stmt, one]));
  const named = array(auction.ranking, "ranking");
  if (named.length !== known.size || !named.every(({ stmt }) => known.delete(stmt))) refuse("the auction ranks other bids");
  return named.map(({ stmt, amount: won }) => ({ ...ranked.find((one) => one.stmt === stmt), amount: amount(won, "amount") }));
}

// Points of a qualification by its table: {points, steps}; refused where the result is not what they say.
function scoreReview(review, { table, price, a }, won) {
  if (!table || price === null) refuse("points without a table to count them by");
  const counted = pricePoints(table, { won, price, a });
  const others = BigInt(review.points);
  if (others > BigInt(100 - table.full) * POINT) refuse("more points than there are besides the price");
  const [total, mark] = [counted.points + others, BigInt(table.pass_mark) * POINT];
  const isPassed = total >= mark;
  if ((review.result === "pass") !== isPassed) refuse("a review whose result is not what its points say");
  return {
    points: { price: Number(counted.points), others: Number(others), total: Number(total) },
    steps: [
      ...counted.steps,
      step("total-points", `${points(counted.points)} + ${points(others)}`, points(total)),
      compared("against-pass-mark", points(total), isPassed ? ">=" : "<", points(mark)),
    ],
  };
}

export const hasStanding = (terms, reviews) => reviews.length > 0 || (terms.scoring !== undefined && ALWAYS.includes(terms.method));

export function wantedOf({ framework }) {
  return framework === undefined ? 1 : integer(framework?.winners, "framework", 1);
}

// `evaluation`: the value of evaluation.json. Gives the value of standing.json.
export function stand({ evaluation, reviews, auction = null, wanted = 1 }) {
  const { terms } = evaluation;
  const ranking = rankingOf(evaluation, auction);
  const ranked = new Set(ranking.map(({ stmt }) => stmt));
  const all = reviews.map((review) => checkReview(review, terms, ranked));
  const rule = { table: terms.scoring?.table, price: evaluation.estimated_price === null ? null : BigInt(evaluation.estimated_price), a: BigInt(terms.a_value), ceiling: terms.scoring?.ceiling_won ? BigInt(terms.scoring.ceiling_won) : null };
  const kind = NEEDED[terms.method];
  const needed = kind && (terms.scoring !== undefined || all.some((one) => one.kind === kind)) ? kind : null;
  const isShared = terms.method === "desired-quantity";
  const state = { winners: [], due: null, left: isShared ? terms.scoring.quantity : 0, place: 0 };
  const historyOf = new Map(ranking.map(({ stmt }) => [stmt, all.filter((one) => one.stmt === stmt)]));
  const alike = (amount) => (rule.table ? ranking.filter((one) => one.amount === amount).length : 1);
  const order = rule.table ? byPoints(ranking, historyOf) : ranking;
  const placings = order.map((bid) => take(bid, historyOf.get(bid.stmt), { rule, needed, wanted, isShared, state, equals: alike(bid.amount) }));
  const rest = evaluation.placings.filter(({ stmt }) => !ranked.has(stmt)).map(({ stmt, reason }) => ({ stmt, place: null, reason, arithmetic: [] }));
  const outcome = state.due !== null ? "review-due" : state.winners.length ? "awardable" : "exhausted";
  return {
    v: 1, type: "standing", tender: terms.tender, lot: terms.lot, evaluation: hex(digest("evaluation", jcs(evaluation))), reviews_sha256: hex(sha256(jcs(reviews))),
    outcome, winners: state.winners, due: state.due, placings: [...placings, ...rest], next: outcome === "exhausted" ? nextSteps(terms, "no-winner") : [],
  };
}

// Review points of one bid; null where it is still to be reviewed.
function pointsOf(history) {
  const force = inForce(history);
  const found = force.find(({ kind }) => kind === "qualification");
  if (found) return found.points ?? 0;
  return force.some(({ result }) => result === "fail") ? 0 : null;
}

// Equal prices: who is still to be reviewed, then by the points of the reviews, then as the lot fell.
function byPoints(ranking, historyOf) {
  const keyOf = new Map(ranking.map(({ stmt, amount }) => [stmt, { won: BigInt(amount), points: pointsOf(historyOf.get(stmt)) }]));
  return [...ranking].sort((one, other) => {
    const [a, b] = [keyOf.get(one.stmt), keyOf.get(other.stmt)];
    if (a.won !== b.won) return a.won < b.won ? -1 : 1;
    if ((a.points === null) !== (b.points === null)) return a.points === null ? -1 : 1;
    return (b.points ?? 0) - (a.points ?? 0);
  });
}

// The lower price of a negotiation, in force or not, against its three limits.
function checkAgreed({ agreed }, { amount: own }, { price, ceiling }) {
  if (agreed === undefined) return;
  const won = BigInt(agreed);
  if (won >= BigInt(own) || (price !== null && won > price) || (ceiling !== null && won > ceiling)) refuse("an agreed amount that is not below the bid's, or above a limit");
}

function take(bid, history, { rule, needed, wanted, isShared, state, equals }) {
  const force = inForce(history);
  const arithmetic = history.map(({ kind, result }) => step("review", kind, result));
  const scores = new Map(history.filter(({ points: given }) => given !== null).map((one) => [one, scoreReview(one, rule, BigInt(bid.amount))]));
  const counted = scores.get(force.find((one) => scores.has(one)));
  if (counted) arithmetic.push(...counted.steps);
  if (equals > 1) {
    const own = pointsOf(history);
    arithmetic.push(step("equal-price", `${equals} x ${bid.amount}`, own === null ? "-" : points(BigInt(own))));
  }
  for (const one of history) checkAgreed(one, bid, rule);
  const agreed = force.find((one) => one.agreed !== undefined)?.agreed ?? null;
  if (agreed !== null) arithmetic.push(step("agreed-amount", `${agreed} < ${bid.amount}`, agreed));
  const told = (place, reason) => ({ stmt: bid.stmt, place, reason, arithmetic, ...(counted ? { points: counted.points } : {}) });
  const against = force.find(({ result }) => result === "fail");
  if (against) return told(null, against.reason);
  state.place += 1;
  const isOver = state.due !== null || (isShared ? state.left === 0 : state.winners.length >= wanted);
  if (isOver) return told(state.place, "valid");
  if (needed && !force.some(({ kind }) => kind === needed)) {
    state.due = bid.stmt;
    return told(state.place, "valid");
  }
  const winner = { stmt: bid.stmt, supplier: bid.supplier, amount: agreed ?? bid.amount };
  if (isShared) {
    const quantity = Math.min(bid.quantity, state.left);
    arithmetic.push(step("quantity-taken", `min(${bid.quantity}, ${state.left})`, String(quantity)));
    state.left -= quantity;
    winner.quantity = quantity;
  }
  state.winners.push(winner);
  return told(state.place, "valid");
}
