"""A clock that is wrong decides nothing: judged from readings, guarded in the acceptance, told to the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clocks, measuring, time
from app.audit.models import Event
from app.clocks import Apart, Kernel, measure_apart
from app.db import db, transaction
from app.errors import DeadlinePassed, TemporarilyUnavailable
from app.tlog.canon import parse
from bidding import measures, queries
from bidding.clock_guard import ClockState, Reading, judge
from bidding.keyholder.panel import Panel
from bidding.models import Bid, ClockGuard, IntakeMinute, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.services import clock as guarding
from bidding.services.closing import begin_closing
from bidding.services.submission import submit_bid
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published

WELL = Kernel(offset_us=120, max_error_us=9_000, is_synchronised=True)
LOST = Kernel(offset_us=0, max_error_us=16_000_000, is_synchronised=False)
TOGETHER = Apart(40, 300)
MS, SECOND, MINUTE = 1_000, 1_000_000, timedelta(minutes=1)


def reading(**changes: Any) -> Reading:
    values = {"offset_us": 100, "dispersion_us": 9_000, "is_synchronised": True}
    return Reading(**(values | {"database_offset_us": 50, "round_trip_us": 300} | changes))


@pytest.mark.parametrize(
    ("changes", "is_required", "state"),
    [
        ({}, True, "ok"),
        ({"offset_us": 50 * MS}, True, "ok"),
        ({"offset_us": 50 * MS + 1}, True, "alarm"),
        ({"offset_us": -50 * MS - 1}, False, "alarm"),
        ({"dispersion_us": 100 * MS}, True, "ok"),
        ({"dispersion_us": 100 * MS + 1}, True, "alarm"),
        ({"offset_us": SECOND}, True, "alarm"),
        ({"offset_us": SECOND + 1}, True, "hold"),
        ({"offset_us": -SECOND - 1}, False, "hold"),
        # The database's clock decides; what may be the time of asking is not held against it.
        ({"database_offset_us": 50 * MS + 151}, True, "alarm"),
        ({"database_offset_us": 50 * MS + 150}, True, "ok"),
        ({"database_offset_us": 10 * SECOND}, False, "hold"),
        ({"database_offset_us": -10 * SECOND}, True, "hold"),
        ({"database_offset_us": 3_600 * SECOND}, False, "hold"),
        ({"database_offset_us": 1_400 * MS, "round_trip_us": 2_800 * MS}, True, "ok"),
        # Not synchronised: fifteen minutes of patience, where it is required at all.
        ({"is_synchronised": False}, True, "alarm"),
        ({"is_synchronised": False, "unsynchronised_for": 15 * MINUTE}, True, "alarm"),
        ({"is_synchronised": False, "unsynchronised_for": timedelta(minutes=15, microseconds=1)}, True, "hold"),
        ({"is_synchronised": None, "offset_us": None, "dispersion_us": None}, True, "alarm"),
        ({"is_synchronised": None, "offset_us": None, "unsynchronised_for": 16 * MINUTE}, True, "hold"),
        ({"is_synchronised": None, "offset_us": None, "unsynchronised_for": 16 * MINUTE}, False, "unknown"),
        ({"is_synchronised": False, "dispersion_us": 16 * SECOND}, False, "unknown"),
    ],
)
def test_the_bounds_of_the_rule(changes: dict[str, Any], is_required: bool, state: str) -> None:
    assert judge(reading(**changes), is_required) == state


@given(st.integers(-(10**10), 10**10), st.integers(0, 10**7), st.booleans(), st.booleans())
def test_more_than_a_second_apart_always_holds(
    offset: int, trip: int, is_synchronised: bool, is_required: bool
) -> None:
    found = reading(database_offset_us=offset, round_trip_us=trip, is_synchronised=is_synchronised)
    if found.apart_us > SECOND:
        assert judge(found, is_required) == ClockState.HOLD


def test_the_kernels_account_is_read_in_microseconds() -> None:
    assert clocks._read(5_000, 900, 0x2001, 0) == Kernel(5, 900, True)  # nanoseconds, by its status
    assert clocks._read(-5_000, 900, 0x0001, 0) == Kernel(-5_000, 900, True)
    assert not clocks._read(0, 16_000_000, 0x0041, 0).is_synchronised
    assert not clocks._read(0, 16_000_000, 0x0001, 5).is_synchronised


def test_this_machines_kernel_answers_or_says_that_it_does_not() -> None:
    told = clocks.ask_kernel()
    assert told is None or told.max_error_us >= 0


def test_two_clocks_are_compared_at_the_middle_of_asking_and_the_quickest_answer_counts() -> None:
    start = datetime(2026, 11, 20, tzinfo=UTC)
    ours = iter([0, 100, 200, 210, 300, 500])  # asked, told, three times, in milliseconds
    theirs = iter([1050, 1205, 1400])
    apart = measure_apart(
        lambda: start + timedelta(milliseconds=next(theirs)), lambda: start + timedelta(milliseconds=next(ours))
    )
    assert apart == Apart(SECOND, 10 * MS)


def keep(kernel: Kernel | None, apart: Apart = TOGETHER, *, is_required: bool = True, now: datetime) -> ClockState:
    with transaction():
        return guarding.keep_reading(kernel, apart, is_required, now)


def told() -> list[str]:
    query = select(Event).where(Event.type == "clock.status").order_by(Event.at)
    return [parse(event.body)["state"] for event in db.session.scalars(query)]


def test_the_log_hears_of_every_change_and_every_ten_minutes(app: Flask) -> None:
    now = time.now()
    for seconds in range(0, 1260, 10):
        keep(WELL, now=now + timedelta(seconds=seconds))
    assert told() == ["ok"] * 3
    keep(LOST, now=now + timedelta(seconds=1260))
    assert told()[-1] == "alarm"


def test_unsynchronised_for_a_quarter_of_an_hour_holds_and_being_well_again_ends_it(app: Flask) -> None:
    now = time.now()
    assert keep(WELL, now=now) == "ok"
    assert keep(LOST, now=now + MINUTE) == "alarm"
    assert keep(LOST, now=now + 16 * MINUTE) == "alarm"
    assert keep(LOST, now=now + 16 * MINUTE + timedelta(seconds=1)) == "hold"
    assert keep(WELL, now=now + 17 * MINUTE) == "ok"
    assert keep(LOST, now=now + 18 * MINUTE) == "alarm"  # counted anew


def test_a_demonstration_without_synchronisation_goes_on(app: Flask) -> None:
    now = time.now()
    for kernel in (None, LOST):
        assert keep(kernel, is_required=False, now=now) == "unknown"
        assert keep(kernel, is_required=False, now=now + timedelta(hours=5)) == "unknown"


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


def submit(tender: Tender, bidder: Bidder, clock: Callable[[], datetime]) -> datetime:
    sealed = seal(tender, bidder, 90_000_000, (1, 2), time.now())
    return submit_bid(str(tender.reference), sealed, bidder.actor, time.now(), clock).received_at


STEPS = [timedelta(seconds=10), timedelta(hours=1)]


@pytest.mark.parametrize("step", STEPS)
def test_after_a_step_back_nothing_is_accepted_before_the_last_bid_has_been_passed_again(
    tender: Tender, step: timedelta
) -> None:
    first, second = bidders(2)
    last = submit(tender, first, time.now)
    with pytest.raises(TemporarilyUnavailable) as refusal:
        submit(tender, second, lambda: last - step)
    assert refusal.value.facts["fault"] == "clock"
    with pytest.raises(TemporarilyUnavailable):
        submit(tender, second, lambda: last - timedelta(seconds=1, microseconds=1))
    assert db.session.scalar(select(func.count()).select_from(Bid)) == 1
    assert submit(tender, second, lambda: last - timedelta(seconds=1))  # within what two machines may differ by


def test_a_step_back_of_another_tenders_bids_is_no_matter(tender: Tender, keyholder: Panel) -> None:
    first, second = bidders(2)
    other = published(an_agency(2), keyholder)
    last = submit(tender, first, lambda: time.now() + timedelta(minutes=30))
    assert submit(other, second, time.now) < last


@pytest.mark.parametrize("step", [*STEPS, *(-step for step in STEPS)])
def test_a_clock_that_stepped_is_found_and_then_nothing_is_accepted_refused_or_closed(
    tender: Tender, step: timedelta
) -> None:
    (bidder,) = bidders(1)
    closes_at = tender.closes_at
    assert closes_at is not None
    apart = measure_apart(lambda: time.now() + step, time.now)
    assert keep(WELL, apart, now=time.now()) == "hold"
    for instant in (closes_at - timedelta(minutes=1), closes_at + timedelta(minutes=1)):
        with pytest.raises(TemporarilyUnavailable):  # neither in time nor late: nobody can say
            submit(tender, bidder, lambda: instant)  # noqa: B023 - called at once
    with transaction():
        assert not begin_closing(tender.id, lambda: closes_at)
    assert queries.tenders_to_close(closes_at) == []
    assert keep(WELL, now=time.now()) == "ok"
    with pytest.raises(DeadlinePassed):
        submit(tender, bidder, lambda: closes_at)
    with transaction():
        assert begin_closing(tender.id, lambda: closes_at)


def test_without_any_measurement_bids_are_accepted_and_tenders_close(tender: Tender, stage: Stage) -> None:
    (bidder,) = bidders(1)
    assert place(tender, bidder, 90_000_000)
    stage.close(tender)
    (closed,) = db.session.scalars(select(Event).where(Event.type == "tender.closed"))
    assert parse(closed.body)["clock"] is None


def test_the_closing_says_in_the_log_how_well_its_clock_was(tender: Tender, stage: Stage) -> None:
    keep(WELL, now=time.now())
    stage.close(tender)
    (closed,) = db.session.scalars(select(Event).where(Event.type == "tender.closed"))
    said = parse(closed.body)["clock"]
    assert (said["state"], said["offset_us"], said["dispersion_us"], said["synchronised"]) == ("ok", 120, 9_000, True)
    assert (said["database_offset_us"], said["round_trip_us"]) == (40, 300)


def test_the_clockwork_measures_the_clock_and_a_held_clock_counts_as_a_failing_intake(app: Flask) -> None:
    now = time.now()
    measures.measure_clock(now)
    guard = db.session.get_one(ClockGuard, True)
    assert abs(guard.database_offset_us) < 10 * SECOND
    keep(WELL, Apart(5 * SECOND, 100), now=now)
    before = app.config["NARU_PROBE_URL"]
    app.config["NARU_PROBE_URL"] = "http://127.0.0.1:9"
    try:
        measures.probe_intake(now)
    finally:
        app.config["NARU_PROBE_URL"] = before
    minute = db.session.scalars(select(IntakeMinute)).one()
    assert (minute.tried, minute.failed, minute.faults) == (1, 1, {"clock": 1})


def test_a_measurement_that_fails_costs_no_other(app: Flask) -> None:
    taken = []

    def fails(_now: datetime) -> None:
        raise OSError("away")

    measuring.register_measure("test.fails", 5, fails)
    measuring.register_measure("test.works", 5, lambda now: taken.append(now))
    try:
        kept = {name: one.due for name, one in measuring._measures.items() if not name.startswith("test.")}
        for name in kept:
            measuring._measures[name].due = 10**12
        assert measuring.take_due(10**9) == ["test.fails", "test.works"]
        assert measuring.take_due(10**9 + 4) == []
        assert measuring.take_due(10**9 + 5) == ["test.fails", "test.works"]
        assert len(taken) == 2
    finally:
        for name in ("test.fails", "test.works"):
            del measuring._measures[name]
        for name, due in kept.items():
            measuring._measures[name].due = due
