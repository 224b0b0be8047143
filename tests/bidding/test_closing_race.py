"""Many bidders around one deadline: whoever holds a receipt is in the list, and nobody late is."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from time import sleep
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.errors import DeadlinePassed, NotOpenForBids, TemporarilyUnavailable
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.rehearsal.stages import announce, draft
from bidding.services.closing import begin_closing, freeze, list_of
from bidding.services.submission import submit_bid
from bidding.states import TenderState
from tests.bidding.staging import PLAN, an_agency, bidders

CLIENTS = 32
EARLIEST, LATEST = -2.5, 0.4  # seconds around the deadline over which they arrive


def test_no_acknowledged_bid_is_missing_and_no_late_one_is_in(app: Flask, keyholder: Panel) -> None:
    agency, crowd = an_agency(), bidders(CLIENTS)
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(seconds=8))
        announce(agency, tender, keyholder, now)
        reference, tender_id, closes_at = str(tender.reference), tender.id, now + timedelta(seconds=8)
    _make_acceptance_slow(app)
    sealed = [seal(db.session.get_one(Tender, tender_id), bidder, 90_000_000, (1, 2), now) for bidder in crowd]
    db.session.remove()
    gate, chance = Barrier(CLIENTS + 1), random.Random(11)
    delays = [chance.uniform(EARLIEST, LATEST) for _ in crowd]

    def hand_in(number: int, bidder: Bidder) -> str | None:
        with app.app_context():
            gate.wait(30)
            _until(closes_at + timedelta(seconds=delays[number]))
            try:
                return submit_bid(reference, sealed[number], bidder.actor, time.now()).stmt
            except (DeadlinePassed, NotOpenForBids):
                return None
            finally:
                db.session.remove()

    with ThreadPoolExecutor(CLIENTS) as hands:
        answers = [hands.submit(hand_in, number, bidder) for number, bidder in enumerate(crowd)]
        gate.wait(30)
        _until(closes_at)
        closed_while_they_came = _close(tender_id)
        acknowledged = {answer.result() for answer in answers} - {None}
    _freeze(tender_id)
    listed = list_of(db.session.get_one(Tender, tender_id))
    assert closed_while_they_came
    assert {entry.stmt for entry in listed} == acknowledged
    received = db.session.scalars(select(Bid.received_at).where(Bid.tender_id == tender_id)).all()
    assert all(instant < closes_at for instant in received)
    assert 0 < len(acknowledged) < CLIENTS  # else nothing raced


SLOW = """
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(random() * 0.09); RETURN NEW; END $$;
    CREATE TRIGGER take_time BEFORE INSERT ON bids FOR EACH ROW EXECUTE FUNCTION take_time()"""


def _make_acceptance_slow(app: Flask) -> None:
    """Up to 90 ms between the clock that decides and the commit: where a barrier that leaks would show."""
    with psycopg.connect(app.config["DATABASE_OWNER_URL"].replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(SLOW)


def _until(instant: datetime) -> None:
    sleep(max(0.0, (instant - time.now()).total_seconds()))


def _close(tender_id: UUID) -> bool:
    while True:
        with transaction():
            if begin_closing(tender_id):
                return True
        sleep(0.01)


def _freeze(tender_id: UUID) -> None:
    while True:
        run_step()
        try:
            with transaction():
                freeze(tender_id)
        except TemporarilyUnavailable:
            continue
        if db.session.get_one(Tender, tender_id).state == TenderState.CLOSED:
            return
