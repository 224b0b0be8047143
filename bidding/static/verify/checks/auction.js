// V28: a reverse auction, played again from its start, as the log told it at the time.

import { Auction, bidHash, entrantsOf, recordHash, startHash, startOf } from "../auction.js";
import { fromHex, refuse } from "../bytes.js";
import { member } from "../canon.js";
import { array, equal, exactly, instant, object, same } from "../shape.js";
import { checkSupplierSignature } from "../signature.js";
import { inBatches } from "./bids.js";
import { pass, skip } from "./outcome.js";

const MEMBERS = ["v", "type", "tender", "lot", "start", "entrants", "bids", "closed_at", "ranking"];

const without = (value, ...names) => Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));

const only = (entries, type) => {
  const found = entries.filter((entry) => entry.type === type);
  return found.length === 1 ? found[0] : refuse("%(count)s entries of type %(type)s", { count: found.length, type });
};

function checkTold({ event }, facts) {
  for (const [name, value] of Object.entries(facts)) if (!same(member(event, name) ?? null, value)) refuse("the log tells of another auction: %(name)s", { name });
}

// The ranked bids where an auction came about, else none.
function rankedOf({ terms, result }) {
  if (terms.method !== "reverse-auction" || !result?.draw) return [];
  const ranked = result.json.placings.filter(({ rank }) => rank !== null);
  return ranked.length < 2 ? [] : ranked;
}

export async function v28(context) {
  const { bundle, entries, tender, terms, result } = context;
  const told = entries.filter(({ type }) => type.startsWith("auction."));
  const ranked = rankedOf(context);
  if (!ranked.length) return bundle.has("auction.json") || told.length ? refuse("an auction where none came about") : skip("no auction");
  const auction = exactly(bundle.json("auction.json"), MEMBERS, "auction.json");
  for (const [name, value] of Object.entries({ v: 1, type: "auction", tender, lot: terms.lot })) equal(auction[name], value, name);
  const entrants = entrantsOf(ranked, result.draw.seedN, terms.lot);
  if (!same(auction.entrants, entrants.map(({ label, stmt }) => ({ label, stmt })))) refuse("other entrants than those of the lot");
  const startsAt = member(object(auction.start, "start"), "starts_at");
  instant(startsAt, "starts_at");
  const start = startOf({ terms, evaluation: context.digest, startsAt, entrants });
  if (!same(auction.start, start)) refuse("the auction began otherwise than it had to");
  const announced = checkAnnounced(context, told, start);
  const played = play(start, entrants, auction);
  checkBids(told, auction.bids, announced);
  await checkSignatures(context, told, auction.bids, entrants);
  checkEnd(context, told, auction, played);
  const [first] = auction.ranking;
  return pass("%(bids)s bids of %(count)s bidders; first is %(supplier)s at %(amount)s", { bids: auction.bids.length, count: entrants.length, supplier: first.supplier, amount: first.amount });
}

function checkAnnounced({ of }, told, start) {
  const announced = only(told, "auction.announced");
  checkTold(announced, { ...without(start, "v", "type", "tender"), record: startHash(start) });
  if (instant(announced.event.at, "at") > instant(start.starts_at, "starts_at")) refuse("the auction began before it was announced");
  if (of("opening.opened").some(({ index }) => index >= announced.index)) refuse("%(type)s at %(index)s is too early", announced);
  return announced;
}

function play(start, entrants, { bids }) {
  const played = new Auction(start, entrants);
  for (const one of array(bids, "bids")) {
    exactly(one, ["record", "statement", "signature"], "bids");
    const record = played.take(one.statement, member(object(one.record, "record"), "at"));
    if (!same(one.record, record)) refuse("record %(seq)s is not the one that comes out", { seq: record.seq });
  }
  return played;
}

const bidsTold = (told) => told.filter(({ type }) => type === "auction.bid");

function checkBids(told, bids, announced) {
  const logged = bidsTold(told);
  if (logged.length !== bids.length) refuse("the log tells of %(logged)s bids of the auction, the bundle of %(count)s", { logged: logged.length, count: bids.length });
  logged.forEach((entry, index) => {
    const { record } = bids[index];
    if (entry.index <= announced.index) refuse("%(type)s at %(index)s is too early", entry);
    checkTold(entry, { ...without(record, "v", "type"), record: recordHash(record) });
  });
}

async function checkSignatures({ of, told: progress }, told, bids, entrants) {
  const suppliers = new Map(entrants.map(({ stmt, supplier }) => [stmt, supplier]));
  const keys = new Map(of("supplier.key_added").map((entry) => [member(entry.event, "kid"), entry]));
  const [revoked, logged] = [of("supplier.key_revoked"), bidsTold(told)];
  const items = bids.map((one, number) => ({ ...one, index: logged[number].index }));
  await inBatches(items, progress, async ({ statement, signature, record: { seq }, index }) => {
    const kid = member(object(signature, "signature"), "kid");
    const key = keys.get(kid);
    const isEarlier = key && key.index < index && member(key.event, "supplier") === suppliers.get(statement.bid);
    if (!isEarlier) refuse("bid %(seq)s of the auction: no key of its bidder was enrolled before", { seq });
    if (revoked.some((entry) => member(entry.event, "kid") === kid && entry.index < index)) refuse("bid %(seq)s of the auction: its key had been revoked", { seq });
    await checkSupplierSignature(signature, key.event, fromHex(bidHash(statement), 32));
  });
}

function checkEnd({ bundle, of }, told, auction, played) {
  if (instant(auction.closed_at, "closed_at") < played.rounds.over) refuse("the auction was closed before its last round was over");
  if (!same(auction.ranking, played.ranking())) refuse("the published ranking of the auction is not the one computed");
  const closed = only(told, "auction.closed");
  const ranking = auction.ranking.map(({ label, stmt, amount }) => ({ label, stmt, amount }));
  checkTold(closed, { sha256: bundle.sha256("auction.json"), bids: auction.bids.length, ranking, closed_at: auction.closed_at });
  if (told.some((entry) => entry !== closed && entry.index >= closed.index)) refuse("the auction goes on after its end");
  if (of("award.confirmed").some(({ index }) => index <= closed.index)) refuse("an award before the end of the auction");
}
