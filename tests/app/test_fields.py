"""What people type: won, Korean local times, percent; the exact edges of each."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from app.fields import MAX_WON, KstDateTime, PercentField, WonField


@pytest.mark.parametrize(
    ("typed", "won"),
    [
        ("1", 1),
        ("1234000", 1_234_000),
        ("1,234,000원", 1_234_000),
        (" 1,234,000 원 ", 1_234_000),
        (str(MAX_WON), MAX_WON),
        (7, 7),
    ],
)
def test_won_as_people_write_it(typed: object, won: int) -> None:
    assert WonField().deserialize(typed) == won


@pytest.mark.parametrize(
    "typed", ["0", "-1", "1.5", "1e9", "", "원", "백만", "１２", str(MAX_WON + 1), "9" * 400, True, 1.0, None, [1]]
)
def test_what_is_no_amount_is_refused(typed: object) -> None:
    with pytest.raises(ValidationError):
        WonField().deserialize(typed)


def test_zero_counts_where_it_may() -> None:
    assert WonField(minimum=0).deserialize("0") == 0


@pytest.mark.parametrize("typed", ["2026-11-23T10:00", "2026-11-23 10:00", "2026-11-23T10:00:00", "2026-11-23T01:00Z"])
def test_a_local_time_is_korean_and_comes_out_as_utc(typed: str) -> None:
    assert KstDateTime().deserialize(typed) == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("typed", ["2000-01-01T00:00", "2100-12-31T23:59"])
def test_the_first_and_last_year_are_taken(typed: str) -> None:
    assert KstDateTime().deserialize(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "soon",
        "2026-02-30T10:00",
        "1999-12-31T23:59",
        "2101-01-01T00:00",
        "0001-01-01T00:00",
        "9999-12-31T23:59-10:00",
    ],
)
def test_what_is_no_time_of_ours_is_refused_and_never_a_fault(typed: str) -> None:
    with pytest.raises(ValidationError):
        KstDateTime().deserialize(typed)


@pytest.mark.parametrize(
    ("typed", "rate"),
    [("87.745", 87_745), ("87.7", 87_700), ("100", 100_000), ("0.001", 1), ("88 %", 88_000)],
)
def test_percent_to_three_decimals(typed: str, rate: int) -> None:
    assert PercentField().deserialize(typed) == rate


@pytest.mark.parametrize("typed", ["0", "0.000", "100.001", "87.7455", "-1", "88,5", "", ".5", "８８"])
def test_what_is_no_percentage_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        PercentField().deserialize(typed)
