"""Working days, notice periods and the checks on a tender's schedule, each with its legal basis.

Pure: every check returns findings and reads no clock. A finding of severity `error` bars publication; a `warning` is
shown. Practice tenders run in minutes: for them only the order of the instants counts.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

import holidays

from app.time import KST, kst_date
from bidding.rules.data import Book, NoticePeriod, find_figure, find_known_figure, find_notice_period

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
PRACTICE_TO_OPENING = timedelta(seconds=5)
OFFICE_FROM, OFFICE_UNTIL = time(10), time(17)
DEADLINE_BASIS = "전자조달법 시행규칙 제2조"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a value. `code` is stable and translated by interfaces; `facts` fill the translation.

    `field` is the schedule's field that it concerns; `severity` is `error` or `warning`.
    """

    code: str
    severity: str
    field: str
    legal_basis: str
    facts: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """The law's figures for the instants of a notice: how long bids are taken, when the opening may follow, how many
    days a correction adds (None: the law has no such figure). Each with its article."""

    bidding: timedelta
    bidding_basis: str
    to_opening: timedelta
    opening_basis: str
    correction_days: int | None
    correction_basis: str


def limits_from(book: Book | None, regime: str, on: date) -> Limits:
    """The limits of the rule data on that day."""
    bidding = find_known_figure(regime, "bidding-hours", on, book=book)
    opening = find_known_figure(regime, "opening-after-hours", on, book=book)
    correction = find_figure(regime, "correction-days", on, book=book)
    return Limits(
        bidding.value * HOUR,
        bidding.legal_basis,
        opening.value * HOUR,
        opening.legal_basis,
        correction.value if correction else None,
        correction.legal_basis if correction else "",
    )


@dataclass(frozen=True, slots=True)
class Schedule:
    """What the checks look at. Instants are aware; `posted_at` is when the notice will stand (now, for a draft)."""

    posted_at: datetime
    bids_from_at: datetime
    closes_at: datetime
    opens_at: datetime
    kind: str
    method: str
    estimated_value_won: int
    regime: str = "national"
    deadline_reason: str = ""
    is_urgent: bool = False
    urgent_reason: str = ""
    is_renotice: bool = False
    is_rebid: bool = False
    is_practice: bool = False
    book: Book | None = None  # the rule data to go by; None: those of the software


@dataclass(frozen=True, slots=True)
class NoticeDays:
    """The days that were counted, from the eve of the deadline backwards, against what the law asks."""

    period: NoticePeriod
    counted: tuple[date, ...]
    latest_posting_on: date

    @property
    def is_enough(self) -> bool:
        return len(self.counted) >= self.period.days


@cache
def _holidays_of(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("KR", years=year))


def is_working_day(day: date) -> bool:
    """Neither Saturday nor Sunday nor a public holiday of Korea (substitute holidays included)."""
    return day.weekday() < 5 and day not in _holidays_of(day.year)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += DAY
    while not is_working_day(day):
        day += DAY
    return day


def count_notice_days(posted_on: date, deadline_on: date, period: NoticePeriod) -> NoticeDays:
    """Count back from the eve of the deadline to the day after posting, as the law counts.

    The posting day itself does not count: with 7 days and a deadline on the 20th, the 12th is the last day to post.
    `counted` holds every day that counts between the two, however many are asked.
    """
    counted = tuple(
        day for back in range(1, (deadline_on - posted_on).days) if _counts(day := deadline_on - back * DAY, period)
    )
    latest, needed = deadline_on, period.days
    while needed:
        latest -= DAY
        needed -= _counts(latest, period)
    return NoticeDays(period, counted, latest - DAY)


def _counts(day: date, period: NoticePeriod) -> bool:
    return is_working_day(day) if period.is_working else True


def notice_days_of(schedule: Schedule) -> NoticeDays:
    """The notice period that the law asks of this tender, and the days that its schedule gives."""
    posted_on = kst_date(schedule.posted_at)
    period = find_notice_period(
        schedule.regime,
        schedule.kind,
        schedule.method,
        schedule.estimated_value_won,
        posted_on,
        is_urgent=schedule.is_urgent,
        is_renotice=schedule.is_renotice,
        book=schedule.book,
    )
    return count_notice_days(posted_on, kst_date(schedule.closes_at), period)


@dataclass(frozen=True, slots=True)
class Earliest:
    """The first schedule that the law allows; `days` are those that count for the notice, none for a rebid."""

    bids_from_at: datetime
    closes_at: datetime
    opens_at: datetime
    days: NoticeDays | None = None


def earliest_schedule(
    posted_at: datetime, period: NoticePeriod | None, limits: Limits, *, is_practice: bool = False
) -> Earliest:
    """The earliest deadline of what is published at `posted_at`, on a working day in office hours, and the opening.

    `period` is the notice period; None for a rebid, which has none. Practice takes an hour, then five minutes.
    """
    if is_practice:
        closes_at = posted_at.replace(second=0, microsecond=0) + HOUR
        return Earliest(posted_at, closes_at, closes_at + HOUR / 12)
    begins = (posted_at + limits.bidding).astimezone(KST)
    full = begins.replace(minute=0, second=0, microsecond=0)
    begins = full if full == begins else full + HOUR
    posted_on, day = kst_date(posted_at), begins.date()
    while True:
        opens = datetime.combine(day, OFFICE_FROM, KST)
        at = max(opens, begins)
        days = count_notice_days(posted_on, day, period) if period is not None else None
        if is_working_day(day) and at.time() <= OFFICE_UNTIL and at.date() == day and (days is None or days.is_enough):
            closes_at = at.astimezone(posted_at.tzinfo)
            return Earliest(posted_at, closes_at, closes_at + limits.to_opening, days)
        day += DAY


def check_schedule(schedule: Schedule) -> tuple[Finding, ...]:
    """Everything that the law says of a notice's instants. Empty: nothing to say."""
    findings = _check_order(schedule.bids_from_at, schedule.closes_at, schedule.opens_at)
    if schedule.closes_at <= schedule.posted_at:
        findings.append(_error("deadline-in-the-past", "closes_at"))
    if findings:
        return tuple(findings)
    limits = limits_from(schedule.book, schedule.regime, kst_date(schedule.posted_at))
    findings += _check_opening(schedule.closes_at, schedule.opens_at, limits, schedule.is_practice)
    if schedule.is_practice:
        return tuple(findings)
    bidding = schedule.closes_at - max(schedule.bids_from_at, schedule.posted_at)
    if bidding < limits.bidding:
        facts = {"hours": int(bidding / HOUR), "needed_hours": int(limits.bidding / HOUR)}
        findings.append(_error("bidding-too-short", "closes_at", limits.bidding_basis, **facts))
    findings += _check_deadline(schedule.closes_at, schedule.deadline_reason)
    if not schedule.is_rebid:  # no new tender, so no notice period of its own (국가계약법 시행령 20조 1항)
        findings += _check_notice_days(schedule)
    return tuple(findings)


def check_extension(
    *,
    old_closes_at: datetime,
    closes_at: datetime,
    opens_at: datetime,
    now: datetime,
    limits: Limits,
    deadline_reason: str = "",
    is_practice: bool = False,
) -> tuple[Finding, ...]:
    """A correction moves the deadline later only, by the days that the law adds (practice tenders: later is enough).

    The remaining period plus those days: so they are always left, whenever the correction is made.
    """
    findings = _check_order(now, closes_at, opens_at)
    if now >= old_closes_at:
        findings.append(_error("deadline-passed", "closes_at"))
    if closes_at <= old_closes_at:
        findings.append(_error("only-later", "closes_at"))
    if findings:
        return tuple(findings)
    findings += _check_opening(closes_at, opens_at, limits, is_practice)
    if is_practice:
        return tuple(findings)
    added = (kst_date(closes_at) - kst_date(old_closes_at)).days
    needed = limits.correction_days
    if needed is not None and added < needed:
        findings.append(
            _error("correction-too-short", "closes_at", limits.correction_basis, days=added, needed_days=needed)
        )
    findings += _check_deadline(closes_at, deadline_reason)
    return tuple(findings)


def _check_order(bids_from_at: datetime, closes_at: datetime, opens_at: datetime) -> list[Finding]:
    findings = []
    if bids_from_at >= closes_at:
        findings.append(_error("deadline-before-bidding", "closes_at"))
    if opens_at <= closes_at:
        findings.append(_error("opening-before-deadline", "opens_at"))
    return findings


def _check_opening(closes_at: datetime, opens_at: datetime, limits: Limits, is_practice: bool) -> list[Finding]:
    least = PRACTICE_TO_OPENING if is_practice else limits.to_opening
    if opens_at - closes_at >= least:
        return []
    return [_error("opening-too-soon", "opens_at", limits.opening_basis, needed_seconds=int(least.total_seconds()))]


def _check_deadline(closes_at: datetime, reason: str) -> list[Finding]:
    local = closes_at.astimezone(KST)
    findings = []
    severity = "warning" if reason.strip() else "error"
    if not is_working_day(local.date()):
        findings.append(
            Finding("deadline-on-holiday", severity, "closes_at", DEADLINE_BASIS, {"on": local.date().isoformat()})
        )
    if not OFFICE_FROM <= local.time() <= OFFICE_UNTIL:
        findings.append(
            Finding("deadline-outside-hours", severity, "closes_at", DEADLINE_BASIS, {"at": f"{local:%H:%M:%S}"})
        )
    return findings


def _check_notice_days(schedule: Schedule) -> list[Finding]:
    days = notice_days_of(schedule)
    period = days.period
    facts = {
        "days": len(days.counted),
        "needed_days": period.days,
        "is_working": period.is_working,
        "latest_posting_on": days.latest_posting_on.isoformat(),
        "period": period.code,
        "is_verified": period.is_verified,
    }
    findings = []
    if not days.is_enough:
        # A figure that was not read in the published text is no ground to refuse.
        severity = "error" if period.is_verified else "warning"
        findings.append(Finding("notice-too-short", severity, "closes_at", period.legal_basis, facts))
    if period.code == "urgent" and not schedule.urgent_reason.strip():
        findings.append(_error("urgent-without-reason", "urgent_reason", period.legal_basis))
    return findings


def _error(code: str, about: str, legal_basis: str = "", **facts: Any) -> Finding:
    return Finding(code, "error", about, legal_basis, facts)
