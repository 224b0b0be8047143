"""B9: opening and evaluating a tender's bids with a real keyholder, beside raw HPKE opens of the same envelopes."""

from __future__ import annotations

import time as stopwatch
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.tlog.canon import parse, unb64u
from benchmarks.crowd import Caller, an_agency, crowd, published, sealed_by
from benchmarks.site import Site, keyholder, site
from benchmarks.table import Line, line
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.sealing import SUITE, wrap_info
from bidding.services.closing import begin_closing, freeze
from bidding.services.opening import begin_opening, open_bids
from bidding.services.release import gather
from bidding.services.submission import submit_bid
from bidding.states import TenderState

SIZES = (1000, 10_000)
COMMIT_EVERY = 200


def run(sizes: tuple[int, ...] = SIZES) -> list[Line]:
    """Seconds from the opening time to the kept evaluation, as a multiple of the HPKE opens alone."""
    with site() as place, keyholder(place) as holder:
        agency, callers = an_agency(), crowd(place.app, max(sizes))
        lines = []
        for size in sizes:
            tender = published(agency, holder)
            lines += _measured(place, holder, tender, callers[:size])
        return lines


def _measured(place: Site, holder: Panel, tender: Tender, callers: list[Caller]) -> list[Line]:
    tender_id = tender.id
    _bid(tender, callers)
    _close(place, tender_id)
    floor = _raw_opens(tender_id)
    place.clock.set_to(_opens_at(tender_id))
    began = stopwatch.perf_counter()
    with transaction():
        assert begin_opening(tender_id, place.clock)
    run_step()
    with transaction():
        assert gather(tender_id, "price", holder, place.clock(), timedelta(minutes=1))
    with transaction():
        assert open_bids(tender_id, place.clock)
    seconds = stopwatch.perf_counter() - began
    state = db.session.scalar(select(Tender.state).where(Tender.id == tender_id))
    assert state == TenderState.OPENED, state
    place.clock.ahead = timedelta()
    what = f"{len(callers):,} bids"
    return [
        line("B9", f"open and evaluate {what}, beside raw HPKE opens", seconds, "s", floor, "a small multiple"),
        line("B9", f"the same, a bid ({what})", seconds / len(callers) * 1000, "ms"),
    ]


def _bid(tender: Tender, callers: list[Caller]) -> None:
    reference, tender_id = str(tender.reference), tender.id
    for start in range(0, len(callers), COMMIT_EVERY):
        with transaction():
            fresh = db.session.get_one(Tender, tender_id)
            for number, caller in enumerate(callers[start : start + COMMIT_EVERY], start):
                submit_bid(reference, sealed_by(fresh, caller, number), caller.bidder.actor, time.now())
        run_step()


def _close(place: Site, tender_id: UUID) -> None:
    tender = db.session.get_one(Tender, tender_id)
    assert tender.closes_at is not None
    place.clock.set_to(tender.closes_at)
    with transaction():
        assert begin_closing(tender.id, place.clock)
    run_step()
    with transaction():
        freeze(tender.id, place.clock)
    run_step()


def _opens_at(tender_id: UUID) -> datetime:
    tender = db.session.get_one(Tender, tender_id)
    assert tender.opens_at is not None
    return tender.opens_at


def _raw_opens(tender_id: UUID) -> float:
    """Seconds for one HPKE open for each envelope, with another key of the same kind: the arithmetic is the same.

    The keyholder's own key is nobody's to take; so the wraps are sealed again to a key of ours.
    """
    key = X25519PrivateKey.generate()
    public = key.public_key()
    rows = db.session.scalars(select(Bid.envelope).where(Bid.tender_id == tender_id)).all()
    sealed = []
    for row in rows:
        envelope = parse(row)
        for holder, wrap in envelope["wraps"].items():
            info = wrap_info(envelope["ctx"], holder)
            sealed.append((SUITE.encrypt(unb64u(wrap)[:32], public, info), info))
    began = stopwatch.perf_counter()
    for wrap, info in sealed:
        SUITE.decrypt(wrap, key, info)
    return stopwatch.perf_counter() - began
