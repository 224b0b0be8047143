"""Two stages, desired quantity, sale, weighted price and quality, the first round of an auction: told as tables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.draw import draw_lots
from bidding.price_scoring import BestValuePrice
from bidding.rules import EXPLAIN, RULES
from bidding.rules.best_value import best_value_points
from bidding.rules.ranking import in_order, lot_label
from bidding.scoring import read_scoring
from bidding.types import OpenedBid, Placing, Points, Reason, TechnicalResult, Terms
from tests.bidding.rules.methods import SCORING, Json, bid, tech

SEED = b"\7" * 32
PRICE = 100_000_000


def terms(method: str, scoring: Json | None = None, **more: Any) -> Terms:
    usual = {"estimated_price_won": PRICE, "floor_rate": None, "seed_n": SEED}
    return Terms(**{**usual, "scoring": read_scoring(method, scoring or SCORING[method]), **more})


def order(placings: tuple[Placing, ...]) -> list[tuple[int, int | None, str]]:
    return [(int(placing.stmt, 16), placing.rank, str(placing.reason)) for placing in placings]


# ---- two stages


def two_stage(bids: list[OpenedBid], points: dict[int, int]) -> tuple[Placing, ...]:
    results = {
        f"{number:064x}": TechnicalResult(f"{number:064x}", one, one >= 850_000) for number, one in points.items()
    }
    return RULES["two-stage"](terms("two-stage", technical=results), bids)


def test_among_the_qualified_the_cheapest_wins_whatever_its_points() -> None:
    bids = [bid(1, 90_000_000), bid(2, 80_000_000), bid(3, 10_000_000), bid(4, PRICE + 1)]
    placings = two_stage(bids, {1: 1_000_000, 2: 850_000, 3: 849_999, 4: 900_000})
    assert order(placings) == [
        (2, 1, "valid"),
        (1, 2, "valid"),
        (3, None, "not-qualified"),
        (4, None, "above-estimated-price"),
    ]
    assert [step.label for step in placings[0].arithmetic] == [
        "technical-points",
        "bid-rate",
        "against-estimated-price",
    ]
    assert placings[0].arithmetic[0].expression == "85.0000 >= 85.0000"
    assert placings[2].arithmetic[0].expression == "84.9999 < 85.0000"


def test_equal_prices_go_by_the_better_proposal_then_by_lot() -> None:
    """시행령 47조 1항 4호."""
    equal = [bid(number, 90_000_000) for number in range(1, 5)]
    placings = two_stage(equal, {1: 900_000, 2: 950_000, 3: 900_000, 4: 900_000})
    assert int(placings[0].stmt, 16) == 2
    assert [placing.is_tied for placing in placings] == [False, True, True, True]
    lot = draw_lots(SEED, "1", "90000000:900000", [one.stmt for one in equal if one.stmt != placings[0].stmt])
    assert [placing.stmt for placing in placings[1:]] == lot


# ---- desired quantity


def wanted(quantity: int, *bids: OpenedBid) -> tuple[Placing, ...]:
    return RULES["desired-quantity"](terms("desired-quantity", {"quantity": quantity, "unit": "톤"}), bids)


def test_the_cheapest_are_taken_until_the_quantity_is_there_and_the_last_is_cut() -> None:
    placings = wanted(1_000, bid(1, 500, 300), bid(2, 400, 600), bid(3, 600, 900), bid(4, 700, 50))
    assert [(int(one.stmt, 16), one.rank, one.quantity, one.allotted) for one in placings] == [
        (2, 1, 600, 600),
        (1, 2, 300, 300),
        (3, 3, 900, 100),
        (4, 4, 50, 0),
    ]
    assert placings[2].arithmetic[-1].expression == "min(900, 100)"
    usual = terms("desired-quantity", {"quantity": 1_000, "unit": "톤"})
    (step,) = EXPLAIN["desired-quantity"](usual, placings)
    assert (step.expression, step.value) == ("1000 = 1000", "1000")


def test_a_quantity_that_does_not_come_together_is_said() -> None:
    placings = wanted(1_000, bid(1, 500, 300), bid(2, PRICE + 1, 700))
    assert [(one.rank, one.allotted) for one in placings] == [(1, 300), (None, None)]
    (step,) = EXPLAIN["desired-quantity"](terms("desired-quantity"), placings)
    assert step.expression == "300 < 1000"


def test_equal_prices_go_by_the_larger_quantity_then_by_lot() -> None:
    """시행규칙 47조."""
    placings = wanted(1_000, bid(1, 500, 300), bid(2, 500, 400), bid(3, 500, 300))
    assert int(placings[0].stmt, 16) == 2
    lot = draw_lots(SEED, "1", "500:300", [bid(1, 1).stmt, bid(3, 1).stmt])
    assert [placing.stmt for placing in placings[1:]] == lot


def test_a_bid_that_offers_nothing_is_no_bid() -> None:
    for quantity in (None, 0):
        with pytest.raises(ValueError, match="quantity"):
            wanted(10, bid(1, 500, quantity))


@given(st.integers(1, 500), st.lists(st.tuples(st.integers(1, 9), st.integers(1, 200)), min_size=1, max_size=12))
def test_what_is_allotted_is_exact(quantity: int, offers: list[tuple[int, int]]) -> None:
    placings = wanted(quantity, *(bid(number, won, one) for number, (won, one) in enumerate(offers)))
    taken = [placing.allotted or 0 for placing in placings]
    assert sum(taken) == min(quantity, sum(one for _, one in offers))
    assert all(0 <= got <= (placing.quantity or 0) for got, placing in zip(taken, placings, strict=True))
    cut = [index for index, placing in enumerate(placings) if taken[index] < (placing.quantity or 0)]
    assert all(taken[index] == 0 for index in cut[1:])  # one is cut, all after it get none


# ---- sale


def test_a_sale_goes_to_the_highest_at_or_above_the_estimated_price() -> None:
    """시행령 41조."""
    placings = RULES["sale"](terms("sale"), [bid(1, PRICE), bid(2, PRICE - 1), bid(3, PRICE + 5)])
    assert order(placings) == [(3, 1, "valid"), (1, 2, "valid"), (2, None, "below-estimated-price")]
    assert placings[2].arithmetic[-1].expression == "99999999 < 100000000"


def test_a_sale_at_a_published_price_needs_no_reserve_prices() -> None:
    usual = terms("sale", {"minimum_won": "500"}, estimated_price_won=None)
    placings = RULES["sale"](usual, [bid(1, 499), bid(2, 500), bid(3, 500)])
    assert [placing.rank for placing in placings] == [1, 2, None]
    assert [placing.rate for placing in placings] == [100_000, 100_000, 99_800]
    assert [placing.stmt for placing in placings[:2]] == draw_lots(SEED, "1", 500, [bid(2, 1).stmt, bid(3, 1).stmt])


@pytest.mark.parametrize("more", [{"estimated_price_won": None}, {"estimated_price_won": 0}])
def test_a_sale_without_a_price_to_reach_is_none(more: Json) -> None:
    with pytest.raises(ValueError, match="one estimated price"):
        RULES["sale"](terms("sale", **more), [])


def test_a_sale_may_be_of_one_won() -> None:
    placings = RULES["sale"](terms("sale", estimated_price_won=1), [bid(1, 1)])
    assert order(placings) == [(1, 1, "valid")]


def test_a_sale_of_older_notices_goes_by_the_drawn_price_alone() -> None:
    placings = RULES["sale"](Terms(PRICE, None, seed_n=SEED), [bid(1, PRICE)])
    assert order(placings) == [(1, 1, "valid")]


def test_a_sale_has_one_price_to_reach() -> None:
    with pytest.raises(ValueError, match="one estimated price"):
        RULES["sale"](terms("sale", {"minimum_won": "500"}), [])


# ---- weighted price and quality


@pytest.mark.parametrize(
    ("formula", "amount", "points"),
    [
        ("lowest-over-bid", 50, 400_000),
        ("lowest-over-bid", 75, 266_667),  # 40 x 50 / 75 = 26.66666…
        ("lowest-over-bid", 100, 200_000),
        ("linear", 50, 400_000),
        ("linear", 75, 200_000),
        ("linear", 100, 0),
        ("budget-share", 50, 200_000),
        ("budget-share", 100, 0),
        ("budget-share", 99, 4_000),
    ],
)
def test_each_formula_of_the_list_gives_its_points(formula: str, amount: int, points: int) -> None:
    assert best_value_points(BestValuePrice(40, formula), amount, 50, 100) == points


def test_where_every_bid_is_at_the_ceiling_linear_gives_all() -> None:
    assert best_value_points(BestValuePrice(40, "linear"), 100, 100, 100) == 400_000


@pytest.mark.parametrize(
    ("amount", "lowest", "ceiling", "why"),
    [(0, 0, 9, "positive"), (1, 2, 9, "below the lowest"), (10, 5, 9, "ceiling"), (5, 5, None, "ceiling")],
)
def test_prices_that_cannot_be_are_refused(amount: int, lowest: int, ceiling: int | None, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        best_value_points(BestValuePrice(40, "linear"), amount, lowest, ceiling)


@given(st.sampled_from(("lowest-over-bid", "linear", "budget-share")), st.data())
def test_weighted_points_stay_within_bounds_and_a_dearer_bid_never_gets_more(formula: str, data: st.DataObject) -> None:
    ceiling = data.draw(st.integers(1, 10**9))
    lowest = data.draw(st.integers(1, ceiling))
    cheap = data.draw(st.integers(lowest, ceiling))
    dear = data.draw(st.integers(cheap, ceiling))
    price = BestValuePrice(40, formula)
    cheap_points, dear_points = (best_value_points(price, won, lowest, ceiling) for won in (cheap, dear))
    assert 0 <= dear_points <= cheap_points <= 400_000


def weigh(scoring: Json, prices: dict[int, tuple[int, int]], **more: Any) -> tuple[Placing, ...]:
    results = {
        f"{number:064x}": TechnicalResult(f"{number:064x}", points, points >= 510_000)
        for number, (_, points) in prices.items()
    }
    bids = [bid(number, won) for number, (won, _) in prices.items()]
    return RULES["best-value"](terms("best-value", scoring, technical=results, **more), bids)


def test_price_and_quality_are_added_and_the_lowest_is_one_that_is_ranked() -> None:
    scoring = {"technical": tech(60), "price": {"full": 40, "formula": "lowest-over-bid"}, "ceiling_won": None}
    placings = weigh(scoring, {1: (80, 600_000), 2: (60, 510_000), 3: (10, 500_000)}, estimated_price_won=100)
    assert order(placings) == [(2, 1, "valid"), (1, 2, "valid"), (3, None, "not-qualified")]
    first, second, third = (placing.points for placing in placings)
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.total, second.total, third.price) == (910_000, 900_000, 0)
    assert [step.value for step in EXPLAIN["best-value"](terms("best-value"), placings)] == ["60"]
    assert placings[0].arithmetic[-2].expression == "40 x 60 / 60"


def test_where_nobody_is_ranked_nobody_has_price_points_and_no_ceiling_is_needed() -> None:
    scoring = {"technical": tech(60), "price": {"full": 40, "formula": "lowest-over-bid"}, "ceiling_won": None}
    (placing,) = weigh(scoring, {1: (80, 1)}, estimated_price_won=None)
    assert (placing.rank, placing.points) == (None, Points(technical=1, price=0))
    assert EXPLAIN["best-value"](terms("best-value"), [placing]) == ()
    (placing,) = weigh(scoring, {1: (80, 600_000)}, estimated_price_won=None)
    assert (placing.rank, placing.points) == (1, Points(technical=600_000, price=400_000))


@pytest.mark.parametrize(
    ("formula", "expression"), [("linear", "40 x (90 - 60) / (90 - 50)"), ("budget-share", "40 x (90 - 60) / 90")]
)
def test_the_ceiling_is_the_lower_of_the_two(formula: str, expression: str) -> None:
    scoring = {"technical": tech(60), "price": {"full": 40, "formula": formula}, "ceiling_won": "90"}
    placings = weigh(scoring, {1: (50, 600_000), 2: (60, 600_000), 3: (95, 600_000)}, estimated_price_won=100)
    assert order(placings) == [(1, 1, "valid"), (2, 2, "valid"), (3, None, "above-ceiling")]
    assert placings[1].arithmetic[-2].expression == expression


# ---- the sealed first round of an auction


def test_the_first_round_ranks_the_cheapest_first() -> None:
    bids = [bid(1, 90), bid(2, 80), bid(3, 101)]
    with_price = RULES["reverse-auction"](terms("reverse-auction", estimated_price_won=100), bids)
    assert order(with_price) == [(2, 1, "valid"), (1, 2, "valid"), (3, None, "above-estimated-price")]
    without = RULES["reverse-auction"](terms("reverse-auction", estimated_price_won=None), bids)
    assert order(without) == [(2, 1, "valid"), (1, 2, "valid"), (3, 3, "valid")]


# ---- scoring of another method


@pytest.mark.parametrize("method", ["negotiation", "two-stage", "best-value", "desired-quantity"])
def test_a_method_is_not_run_with_another_one_s_scoring(method: str) -> None:
    with pytest.raises(ValueError, match="its scoring"):
        RULES[method](Terms(PRICE, None, scoring=read_scoring("sale", {})), [])


# ---- the order


def test_a_lot_is_named_by_what_the_bids_have_in_common() -> None:
    assert lot_label((90_000_000,)) == "90000000"
    assert lot_label((-910_000, -600_000)) == "910000:600000"


STMTS = tuple(f"{number:064x}" for number in range(5))


def test_a_bid_without_technical_points_counts_as_none_in_the_order_and_in_its_lot() -> None:
    """The label of the lot is hashed by everybody who draws it again: nought is spelt 0."""
    none = [Placing(stmt, stmt, None, Reason.VALID, 500, points=Points(technical=None, price=7)) for stmt in STMTS]
    for method, label in (("two-stage", "500:0"), ("negotiation", "7:0"), ("best-value", "7:0")):
        placed = in_order(method, terms("sale"), none)
        assert [one.stmt for one in placed] == draw_lots(SEED, "1", label, list(STMTS))
    bare = [Placing(stmt, stmt, None, Reason.VALID, 500) for stmt in STMTS]
    placed = in_order("desired-quantity", terms("sale"), bare)
    assert [one.stmt for one in placed] == draw_lots(SEED, "1", "500:0", list(STMTS))
