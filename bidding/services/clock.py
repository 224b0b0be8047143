"""The guard of the clock that decides: measured by the clockwork, kept in one row, told to the log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app import audit
from app.auth import system
from app.clocks import Apart, Kernel
from app.db import db
from app.time import wire
from bidding.clock_guard import ClockState, Reading, judge
from bidding.models import ClockGuard

Json = dict[str, Any]
TELL_EVERY = timedelta(minutes=10)
WATCH = system()


def keep_reading(kernel: Kernel | None, apart: Apart, is_required: bool, now: datetime) -> ClockState:
    """Judge what was measured and keep it; `clock.status` goes to the log when the state changes, and every ten
    minutes."""
    before = guard()
    is_synchronised = kernel.is_synchronised if kernel is not None else None
    since = None if is_synchronised else (before.unsynchronised_since_at if before else None) or now
    reading = Reading(
        offset_us=kernel.offset_us if kernel is not None else None,
        dispersion_us=kernel.max_error_us if kernel is not None else None,
        is_synchronised=is_synchronised,
        database_offset_us=apart.offset_us,
        round_trip_us=apart.round_trip_us,
        # A clock that was set back must not make the time since then less than nothing.
        unsynchronised_for=max(now - since, timedelta()) if since is not None else timedelta(),
    )
    state = judge(reading, is_required)
    is_news = before is None or before.state != state or not before.told_at <= now < before.told_at + TELL_EVERY
    row = {
        "state": state.value,
        "offset_us": reading.offset_us,
        "dispersion_us": reading.dispersion_us,
        "is_synchronised": is_synchronised,
        "database_offset_us": apart.offset_us,
        "round_trip_us": apart.round_trip_us,
        "unsynchronised_since_at": since,
        "measured_at": now,
        "told_at": now if is_news or before is None else before.told_at,
    }
    statement = insert(ClockGuard).values(is_one=True, **row)
    db.session.execute(statement.on_conflict_do_update(index_elements=["is_one"], set_=row))
    if is_news:
        audit.emit("clock.status", WATCH, now, subject="clock", **_facts(row))
    return state


def guard() -> ClockGuard | None:
    """The last measurement; None where the clockwork has never measured."""
    return db.session.get(ClockGuard, True, populate_existing=True)


def clock_facts() -> Json | None:
    """What `tender.closed` says of the clock that closed it."""
    row = guard()
    if row is None:
        return None
    kept = {name: getattr(row, name) for name in ("state", "offset_us", "dispersion_us", "is_synchronised")}
    more = {"database_offset_us": row.database_offset_us, "round_trip_us": row.round_trip_us}
    return {**_facts({**kept, **more}), "measured_at": wire(row.measured_at)}


def _facts(row: Json) -> Json:
    return {
        "state": row["state"],
        "offset_us": row["offset_us"],
        "dispersion_us": row["dispersion_us"],
        "synchronised": row["is_synchronised"],
        "database_offset_us": row["database_offset_us"],
        "round_trip_us": row["round_trip_us"],
    }
