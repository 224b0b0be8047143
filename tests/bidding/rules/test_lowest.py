"""Lowest price at or above the floor: the rule, told as a table."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.draw import draw_lots
from bidding.rules import RULES
from bidding.rules.floor import explain_floor, floor_price
from bidding.types import OpenedBid, Step, Terms

quote, lowest = RULES["quote"], RULES["lowest"]
TERMS = Terms(estimated_price_won=100_000_000, floor_rate=87_745, seed_n=b"\7" * 32)


def bid(number: int, amount_won: int) -> OpenedBid:
    return OpenedBid(f"{number:064x}", f"supplier-{number}", amount_won)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (87_745_000, "valid"),
        (87_744_999, "below-floor"),
        (100_000_000, "valid"),
        (100_000_001, "above-estimated-price"),
    ],
)
def test_both_edges_of_the_window_are_in(amount: int, reason: str) -> None:
    (placing,) = quote(TERMS, [bid(1, amount)])
    assert placing.reason == reason
    assert (placing.rank == 1) is (reason == "valid")


def test_without_a_floor_one_won_wins() -> None:
    (placing,) = lowest(replace(TERMS, floor_rate=None), [bid(1, 1)])
    assert (placing.rank, placing.reason) == (1, "valid")


def test_a_method_is_not_run_with_the_other_ones_floor() -> None:
    with pytest.raises(ValueError, match="needs a floor"):
        quote(replace(TERMS, floor_rate=None), [])
    with pytest.raises(ValueError, match="no floor"):
        lowest(TERMS, [])


def test_the_floor_falls_on_the_next_whole_won() -> None:
    """T-S11."""
    assert floor_price(135_898_725, 89_745) == 121_962_311
    terms = replace(TERMS, estimated_price_won=135_898_725, floor_rate=89_745)
    assert [placing.rank for placing in quote(terms, [bid(1, 121_962_310), bid(2, 121_962_311)])] == [1, None]


def test_an_a_value_is_not_cut_by_the_floor() -> None:
    assert floor_price(500_000_000, 89_745, 30_000_000) == 451_801_500
    assert explain_floor(500_000_000, 89_745, 30_000_000).value == "451801500"


def test_the_line_of_the_floor_names_the_a_value_only_where_there_is_one() -> None:
    assert explain_floor(500_000_000, 89_745, 30_000_000) == Step(
        "floor-price", "30000000 + (500000000 - 30000000) x 89.745%, up-1", "451801500"
    )
    assert explain_floor(100_000, 88_005) == Step("floor-price", "100000 x 88.005%, up-1", "88005")


def test_a_floor_of_the_whole_leaves_one_price() -> None:
    assert floor_price(100_000_001, 100_000) == 100_000_001
    whole = replace(TERMS, floor_rate=100_000)
    assert [one.rank for one in quote(whole, [bid(1, 100_000_000), bid(2, 99_999_999)])] == [1, None]


def test_an_exact_floor_is_not_rounded_up_further() -> None:
    assert floor_price(100_000, 88_000) == 88_000
    assert floor_price(100_001, 88_000) == 88_001


def test_the_cheapest_valid_bid_comes_first() -> None:
    placings = quote(TERMS, [bid(1, 95_000_000), bid(2, 80_000_000), bid(3, 90_000_000), bid(4, 100_000_001)])
    assert [(int(placing.stmt, 16), placing.rank) for placing in placings] == [(3, 1), (1, 2), (2, None), (4, None)]


def test_equal_prices_are_placed_by_lot_and_marked() -> None:
    equal = [bid(n, 90_000_000) for n in range(1, 6)]
    placings = quote(TERMS, [bid(9, 89_000_000), *equal, bid(8, 91_000_000)])
    by_lot = draw_lots(TERMS.seed_n, "1", 90_000_000, [one.stmt for one in equal])
    assert [placing.stmt for placing in placings][1:6] == by_lot
    assert [placing.is_tied for placing in placings] == [False, *[True] * 5, False]


@given(st.permutations([bid(n, 90_000_000 + n // 3) for n in range(12)]))
def test_the_ranking_does_not_depend_on_the_order_of_arrival(bids: list[OpenedBid]) -> None:
    ordered = sorted(bids, key=lambda one: one.stmt)
    assert quote(TERMS, bids) == quote(TERMS, ordered)


@given(st.lists(st.integers(80_000_000, 105_000_000), min_size=1, max_size=40))
def test_every_bid_is_placed_once_and_ranks_have_no_gap(amounts: list[int]) -> None:
    bids = [bid(n, amount) for n, amount in enumerate(amounts)]
    placings = quote(TERMS, bids)
    assert sorted(placing.stmt for placing in placings) == sorted(one.stmt for one in bids)
    ranks = [placing.rank for placing in placings if placing.rank is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    ranked = [placing.amount_won or 0 for placing in placings if placing.rank is not None]
    assert ranked == sorted(ranked)
    assert all((placing.rank is None) == (placing.reason != "valid") for placing in placings)


def test_every_placing_shows_its_arithmetic() -> None:
    placings = {int(placing.stmt, 16): placing for placing in quote(TERMS, [bid(1, 90_394_510), bid(2, 80_000_000)])}
    assert placings[1].rate == 90_394
    assert [(step.label, step.expression, step.value) for step in placings[1].arithmetic] == [
        ("bid-rate", "90394510 / 100000000", "90.394%"),
        ("against-estimated-price", "90394510 <= 100000000", "<="),
        ("against-floor", "90394510 >= 87745000", ">="),
    ]
    assert placings[2].arithmetic[-1].value == "<"


def test_a_bid_cannot_be_counted_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        quote(TERMS, [bid(1, 90_000_000), bid(1, 91_000_000)])


def test_a_bid_without_a_price_is_refused() -> None:
    with pytest.raises(ValueError, match="price"):
        lowest(replace(TERMS, floor_rate=None), [bid(1, 0)])


@pytest.mark.parametrize(
    "changes",
    [
        {"estimated_price_won": 0},
        {"floor_rate": 0},
        {"floor_rate": 100_001},
        {"a_value_won": -1},
        {"a_value_won": 10**8},
    ],
)
def test_terms_out_of_range_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"floor rate|A value|estimated price"):
        quote(replace(TERMS, **changes), [])


def test_no_price_at_all_is_no_estimated_price() -> None:
    with pytest.raises(ValueError, match="positive"):
        lowest(replace(TERMS, floor_rate=None, estimated_price_won=0), [])


def test_a_first_round_without_an_estimated_price_ranks_every_bid_under_its_supplier() -> None:
    placings = RULES["reverse-auction"](Terms(None, None, seed_n=b"\7" * 32), [bid(1, 20), bid(2, 10)])
    assert [(one.supplier, one.rank, one.amount_won) for one in placings] == [
        ("supplier-2", 1, 10),
        ("supplier-1", 2, 20),
    ]


def test_an_estimated_price_of_one_won_is_one() -> None:
    (placing,) = lowest(replace(TERMS, floor_rate=None, estimated_price_won=1), [bid(1, 1)])
    assert placing.reason == "valid"
    assert placing.arithmetic[1] == Step("against-estimated-price", "1 <= 1", "<=")
