"""The limit on lots: nobody above it, every lot to the best bid that it does not touch."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.rules.lots import Allotment, Held, Limit, LotBid, PassedOver, allot, why_limited
from bidding.types import Step

FIRMS = ("1", "2", "3", "4")


def bid(supplier: str, won: int = 10, lot: int = 1) -> LotBid:
    return LotBid(f"{lot}:{supplier}", supplier, won)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[int], dict[int, list[LotBid]], Limit]:
    lots = list(range(1, draw(st.integers(1, 6)) + 1))
    rankings = {}
    for lot in lots:
        firms = draw(st.lists(st.sampled_from(FIRMS), unique=True))
        rankings[lot] = [bid(firm, draw(st.integers(1, 50)), lot) for firm in firms]
    some = st.none() | st.integers(1, 60)
    limit = Limit(draw(st.none() | st.integers(1, 5)), draw(some))
    return draw(st.permutations(lots)), rankings, limit


def holdings(made: Allotment) -> dict[str, Held]:
    won = [one for one in made.winners.values() if one is not None]
    return {
        firm: Held(sum(one.supplier == firm for one in won), sum(one.amount_won for one in won if one.supplier == firm))
        for firm in FIRMS
    }


@given(cases())
def test_nobody_wins_more_than_the_limit(case: tuple[list[int], dict[int, list[LotBid]], Limit]) -> None:
    order, rankings, limit = case
    for held in holdings(allot(order, rankings, limit)).values():
        assert limit.max_lots is None or held.lots <= limit.max_lots
        assert limit.max_won is None or held.won <= limit.max_won


@given(cases())
def test_each_lot_goes_to_the_best_bid_that_is_not_limited(
    case: tuple[list[int], dict[int, list[LotBid]], Limit],
) -> None:
    order, rankings, limit = case
    made = allot(order, rankings, limit)
    held: dict[str, Held] = {}
    for lot in order:
        best = next((one for one in rankings[lot] if not why_limited(one, held.get(one.supplier, Held()), limit)), None)
        assert made.winners[lot] == best
        passed = [one.bid for one in made.passed_over if one.lot == lot]
        ahead = rankings[lot] if best is None else rankings[lot][: rankings[lot].index(best)]
        assert passed == ahead
        if best is not None:
            has = held.get(best.supplier, Held())
            held[best.supplier] = Held(has.lots + 1, has.won + best.amount_won)


@given(cases())
def test_without_a_limit_the_first_of_each_ranking_wins(
    case: tuple[list[int], dict[int, list[LotBid]], Limit],
) -> None:
    order, rankings, _ = case
    made = allot(order, rankings, Limit())
    assert made.passed_over == ()
    assert made.winners == {lot: ranked[0] if ranked else None for lot, ranked in rankings.items()}


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_lots_are_handed_in_changes_nothing(
    case: tuple[list[int], dict[int, list[LotBid]], Limit], chance: object
) -> None:
    order, rankings, limit = case
    lots = list(rankings.items())
    chance.shuffle(lots)  # type: ignore[attr-defined]
    assert allot(order, dict(lots), limit) == allot(order, rankings, limit)


def test_who_has_reached_the_limit_is_passed_over_with_the_comparison() -> None:
    rankings = {1: [bid("1", 40)], 2: [bid("1", 30, 2), bid("2", 35, 2)]}
    made = allot([1, 2], rankings, Limit(max_lots=1, max_won=60))
    assert made.winners[2] == bid("2", 35, 2)
    (passed,) = made.passed_over
    assert passed == PassedOver(
        2, bid("1", 30, 2), (Step("lots-won", "1 + 1 > 1", "2"), Step("won-in-all", "40 + 30 > 60", "70"))
    )


def test_the_order_of_the_notice_decides_which_lot_counts_first() -> None:
    rankings = {1: [bid("1"), bid("2")], 2: [bid("1", 10, 2), bid("2", 10, 2)]}
    made = allot([2, 1], rankings, Limit(max_lots=1))
    assert made.winners == {2: bid("1", 10, 2), 1: bid("2")}


def test_the_amount_may_be_reached_and_not_passed() -> None:
    assert why_limited(bid("1", 40), Held(1, 60), Limit(max_won=100)) == ()
    assert why_limited(bid("1", 41), Held(1, 60), Limit(max_won=100))


def test_what_was_won_of_an_earlier_announcement_counts() -> None:
    made = allot([1], {1: [bid("1"), bid("2")]}, Limit(max_lots=1), {"1": Held(1, 5)})
    assert made.winners == {1: bid("2")}


@pytest.mark.parametrize(
    ("order", "rankings", "why"),
    [
        ([1], {1: [], 2: []}, "each lot once"),
        ([1, 1], {1: []}, "each lot once"),
        ([1], {1: [bid("1"), bid("1")]}, "one bid of a bidder"),
    ],
)
def test_what_is_no_case_of_the_rule_is_refused(order: list[int], rankings: dict[int, list[LotBid]], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        allot(order, rankings, Limit())


def test_amounts_and_lots_of_earlier_awards_add_up() -> None:
    lots = [1, 2, 3]
    rankings = {lot: [bid("1", 40, lot), bid("2", 40, lot)] for lot in lots}
    assert allot(lots, rankings, Limit(max_won=80)).winners == {
        1: bid("1", 40, 1),
        2: bid("1", 40, 2),
        3: bid("2", 40, 3),
    }
    assert allot(lots, rankings, Limit(max_lots=2)).winners == {
        1: bid("1", 40, 1),
        2: bid("1", 40, 2),
        3: bid("2", 40, 3),
    }
    held = {"1": Held(1, 40)}
    assert allot(lots, rankings, Limit(max_won=80), held).winners[2] == bid("2", 40, 2)
    assert held == {"1": Held(1, 40)}  # what was handed in is not changed


def test_a_lot_whose_bidders_all_have_enough_is_won_by_nobody() -> None:
    made = allot([1, 2], {1: [bid("1")], 2: [bid("1", 10, 2)]}, Limit(max_lots=1))
    assert made.winners == {1: bid("1"), 2: None}
    assert Limit().is_none
    assert not Limit(max_won=1).is_none
    assert not Limit(max_lots=1).is_none
