"""The floor (낙찰하한): below it a price cannot win."""

from __future__ import annotations

from bidding.types import WHOLE, Step


def floor_price(estimated_price_won: int, floor_rate: int, a_value_won: int = 0) -> int:
    """The lowest price that can win, in whole won: A + ceil((estimated price - A) x rate).

    `floor_rate` in thousandths of a percent; `a_value_won` (A값) are costs that no bidder may cut. ValueError for a
    rate outside (0, 100 %] or an A value that is negative or eats the whole estimated price.

    >>> floor_price(135_898_725, 89_745)
    121962311
    """
    if not 0 < floor_rate <= WHOLE:
        raise ValueError("the floor rate is above zero and at most the whole")
    if not 0 <= a_value_won < estimated_price_won:
        raise ValueError("the A value must be below the estimated price")
    return a_value_won - (-(estimated_price_won - a_value_won) * floor_rate // WHOLE)


def explain_floor(estimated_price_won: int, floor_rate: int, a_value_won: int = 0) -> Step:
    """The line of arithmetic that shows the floor."""
    rate = f"{floor_rate // 1000}.{floor_rate % 1000:03d}%"
    price = floor_price(estimated_price_won, floor_rate, a_value_won)
    if not a_value_won:
        return Step("floor-price", f"{estimated_price_won} x {rate}, up-1", str(price))
    return Step("floor-price", f"{a_value_won} + ({estimated_price_won} - {a_value_won}) x {rate}, up-1", str(price))
