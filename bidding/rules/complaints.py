"""Complaints (이의신청): until when one may be made, answered and taken further; and a standstill. Pure.

Days are counted as civil law counts them: the day of the event itself does not count, and a last day that is no working
day gives way to the next one (민법 157조, 161조). An instant that ends a day is the first of the next day in Korea.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from app.time import KST, kst_date
from bidding.calendar import is_working_day, next_working_day
from bidding.rules.data import ComplaintPeriods

MOST_STANDSTILL = 30  # days that a notice may ask for; the law has none


@dataclass(frozen=True, slots=True)
class FilingLimit:
    """The last day on which a complaint may be made: the nearer of the two that the law gives."""

    act_on: date
    known_on: date
    from_act_on: date
    from_knowing_on: date

    @property
    def last_on(self) -> date:
        return min(self.from_act_on, self.from_knowing_on)

    def allows(self, on: date) -> bool:
        return self.act_on <= on <= self.last_on


def last_day(event_on: date, days: int) -> date:
    """The last of `days` days after `event_on`.

    >>> last_day(date(2026, 11, 24), 15).isoformat()
    '2026-12-09'
    """
    last = event_on + timedelta(days=days)
    return last if is_working_day(last) else next_working_day(last)


def filing_limit(periods: ComplaintPeriods, act_on: date, known_on: date) -> FilingLimit:
    """ValueError for an act that was known before it was done."""
    if known_on < act_on:
        raise ValueError("nobody knows of an act before it is done")
    return FilingLimit(
        act_on,
        known_on,
        last_day(act_on, periods.days_from_act),
        last_day(known_on, periods.days_from_knowing),
    )


def end_of(day: date) -> datetime:
    """The first instant after `day` in Korea."""
    return datetime.combine(day + timedelta(days=1), time(), KST).astimezone(UTC)


def standstill_end(awarded_at: datetime, days: int) -> datetime:
    """Until when nothing is signed: the end of the last of `days` days after the award."""
    return end_of(last_day(kst_date(awarded_at), days))
