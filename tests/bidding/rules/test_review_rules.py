"""Points by field and periods of reviews: the rules as the standard tells them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.time import KST
from bidding.rules.data import load, shipped
from bidding.rules.periods import Period, ends_at, periods_from
from bidding.rules.scoring_fields import FieldScore, score_field, show_field, sum_fields

TODAY = date(2026, 11, 24)
PERIODS = periods_from(None, "national", TODAY)


@pytest.mark.parametrize(
    ("typed", "points"),
    [
        ("14.8312", 148_400),
        ("14.83", 148_300),
        ("14.8300001", 148_400),
        ("14.83000000", 148_300),
        ("0", 0),
        ("-0.5", -5_000),
        ("-0.501", -5_000),
        ("15", 150_000),
    ],
)
def test_the_third_decimal_of_a_field_is_rounded_up(typed: str, points: int) -> None:
    assert score_field(" 경영상태 ", f" {typed} ") == FieldScore("경영상태", typed, points)
    assert type(score_field("경영상태", typed).points) is int


@pytest.mark.parametrize("typed", ["", "a", "1,5", "1.", ".5", "1e3", "1234", "٣", "--1"])
def test_what_is_no_number_of_points_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="points"):
        score_field("경영상태", typed)


def test_the_sum_is_held_between_nought_and_what_the_table_leaves() -> None:
    fields = [FieldScore("a", "15", 150_000), FieldScore("b", "7", 70_000)]
    assert sum_fields(fields, 200_000) == 200_000
    assert sum_fields([FieldScore("c", "-2", -20_000)], 200_000) == 0
    for wrong in ([], [fields[0], fields[0]]):
        with pytest.raises(ValueError, match="once"):
            sum_fields(wrong, 200_000)


def test_nought_has_no_sign_and_less_than_a_point_has_its_own() -> None:
    assert [show_field(points) for points in (0, 100, -100, 9_900, -10_000)] == [
        "0.00",
        "0.01",
        "-0.01",
        "0.99",
        "-1.00",
    ]


@given(st.integers(-99_999, 99_999))
def test_a_field_is_shown_as_it_counts(hundredths: int) -> None:
    text = show_field(hundredths * 100)
    assert score_field("x", text).points == hundredths * 100


def test_a_period_is_the_regime_s_own_and_where_it_has_none_the_state_s() -> None:
    basis = "조달청 시설공사 적격심사세부기준 제9269호 제4조"
    state = {"documents": 7, "finances": 10, "supplement": 3, "objection": 3}
    for regime in ("national", "local"):
        assert periods_from(None, regime, TODAY) == {name: Period(days, basis) for name, days in state.items()}
    item = 'regime = "local"\nitem = "review-document-days"\n'
    head, unknown = shipped().texts["figures"].split(item)
    known = head + item + 'value = 5\nnote = { ko = "가", en = "a" }\n' + unknown.split("\n", 1)[1]
    book = load({**shipped().texts, "figures": known})
    found = periods_from(book, "local", TODAY)
    assert found["documents"] == Period(5, "지방자치단체 입찰시 낙찰자 결정기준")
    assert found["finances"] == Period(10, basis)
    assert periods_from(book, "national", TODAY) == periods_from(None, "national", TODAY)
    with pytest.raises(ValueError, match="2000-01-01"):
        periods_from(None, "national", date(2000, 1, 1))


def test_days_are_counted_from_the_next_one_to_midnight_in_korea() -> None:
    asked = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # the 25th in Korea
    assert ends_at(asked, PERIODS["documents"]) == datetime(2026, 12, 3, 0, 0, tzinfo=KST)
    assert ends_at(asked, PERIODS["documents"]).tzinfo is UTC
    assert ends_at(asked, PERIODS["finances"]) == datetime(2026, 12, 8, 0, 0, tzinfo=KST)  # the 5th is a Saturday


def test_a_last_day_on_a_weekend_or_holiday_moves_to_the_next_working_day() -> None:
    tuesday = datetime(2026, 12, 22, 1, 0, tzinfo=UTC)
    assert ends_at(tuesday, PERIODS["supplement"]) == datetime(2026, 12, 29, 0, 0, tzinfo=KST)  # Christmas, a weekend
