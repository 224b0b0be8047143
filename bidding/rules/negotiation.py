"""협상에 의한 계약: the price points of a negotiated contract, relative to the lowest bid.

계약예규 「협상에 의한 계약체결기준」 별표. What differs between agencies is a parameter, never a guess: the break,
steepness below it, and what becomes of prices under the low mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from bidding.rounding import half_up

BELOW_LOW = ("counted-as-low", "flat")


@dataclass(frozen=True, slots=True)
class PriceFormula:
    """`full` points B; percents of the reference price: `break_at` 80 (some agencies 70), `low` 60.

    `extra` points are added step by step from the break down to the low mark. `below_low`: a bid under the low mark
    is `counted-as-low`, or gets a `flat` low/100 of the points. `is_lowest_lifted`: whether the lowest bid itself is
    taken as the low mark when it lies under it.
    """

    full: int
    break_at: int = 80
    low: int = 60
    extra: int = 2
    below_low: str = "counted-as-low"
    is_lowest_lifted: bool = False

    def __post_init__(self) -> None:
        if self.below_low not in BELOW_LOW or not 0 < self.low < self.break_at <= 100 or self.full <= 0:
            raise ValueError("not a price formula")


def negotiated_points(formula: PriceFormula, amount_won: int, lowest_won: int, reference_won: int) -> int:
    """The price points in ten-thousandths, half up at the fifth decimal.

    `lowest_won` is the lowest bid of the set that the notice names (all valid bids, or the eligible ones);
    `reference_won` the estimated price where there is one, else the amount that the notice names. ValueError for
    prices that are not positive, or a bid below the lowest.
    """
    if min(amount_won, lowest_won, reference_won) <= 0 or amount_won < lowest_won:
        raise ValueError("prices must be positive, and none is below the lowest")
    mark, low = Fraction(reference_won * formula.break_at, 100), Fraction(reference_won * formula.low, 100)
    lowest = max(Fraction(lowest_won), low) if formula.is_lowest_lifted else Fraction(lowest_won)
    if amount_won >= mark:
        points = formula.full * lowest / amount_won
    elif amount_won < low and formula.below_low == "flat":
        points = Fraction(formula.full * formula.low, 100)
    else:
        counted = max(Fraction(amount_won), low)
        points = formula.full * lowest / mark + formula.extra * (mark - counted) / (mark - low)
    return half_up(points.numerator, points.denominator, 4)


def is_negotiable(technical_points: Fraction, technical_full: Fraction, percent: int = 85) -> bool:
    """협상적격자: whether the technical points reach the part of the full points that the notice asks."""
    return technical_points * 100 >= technical_full * percent
