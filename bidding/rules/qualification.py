"""적격심사: the price points of a qualification review, and the lowest price that passes.

    score = B - k x |base - R|        R = 100 x (bid - A) / (estimated price - A), half up at the fifth decimal

조달청 시설공사 적격심사세부기준 제9269호, 별표 1-5; services and goods by their own tables. Points are counted in
ten-thousandths (95.0000 is 950000), so that nothing is lost on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from bidding.rounding import half_up
from bidding.types import WHOLE, Step

POINT = 10_000  # ten-thousandths
LEAST = 2 * POINT


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One table of a review.

    `full` B, `slope` k and `base` (percent) as in the formula; `plateau` the percent (thousandths) from which, up to
    the estimated price, the points stay what the line gives there, None where the table has none; `pass_mark` the
    points that pass in all. Whoever has all other points has `100 - full` of them.
    """

    full: int
    slope: Fraction
    base: int
    pass_mark: int
    plateau: int | None = None

    @property
    def others(self) -> int:
        return 100 - self.full


TABLES: MappingProxyType[str, PriceTable] = MappingProxyType(
    {
        "works-1": PriceTable(50, Fraction(2), 90, 95, plateau=92_500),
        "works-2a": PriceTable(70, Fraction(4), 90, 95, plateau=91_250),
        "works-2b": PriceTable(70, Fraction(20), 90, 95, plateau=90_250),
        "works-3": PriceTable(80, Fraction(20), 90, 95, plateau=90_250),
        "works-4": PriceTable(90, Fraction(20), 90, 95, plateau=90_250),
        "works-5": PriceTable(90, Fraction(20), 90, 95, plateau=90_250),
    }
)


def price_ratio(amount_won: int, estimated_price_won: int, a_value_won: int = 0) -> int:
    """R in ten-thousandths of the whole (0.8975 is 8975), half up at the fifth decimal.

    ValueError if the A value is not below the estimated price. A bid below the A value counts as nothing.
    """
    if not 0 <= a_value_won < estimated_price_won:
        raise ValueError("the A value must be below the estimated price")
    return half_up(max(amount_won - a_value_won, 0), estimated_price_won - a_value_won, 4)


def price_score(table: PriceTable, amount_won: int, estimated_price_won: int, a_value_won: int = 0) -> int:
    """The price points in ten-thousandths; never below two points.

    On the plateau amounts are compared exactly, not by the rounded ratio. Above the estimated price it does not hold.
    """
    ratio = price_ratio(amount_won, estimated_price_won, a_value_won)
    bid, price = amount_won - a_value_won, estimated_price_won - a_value_won
    if table.plateau is not None and bid <= price and bid * WHOLE >= price * table.plateau:
        ratio = table.plateau // 10
    # ratio is a whole number of hundredths of a percent; the table's base is in percent
    lost = table.slope * abs(table.base * 100 - ratio) * (POINT // 100)
    return max(int(table.full * POINT - lost), LEAST)


def passes(table: PriceTable, points: int, others: int) -> bool:
    """Whether price points and all other points (both ten-thousandths) reach the pass mark."""
    return points + others >= table.pass_mark * POINT


def lowest_passing(table: PriceTable, estimated_price_won: int, a_value_won: int = 0) -> int:
    """The lowest price in whole won that passes for a bidder with all other points.

    Closed form: base - (100 - pass mark) / k - 0.005 percent; the 0.005 is the half up at the fifth decimal.
    """
    if not 0 <= a_value_won < estimated_price_won:
        raise ValueError("the A value must be below the estimated price")
    percent = table.base - Fraction(100 - table.pass_mark) / table.slope - Fraction(5, 1000)
    part = (estimated_price_won - a_value_won) * percent / 100
    return a_value_won - (-part.numerator // part.denominator)


def explain_score(
    table: PriceTable, amount_won: int, estimated_price_won: int, a_value_won: int = 0
) -> tuple[Step, ...]:
    """The lines of arithmetic behind `price_score`."""
    ratio = price_ratio(amount_won, estimated_price_won, a_value_won)
    points = price_score(table, amount_won, estimated_price_won, a_value_won)
    shown = f"{ratio // 100}.{ratio % 100:02d}"
    top, bottom = f"({amount_won} - {a_value_won})", f"({estimated_price_won} - {a_value_won})"
    return (
        Step("price-ratio", f"100 x {top} / {bottom}", shown),
        Step("price-points", f"{table.full} - {table.slope} x |{table.base} - {shown}|", show_points(points)),
    )


def show_points(points: int) -> str:
    """Ten-thousandths as people write points: 649600 is `64.9600`."""
    return f"{points // POINT}.{points % POINT:04d}"
