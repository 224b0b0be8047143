"""What members are told by the clock: drills a day and an hour before the deadline, and that the room is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import time
from app.db import db, transaction
from app.jobs import Promise, register_job, register_sweep
from app.time import wire
from bidding.models import Tender
from bidding.policy import HolderPolicy
from bidding.seats import DAY, due_drill
from bidding.services.committee import tell_members
from bidding.states import TenderState

DRILL, ROOM = "keyholder.drill", "keyholder.room"


def tell_committee(tender_id: str, kind: str) -> None:
    """A notification of `kind` to every member, unless the tender has gone on meanwhile."""
    states = {DRILL: TenderState.PUBLISHED, ROOM: TenderState.CLOSED}
    with transaction():
        tender = db.session.get(Tender, UUID(tender_id))
        if tender is not None and tender.state == states[kind]:
            tell_members(tender, kind, time.now())


def due_tellings(now: datetime) -> Iterator[Promise]:
    """One promise for each drill of a deadline (a deadline that moved has its own) and one for the opened room."""
    query = select(Tender.id, Tender.state, Tender.closes_at).where(
        Tender.holder_policy != HolderPolicy.SERVICES,
        Tender.state.in_((TenderState.PUBLISHED, TenderState.CLOSED)),
        Tender.closes_at <= now + DAY,
    )
    for tender_id, state, closes_at in db.session.execute(query):
        drill = due_drill(closes_at, now)
        about, kind = ("room", ROOM) if state == TenderState.CLOSED else (drill, DRILL)
        if about is not None and closes_at is not None:
            promise = {"tender_id": str(tender_id), "kind": kind}
            yield Promise("bidding.tell_committee", f"{tender_id}:{about}:{wire(closes_at)}", now, promise)


def register() -> None:
    register_job("bidding.tell_committee", tell_committee)
    register_sweep("bidding.due_tellings", due_tellings)
