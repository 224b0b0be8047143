"""협상에 의한 계약: the official sample (T-N1) and the branches below it (T-N2)."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.criteria import Criterion, Tech
from bidding.draw import draw_lots
from bidding.price_scoring import PriceFormula
from bidding.rules import RULES
from bidding.rules.negotiation import explain_points, negotiated_points
from bidding.scoring import NegotiationScoring
from bidding.types import Placing, TechnicalResult, Terms
from tests.bidding.rules.methods import bid

MILLION = 1_000_000
SAMPLE = PriceFormula(full=10)
TWENTY = PriceFormula(full=20)


@pytest.mark.parametrize(
    ("amount", "points"),
    [
        (100_111_000, 95_894),
        (98_000_000, 97_959),
        (100_000_000, 96_000),
        (96_000_000, 100_000),
        (108_520_000, 88_463),
    ],
)
def test_the_official_sample_comes_out(amount: int, points: int) -> None:
    """T-N1: R25BK01027145-002."""
    assert negotiated_points(SAMPLE, amount, 96_000_000, 110_000_000) == points


@pytest.mark.parametrize(
    ("formula", "amount", "lowest", "points"),
    [
        (TWENTY, 75 * MILLION, 75 * MILLION, 192_500),
        (TWENTY, 90 * MILLION, 75 * MILLION, 166_667),
        (TWENTY, 50 * MILLION, 50 * MILLION, 145_000),
        (PriceFormula(20, is_lowest_lifted=True), 50 * MILLION, 50 * MILLION, 170_000),
        (PriceFormula(20, below_low="flat"), 50 * MILLION, 50 * MILLION, 120_000),
        (
            PriceFormula(20, below_low="flat"),
            60 * MILLION,
            50 * MILLION,
            145_000,
        ),  # the low mark itself is not below it
        (TWENTY, 80 * MILLION, 80 * MILLION, 200_000),
        (TWENTY, 80 * MILLION - 1, 80 * MILLION - 1, 200_000),  # the branches meet
    ],
)
def test_below_the_break_points_fall_as_the_formula_says(
    formula: PriceFormula, amount: int, lowest: int, points: int
) -> None:
    """T-N2, P = 100,000,000."""
    assert negotiated_points(formula, amount, lowest, 100 * MILLION) == points


@given(st.integers(1, 79_999_999))
def test_below_the_break_even_the_lowest_gets_less_than_all(amount: int) -> None:
    assert negotiated_points(TWENTY, amount, amount, 100 * MILLION) <= 200_000


@given(st.integers(60_000_000, 100_000_000), st.integers(0, 10_000_000))
def test_a_dearer_bid_never_gets_more(amount: int, more: int) -> None:
    lowest = 60_000_000
    cheap, dear = (negotiated_points(TWENTY, won, lowest, 100 * MILLION) for won in (amount, amount + more))
    assert cheap >= dear


@pytest.mark.parametrize(("amount", "lowest", "reference"), [(0, 0, 1), (1, 1, 0), (1, 2, 10)])
def test_impossible_prices_are_refused(amount: int, lowest: int, reference: int) -> None:
    with pytest.raises(ValueError, match="lowest"):
        negotiated_points(TWENTY, amount, lowest, reference)


@pytest.mark.parametrize("values", [{"low": 80}, {"full": 0}, {"below_low": "nothing"}, {"break_at": 101}])
def test_a_formula_out_of_range_is_refused(values: dict[str, int | str]) -> None:
    with pytest.raises(ValueError, match="formula"):
        PriceFormula(**{"full": 20, **values})  # type: ignore[arg-type]


def test_who_may_negotiate_is_decided_at_the_very_edge() -> None:
    scoring = Tech((Criterion("1", "기술", 90, None),), 90, 85_000, "none", None, 1, is_blind=False)
    assert scoring.qualifies(765_000)
    assert not scoring.qualifies(764_999)


# ---- the ranking

SAMPLE_BIDS = (
    (100_111_000, 815_000, "9.5894", "91.0894"),
    (98_000_000, 803_000, "9.7959", "90.0959"),
    (100_000_000, 783_000, "9.6000", "87.9000"),
    (100_000_000, 782_000, "9.6000", "87.8000"),
    (96_000_000, 757_000, "10.0000", "85.7000"),
    (108_520_000, 687_000, "8.8463", "77.5463"),
)


def negotiate(price: PriceFormula, technical: Sequence[tuple[int, int]], **more: Any) -> tuple[Placing, ...]:
    """Rank (price, technical points) pairs under a ten-point or twenty-point price formula; 110,000,000 estimated."""
    threshold = more.pop("threshold", None)
    full = 100 - price.full
    scheme = Tech((Criterion("1", "기술", full, None),), full, threshold, "none", None, 1, is_blind=False)
    bids = [bid(number, won) for number, (won, _) in enumerate(technical, start=1)]
    points = {one.stmt: points for one, (_, points) in zip(bids, technical, strict=True)}
    results = {stmt: TechnicalResult(stmt, one, scheme.qualifies(one)) for stmt, one in points.items()}
    scoring = NegotiationScoring(scheme, price, more.pop("ceiling_won", None))
    terms = Terms(110_000_000, None, seed_n=b"\7" * 32, scoring=scoring, technical=results)
    return RULES["negotiation"](replace(terms, **more), bids)


def test_the_official_opening_is_ranked_as_published() -> None:
    """T-N1, with all six prices and technical points."""
    placings = negotiate(SAMPLE, [(won, points) for won, points, *_ in SAMPLE_BIDS])
    shown = [{step.label: step.value for step in placing.arithmetic} for placing in placings]
    assert [placing.amount_won for placing in placings] == [won for won, *_ in SAMPLE_BIDS]
    assert [placing.rank for placing in placings] == [1, 2, 3, 4, 5, 6]
    assert [one["price-points"] for one in shown] == [price for _, _, price, _ in SAMPLE_BIDS]
    assert [one["total-points"] for one in shown] == [total for *_, total in SAMPLE_BIDS]


def test_whose_price_is_the_lowest_is_the_notice_s_own_question() -> None:
    """With a threshold of 85 % (76.5) the lowest price of the sample belongs to a bid that does not qualify."""
    pairs = [(won, points) for won, points, *_ in SAMPLE_BIDS]
    over_all = negotiate(replace(SAMPLE, lowest_over="valid"), pairs, threshold=85_000)
    qualified = negotiate(SAMPLE, pairs, threshold=85_000)
    for placings in (over_all, qualified):
        assert [(placing.rank, placing.reason) for placing in placings][4:] == [(None, "not-qualified")] * 2
    assert [points_of(placing) for placing in over_all] == [95_894, 97_959, 96_000, 96_000, 100_000, 88_463]
    assert [points_of(placing) for placing in qualified] == [97_891, 100_000, 98_000, 98_000, 0, 0]


def points_of(placing: Placing) -> int:
    assert placing.points is not None
    return placing.points.price


def test_equal_totals_go_by_the_better_proposal_then_by_lot() -> None:
    """Two points of price against two of the proposal; and two bids that are equal in both."""
    placings = negotiate(
        PriceFormula(10, low=1, break_at=2), [(100_000_000, 820_000), (80_000_000, 800_000), (80_000_000, 800_000)]
    )
    totals = [placing.points.total for placing in placings if placing.points is not None]
    assert totals == [900_000, 900_000, 900_000]
    assert [placing.is_tied for placing in placings] == [False, True, True]
    assert int(placings[0].stmt, 16) == 1
    equal = [bid(2, 1).stmt, bid(3, 1).stmt]
    assert [placing.stmt for placing in placings[1:]] == draw_lots(b"\7" * 32, "1", "900000:800000", equal)


def test_above_the_estimated_price_or_the_budget_nobody_negotiates() -> None:
    pairs = [(110_000_000, 800_000), (110_000_001, 900_000), (105_000_001, 900_000)]
    placings = negotiate(SAMPLE, pairs, ceiling_won=105_000_000)
    reasons = {int(placing.stmt, 16): placing.reason for placing in placings}
    assert reasons == {1: "above-ceiling", 2: "above-estimated-price", 3: "above-ceiling"}
    assert all(placing.rank is None for placing in placings)


def test_without_an_estimated_price_the_notice_s_own_amount_is_the_reference() -> None:
    price = replace(TWENTY, reference="given", reference_won=100 * MILLION)
    placings = negotiate(
        price, [(75 * MILLION, 700_000), (90 * MILLION, 700_000)], estimated_price_won=None, ceiling_won=100 * MILLION
    )
    assert [points_of(placing) for placing in placings] == [192_500, 166_667]
    assert all(placing.rate is None for placing in placings)
    assert [step.label for step in placings[0].arithmetic] == [
        "technical-points",
        "against-ceiling",
        "price-points",
        "total-points",
    ]


@pytest.mark.parametrize(
    ("formula", "amount", "expression"),
    [
        (TWENTY, 90 * MILLION, "20 x 50000000 / 90000000"),
        (TWENTY, 70 * MILLION, "20 x 50000000 / 88000000 + 2 x (88000000 - 70000000) / (88000000 - 66000000)"),
        (TWENTY, 50 * MILLION, "20 x 50000000 / 88000000 + 2 x (88000000 - 66000000) / (88000000 - 66000000)"),
        (replace(TWENTY, below_low="flat"), 50 * MILLION, "20 x 60 / 100"),
        (replace(TWENTY, is_lowest_lifted=True), 90 * MILLION, "20 x 66000000 / 90000000"),
        (
            replace(TWENTY, extra=Fraction(3, 2)),
            70 * MILLION,
            "20 x 50000000 / 88000000 + 3/2 x (88000000 - 70000000) / (88000000 - 66000000)",
        ),
    ],
)
def test_every_branch_shows_its_own_line(formula: PriceFormula, amount: int, expression: str) -> None:
    assert explain_points(formula, amount, 50 * MILLION, 110 * MILLION).expression == expression


def test_marks_that_are_no_whole_won_are_shown_exactly() -> None:
    shown = explain_points(TWENTY, 70_000_000, 70_000_000, 100_000_001).expression
    assert "80000000.8" in shown
    assert "60000000.6" in shown


@given(
    st.builds(
        PriceFormula,
        full=st.integers(5, 30),
        break_at=st.sampled_from((70, 80)),
        extra=st.fractions(0, 5, max_denominator=9),
        below_low=st.sampled_from(("line", "flat")),
        is_lowest_lifted=st.booleans(),
    ),
    st.integers(1, 10**9),
    st.integers(0, 10**9),
    st.integers(1, 10**9),
)
def test_price_points_stay_within_their_bounds(formula: PriceFormula, lowest: int, more: int, reference: int) -> None:
    assert 0 <= negotiated_points(formula, lowest + more, lowest, reference) <= formula.full * 10_000


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(1, 10**9))
def test_the_points_are_the_exact_fraction_rounded_half_up(lowest: int, more: int, reference: int) -> None:
    """The same formula told with fractions, as the rule's text has it."""
    amount, mark, low = lowest + more, Fraction(reference * 80, 100), Fraction(reference * 60, 100)
    if amount >= mark:
        exact = 20 * Fraction(lowest, amount)
    else:
        exact = 20 * lowest / mark + 2 * (mark - max(Fraction(amount), low)) / (mark - low)
    expected = min(exact, Fraction(20)) * 10_000
    assert negotiated_points(TWENTY, amount, lowest, reference) == (expected + Fraction(1, 2)).__floor__()


def test_a_proposal_without_technical_points_stops_it() -> None:
    scoring = NegotiationScoring(Tech((Criterion("1", "기술", 90, None),), 90, None, "none", None, 1, False), SAMPLE)
    with pytest.raises(ValueError, match="technical points"):
        RULES["negotiation"](Terms(110_000_000, None, scoring=scoring), [bid(1, 100_000_000)])
