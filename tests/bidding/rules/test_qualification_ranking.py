"""적격심사 by the price alone: who is in the running, with which points, and how many more a review must give."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.price_scoring import NetCost, PriceTable
from bidding.rules import EXPLAIN, RULES
from bidding.rules.qualification import lowest_passing, net_cost_limit
from bidding.scoring import QualificationScoring
from bidding.types import Placing, Terms
from tests.bidding.rules.methods import bid

rank = RULES["qualification"]
BILLION = 1_000_000_000
WORKS_3 = PriceTable(80, Fraction(20), 90, 95, plateau=90_250)
OLD_WORKS_3 = PriceTable(80, Fraction(20), 88, 95, plateau=88_250)  # before 2026-01-30
GOODS = PriceTable(70, Fraction(2), 88, 85)


def terms(table: PriceTable = WORKS_3, floor_rate: int | None = 80_000, **more: Any) -> Terms:
    usual = Terms(BILLION, floor_rate, seed_n=b"\7" * 32, base_won=BILLION, scoring=QualificationScoring(table))
    return replace(usual, **more)


def only(terms: Terms, amount: int) -> Placing:
    (placing,) = rank(terms, [bid(1, amount)])
    return placing


def lines(placing: Placing) -> dict[str, tuple[str, str]]:
    return {step.label: (step.expression, step.value) for step in placing.arithmetic}


def test_a_price_shows_its_points_and_what_the_review_must_give() -> None:
    """T-S1."""
    placing = only(terms(), 897_450_000)
    assert (placing.rank, placing.reason) == (1, "valid")
    assert placing.points is not None
    assert placing.points.to_json() == {"price": 750_000, "needed": 200_000}
    shown = lines(placing)
    assert shown["price-ratio"] == ("100 x (897450000 - 0) / (1000000000 - 0)", "89.75")
    assert shown["price-points"] == ("80 - 20 x |90 - 89.75|", "75.0000")
    assert shown["needed-points"] == ("95 - 75.0000 <= 20", "<=")


def test_one_won_less_cannot_pass_whatever_the_review_gives() -> None:
    """T-S2: a floor that lies lower does not help."""
    placing = only(terms(), 897_449_999)
    assert (placing.rank, placing.reason) == (None, "cannot-pass")
    assert lines(placing)["needed-points"] == ("95 - 74.8000 > 20", ">")


def test_on_the_plateau_the_line_shows_the_ratio_that_counts() -> None:
    shown = lines(only(terms(), 950_000_000))
    assert shown["price-ratio"][1] == "95.00"
    assert shown["plateau"] == ("(950000000 - 0) >= 90.250% x (1000000000 - 0)", "90.25")
    assert shown["price-points"] == ("80 - 20 x |90 - 90.25|", "75.0000")
    assert "plateau" not in lines(only(terms(), 902_499_999))


def test_the_table_of_before_lies_two_percent_lower() -> None:
    assert only(terms(OLD_WORKS_3), 877_450_000).rank == 1
    assert only(terms(OLD_WORKS_3), 877_449_999).reason == "cannot-pass"
    assert only(terms(), 877_450_000).reason == "cannot-pass"


def test_the_least_points_are_shown_as_such() -> None:
    shown = lines(only(terms(floor_rate=1), 1))
    assert shown["price-points"] == ("max(80 - 20 x |90 - 0.00|, 2)", "2.0000")


def test_over_the_centre_goods_lose_points_again() -> None:
    """T-S9: at 90 percent 66 points; the rank is still the price's."""
    usual = terms(GOODS)
    centre, above = rank(usual, [bid(1, 880_000_000), bid(2, 900_000_000)])
    assert (centre.rank, above.rank) == (1, 2)
    assert centre.points is not None
    assert above.points is not None
    assert (centre.points.price, above.points.price) == (700_000, 660_000)


def test_the_a_value_is_in_every_figure() -> None:
    """T-S7."""
    usual = terms(estimated_price_won=500_000_000, a_value_won=30_000_000)
    assert only(usual, 451_801_500).reason == "valid"
    assert only(usual, 451_801_499).reason == "cannot-pass"


def test_below_the_floor_comes_before_everything_but_the_estimated_price() -> None:
    usual = terms(floor_rate=89_745)
    assert only(usual, 897_449_999).reason == "below-floor"
    assert only(usual, BILLION + 1).reason == "above-estimated-price"


def test_the_net_cost_of_the_official_sample_comes_out() -> None:
    """T-P1: 순공사원가 1,470,841,837 at an estimated price of 1,773,240,950."""
    assert net_cost_limit(NetCost(1_470_841_837), 1_773_240_950, 1_773_240_950) == (1_470_841_837, 1_441_425_001)


def test_a_bid_under_98_percent_of_the_net_cost_is_out() -> None:
    scoring = QualificationScoring(WORKS_3, NetCost(930_000_000))
    usual = terms(scoring=scoring)
    edge, under = only(usual, 911_400_000), only(usual, 911_399_999)
    assert (edge.reason, under.reason) == ("valid", "below-net-cost")
    assert lines(under)["against-net-cost"] == ("911399999 < 911400000", "<")
    assert [(step.label, step.expression, step.value) for step in EXPLAIN["qualification"](usual, [])] == [
        ("net-cost", "930000000 x 1000000000 / 1000000000, up-1", "930000000"),
        ("net-cost-limit", "930000000 x 98.000%, up-1", "911400000"),
    ]


def test_the_net_cost_moves_with_the_estimated_price_and_is_rounded_up_twice() -> None:
    assert net_cost_limit(NetCost(7, 50_000), 10, 3) == (24, 12)
    assert net_cost_limit(NetCost(7, 50_001), 10, 3) == (24, 13)
    with pytest.raises(ValueError, match="base amount"):
        net_cost_limit(NetCost(7), 10, 0)


def test_a_net_cost_of_one_won_is_one() -> None:
    assert net_cost_limit(NetCost(1), 1, 1) == (1, 1)
    with pytest.raises(ValueError, match="base amount"):
        net_cost_limit(NetCost(1), 0, 1)


def test_a_net_cost_without_a_base_amount_is_refused() -> None:
    scoring = QualificationScoring(WORKS_3, NetCost(930_000_000))
    for usual in (terms(scoring=scoring, base_won=None), terms(scoring=scoring, base_won=0)):
        with pytest.raises(ValueError, match="base amount"):
            rank(usual, [])
        with pytest.raises(ValueError, match="base amount"):
            EXPLAIN["qualification"](usual, [])


def test_without_a_net_cost_there_is_no_line_for_all() -> None:
    assert EXPLAIN["qualification"](terms(), []) == ()
    assert EXPLAIN["qualification"](terms(scoring=None), []) == ()


def test_the_floor_of_a_review_counts_the_a_value() -> None:
    """Floor: 30,000,000 + 470,000,000 x 89.745 %; without the A value it would lie 3,076,500 won lower."""
    usual = terms(estimated_price_won=500_000_000, a_value_won=30_000_000, floor_rate=89_745)
    at, under = only(usual, 451_801_500), only(usual, 451_801_499)
    assert (at.reason, under.reason) == ("valid", "below-floor")
    assert lines(at)["price-ratio"] == ("100 x (451801500 - 30000000) / (500000000 - 30000000)", "89.75")
    assert lines(at)["against-floor"] == ("451801500 >= 451801500", ">=")


def test_a_price_that_passes_by_itself_needs_nothing_more() -> None:
    generous = PriceTable(95, Fraction(20), 90, 95)
    points = only(terms(generous), 900_000_000).points
    assert points is not None
    assert points.to_json() == {"price": 950_000, "needed": 0}


def test_without_a_table_it_ranks_as_a_quote_does() -> None:
    usual = terms(scoring=None)
    assert rank(usual, [bid(1, 850_000_000)]) == RULES["quote"](usual, [bid(1, 850_000_000)])


def test_a_review_needs_its_floor() -> None:
    with pytest.raises(ValueError, match="floor"):
        rank(terms(floor_rate=None), [])


@given(st.integers(1_000, 10**11), st.integers(0, 30), st.integers(-3, 3))
def test_who_is_in_the_running_could_still_pass_and_nobody_else(estimated: int, percent: int, off: int) -> None:
    a_value = estimated * percent // 100
    usual = terms(estimated_price_won=estimated, a_value_won=a_value, floor_rate=1)
    amount = lowest_passing(WORKS_3, estimated, a_value) + off
    assert (only(usual, amount).reason == "valid") is (off >= 0 and amount <= estimated)


@given(st.integers(1, 2 * BILLION))
def test_points_stay_within_their_bounds(amount: int) -> None:
    for table in (WORKS_3, OLD_WORKS_3, GOODS):
        points = only(terms(table), amount).points
        assert points is not None
        assert points.needed is not None
        assert 20_000 <= points.price <= table.full * 10_000
        assert points.needed == max(table.pass_mark * 10_000 - points.price, 0)
