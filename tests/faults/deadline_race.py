"""D2: 64 bidders around each of 200 deadlines, with random delays before and within their acceptance.

The bar: whoever holds a receipt is in the closed list, nobody late is, and no closing takes six seconds. Every tender
closes as the worker closes it, in the middle of its bidders' arrival.
"""

from __future__ import annotations

import random
import time as stopwatch
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import sleep
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.errors import DeadlinePassed, NotOpenForBids, TemporarilyUnavailable
from benchmarks.crowd import PLAN, an_agency, crowd
from benchmarks.site import keyholder, site
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import announce, draft
from bidding.services.closing import begin_closing, freeze, list_of
from bidding.services.submission import SealedBid, submit_bid
from bidding.states import TenderState

CLIENTS = 64
EARLIEST, LATEST = -0.6, 0.3  # seconds around the deadline over which they arrive
VALIDATION = 0.05  # seconds at most
LONGEST_CLOSING = 6.0
AHEAD = timedelta(seconds=2.5)  # of the deadline when a tender is published: time to seal for it

# Up to 50 ms between the clock that decides and the commit: where a barrier that leaks would show.
SLOW = f"""
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(random() * {VALIDATION}); RETURN NEW; END $$;
    CREATE TRIGGER take_time BEFORE INSERT ON bids FOR EACH ROW EXECUTE FUNCTION take_time()"""


@dataclass
class Figures:
    closings: int = 0
    acknowledged: int = 0
    refused: int = 0
    unsure: int = 0
    missing: int = 0
    late: int = 0
    seconds: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.seconds)
        p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
        return (
            f"{self.closings} closings, {self.acknowledged} receipts, {self.refused} refused, {self.unsure} silent; "
            f"{self.missing} acknowledged but not listed, {self.late} late but listed; closing p99 {p99:.2f} s"
        )


def run(runs: int, clients: int = CLIENTS) -> str:
    """`runs` closings, one after another. AssertionError where the bar is missed."""
    figures = Figures()
    with site() as place, keyholder(place) as holder:
        with psycopg.connect(place.app.config["DATABASE_OWNER_URL"].replace("+psycopg", ""), autocommit=True) as owner:
            owner.execute(SLOW)
        agency, people = an_agency(), [caller.bidder for caller in crowd(place.app, clients)]
        with ThreadPoolExecutor(clients) as hands:
            for number in range(runs):
                race(place.app, agency, holder, people, hands, figures, random.Random(number))
    assert figures.missing == figures.late == 0, str(figures)
    assert 0 < figures.acknowledged < runs * clients, f"nothing raced: {figures}"
    assert max(figures.seconds) < LONGEST_CLOSING, str(figures)
    return str(figures)


def race(
    app: Flask,
    agency: Agency,
    holder: Panel,
    people: Sequence[Bidder],
    hands: ThreadPoolExecutor,
    figures: Figures,
    chance: random.Random,
) -> None:
    """One deadline: everybody hands in around it, the tender closes at it, the two are compared."""
    closes_at = time.now() + AHEAD
    with transaction():
        tender = draft(agency, PLAN, time.now(), closes_at=closes_at, opens_at=closes_at + timedelta(hours=1))
        announce(agency, tender, holder, time.now())
        sealed = [seal(tender, bidder, 90_000_000, (1, 2), time.now()) for bidder in people]
        reference, tender_id = str(tender.reference), tender.id

    def hand_in(bid: SealedBid, bidder: Bidder, delay: float) -> tuple[str, str]:
        sleep(max(0.0, (closes_at - time.now()).total_seconds() + delay))
        return bid.stmt, _submit(app, reference, bid, bidder)

    delays = [chance.uniform(EARLIEST, LATEST) + chance.uniform(0, VALIDATION) for _ in people]
    asked = [hands.submit(hand_in, *given) for given in zip(sealed, people, delays, strict=True)]
    sleep(max(0.0, (closes_at - time.now()).total_seconds()))
    figures.seconds.append(_close(tender_id))
    answers = [one.result() for one in asked]
    _compare(tender_id, closes_at, answers, figures)


def _submit(app: Flask, reference: str, bid: SealedBid, bidder: Bidder) -> str:
    with app.app_context():
        try:
            submit_bid(reference, bid, bidder.actor, time.now())
        except (DeadlinePassed, NotOpenForBids):
            return "refused"
        except TemporarilyUnavailable:
            return "unsure"  # no receipt: it may be in or not
        finally:
            db.session.remove()
    return "acknowledged"


def _close(tender_id: UUID) -> float:
    """Seconds from the deadline to the frozen list."""
    began = stopwatch.monotonic()
    while True:
        with transaction():
            if begin_closing(tender_id):
                break
        sleep(0.01)
    while db.session.get_one(Tender, tender_id, populate_existing=True).state != TenderState.CLOSED:
        run_step()
        try:
            with transaction():
                freeze(tender_id)
        except TemporarilyUnavailable:
            continue
    return stopwatch.monotonic() - began


def _compare(tender_id: UUID, closes_at: datetime, answers: Sequence[tuple[str, str]], figures: Figures) -> None:
    listed = {entry.stmt for entry in list_of(db.session.get_one(Tender, tender_id))}
    received = db.session.scalars(select(Bid.received_at).where(Bid.tender_id == tender_id)).all()
    figures.closings += 1
    for answer in ("acknowledged", "refused", "unsure"):
        setattr(figures, answer, getattr(figures, answer) + sum(told == answer for _, told in answers))
    figures.missing += sum(told == "acknowledged" and stmt not in listed for stmt, told in answers)
    figures.late += sum(instant >= closes_at for instant in received)
    figures.late += sum(told == "refused" and stmt in listed for stmt, told in answers)
    db.session.remove()
