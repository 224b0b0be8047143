"""협상에 의한 계약: the lines of arithmetic at the marks themselves, and prices by which nothing can be measured."""

from dataclasses import replace
from typing import Any

import pytest

from bidding.criteria import Criterion, Tech
from bidding.price_scoring import PriceFormula
from bidding.rules import EXPLAIN
from bidding.rules.negotiation import explain_points, negotiated_points
from bidding.rules.steps import show_hundredths
from bidding.scoring import NegotiationScoring
from bidding.types import Placing, Reason, Step, Terms
from tests.bidding.rules.test_negotiation import MILLION, SAMPLE, SAMPLE_BIDS, TWENTY, negotiate, points_of


@pytest.mark.parametrize(
    ("formula", "amount", "expression"),
    [
        (TWENTY, 80 * MILLION, "20 x 50000000 / 80000000"),
        (TWENTY, 80 * MILLION - 1, "20 x 50000000 / 80000000 + 2 x (80000000 - 79999999) / (80000000 - 60000000)"),
        (TWENTY, 50 * MILLION, "20 x 50000000 / 80000000 + 2 x (80000000 - 60000000) / (80000000 - 60000000)"),
        (
            PriceFormula(20, below_low="flat"),
            60 * MILLION,
            "20 x 50000000 / 80000000 + 2 x (80000000 - 60000000) / (80000000 - 60000000)",
        ),
        (PriceFormula(20, below_low="flat"), 60 * MILLION - 1, "20 x 60 / 100"),
        (PriceFormula(20, is_lowest_lifted=True), 80 * MILLION, "20 x 60000000 / 80000000"),
    ],
)
def test_the_line_of_the_price_points_changes_at_the_marks_themselves(
    formula: PriceFormula, amount: int, expression: str
) -> None:
    step = explain_points(formula, amount, 50 * MILLION, 100 * MILLION)
    assert (step.label, step.expression) == ("price-points", expression)


def test_marks_that_are_no_whole_won_are_shown_to_the_hundredth() -> None:
    """80 and 60 percent of 101 won; of 110,000,001 won 88,000,000.8 and 66,000,000.6."""
    step = explain_points(TWENTY, 70, 65, 101)
    assert step.expression == "20 x 65 / 80.8 + 2 x (80.8 - 70) / (80.8 - 60.6)"
    step = explain_points(PriceFormula(20, break_at=75), 80 * MILLION, 70 * MILLION, 110_000_001)
    assert step.expression == (
        "20 x 70000000 / 82500000.75 + 2 x (82500000.75 - 80000000) / (82500000.75 - 66000000.6)"
    )


def lines_of_all(price: PriceFormula, threshold: int | None = 85_000, **more: Any) -> list[tuple[str, str, str]]:
    full = 100 - price.full
    scheme = Tech((Criterion("1", "기술", full, None),), full, threshold, "none", None, 1, is_blind=False)
    placings = negotiate(price, [(won, points) for won, points, *_ in SAMPLE_BIDS], threshold=threshold)
    usual = Terms(110_000_000, None, scoring=NegotiationScoring(scheme, price))
    return [
        (step.label, step.expression, step.value) for step in EXPLAIN["negotiation"](replace(usual, **more), placings)
    ]


def test_the_lowest_price_that_all_are_measured_by_is_told_with_its_set() -> None:
    reference = ("reference-price", "estimated-price", "110000000")
    assert lines_of_all(SAMPLE) == [reference, ("lowest-price", "qualified", "98000000")]
    over_all = replace(SAMPLE, lowest_over="valid")
    assert lines_of_all(over_all) == [reference, ("lowest-price", "valid", "96000000")]
    given = replace(SAMPLE, reference="given", reference_won=7)
    assert lines_of_all(given)[0] == ("reference-price", "given", "7")
    usual = Terms(
        1,
        None,
        scoring=NegotiationScoring(Tech((Criterion("1", "기술", 90, None),), 90, None, "none", None, 1, False), SAMPLE),
    )
    assert [step.label for step in EXPLAIN["negotiation"](usual, [])] == ["reference-price"]
    unpriced = Placing("a", "a", None, Reason.VALID)  # as whatever could not be read stands in the list
    assert [step.label for step in EXPLAIN["negotiation"](usual, [unpriced])] == ["reference-price"]


@pytest.mark.parametrize("estimated", [None, 0, -1])
def test_marks_of_no_price_are_none(estimated: int | None) -> None:
    with pytest.raises(ValueError, match="estimated price must be positive"):
        negotiate(SAMPLE, [], estimated_price_won=estimated)
    assert negotiate(SAMPLE, [], estimated_price_won=1) == ()


def test_where_nobody_qualifies_nobody_has_price_points() -> None:
    placings = negotiate(SAMPLE, [(100, 1), (200, 2)], threshold=85_000)
    assert [(placing.rank, points_of(placing)) for placing in placings] == [(None, 0), (None, 0)]
    assert [step.label for step in placings[0].arithmetic] == [
        "technical-points",
        "bid-rate",
        "against-estimated-price",
    ]


@pytest.mark.parametrize(("amount", "lowest", "reference"), [(-1, -1, 10), (5, 0, 10), (5, -5, 10), (5, 5, -1)])
def test_a_price_of_nothing_is_refused_wherever_it_stands(amount: int, lowest: int, reference: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        negotiated_points(TWENTY, amount, lowest, reference)


def test_a_bid_at_the_ceiling_is_in_and_one_won_above_it_is_out() -> None:
    placings = negotiate(SAMPLE, [(100_000_000, 800_000), (100_000_001, 900_000)], ceiling_won=100_000_000)
    assert [(placing.rank, placing.reason) for placing in placings] == [(1, "valid"), (None, "above-ceiling")]
    limits = [step for step in placings[0].arithmetic if step.label.startswith("against")]
    assert limits == [
        Step("against-estimated-price", "100000000 <= 110000000", "<="),
        Step("against-ceiling", "100000000 <= 100000000", "<="),
    ]
    assert Step("against-ceiling", "100000001 > 100000000", ">") in placings[1].arithmetic


def test_without_a_threshold_the_points_are_shown_out_of_all() -> None:
    (placing,) = negotiate(SAMPLE, [(100_000_000, 800_000)])
    assert placing.arithmetic[0] == Step("technical-points", "80.0000 / 90", "80.0000")


def test_hundredths_of_a_won_end_without_noughts_and_whole_ones_without_a_point() -> None:
    assert [show_hundredths(n) for n in (8_800_000_080, 8_800_000_000, 8_800_000_005, 110, 1_000)] == [
        "88000000.8",
        "88000000",
        "88000000.05",
        "1.1",
        "10",
    ]
