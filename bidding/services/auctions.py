"""Reverse auctions: announced by the opening, bid in under a lock, closed by the clock. The rule itself is pure.

Everybody who decides takes the auction's row first and reads the database's clock after it: bids stand in one order,
and none is accepted that the end leaves out. Between start and end nothing has to be done: rounds follow from the chain
and the instant (`bidding.rules.auction`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from app import audit, config
from app.auth import Actor, system
from app.db import database_now, db
from app.errors import AuctionRefused, BadSignature, Forbidden, NotFound, TemporarilyUnavailable
from app.jobs import enqueue
from app.notifications import notify, notify_all
from app.time import KST, wire
from app.tlog.canon import jcs, parse
from bidding.calendar import is_working_day, next_working_day
from bidding.clock_guard import ClockState
from bidding.models import Auction, AuctionBid, Bid, Opening, SigningKey, Tender
from bidding.rules import auction as rules
from bidding.rules import auction_result as results
from bidding.scoring import AuctionScoring
from bidding.sealing import SealingError
from bidding.services import clock as guard
from bidding.services import opened
from bidding.services.access import lock_tender, person_id
from bidding.services.box import terms_of
from bidding.statement import MMD_SECONDS, SupplierKey, verify_signature
from bidding.states import TENDER, TenderState
from bidding.types import Evaluation, Outcome

Json = dict[str, Any]
CLOSER: Actor = system("tender:open")
INSTANT = timedelta(milliseconds=1)  # what two readings of one clock may differ by
OFFICE = (10, 16)  # an auction that is not practice begins on a working day, from 10:00 to 16:00 Korean time


def is_wanted(evaluation: Evaluation) -> bool:
    """Whether an auction follows: the notice says so, and two at least can lower their prices against each other."""
    ranked = sum(placing.rank is not None for placing in evaluation.placings)
    return evaluation.terms.method == rules.METHOD and evaluation.outcome == Outcome.RANKED and ranked >= 2


def announce(tender: Tender, evaluation: Evaluation, digest: str, at: datetime) -> Auction:
    """Fix the start: letters by lot, first prices, step, the instant; public from now on, names apart."""
    assert evaluation.draw is not None
    assert isinstance(evaluation.terms.scoring, AuctionScoring)  # by the method
    ranked = [placing for placing in evaluation.placings if placing.rank is not None]
    start = rules.Start(
        tender=str(tender.reference),
        lot=evaluation.terms.lot,
        evaluation=digest,
        starts_at=begins_at(at, tender.is_practice),
        rule=evaluation.terms.scoring,
        entrants=rules.enter(ranked, evaluation.draw.seed_n, evaluation.terms.lot),
    )
    state = rules.begin(start)
    row = Auction(
        tender_id=tender.id,
        start=start.to_json(),
        entrants=[{"label": one.label, "stmt": one.bid} for one in start.entrants],
        announced_at=at,
        starts_at=start.starts_at,
        ends_at=state.ends_at,
        head=start.record,
    )
    db.session.add(row)
    said = {name: value for name, value in start.to_json().items() if name not in ("v", "type", "tender")}
    audit.emit(
        "auction.announced", CLOSER, at, subject=tender.audit_subject, tender=tender.reference,
        record=start.record, **said,
    )  # fmt: skip
    enqueue("bidding.close_auction", str(tender.id), due_at=row.ends_at, tender_id=str(tender.id))
    facts: Json = {"href": f"/tenders/{tender.reference}/auction", "title": tender.title, "starts_at": start.starts_at}
    notify(tender.agency_id, "auction.announced", at, **facts)
    notify_all(_organisations(tender, [one.bid for one in start.entrants]), "auction.announced", at, **facts)
    return row


def begins_at(opened_at: datetime, is_practice: bool) -> datetime:
    """When the auction of bids opened at `opened_at` begins: after the time that the settings give everybody to come,
    at a full minute of office hours; of a practice tender just after that time."""
    at = opened_at + timedelta(seconds=config.current("NARU_AUCTION_LEAD"))
    if is_practice:
        return at
    local = (at + timedelta(minutes=1, microseconds=-1)).astimezone(KST).replace(second=0, microsecond=0)
    day, first = local.date(), time(OFFICE[0])
    if local.hour >= OFFICE[1] or not is_working_day(day):
        local = datetime.combine(next_working_day(day), first, KST)
    return max(local, datetime.combine(local.date(), first, KST)).astimezone(UTC)


def find_auction(tender_id: UUID) -> Auction | None:
    return db.session.get(Auction, tender_id)


def state_of(row: Auction, chain: Sequence[AuctionBid] | None = None) -> rules.Auction:
    """The auction as a value, from what is kept."""
    bids = [(_offer_of(one), one.received_at) for one in (chain_of(row) if chain is None else chain)]
    return rules.replay(start_of(row), bids)


def start_of(row: Auction) -> rules.Start:
    opening = db.session.get_one(Opening, row.tender_id)
    placings = {placing["stmt"]: placing for placing in opening.evaluation["placings"]}
    entrants = []
    for one in row.entrants:
        placing = placings[one["stmt"]]
        supplier, won, rank = placing["supplier"], int(placing["amount"]), placing["rank"]
        entrants.append(rules.Entrant(one["label"], one["stmt"], supplier, won, rank))
    return rules.read_start(row.start, opening.evaluation_digest, tuple(entrants))


def chain_of(row: Auction) -> list[AuctionBid]:
    query = select(AuctionBid).where(AuctionBid.tender_id == row.tender_id)
    return list(db.session.scalars(query.order_by(AuctionBid.seq)))


@dataclass(frozen=True, slots=True)
class Taken:
    """An accepted bid. `is_new` is False where the very same statement had been accepted before."""

    row: AuctionBid
    is_new: bool


def offer(
    reference: str, statement: Json, signature: Json, actor: Actor, clock: Callable[[], datetime] = database_now
) -> Taken:
    """Accept a signed, lower price, or refuse it by name. The same statement again gives the same acceptance.

    Raises NotFound (no auction here), Forbidden (no bidder of it), AuctionRefused (`fault`: the rule's code, or
    `statement`), BadSignature, TemporarilyUnavailable (the clock is not to be trusted now).
    """
    tender = db.session.scalar(select(Tender).where(Tender.reference == reference))
    if tender is None or find_auction(tender.id) is None:
        raise NotFound(f"no auction of {reference}")
    mine = db.session.scalar(
        select(Bid).where(Bid.tender_id == tender.id, Bid.organisation_id == actor.organisation_id)
    )
    if mine is None or not actor.may("bid:submit"):
        raise Forbidden("only a bidder of this tender lowers its price", permission="bid:submit")
    bid = _read(statement, tender)
    if bid.bid != mine.stmt:
        raise AuctionRefused("another bidder's bid", fault="not-in-auction")
    _check_signature(bid.stmt, signature, mine)
    row = db.session.get_one(Auction, tender.id, with_for_update=True, populate_existing=True)
    chain = chain_of(row)
    before = next((one for one in chain if one.stmt == bid.stmt), None)
    if before is not None:
        return Taken(before, is_new=False)
    watched = guard.guard()
    if watched is not None and watched.state == ClockState.HOLD:
        raise TemporarilyUnavailable("the clock that decides is not to be trusted now", fault="clock")
    at = clock()
    if chain and timedelta() <= chain[-1].received_at - at < INSTANT:
        at = chain[-1].received_at + at.resolution  # the log, whose order is by instants, keeps the chain's
    if row.closed_at is not None:
        raise AuctionRefused("the auction is over", fault="ended", arrived_at=at)
    outcome = rules.accept(state_of(row, chain), bid, at)
    if isinstance(outcome, rules.Refused):
        if outcome.code == "clock":
            raise TemporarilyUnavailable("the clock has gone back behind the last bid", fault="clock")
        raise AuctionRefused("the rule does not allow it", fault=outcome.code, most_won=outcome.most_won, arrived_at=at)
    return Taken(_keep(row, tender, mine, outcome, statement, signature, actor), is_new=True)


def _read(statement: Json, tender: Tender) -> rules.AuctionBid:
    try:
        return results.read_statement(statement, tender=str(tender.reference), lot=terms_of(tender).lot)
    except (ValueError, KeyError, TypeError) as error:
        raise AuctionRefused(f"not a bid of this auction: {error}", fault="statement") from error


def _check_signature(stmt: str, signature: Json, bid: Bid) -> None:
    """By a live key of the bidder's firm, which stays live until this is committed."""
    try:
        kid = UUID(signature["kid"])
        is_spelled = str(kid) == signature["kid"]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadSignature("no key is named", fault="kid") from error
    query = select(SigningKey).where(SigningKey.id == kid, SigningKey.organisation_id == bid.organisation_id)
    key = db.session.scalar(query.with_for_update(read=True, key_share=True))
    if key is None or not is_spelled or key.revoked_at is not None:
        raise BadSignature("no live key of this organisation signed it", fault="kid")
    public = SupplierKey(key.alg, key.public, key.cose_alg or 0, key.rp_id or "", tuple(key.origins or ()))
    try:
        verify_signature(stmt, signature, public)
    except SealingError as error:
        raise BadSignature(f"{error.kind}: {error.code}", fault=error.code) from error


def _keep(
    row: Auction, tender: Tender, bid: Bid, state: rules.Auction, statement: Json, signature: Json, actor: Actor
) -> AuctionBid:
    last = state.accepted[-1]
    kept = AuctionBid(
        tender_id=row.tender_id,
        seq=last.seq,
        bid_id=bid.id,
        organisation_id=bid.organisation_id,
        person_id=person_id(actor),
        label=last.label,
        stmt=last.bid.stmt,
        statement=jcs(statement),
        signature=signature,
        round=last.bid.round,
        amount_won=last.bid.amount_won,
        received_at=last.at,
        ends_at=last.ends_at,
        prev=last.prev,
        record=last.record,
    )
    db.session.add(kept)
    row.bids, row.head, row.ends_at = last.seq, last.record, state.ends_at
    # Under its letter: whose it is stays unsaid until the end.
    bidder = replace(system(), handle=f"bidder:{last.label}")
    said = {name: value for name, value in last.to_json().items() if name not in ("v", "type", "at")}
    audit.emit(
        "auction.bid", bidder, last.at, subject=tender.audit_subject, tender=tender.reference,
        record=last.record, **said,
    )  # fmt: skip
    return kept


def close(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """End the auction once its last round is over, make its result public with the opening's; whether it is over.

    Safe to run again: an auction is closed once.
    """
    tender = lock_tender(tender_id)
    row = db.session.get(Auction, tender_id, with_for_update=True, populate_existing=True)
    if row is None or row.closed_at is not None:
        return row is not None
    watched = guard.guard()
    at = clock()
    if at < row.ends_at or (watched is not None and watched.state == ClockState.HOLD):
        return False
    chain = chain_of(row)
    state = state_of(row, chain)
    signed = [results.SignedBid(parse(one.statement), one.signature, one.received_at) for one in chain]
    row.result = results.to_json(state, signed, at)
    row.sha256 = hashlib.sha256(jcs(row.result)).hexdigest()
    row.closed_at = at
    places = results.final_places(state)
    _keep_places(tender_id, places)
    TENDER.fire(
        tender,
        "end_auction",
        CLOSER,
        at,
        sha256=row.sha256,
        bids=len(chain),
        ranking=[{"label": one.label, "stmt": one.stmt, "amount": str(one.amount_won)} for one in places],
        closed_at=wire(at),
    )
    opened.publish(tender, at)
    opened.tell(tender, at)
    return True


def _keep_places(tender_id: UUID, places: Sequence[results.FinalPlace]) -> None:
    """The bids' ranks are those of the auction from now on; first away with the old ones, since no two may be alike."""
    rows = dict(db.session.execute(select(Bid.stmt, Bid.id).where(Bid.tender_id == tender_id)).all())
    db.session.execute(update(Bid), [{"id": rows[one.stmt], "rank": None} for one in places])
    db.session.execute(update(Bid), [{"id": rows[one.stmt], "rank": one.place} for one in places])


def result_of(tender_id: UUID) -> Json | None:
    """`auction.json` of a tender whose auction is over; None where there is none."""
    row = find_auction(tender_id)
    return row.result if row is not None else None


def receipt_of(row: AuctionBid, reference: str, origin: str) -> Json:
    """The receipt of an accepted bid: its record, and the log in which it will stand within `mmd_s` seconds."""
    record = {
        "v": 1,
        "type": "auction-record",
        "seq": row.seq,
        "prev": row.prev,
        "label": row.label,
        "stmt": row.stmt,
        "round": row.round,
        "amount": str(row.amount_won),
        "at": wire(row.received_at),
        "ends": wire(row.ends_at),
    }
    return {
        "v": 1,
        "type": "auction-receipt",
        "tender": reference,
        "record": record,
        "origin": origin,
        "mmd_s": MMD_SECONDS,
    }


def to_close(now: datetime) -> list[tuple[UUID, datetime]]:
    """Auctions whose last round is over, whatever the jobs table says."""
    due = select(Auction.tender_id, Auction.ends_at).where(Auction.closed_at.is_(None), Auction.ends_at <= now)
    return [(tender_id, ends_at) for tender_id, ends_at in db.session.execute(due.order_by(Auction.ends_at).limit(200))]


def is_overdue(tender_id: UUID, now: datetime) -> bool:
    row = find_auction(tender_id)
    return row is not None and row.closed_at is None and row.ends_at <= now


def is_running(tender: Tender) -> bool:
    return tender.state == TenderState.AUCTION


def _offer_of(row: AuctionBid) -> rules.AuctionBid:
    statement = parse(row.statement)
    return rules.AuctionBid(row.stmt, statement["bid"], row.round, row.amount_won, statement["prev"])


def _organisations(tender: Tender, stmts: Sequence[str]) -> Sequence[UUID]:
    query = select(Bid.organisation_id).where(Bid.tender_id == tender.id, Bid.stmt.in_(stmts))
    return db.session.scalars(query).all()
