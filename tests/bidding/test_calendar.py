"""The calendar, at its edges. Instants are given in Korean time."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.time import KST
from bidding.calendar import (
    Finding,
    Schedule,
    check_extension,
    check_schedule,
    count_notice_days,
    is_working_day,
    limits_from,
    next_working_day,
    notice_days_of,
)
from bidding.rules.data import Book, NoticePeriod, archived, find_notice_period, load, shipped


def kst(spelling: str) -> datetime:
    return datetime.fromisoformat(spelling).replace(tzinfo=KST).astimezone(UTC)


GOOD = Schedule(
    posted_at=kst("2026-11-09 14:00"),
    bids_from_at=kst("2026-11-10 09:00"),
    closes_at=kst("2026-11-20 10:00"),  # a Friday
    opens_at=kst("2026-11-20 11:00"),
    kind="services",
    method="qualification",
    estimated_value_won=200_000_000,
)
SEVEN = NoticePeriod("basic", 7, False, "", True)


def codes(findings: tuple[Finding, ...], severity: str | None = None) -> list[str]:
    return [finding.code for finding in findings if severity in (None, finding.severity)]


def test_a_proper_schedule_has_nothing_to_say() -> None:
    assert check_schedule(GOOD) == ()


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),  # Saturday
        ("2026-11-22", False),
        ("2026-02-17", False),  # 설날
        ("2026-03-02", False),  # substitute for 3.1
        ("2025-10-08", False),  # substitute for 추석
        ("2026-12-25", False),
        ("2026-12-31", True),
    ],
)
def test_working_days_are_those_of_korea(day: str, is_working: bool) -> None:
    assert is_working_day(date.fromisoformat(day)) is is_working


def test_the_next_working_day_passes_over_a_long_holiday() -> None:
    assert next_working_day(date(2025, 10, 2)) == date(2025, 10, 10)
    assert next_working_day(date(2026, 11, 19)) == date(2026, 11, 20)


def test_bidding_lasts_48_hours_to_the_microsecond() -> None:
    edge = replace(GOOD, bids_from_at=GOOD.closes_at - timedelta(hours=48))
    assert check_schedule(edge) == ()
    late = replace(edge, bids_from_at=edge.bids_from_at + timedelta(microseconds=1))
    (finding,) = check_schedule(late)
    assert (finding.code, finding.severity, finding.field) == ("bidding-too-short", "error", "closes_at")
    assert finding.facts == {"hours": 47, "needed_hours": 48}
    assert finding.legal_basis == "전자조달법 시행규칙 제2조"


def test_bidding_cannot_begin_before_the_notice_stands() -> None:
    early = replace(GOOD, posted_at=GOOD.closes_at - timedelta(hours=40), bids_from_at=kst("2026-11-01 09:00"))
    assert "bidding-too-short" in codes(check_schedule(early))


@pytest.mark.parametrize(
    ("closes", "code"),
    [
        ("2026-11-20 10:00:00", None),
        ("2026-11-20 09:59:59", "deadline-outside-hours"),
        ("2026-11-20 17:00:00", None),
        ("2026-11-20 17:00:01", "deadline-outside-hours"),
        ("2026-11-21 10:00:00", "deadline-on-holiday"),
        ("2026-12-25 10:00:00", "deadline-on-holiday"),
    ],
)
def test_a_deadline_outside_office_hours_needs_a_reason(closes: str, code: str | None) -> None:
    schedule = replace(GOOD, closes_at=kst(closes), opens_at=kst(closes) + timedelta(hours=1))
    expected = [] if code is None else [code]
    assert codes(check_schedule(schedule), "error") == expected
    with_reason = check_schedule(replace(schedule, deadline_reason="현장 설명 일정"))
    assert codes(with_reason, "error") == []
    assert codes(with_reason, "warning") == expected
    assert codes(check_schedule(replace(schedule, deadline_reason="  ")), "error") == expected


def test_the_opening_is_an_hour_after_the_deadline_or_later() -> None:
    early = replace(GOOD, opens_at=GOOD.opens_at - timedelta(microseconds=1))
    assert codes(check_schedule(early)) == ["opening-too-soon"]
    assert check_schedule(replace(GOOD, opens_at=GOOD.opens_at + timedelta(hours=1))) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"opens_at": GOOD.closes_at}, "opening-before-deadline"),
        ({"bids_from_at": GOOD.closes_at}, "deadline-before-bidding"),
        ({"posted_at": GOOD.closes_at}, "deadline-in-the-past"),
    ],
)
@pytest.mark.parametrize("is_practice", [False, True])
def test_instants_out_of_order_are_refused_in_practice_too(
    changes: dict[str, Any], code: str, is_practice: bool
) -> None:
    assert codes(check_schedule(replace(GOOD, is_practice=is_practice, **changes))) == [code]


def test_a_practice_tender_runs_in_minutes() -> None:
    start = kst("2026-11-22 03:00")  # a Sunday night
    practice = replace(
        GOOD,
        is_practice=True,
        posted_at=start,
        bids_from_at=start,
        closes_at=start + timedelta(minutes=2),
        opens_at=start + timedelta(minutes=2, seconds=5),
    )
    assert check_schedule(practice) == ()
    too_soon = replace(practice, opens_at=practice.opens_at - timedelta(microseconds=1))
    assert codes(check_schedule(too_soon)) == ["opening-too-soon"]
    assert "bidding-too-short" in codes(check_schedule(replace(practice, is_practice=False)))


# ---- notice days


def test_seven_days_are_counted_back_from_the_eve() -> None:
    days = count_notice_days(date(2026, 1, 12), date(2026, 1, 20), SEVEN)
    assert days.counted == tuple(date(2026, 1, day) for day in range(19, 12, -1))
    assert (days.is_enough, days.latest_posting_on) == (True, date(2026, 1, 12))
    late = count_notice_days(date(2026, 1, 13), date(2026, 1, 20), SEVEN)
    assert (len(late.counted), late.is_enough, late.latest_posting_on) == (6, False, date(2026, 1, 12))


def test_working_days_leave_out_holidays() -> None:
    three = NoticePeriod("quote", 3, True, "", False)
    days = count_notice_days(date(2026, 2, 11), date(2026, 2, 20), three)  # 설날 lies between
    assert days.counted == (date(2026, 2, 19), date(2026, 2, 13), date(2026, 2, 12))
    assert days.is_enough
    assert not count_notice_days(date(2026, 2, 12), date(2026, 2, 20), three).is_enough


@given(st.dates(date(2024, 1, 1), date(2027, 12, 1)), st.integers(1, 40), st.booleans())
def test_the_latest_posting_day_is_just_enough(deadline: date, needed: int, is_working: bool) -> None:
    period = NoticePeriod("x", needed, is_working, "", True)
    latest = count_notice_days(deadline, deadline, period).latest_posting_on
    assert count_notice_days(latest, deadline, period).is_enough
    assert not count_notice_days(latest + timedelta(days=1), deadline, period).is_enough


@pytest.mark.parametrize(
    ("regime", "kind", "won", "days"),
    [
        ("national", "services", 10**12, 7),
        ("national", "works", 999_999_999, 7),
        ("national", "works", 1_000_000_000, 15),
        ("national", "works", 4_999_999_999, 15),
        ("national", "works", 5_000_000_000, 40),
        ("local", "works", 4_999_999_999, 15),
        ("local", "works", 5_000_000_000, 30),
        ("local", "works", 24_900_000_000, 40),
        ("local", "goods", 10**12, 7),
    ],
)
def test_notice_days_follow_kind_and_amount(regime: str, kind: str, won: int, days: int) -> None:
    period = find_notice_period(regime, kind, "qualification", won, date(2026, 11, 23))
    assert (period.days, period.is_working) == (days, False)
    assert period.legal_basis.startswith("국가계약법" if regime == "national" else "지방계약법")


@pytest.mark.parametrize("flag", ["is_urgent", "is_renotice"])
def test_urgent_and_repeated_notices_stand_five_days(flag: str) -> None:
    urgent, repeated = flag == "is_urgent", flag == "is_renotice"
    found = find_notice_period(
        "national", "works", "lowest", 10**10, date(2026, 11, 23), is_urgent=urgent, is_renotice=repeated
    )
    assert found.days == 5


def test_too_few_days_are_an_error_that_says_when_to_post() -> None:
    late = replace(GOOD, posted_at=kst("2026-11-13 00:00"), bids_from_at=kst("2026-11-13 00:00"))
    (finding,) = check_schedule(late)
    assert (finding.code, finding.severity) == ("notice-too-short", "error")
    assert (finding.facts["days"], finding.facts["needed_days"]) == (6, 7)
    assert finding.facts["latest_posting_on"] == "2026-11-12"
    in_time = replace(GOOD, posted_at=kst("2026-11-12 23:59"), bids_from_at=kst("2026-11-12 23:59"))
    assert check_schedule(in_time) == ()


def test_the_day_of_posting_is_koreas() -> None:
    """At 23:30 UTC of the 12th it is the 13th in Korea."""
    posted = datetime(2026, 11, 12, 23, 30, tzinfo=UTC)
    assert "notice-too-short" in codes(check_schedule(replace(GOOD, posted_at=posted, bids_from_at=posted)))


def test_a_period_that_nobody_verified_only_warns() -> None:
    quote = replace(GOOD, method="quote", posted_at=kst("2026-11-17 10:00"), bids_from_at=kst("2026-11-17 10:00"))
    findings = check_schedule(quote)
    assert codes(findings, "warning") == ["notice-too-short"]
    assert codes(findings, "error") == []


def test_an_urgent_notice_says_why() -> None:
    urgent = replace(GOOD, is_urgent=True, posted_at=kst("2026-11-14 09:00"), bids_from_at=kst("2026-11-14 09:00"))
    assert codes(check_schedule(urgent)) == ["urgent-without-reason"]
    assert check_schedule(replace(urgent, urgent_reason="재해 복구")) == ()
    assert notice_days_of(urgent).period.code == "urgent"


# ---- corrections


LIMITS = limits_from(None, "national", date(2026, 11, 10))


def extend(closes: str, **changes: Any) -> list[str]:
    given: dict[str, Any] = {
        "old_closes_at": kst("2026-11-13 10:00"),
        "closes_at": kst(closes),
        "opens_at": kst(closes) + timedelta(hours=1),
        "now": kst("2026-11-12 10:00"),
        "limits": LIMITS,
    }
    return codes(check_extension(**{**given, **changes}), "error")


def test_a_correction_adds_five_days_or_more() -> None:
    assert extend("2026-11-18 10:00") == []
    assert extend("2026-11-17 17:00") == ["correction-too-short"]


def test_a_correction_never_moves_the_deadline_forward() -> None:
    assert extend("2026-11-13 10:00") == ["only-later"]
    assert extend("2026-11-12 12:00") == ["only-later"]
    assert extend("2026-11-13 10:00", is_practice=True) == ["only-later"]


def test_after_the_deadline_nothing_is_corrected() -> None:
    deadline = kst("2026-11-13 10:00")
    assert extend("2026-11-18 10:00", now=deadline) == ["deadline-passed"]
    assert extend("2026-11-18 10:00", now=deadline - timedelta(microseconds=1)) == []


def test_a_correction_keeps_the_other_rules() -> None:
    assert extend("2026-11-21 10:00") == ["deadline-on-holiday"]
    assert extend("2026-11-21 10:00", deadline_reason="현장 사정") == []
    assert extend("2026-11-18 10:00", opens_at=kst("2026-11-18 10:59")) == ["opening-too-soon"]
    assert extend("2026-11-18 10:00", opens_at=kst("2026-11-18 10:00")) == ["opening-before-deadline"]


def test_in_practice_a_minute_more_is_enough() -> None:
    later = kst("2026-11-13 10:01")
    assert extend("2026-11-13 10:01", is_practice=True, opens_at=later + timedelta(seconds=5)) == []


def test_local_law_knows_no_days_that_a_correction_adds() -> None:
    local = limits_from(None, "local", date(2026, 11, 10))
    assert local.correction_days is None
    assert extend("2026-11-16 10:00", limits=local) == []
    assert extend("2026-11-16 10:00") == ["correction-too-short"]


# ---- a change of the figures


def changed(**values: int) -> Book:
    """The software's data with other single figures."""
    texts = dict(shipped().texts)
    for item, value in values.items():
        head = f'item = "{item.replace("_", "-")}"\nvalue = '
        assert head in texts["figures"]
        texts["figures"] = re.sub(rf"({re.escape(head)})\d+", rf"\g<1>{value}", texts["figures"])
    return load(texts)


def test_the_hours_of_bidding_and_the_opening_are_those_of_the_rule_data() -> None:
    other = changed(bidding_hours=72, opening_after_hours=2)
    tight = replace(
        GOOD,
        bids_from_at=GOOD.closes_at - timedelta(hours=72, seconds=-1),
        opens_at=GOOD.closes_at + timedelta(hours=2, seconds=-1),
    )
    assert check_schedule(tight) == ()
    found = check_schedule(replace(tight, book=other))
    assert [(one.code, one.facts) for one in found] == [
        ("opening-too-soon", {"needed_seconds": 7200}),
        ("bidding-too-short", {"hours": 71, "needed_hours": 72}),
    ]
    assert check_schedule(replace(tight, book=other, bids_from_at=GOOD.closes_at - timedelta(hours=72),
                                  opens_at=GOOD.closes_at + timedelta(hours=2))) == ()  # fmt: skip


def test_the_days_of_a_correction_are_those_of_the_rule_data() -> None:
    limits = limits_from(changed(correction_days=7), "national", date(2026, 11, 10))
    assert extend("2026-11-19 10:00", limits=limits) == ["correction-too-short"]
    assert extend("2026-11-20 10:00", limits=limits) == []


def test_a_version_from_before_the_hours_were_data_leaves_them_to_the_software() -> None:
    for book in archived().values():
        assert limits_from(book, "national", date(2026, 11, 10)).bidding == timedelta(hours=48)
