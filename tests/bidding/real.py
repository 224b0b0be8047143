"""A real tender, with the law's periods: its deadline lies weeks ahead, and tests hand in their clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from app import time as clock
from app.db import transaction
from app.time import KST, kst_date
from bidding.calendar import next_working_day
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import announce, draft
from tests.bidding.staging import PLAN

REAL = replace(PLAN, is_practice=False)


def working_day(days: int = 25) -> datetime:
    """Noon in Korea on a working day about `days` ahead, with a working day before and after it."""
    day = kst_date(clock.now()) + timedelta(days=days)
    while not (next_working_day(day) - day == timedelta(days=1) and day.weekday() in (1, 2)):
        day += timedelta(days=1)
    return datetime.combine(next_working_day(day), time(12), KST)


def real_tender(agency: Agency, keyholder: Panel, closes_at: datetime) -> Tender:
    now = clock.now()
    with transaction():
        tender = draft(agency, REAL, now, closes_at=closes_at, opens_at=closes_at + timedelta(hours=1))
        announce(agency, tender, keyholder, now)
    return tender
