"""Receipts against database against log: what was acknowledged is there once, and nothing else is."""

from __future__ import annotations

from sqlalchemy import func, select

from app import keys
from app.audit import checking
from app.audit.sequencer import connect, publication_of, run_step
from app.db import db
from app.time import wire
from benchmarks.site import Site
from bidding.models import Bid
from bidding.statement import open_receipt
from tests.faults.bidders import Outcome

LOGGED = "SELECT count(*) FROM audit.event WHERE type = 'bid.submitted'"


def check(place: Site, outcome: Outcome) -> str:
    """A line of figures. AssertionError for a lost or doubled bid, an unknown outcome, a log that does not add up."""
    db.session.remove()
    rows = db.session.execute(select(Bid.stmt, Bid.received_at)).all()
    received = {stmt: wire(at) for stmt, at in rows}
    assert outcome.unanswered == [], f"{len(outcome.unanswered)} bids never got an answer"
    assert outcome.refused == [], f"{len(outcome.refused)} bids refused: {outcome.refused[0]}"
    lost = outcome.receipts.keys() - received.keys()
    assert not lost, f"{len(lost)} receipts without a bid"
    unknown = received.keys() - outcome.receipts.keys()
    assert not unknown, f"{len(unknown)} bids without a receipt"
    for stmt, signed in outcome.receipts.items():
        told = open_receipt(signed, stmt, [keys.vkey_of("receipt")])
        assert told["received"] == received[stmt], "a receipt names another instant"
    by_bidder = select(func.count()).select_from(Bid).group_by(Bid.tender_id, Bid.organisation_id)
    assert db.session.scalars(by_bidder.having(func.count() > 1)).all() == []
    _check_log(place, len(rows))
    again = sum(count for name, count in outcome.tries.items() if name not in ("200", "201"))
    return f"{len(rows):,} bids, each receipted once; {again:,} answers stayed out or were asked for again"


def _check_log(place: Site, bids: int) -> None:
    while run_step():
        pass
    with connect(place.app.config["DATABASE_URL"]) as connection:
        report = checking.check(connection, publication_of(place.app), keys.vkey_of("log"))
        (logged,) = connection.execute(LOGGED).fetchone() or (0,)
    assert report.is_right, report.findings[:3]
    assert logged == bids, f"{logged} entries for {bids} bids"
