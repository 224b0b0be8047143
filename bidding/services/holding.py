"""Closings that wait, by rule: their deadline lies in an outage that is not decided, or the clock is not to be trusted.

While a closing is held no bid is late that was not late before: the deadline stands until it is moved. Held at most
for `BOUND` after the outage's end; then the tender closes by its old deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, not_, or_, select, true

from app.db import db
from bidding.clock_guard import ClockState
from bidding.models import Outage, Tender
from bidding.outage import AFTER_DISASTER, DISASTER, GRACE
from bidding.services import clock, intake
from bidding.states import OutageState

BOUND = timedelta(hours=24)
PRACTICE_BOUND = timedelta(minutes=10)
UNDECIDED = (OutageState.MEASURED, OutageState.PROPOSED)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why closings wait: `outage` or `clock`. Deadlines from `from_at` on, before `until_at` (None: without end).

    `ended_at`: the end of the outage, from which the bound counts; None while it goes on.
    """

    code: str
    from_at: datetime | None
    until_at: datetime | None
    ended_at: datetime | None

    def bound_of(self, is_practice: bool) -> datetime | None:
        """When the closing goes ahead at the latest; None while nobody can say."""
        return None if self.ended_at is None else self.ended_at + (PRACTICE_BOUND if is_practice else BOUND)

    def covers(self, closes_at: datetime, is_practice: bool, now: datetime) -> bool:
        has_begun = self.from_at is None or self.from_at <= closes_at
        is_in = has_begun and (self.until_at is None or closes_at < self.until_at)
        bound = self.bound_of(is_practice)
        return is_in and (bound is None or now < bound)


def holds(now: datetime) -> list[Hold]:
    """Everything that holds closings at `now`."""
    found = []
    guard = clock.guard()
    if guard is not None and guard.state == ClockState.HOLD:
        found.append(Hold("clock", None, None, None))
    undecided = select(Outage).where(
        Outage.state.in_(UNDECIDED), or_(Outage.ended_at.is_(None), Outage.ended_at > now - BOUND)
    )
    found += [_hold_of(outage) for outage in db.session.scalars(undecided.order_by(Outage.began_at))]
    run = intake.open_run(now)
    if run is not None:
        found.append(Hold("outage", run.began_at, None, None))
    return found


def _hold_of(outage: Outage) -> Hold:
    if outage.ended_at is None:
        return Hold("outage", outage.began_at, None, None)
    grace = AFTER_DISASTER if outage.ended_at - outage.began_at >= DISASTER else GRACE
    # A recovery announced later touches more, but what it would not have touched when it ended closes on time.
    return Hold("outage", outage.began_at, outage.ended_at + grace, outage.ended_at)


def why_held(tender: Tender, now: datetime, found: Sequence[Hold] | None = None) -> Hold | None:
    """What holds the closing of `tender`, whose deadline has come; the one that lasts longest."""
    if tender.closes_at is None or now < tender.closes_at:
        return None
    covering = [
        hold
        for hold in (holds(now) if found is None else found)
        if hold.covers(tender.closes_at, tender.is_practice, now)
    ]
    return max(covering, key=lambda hold: hold.ended_at or datetime.max.replace(tzinfo=UTC), default=None)


def not_held(found: Sequence[Hold], now: datetime) -> ColumnElement[bool]:
    """The same as a condition on tenders, so that no list fills up with what is held."""
    held = [_condition(hold, is_practice, now) for hold in found for is_practice in (False, True)]
    return not_(or_(*held)) if held else true()


def _condition(hold: Hold, is_practice: bool, now: datetime) -> ColumnElement[bool]:
    bound = hold.bound_of(is_practice)
    parts: list[ColumnElement[bool]] = [Tender.is_practice.is_(is_practice)]
    if bound is not None and now >= bound:
        return ~true()
    if hold.from_at is not None:
        parts.append(Tender.closes_at >= hold.from_at)
    if hold.until_at is not None:
        parts.append(Tender.closes_at < hold.until_at)
    return and_(*parts)
