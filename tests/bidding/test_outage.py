"""Where an outage moves deadlines: the published example, forty cases, and what holds whatever happens."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.time import KST, kst_date
from bidding.calendar import is_working_day
from bidding.outage import GRACE, Deadlines, Failing, Minute, Outage, failing_runs, postpone

HOUR, MINUTE, SECOND, MICROSECOND = (timedelta(**{unit: 1}) for unit in ("hours", "minutes", "seconds", "microseconds"))


def kst(spelled: str) -> datetime:
    return datetime.fromisoformat(spelled).replace(tzinfo=KST)


# 2026-11-20 is a Friday, 2026-11-23 a Monday; 2026-12-25 (a Friday) and 2027-01-01 (a Friday) are holidays.
OUTAGES = {
    "T-O1": ("2023-02-23 16:55", "2023-02-23 17:25", "2023-02-23 17:30"),
    "morning": ("2026-11-20 09:30", "2026-11-20 10:20", "2026-11-20 10:30"),
    "noon": ("2026-11-20 12:00", "2026-11-20 13:00", "2026-11-20 13:15"),
    "afternoon": ("2026-11-20 14:20", "2026-11-20 14:50", "2026-11-20 15:00"),
    "late": ("2026-11-20 15:30", "2026-11-20 16:00", "2026-11-20 16:10"),
    "night": ("2026-11-19 23:00", "2026-11-20 02:00", "2026-11-20 02:10"),
    "overnight": ("2026-11-19 16:30", "2026-11-20 08:00", "2026-11-20 08:10"),
    "weekend": ("2026-11-20 16:00", "2026-11-21 03:00", "2026-11-21 09:00"),
    "christmas": ("2026-12-24 16:00", "2026-12-24 17:10", "2026-12-24 17:20"),
    "new-year": ("2026-12-31 16:30", "2026-12-31 17:00", "2026-12-31 17:10"),
    "disaster": ("2026-11-16 20:00", "2026-11-19 09:00", "2026-11-19 09:30"),
}
CASES = [
    # outage, closing, opening -> closing, opening
    ("T-O1", "2023-02-23 17:00", "2023-02-23 18:00", "2023-02-24 17:00", "2023-02-24 18:00"),
    ("T-O1", "2023-02-23 16:54", "2023-02-23 18:00", "2023-02-23 16:54", "2023-02-23 18:00"),
    ("T-O1", "2023-02-24 10:00", "2023-02-24 11:00", "2023-02-24 10:00", "2023-02-24 11:00"),
    # Before it, at its beginning, within it, until the announcement: R + 2 h and R + 3 h.
    ("morning", "2026-11-20 09:29", "2026-11-20 10:29", "2026-11-20 09:29", "2026-11-20 10:29"),
    ("morning", "2026-11-20 09:30", "2026-11-20 10:30", "2026-11-20 12:30", "2026-11-20 13:30"),
    ("morning", "2026-11-20 10:00", "2026-11-20 11:00", "2026-11-20 12:30", "2026-11-20 13:30"),
    ("morning", "2026-11-20 10:20", "2026-11-20 11:20", "2026-11-20 12:30", "2026-11-20 13:30"),
    ("morning", "2026-11-20 10:25", "2026-11-20 11:25", "2026-11-20 12:30", "2026-11-20 13:30"),
    ("morning", "2026-11-20 10:30", "2026-11-20 11:30", "2026-11-20 12:30", "2026-11-20 13:30"),
    # An opening that was to be later still stays: it never comes earlier.
    ("morning", "2026-11-20 10:00", "2026-11-20 15:00", "2026-11-20 12:30", "2026-11-20 15:00"),
    ("morning", "2026-11-20 10:00", "2026-11-24 11:00", "2026-11-20 12:30", "2026-11-24 11:00"),
    # Within two hours after the announcement: both two hours later.
    ("morning", "2026-11-20 10:31", "2026-11-20 11:31", "2026-11-20 12:31", "2026-11-20 13:31"),
    ("morning", "2026-11-20 11:00", "2026-11-20 12:30", "2026-11-20 13:00", "2026-11-20 14:30"),
    ("morning", "2026-11-20 12:29", "2026-11-20 13:29", "2026-11-20 14:29", "2026-11-20 15:29"),
    ("morning", "2026-11-20 12:30", "2026-11-20 13:30", "2026-11-20 12:30", "2026-11-20 13:30"),
    ("morning", "2026-11-20 12:31", "2026-11-20 13:31", "2026-11-20 12:31", "2026-11-20 13:31"),
    ("morning", "2026-11-20 17:00", "2026-11-20 18:00", "2026-11-20 17:00", "2026-11-20 18:00"),
    ("noon", "2026-11-20 12:00", "2026-11-20 13:00", "2026-11-20 15:15", "2026-11-20 16:15"),
    ("noon", "2026-11-20 15:00", "2026-11-20 16:00", "2026-11-20 17:00", "2026-11-20 18:00"),
    # Past the day's hours: the next working day at the original times. Friday leads to Monday.
    ("noon", "2026-11-20 15:01", "2026-11-20 16:01", "2026-11-23 15:01", "2026-11-23 16:01"),
    ("noon", "2026-11-20 14:00", "2026-11-20 16:30", "2026-11-23 14:00", "2026-11-23 16:30"),
    ("afternoon", "2026-11-20 14:30", "2026-11-20 15:30", "2026-11-20 17:00", "2026-11-20 18:00"),
    ("afternoon", "2026-11-20 15:30", "2026-11-20 16:30", "2026-11-23 15:30", "2026-11-23 16:30"),
    ("late", "2026-11-20 16:00", "2026-11-20 17:00", "2026-11-23 16:00", "2026-11-23 17:00"),
    ("late", "2026-11-20 17:00", "2026-11-20 18:00", "2026-11-23 17:00", "2026-11-23 18:00"),
    # Before the day's hours: their beginning.
    ("night", "2026-11-19 23:30", "2026-11-20 00:30", "2026-11-20 10:00", "2026-11-20 11:00"),
    ("night", "2026-11-20 02:30", "2026-11-20 03:30", "2026-11-20 10:00", "2026-11-20 11:00"),
    ("night", "2026-11-20 10:00", "2026-11-20 11:00", "2026-11-20 10:00", "2026-11-20 11:00"),
    ("overnight", "2026-11-19 17:00", "2026-11-19 18:00", "2026-11-20 10:10", "2026-11-20 11:10"),
    ("overnight", "2026-11-20 10:00", "2026-11-20 11:00", "2026-11-20 12:00", "2026-11-20 13:00"),
    # Recovered at the weekend: Monday, at the original times, or at the edge of the hours.
    ("weekend", "2026-11-20 16:30", "2026-11-20 17:30", "2026-11-23 16:30", "2026-11-23 17:30"),
    ("weekend", "2026-11-20 17:00", "2026-11-20 18:00", "2026-11-23 17:00", "2026-11-23 18:00"),
    ("weekend", "2026-11-20 20:00", "2026-11-20 21:00", "2026-11-23 17:00", "2026-11-23 18:00"),
    ("weekend", "2026-11-21 09:30", "2026-11-21 10:30", "2026-11-23 10:00", "2026-11-23 11:00"),
    # Over holidays: Christmas, and into the next year.
    ("christmas", "2026-12-24 17:00", "2026-12-24 18:00", "2026-12-28 17:00", "2026-12-28 18:00"),
    ("new-year", "2026-12-31 17:00", "2026-12-31 18:00", "2027-01-04 17:00", "2027-01-04 18:00"),
    # Practice: the opening a second after the closing comes an hour after it.
    ("morning", "2026-11-20 10:00:00", "2026-11-20 10:00:05", "2026-11-20 12:30", "2026-11-20 13:30"),
    # After a disaster 48 hours are left.
    ("disaster", "2026-11-17 10:00", "2026-11-17 11:00", "2026-11-23 10:00", "2026-11-23 11:00"),
    ("disaster", "2026-11-18 17:00", "2026-11-18 18:00", "2026-11-23 17:00", "2026-11-23 18:00"),
    ("disaster", "2026-11-20 17:00", "2026-11-20 18:00", "2026-11-23 17:00", "2026-11-23 18:00"),
    ("disaster", "2026-11-16 17:00", "2026-11-16 18:00", "2026-11-16 17:00", "2026-11-16 18:00"),
    ("disaster", "2026-11-23 10:00", "2026-11-23 11:00", "2026-11-23 10:00", "2026-11-23 11:00"),
]


def test_there_are_forty_cases() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize(("outage", "closes", "opens", "new_closes", "new_opens"), CASES)
def test_the_table(outage: str, closes: str, opens: str, new_closes: str, new_opens: str) -> None:
    moved = postpone(Deadlines(kst(closes), kst(opens)), Outage(*map(kst, OUTAGES[outage])))
    assert moved == Deadlines(kst(new_closes), kst(new_opens))


def minutes_after(start: datetime, most: int) -> st.SearchStrategy[datetime]:
    return st.integers(0, most).map(lambda count: start + count * MINUTE)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Deadlines, Outage]:
    began = draw(minutes_after(kst("2026-12-21 00:00"), 14 * 24 * 60))
    ended = began + draw(st.integers(5, 30 * 60)) * MINUTE
    announced = ended + draw(st.integers(0, 600)) * MINUTE
    closes = began + draw(st.integers(-300, 72 * 60)) * MINUTE
    return Deadlines(closes, closes + draw(st.integers(1, 3000)) * MINUTE), Outage(began, ended, announced)


@given(situations())
def test_nothing_ever_moves_earlier(situation: tuple[Deadlines, Outage]) -> None:
    deadlines, outage = situation
    moved = postpone(deadlines, outage)
    assert moved.closes_at >= deadlines.closes_at
    assert moved.opens_at >= deadlines.opens_at


@given(situations())
def test_what_has_been_moved_is_not_moved_again_by_the_same_outage(situation: tuple[Deadlines, Outage]) -> None:
    deadlines, outage = situation
    once = postpone(deadlines, outage)
    assert postpone(once, outage) == once


@given(situations())
def test_what_is_moved_leaves_two_hours_after_the_announcement_and_after_the_old_deadline(
    situation: tuple[Deadlines, Outage],
) -> None:
    deadlines, outage = situation
    moved = postpone(deadlines, outage)
    if moved == deadlines:
        return
    assert moved.closes_at >= outage.announced_at + GRACE
    if deadlines.closes_at > outage.announced_at and not outage.is_disaster:
        assert moved.closes_at >= deadlines.closes_at + GRACE
    if outage.is_disaster:
        assert moved.closes_at >= outage.announced_at + 48 * HOUR


@given(situations())
def test_what_is_moved_closes_on_a_working_day_within_the_hours_and_opens_an_hour_later_or_more(
    situation: tuple[Deadlines, Outage],
) -> None:
    deadlines, outage = situation
    moved = postpone(deadlines, outage)
    if moved == deadlines:
        return
    assert is_working_day(kst_date(moved.closes_at))
    assert time(10) <= moved.closes_at.astimezone(KST).time() <= time(17)
    assert moved.opens_at - moved.closes_at >= HOUR


@given(situations())
def test_exactly_what_the_outage_touched_is_moved(situation: tuple[Deadlines, Outage]) -> None:
    deadlines, outage = situation
    is_touched = outage.began_at <= deadlines.closes_at < outage.touches_until
    assert (postpone(deadlines, outage) != deadlines) == is_touched


@given(situations(), st.integers(-1, 1))
def test_the_microsecond_decides(situation: tuple[Deadlines, Outage], off: int) -> None:
    _, outage = situation
    for edge, is_in in ((outage.began_at, off >= 0), (outage.touches_until, off < 0)):
        closes = edge + off * MICROSECOND
        assert (postpone(Deadlines(closes, closes + HOUR), outage).closes_at != closes) == is_in


class EveryDayWorks:
    def is_working_day(self, day: object) -> bool:
        return True

    def next_working_day(self, day: object) -> object:
        return day + timedelta(days=1)  # type: ignore[operator]


def test_the_calendar_is_handed_in() -> None:
    outage = Outage(*map(kst, OUTAGES["weekend"]))
    moved = postpone(
        Deadlines(kst("2026-11-20 16:30"), kst("2026-11-20 17:30")),
        outage,
        EveryDayWorks(),  # type: ignore[arg-type]
    )
    assert moved.closes_at == kst("2026-11-21 11:00")  # R + 2 h, on that Saturday


# ---- from measurements


START = kst("2026-11-20 09:00")


def measured(marks: str, start: datetime = START) -> list[Minute]:
    """One character a minute: `.` all well, `x` all failed, digits so many of twelve failed, `-` nothing was measured.

    `~` is a minute in which the probe tried but half as often as it should.
    """
    minutes = []
    for number, mark in enumerate(marks):
        at = start + number * MINUTE
        failed = 12 if mark == "x" else int(mark) if mark.isdigit() else 0
        if mark != "-":
            minutes.append(Minute(at, 6 if mark == "~" else 12, failed, at + 55 * SECOND))
    return minutes


def minute_of(instant: datetime) -> int:
    return (instant - START) // MINUTE


def outages(marks: str, now: datetime | None = None) -> list[tuple[int, int | None]]:
    """Beginning and end of each, in minutes from the start."""
    at = now or START + len(marks) * MINUTE + 5 * SECOND
    found = [run for run in failing_runs(measured(marks), at) if run.is_outage(at)]
    return [(minute_of(run.began_at), None if run.ended_at is None else minute_of(run.ended_at)) for run in found]


@pytest.mark.parametrize(
    ("marks", "found"),
    [
        ("..........", []),
        ("..xxxx....", []),  # four minutes are none
        ("..xxxxx...", [(2, 7)]),
        ("..x1x1x...", [(2, 7)]),  # one of twelve is more than five percent
        ("..xx.xxx..", []),  # not in a row
        ("..xxxxx.xxxxxx..", [(2, 7), (8, 14)]),
        ("..-----...", [(2, 7)]),  # a dead site writes nothing
        ("..~~~~~...", [(2, 7)]),
        ("..xx-~x...", [(2, 7)]),
        ("xxxxx.....", [(0, 5)]),
        ("..........xxxxx", [(10, None)]),  # it goes on
        ("..........xxxx", []),
        ("", []),
    ],
)
def test_five_bad_minutes_in_a_row_are_an_outage(marks: str, found: list[tuple[int, int | None]]) -> None:
    assert outages(marks) == found


def test_silence_up_to_now_counts_once_it_is_longer_than_the_probe_may_rest() -> None:
    last = START + 10 * MINUTE
    assert outages("..........", last + 10 * SECOND) == []
    assert failing_runs(measured(".........."), last + 10 * SECOND) == []
    assert failing_runs(measured(".........."), last + 16 * SECOND) == [Failing(last, None, 0, 0)]
    assert outages("..........", last + 4 * MINUTE) == []
    assert outages("..........", last + 5 * MINUTE) == [(10, None)]


def test_the_first_minute_ever_is_not_bad_for_having_begun_late() -> None:
    first = Minute(START, 1, 0, START + 55 * SECOND)
    assert failing_runs([first], START + MINUTE) == []


def test_a_newest_minute_without_failures_proves_no_recovery_yet() -> None:
    minutes = [*measured("..xxxxx"), Minute(START + 7 * MINUTE, 2, 0, START + 7 * MINUTE + 5 * SECOND)]
    (run,) = failing_runs(minutes, START + 7 * MINUTE + 6 * SECOND)
    assert run.ended_at is None


def test_a_long_gap_costs_nothing_to_judge() -> None:
    minutes = [*measured("...", START - timedelta(days=3650)), *measured("..")]
    (run,) = failing_runs(minutes, START + 2 * MINUTE)
    assert run.ended_at == START


@given(st.text(alphabet=".x13-~", max_size=60))
def test_runs_are_maximal_and_in_order(marks: str) -> None:
    now = START + len(marks) * MINUTE
    runs = failing_runs(measured(marks), now)
    for earlier, later in pairwise(runs):
        assert earlier.ended_at is not None
        assert earlier.ended_at < later.began_at
    assert all(run.failed <= run.tried for run in runs)
    assert all(run.ended_at is not None for run in runs[:-1])
