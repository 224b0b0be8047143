"""Instants are UTC and aware; people read them in Korean time.

`now()` is read once, at the edge (route, job, command), and handed down: services and rules take it as a value.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

KST = ZoneInfo("Asia/Seoul")


def now() -> datetime:
    """This process's clock, UTC. For deadlines the database's clock decides: `app.db.database_now`."""
    return datetime.now(UTC)


def kst_date(instant: datetime) -> date:
    """The calendar day in Korea on which `instant` falls."""
    return instant.astimezone(KST).date()


def wire(instant: datetime) -> str:
    """`2026-11-23T00:59:59.123456Z`: the one spelling of an instant in signed and hashed objects."""
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant!r}")
    return f"{instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def from_wire(spelling: str) -> datetime:
    """The instant that `wire` spelled. Any other spelling is a ValueError."""
    instant = datetime.fromisoformat(spelling)
    if instant.tzinfo is None or wire(instant) != spelling:
        raise ValueError(f"not the canonical spelling of an instant: {spelling!r}")
    return instant
