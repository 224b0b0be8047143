"""Drills of keyholders as jobs: one a tender and drill and deadline, derived from the tenders that take bids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from app import time
from app.db import transaction
from app.jobs import Promise, register_job, register_sweep
from app.time import wire
from bidding import queries
from bidding.keyholders import configured
from bidding.policy import Medium
from bidding.services import drills, opening


def drill_holders(tender_id: str, medium: str) -> None:
    with transaction():
        drills.drill(UUID(tender_id), Medium(medium), configured(), time.now())


def due_drills(now: datetime) -> Iterator[Promise]:
    """Each drill whose time has come before the deadline, of tenders that were published before that time: the keys of
    others were proved just now. A deadline that moves brings its own."""
    for medium, ahead in drills.AHEAD.items():
        for tender in queries.tenders_to_drill(now, ahead):
            assert tender.closes_at is not None
            key = f"{tender.id}:{medium}:{wire(tender.closes_at)}"
            facts = {"tender_id": str(tender.id), "medium": str(medium)}
            yield Promise("bidding.drill_holders", key, tender.closes_at - ahead, facts)


def open_recovered(tender_id: str) -> None:
    with transaction():
        opening.open_recovered(UUID(tender_id))


def due_recoveries(now: datetime) -> Iterator[Promise]:
    """Every recovery whose end has come, while its tender is not opened."""
    for tender_id, until_at in queries.recoveries_to_open(now):
        yield Promise("bidding.open_recovered", str(tender_id), until_at, {"tender_id": str(tender_id)}, is_owed=True)


def register() -> None:
    register_job("bidding.open_recovered", open_recovered)
    register_sweep("bidding.due_recoveries", due_recoveries)
    register_job("bidding.drill_holders", drill_holders, is_bulk=True)
    register_sweep("bidding.due_drills", due_drills)
