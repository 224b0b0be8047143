"""협상에 의한 계약: the official sample (T-N1) and the branches below it (T-N2)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.criteria import Criterion, Tech
from bidding.price_scoring import PriceFormula
from bidding.rules.negotiation import negotiated_points

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
