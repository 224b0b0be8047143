// A reverse auction played again (protocol 10.5): who enters, what each record must be, who was first and why.

import { digest, hex, refuse } from "./bytes.js";
import { jcs } from "./canon.js";
import { lots } from "./draw.js";
import { compared, step } from "./figures.js";
import { up } from "./rounding.js";
import { amount } from "./scoring.js";
import { anyText, equal, exactly, hash, instant, integer, SECOND } from "./shape.js";

const STATEMENT = ["v", "type", "tender", "lot", "round", "bid", "amount", "prev", "made"];
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const RATE = 100_000n;
const MOST_EXTENSIONS = 10;

export const startHash = (start) => hex(digest("auction-start", jcs(start)));
export const recordHash = (record) => hex(digest("auction-record", jcs(record)));
export const bidHash = (statement) => hex(digest("auction-bid", jcs(statement)));

// 0 is A, 25 Z, 26 AA, 27 AB.
export const labelOf = (index) => (index < LETTERS.length ? "" : labelOf(Math.floor(index / LETTERS.length) - 1)) + LETTERS[index % LETTERS.length];

// Microseconds since 1970 as `instant` reads them.
export function spelled(at) {
  const seconds = Math.floor(at / SECOND);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(at - seconds * SECOND).padStart(6, "0")}Z`;
}

// The ranked bids under their letters: {label, stmt, supplier, rank, amount}. `placings`: those that have a rank.
export function entrantsOf(placings, seed, lot) {
  const known = new Map(placings.map((one) => [one.stmt, one]));
  return lots(seed, lot, "0", known.keys()).map((stmt, index) => {
    const { supplier, rank, amount: won } = known.get(stmt);
    return { label: labelOf(index), stmt, supplier, rank, amount: won };
  });
}

export function startOf({ terms, evaluation, startsAt, entrants }) {
  const lowest = entrants.map((one) => BigInt(one.amount)).reduce((a, b) => (a < b ? a : b));
  return {
    v: 1, type: "auction-start", tender: terms.tender, lot: terms.lot, evaluation, starts_at: startsAt, rule: terms.scoring,
    step: String(up(lowest * BigInt(terms.scoring.step_rate), RATE)), prices: entrants.map(({ label, amount: won }) => ({ label, amount: won })),
  };
}

// When the rounds are, and how often each was extended.
class Rounds {
  constructor({ starts_at: startsAt, rule }) {
    this.start = instant(startsAt, "starts_at");
    this.rule = rule;
    this.extended = new Array(rule.rounds).fill(0);
  }

  end(number) {
    const extensions = this.extended.slice(0, number).reduce((sum, one) => sum + one, 0);
    return this.start + (number * this.rule.round_seconds + extensions * this.rule.extend_seconds) * SECOND;
  }

  get over() {
    return this.end(this.rule.rounds);
  }

  // The round that runs, from 1; 0 where none does.
  at(instantOf) {
    if (instantOf < this.start) return 0;
    return this.extended.findIndex((_, index) => instantOf < this.end(index + 1)) + 1;
  }

  // A late bid extends its round.
  extend(number, at) {
    const isLate = at >= this.end(number) - this.rule.last_seconds * SECOND;
    if (isLate && this.rule.extend_seconds && this.extended[number - 1] < MOST_EXTENSIONS) this.extended[number - 1] += 1;
  }
}

function readStatement(statement, { tender, lot }) {
  exactly(statement, STATEMENT, "the statement");
  for (const [name, value] of Object.entries({ v: 1, type: "auction-bid", tender, lot })) equal(statement[name], value, name);
  integer(statement.round, "round");
  anyText(statement.bid, "bid");
  amount(statement.amount, "amount");
  hash(statement.prev, "prev");
  instant(statement.made, "made");
  return statement;
}

// The auction as it stands after some records: `take` plays one more, refused where the rule refuses it.
export class Auction {
  constructor(start, entrants) {
    this.start = start;
    this.rounds = new Rounds(start);
    this.step = BigInt(start.step);
    this.head = startHash(start);
    this.seen = new Set([this.head]);
    this.stmts = new Set();
    this.last = this.rounds.start;
    this.count = 0;
    this.entrants = new Map(entrants.map((one) => [one.stmt, { ...one, won: BigInt(one.amount), seq: 0, steps: [step("first-price", `#${one.rank}`, one.amount)] }]));
  }

  // `at`: the instant of receipt as it is spelled. Gives the record that comes out.
  take(given, at) {
    const statement = readStatement(given, this.start);
    const [now, stmt] = [instant(at, "at"), bidHash(statement)];
    const seq = this.count + 1;
    const no = (why) => refuse("bid %(seq)s of the auction: %(why)s", { seq, why });
    const entrant = this.entrants.get(statement.bid) ?? no("entrant");
    const number = this.rounds.at(now);
    if (!number || statement.round !== number) no("round");
    if (now < this.last) no("at");
    if (this.stmts.has(stmt)) no("stmt");
    if (!this.seen.has(statement.prev)) no("prev");
    const won = BigInt(statement.amount);
    if (won > entrant.won - this.step) no("amount");
    this.rounds.extend(number, now);
    const record = {
      v: 1, type: "auction-record", seq, prev: this.head, label: entrant.label, stmt, round: number, amount: statement.amount, at, ends: spelled(this.rounds.end(number)),
    };
    entrant.steps.push(step("auction-bid", `${number}/${seq}: ${entrant.won} - ${won} = ${entrant.won - won} >= ${this.step}`, statement.amount));
    Object.assign(entrant, { won, seq });
    Object.assign(this, { count: seq, last: now, head: recordHash(record) });
    this.seen.add(this.head);
    this.stmts.add(stmt);
    return record;
  }

  // Lowest price first; of equal ones the sealed ones by rank, then who came first.
  ranking() {
    const order = [...this.entrants.values()].sort((a, b) => (a.won < b.won ? -1 : a.won > b.won ? 1 : a.seq - b.seq || a.rank - b.rank));
    return order.map(({ label, stmt, supplier, won, steps }, index) => ({
      place: index + 1, label, stmt, supplier, amount: String(won), arithmetic: [...steps, ...beforeNext(won, order[index + 1])],
    }));
  }
}

function beforeNext(won, next) {
  if (!next) return [];
  return [won < next.won ? compared("before-next", won, "<", next.won) : compared("earlier-than-next", won, "=", next.won)];
}
