"""How tries are counted: the same in Redis and in the database, and never without end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from redis import Redis

from app.auth import throttle
from app.auth.models import Throttle
from app.auth.throttle import Door
from app.db import db, transaction

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["redis", "database"])
def counting(request: pytest.FixtureRequest, app: Flask) -> Iterator[str]:
    """Both places where tries are counted; the second because Redis really is away."""
    before = app.extensions["redis"]
    if request.param == "database":
        app.extensions["redis"] = Redis.from_url(NOWHERE, socket_connect_timeout=1)
    yield str(request.param)
    app.extensions["redis"] = before


def admit(door: Door, now: datetime) -> int:
    with transaction():
        return throttle.admit(door, now)


def test_the_pauses_double_and_stop_growing_at_a_quarter_of_an_hour() -> None:
    assert [throttle.pause_after(tries, 5) for tries in (1, 5, 6, 7, 8, 14, 15, 16, 1000)] == [
        0, 0, 2, 4, 8, 512, 900, 900, 900,
    ]  # fmt: skip


def test_five_tries_are_free_and_the_sixth_costs_a_pause_to_the_instant(counting: str) -> None:
    door = Door(f"account:{counting}", free=5)
    assert [admit(door, NOON) for _ in range(6)] == [0] * 6
    assert admit(door, NOON) == 2
    assert admit(door, NOON + timedelta(seconds=2) - TICK) == 1
    assert admit(door, NOON + timedelta(seconds=2)) == 0
    assert admit(door, NOON + timedelta(seconds=2)) == 4


def test_being_told_to_wait_makes_the_wait_no_longer(counting: str) -> None:
    door = Door(f"account:{counting}", free=0)
    assert admit(door, NOON) == 0
    assert [admit(door, NOON) for _ in range(20)] == [2] * 20
    assert admit(door, NOON + timedelta(seconds=2)) == 0


def test_a_crowd_at_once_gets_no_further_than_one_after_another(counting: str, app: Flask) -> None:
    door = Door(f"crowd:{counting}", free=3)

    def one_try(_number: int) -> int:
        with app.app_context():
            return admit(door, NOON)

    with ThreadPoolExecutor(8) as crowd:
        waits = list(crowd.map(one_try, range(24)))
    assert waits.count(0) == 4
    assert waits.count(2) == 20


def test_nobody_is_locked_out_for_good(counting: str) -> None:
    door, instant = Door(f"account:{counting}", free=0), NOON
    for _ in range(40):
        assert admit(door, instant) == 0
        instant += timedelta(seconds=throttle.LONGEST_PAUSE)


def test_the_right_password_forgets_the_tries(counting: str) -> None:
    door = Door(f"account:{counting}", free=1)
    assert [admit(door, NOON) for _ in range(3)] == [0, 0, 2]
    with transaction():
        throttle.forgive(door)
    assert admit(door, NOON) == 0


def test_a_success_takes_back_its_own_try_and_no_more(counting: str) -> None:
    door = Door(f"address:{counting}", free=2)
    assert [admit(door, NOON), admit(door, NOON)] == [0, 0]
    with transaction():
        throttle.take_back(door)
    assert [admit(door, NOON), admit(door, NOON), admit(door, NOON)] == [0, 0, 2]


def test_doors_do_not_touch_each_other(counting: str) -> None:
    one, other = Door(f"a:{counting}", free=0), Door(f"b:{counting}", free=0)
    assert [admit(one, NOON), admit(one, NOON), admit(other, NOON)] == [0, 2, 0]


def test_redis_and_the_database_count_alike(app: Flask) -> None:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.sampled_from([0, 1, 2, 3, 4, 8, 40]), min_size=2, max_size=15), st.integers(0, 6))
    def alike(gaps: list[int], free: int) -> None:
        door, instant = Door("twins", free), NOON
        throttle.forgive(door)
        for gap in gaps:
            instant += timedelta(seconds=gap)
            assert throttle.admit(door, instant) == throttle._admit_in_database(door, instant)

    with transaction():
        alike()


def test_what_the_database_counted_is_forgotten_after_a_day(app: Flask) -> None:
    door = Door("account:x", free=0)
    with transaction():
        throttle._admit_in_database(door, NOON)
    with transaction():
        assert throttle.forget_old(NOON + timedelta(days=1)) == 0
        assert throttle.forget_old(NOON + timedelta(days=1) + TICK) == 1
    assert db.session.query(Throttle).count() == 0


def test_the_names_of_doors_tell_nobody() -> None:
    door = throttle.account_door("Hong@example.kr", "secret")
    assert "hong" not in door.name
    assert door == throttle.account_door(" hong@EXAMPLE.kr ", "secret")
    assert door != throttle.account_door("hong@example.kr", "another secret")
