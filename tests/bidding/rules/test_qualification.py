"""적격심사 price points: the published vectors (T-S), edges on both sides."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.criteria import POINT
from bidding.price_scoring import PriceTable
from bidding.rules.floor import floor_price
from bidding.rules.qualification import (
    TABLES,
    explain_score,
    lowest_passing,
    passes,
    price_ratio,
    price_score,
)
from bidding.rules.steps import show_points

WORKS_3 = TABLES["works-3"]
SERVICES = PriceTable(70, Fraction(5), 91, 85)
GOODS = PriceTable(70, Fraction(2), 88, 85)
OLD_LOCAL = PriceTable(70, Fraction(4), 88, 95)
BILLION = 1_000_000_000


@pytest.mark.parametrize(
    ("table", "amount", "estimated", "a_value", "points"),
    [
        pytest.param(WORKS_3, 897_450_000, BILLION, 0, "75.0000", id="T-S1"),
        pytest.param(WORKS_3, 897_449_999, BILLION, 0, "74.8000", id="T-S2"),
        pytest.param(WORKS_3, 455_000_000, 500_000_000, 50_000_000, "80.0000", id="T-S3-at-the-base"),
        pytest.param(WORKS_3, 456_125_000, 500_000_000, 50_000_000, "75.0000", id="T-S4-plateau-begins"),
        pytest.param(WORKS_3, 500_000_000, 500_000_000, 50_000_000, "75.0000", id="T-S4-plateau-ends"),
        pytest.param(TABLES["works-1"], 890_000_000, BILLION, 0, "48.0000", id="T-S5-table-1"),
        pytest.param(TABLES["works-2a"], 890_000_000, BILLION, 0, "66.0000", id="T-S5-table-2a"),
        pytest.param(TABLES["works-2b"], 890_000_000, BILLION, 0, "50.0000", id="T-S5-table-2b"),
        pytest.param(TABLES["works-3"], 1, BILLION, 0, "2.0000", id="T-S5-never-below-two"),
        pytest.param(WORKS_3, BILLION + 1, BILLION, 0, "2.0000", id="T-S6-no-plateau-above-the-price"),
        pytest.param(TABLES["works-1"], BILLION + 1, BILLION, 0, "30.0000", id="T-S6-table-1"),
        pytest.param(SERVICES, 114_156_413, 128_226_825, 0, "60.1500", id="T-S8"),
        pytest.param(GOODS, 80_495_000, 100_000_000, 0, "55.0000", id="T-S9-passes"),
        pytest.param(GOODS, 80_494_999, 100_000_000, 0, "54.9800", id="T-S9-fails"),
        pytest.param(GOODS, 90_000_000, 100_000_000, 0, "66.0000", id="T-S9-over-the-centre"),
        pytest.param(OLD_LOCAL, 1_902_317_840, 2_193_000_000, 0, "64.9600", id="T-S10-ten-won-short"),
        pytest.param(OLD_LOCAL, 1_902_317_850, 2_193_000_000, 0, "65.0000", id="T-S10-limit"),
    ],
)
def test_price_points_are_those_published(
    table: PriceTable, amount: int, estimated: int, a_value: int, points: str
) -> None:
    assert show_points(price_score(table, amount, estimated, a_value)) == points
    assert explain_score(table, amount, estimated, a_value)[-1].value == points


def test_the_pass_mark_is_reached_or_missed_by_one_won() -> None:
    """T-S1 and T-S2, with all 20 other points."""
    others = WORKS_3.others * POINT
    assert passes(WORKS_3, price_score(WORKS_3, 897_450_000, BILLION), others)
    assert not passes(WORKS_3, price_score(WORKS_3, 897_449_999, BILLION), others)


def test_the_lowest_passing_price_counts_the_a_value() -> None:
    """T-S7."""
    assert lowest_passing(WORKS_3, 500_000_000, 30_000_000) == 451_801_500


@pytest.mark.parametrize(
    ("table", "rate"),
    [
        (TABLES["works-1"], 87_495),
        (TABLES["works-2a"], 88_745),
        (TABLES["works-2b"], 89_745),
        (TABLES["works-3"], 89_745),
        (TABLES["works-5"], 89_745),
        (SERVICES, 87_995),
        (GOODS, 80_495),
        (OLD_LOCAL, 86_745),
        (PriceTable(70, Fraction(1), 90, 92), 81_995),
        (PriceTable(70, Fraction(375, 1000), 88, 85), 47_995),
    ],
)
def test_the_closed_form_gives_the_published_floor_rates(table: PriceTable, rate: int) -> None:
    assert lowest_passing(table, 100_000_000) == floor_price(100_000_000, rate) == rate * 1000


@given(
    st.sampled_from(sorted(TABLES)),
    st.integers(1_000_000, 10**11),
    st.integers(0, 40),
)
def test_one_won_below_the_lowest_passing_price_fails(name: str, estimated: int, percent: int) -> None:
    table, a_value = TABLES[name], estimated * percent // 100
    lowest, others = lowest_passing(table, estimated, a_value), table.others * POINT
    assert passes(table, price_score(table, lowest, estimated, a_value), others)
    assert not passes(table, price_score(table, lowest - 1, estimated, a_value), others)


def test_the_ratio_is_rounded_half_up_at_the_fifth_decimal() -> None:
    assert price_ratio(897_450_000, BILLION) == 8975
    assert price_ratio(897_449_999, BILLION) == 8974
    assert price_ratio(10, BILLION, 20) == 0  # less than the costs that nobody may cut


@pytest.mark.parametrize("a_value", [-1, BILLION])
def test_an_a_value_outside_the_estimated_price_is_refused(a_value: int) -> None:
    with pytest.raises(ValueError, match="A value"):
        price_ratio(1, BILLION, a_value)
    with pytest.raises(ValueError, match="A value"):
        lowest_passing(WORKS_3, BILLION, a_value)


def test_a_bid_below_the_a_value_has_a_ratio_of_nothing_however_small_the_price() -> None:
    assert price_ratio(5, 30, 20) == 0
    assert price_ratio(21, 30, 20) == 1000


def test_the_lines_of_a_score_count_the_a_value() -> None:
    steps = explain_score(WORKS_3, 455_000_000, 500_000_000, 50_000_000)
    assert [(step.expression, step.value) for step in steps] == [
        ("100 x (455000000 - 50000000) / (500000000 - 50000000)", "90.00"),
        ("80 - 20 x |90 - 90.00|", "80.0000"),
    ]


def test_points_are_whole_numbers_and_nothing_near_a_float() -> None:
    """An estimated price beyond what a float can tell apart: the plateau begins at the very won."""
    price = 10**19
    begins = price * 90_250 // 100_000
    scores = [price_score(WORKS_3, won, price) for won in (begins, begins - 1)]
    assert scores == [750_000, 750_000]  # below it 90.25 by rounding
    assert all(type(score) is int for score in scores)
    assert [step.label for step in explain_score(WORKS_3, begins, price)] == ["price-ratio", "plateau", "price-points"]
    assert [step.label for step in explain_score(WORKS_3, begins - 1, price)] == ["price-ratio", "price-points"]
    assert price_ratio(begins - 1, price) == 9025


def test_a_plateau_between_two_hundredths_counts_as_the_lower() -> None:
    """90.255 percent: prices are compared with it exactly, and get the points of 90.25."""
    odd = PriceTable(80, Fraction(20), 90, 95, plateau=90_255)
    assert price_score(odd, 902_550_000, BILLION) == 750_000
    assert [step.value for step in explain_score(odd, 902_550_000, BILLION)] == ["90.26", "90.25", "75.0000"]
    assert price_score(odd, 902_549_999, BILLION) == 750_000  # 90.25 by rounding
    assert [step.label for step in explain_score(odd, 902_549_999, BILLION)] == ["price-ratio", "price-points"]
