"""Closing: the exclusive lock, the wait for the log, the frozen list and its root (protocol 3.8). Safe to run again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text

from app.audit import evidence
from app.audit.anchors import anchor_soon
from app.auth import Actor, system
from app.db import database_now, db
from app.jobs import enqueue
from app.notifications import notify
from app.time import wire
from bidding.bundle import ListEntry, freeze_list
from bidding.ddl import TENDER_LOCK
from bidding.models import Bid, Tender
from bidding.services import evaluators, holding
from bidding.services.access import lock_tender
from bidding.services.clock import clock_facts
from bidding.services.groups import is_documents_first
from bidding.states import TENDER, TenderState

CLOSER: Actor = system("tender:close")


def begin_closing(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """Stop taking bids once the deadline has come and nothing holds it; return whether the tender is closing.

    The exclusive lock waits for every acceptance that is under way, so that none is acknowledged and then missing.
    False: the deadline moved, or has not come, or is held (an outage, the clock), or the tender is past this step or
    cancelled.
    """
    reference = db.session.scalar(select(Tender.reference).where(Tender.id == tender_id))
    db.session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, hashtext(:tender))"), {"lock": TENDER_LOCK, "tender": reference}
    )
    tender = lock_tender(tender_id)
    if tender.state == TenderState.CLOSING:
        return True
    at = clock()
    if tender.state != TenderState.PUBLISHED or tender.closes_at is None or at < tender.closes_at:
        return False
    if holding.why_held(tender, at) is not None:
        return False
    assert tender.opens_at is not None  # published, by CHECK
    TENDER.fire(tender, "begin_closing", CLOSER, at, closes_at=wire(tender.closes_at))
    if is_documents_first(tender):
        evaluators.freeze_pool(tender, at)
    return True


def freeze(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> None:
    """Freeze the list of accepted bids and write its root to the log.

    Raises TemporarilyUnavailable while a bid of the tender still waits for its place in the log: the job comes again.
    """
    tender = lock_tender(tender_id)
    if tender.state != TenderState.CLOSING:
        return
    entries = list_of(tender)  # of every bid, or not yet; late comers, whose refusals are logged, hold nothing up
    _, root, list_sha256 = freeze_list(entries)
    tender.bid_count, tender.box_root, tender.list_sha256 = len(entries), root, list_sha256
    at = clock()
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    TENDER.fire(
        tender,
        "close",
        CLOSER,
        at,
        box=tender.box_id,
        closes_at=wire(tender.closes_at),
        opens_at=wire(tender.opens_at),
        closed_at=wire(at),
        count=len(entries),
        box_root=root,
        list_sha256=list_sha256,
        clock=clock_facts(),
    )
    anchor_soon(at, str(tender.reference), "tender.closed")
    enqueue("bidding.open_tender", str(tender.id), due_at=tender.opens_at, tender_id=str(tender.id))
    notify(tender.agency_id, "tender.closed", at, href=f"/tenders/{tender.reference}/manage", title=tender.title)


def list_of(tender: Tender) -> list[ListEntry]:
    """Every accepted bid with its place in the log, cancelled ones too. The same at any time after the closing."""
    rows = db.session.execute(
        select(Bid.stmt, Bid.received_at, Bid.event_id).where(Bid.tender_id == tender.id).order_by(Bid.stmt)
    ).all()
    indexes = evidence.indexes([event_id for _, _, event_id in rows])
    return [ListEntry(stmt, indexes[event_id], wire(received_at)) for stmt, received_at, event_id in rows]
