"""Outages: found in the measurements of the intake, and where they move deadlines (protocol 5.6). Pure.

The rule is that of the national system's terms of use (나라장터 이용약관 별표 3). R is the instant for which the
recovery is announced.

    deadline from the beginning of the outage to R   closing R + 2 h, opening R + 3 h
    deadline after R, before R + 2 h                 closing and opening two hours later
    after a disaster (24 h or more), before R + 48 h at least 48 hours from R are left
    what passes the day's hours                      the next working day, at the original times of day

Whatever results: never earlier, on a working day from 10:00 to 17:00, the opening an hour after the closing or more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from app.time import KST, kst_date
from bidding import calendar as korea
from bidding.calendar import HOUR, OFFICE_FROM, OFFICE_UNTIL

# Figures of those terms, not of the rule data: both verifiers compute with them (protocol 5.6).
GRACE = 2 * HOUR
DISASTER = 24 * HOUR
AFTER_DISASTER = 48 * HOUR
TO_OPENING = HOUR
OPENING_UNTIL = time(18)  # the working day as the outage rule counts it: openings may still be made

MINUTE = timedelta(minutes=1)
LEAST_MINUTES = 5  # of failure, before there is an outage
PERCENT = 5  # of a minute's probes; more than that make it a bad one


class Calendar(Protocol):
    def is_working_day(self, day: date) -> bool: ...
    def next_working_day(self, day: date) -> date: ...


@dataclass(frozen=True, slots=True)
class Outage:
    """When the system could not take bids, and the instant for which its recovery was announced."""

    began_at: datetime
    ended_at: datetime
    announced_at: datetime

    @property
    def is_disaster(self) -> bool:
        return self.ended_at - self.began_at >= DISASTER

    @property
    def touches_until(self) -> datetime:
        """Deadlines before this instant are moved."""
        return self.announced_at + (AFTER_DISASTER if self.is_disaster else GRACE)


@dataclass(frozen=True, slots=True)
class Deadlines:
    closes_at: datetime
    opens_at: datetime


def postpone(deadlines: Deadlines, outage: Outage, calendar: Calendar = korea) -> Deadlines:
    """Where the outage moves a tender's closing and opening; the same again if it did not touch them.

    Applied to its own result it changes nothing more.
    """
    closes_at, opens_at = deadlines.closes_at, deadlines.opens_at
    if not outage.began_at <= closes_at < outage.touches_until:
        return deadlines
    to_opening = max(opens_at - closes_at, TO_OPENING)
    if outage.is_disaster:
        return _after_disaster(deadlines, outage.touches_until, to_opening, calendar)
    if closes_at <= outage.announced_at:
        base = outage.announced_at
        moved = Deadlines(base + GRACE, max(base + GRACE + TO_OPENING, opens_at))
    else:
        base = closes_at
        moved = Deadlines(base + GRACE, base + GRACE + to_opening)
    day = kst_date(base)
    if not calendar.is_working_day(day) or not _fits(moved, day):
        return _on(calendar.next_working_day(day), closes_at, to_opening)
    morning = datetime.combine(day, OFFICE_FROM, KST).astimezone(closes_at.tzinfo)
    if moved.closes_at >= morning:
        return moved
    return Deadlines(morning, max(morning + TO_OPENING, moved.opens_at))


def _fits(moved: Deadlines, day: date) -> bool:
    """Whether the closing lies in the day's hours or before them, and the opening in the working day, if it is then."""
    if moved.closes_at > datetime.combine(day, OFFICE_UNTIL, KST):
        return False
    return kst_date(moved.opens_at) != day or moved.opens_at <= datetime.combine(day, OPENING_UNTIL, KST)


def _on(day: date, closes_at: datetime, to_opening: timedelta) -> Deadlines:
    """The original time of day on `day`, brought into the hours in which bidding may close."""
    at = min(max(closes_at.astimezone(KST).time(), OFFICE_FROM), OFFICE_UNTIL)
    moved = datetime.combine(day, at, KST).astimezone(closes_at.tzinfo)
    return Deadlines(moved, moved + to_opening)


def _after_disaster(deadlines: Deadlines, least: datetime, to_opening: timedelta, calendar: Calendar) -> Deadlines:
    """The first working day on which the original time of day lies at `least` or after it."""
    day = kst_date(least)
    while True:
        moved = _on(day, deadlines.closes_at, to_opening)
        if calendar.is_working_day(day) and moved.closes_at >= least:
            return moved
        day = calendar.next_working_day(day)


@dataclass(frozen=True, slots=True)
class Minute:
    """What the probe found in the minute that begins at `at`: how often it tried, and how often that failed.

    `last_at` is its last try; in the newest minute, silence since then counts.
    """

    at: datetime
    tried: int
    failed: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Probing:
    """How often the probe tries. `late` of a minute's tries may be missing, as on a busy machine, before it is bad."""

    a_minute: int = 12
    late: int = 3
    silence: timedelta = timedelta(seconds=20)

    def is_bad(self, minute: Minute) -> bool:
        """More than 5 % failed, or the probe itself was silent: a dead site writes no samples."""
        if minute.tried < self.a_minute - self.late:
            return True
        return 100 * minute.failed > PERCENT * minute.tried


@dataclass(frozen=True, slots=True)
class Failing:
    """A maximal run of bad minutes. `ended_at` None: it goes on. Counts are of probes that were made."""

    began_at: datetime
    ended_at: datetime | None
    tried: int
    failed: int

    def length(self, now: datetime) -> timedelta:
        return (self.ended_at or now) - self.began_at

    def is_outage(self, now: datetime) -> bool:
        return self.length(now) >= LEAST_MINUTES * MINUTE


PROBING = Probing()


def failing_runs(minutes: Sequence[Minute], now: datetime, probing: Probing = PROBING) -> list[Failing]:
    """Every maximal run of bad minutes from the first measured minute to `now`, oldest first.

    `minutes` in the order of time, one a minute at most; missing ones are bad. No measurement, no run: what was never
    measured cannot have failed.
    """
    runs: list[Failing] = []
    failing: Failing | None = None
    for span in _spans(minutes, now, probing):
        if span.is_bad:
            known = failing or Failing(span.began_at, None, 0, 0)
            failing = Failing(known.began_at, None, known.tried + span.tried, known.failed + span.failed)
        elif failing is not None:
            runs.append(Failing(failing.began_at, span.began_at, failing.tried, failing.failed))
            failing = None
    return runs if failing is None else [*runs, failing]


@dataclass(frozen=True, slots=True)
class _Span:
    began_at: datetime
    is_bad: bool
    tried: int = 0
    failed: int = 0


def _spans(minutes: Sequence[Minute], now: datetime, probing: Probing) -> Iterator[_Span]:
    """The measured minutes that are over, the silences between them, and what is known of the newest.

    The first minute is judged by its failures alone, for the probe began somewhere within it. A newest minute in which
    nothing has failed yet proves no recovery: it is left out.
    """
    before: Minute | None = None
    for minute in minutes:
        if before is not None and minute.at > before.at + MINUTE:
            yield _Span(before.at + MINUTE, True)
        is_over = minute is not minutes[-1] or minute.at + MINUTE <= now
        has_failed = 100 * minute.failed > PERCENT * minute.tried
        is_bad = has_failed if before is None or not is_over else probing.is_bad(minute)
        if is_over or is_bad:
            yield _Span(minute.at, is_bad, minute.tried, minute.failed)
        before = minute
    if before is not None and now - before.last_at > probing.silence:
        yield _Span(min(before.at + MINUTE, now), True)
