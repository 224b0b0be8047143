"""How a notice rounds the mean of the drawn reserve prices, and how ratios are cut or rounded. Integers only."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType


def _exact(total: int, count: int) -> int:
    mean, rest = divmod(total, count)
    if rest:
        raise ValueError("the mean is not a whole amount, and the notice names no rounding")
    return mean


def _up(unit: int) -> Callable[[int, int], int]:
    return lambda total, count: -(-total // (count * unit)) * unit


# In the order in which a published price is explained by them: the plainest first. `exact`: the mean must come out
# whole, which it does by itself where all prices are hundreds of won. `down-1`: cut to the won.
ROUNDINGS: MappingProxyType[str, Callable[[int, int], int]] = MappingProxyType(
    {
        "exact": _exact,
        "down-1": lambda total, count: total // count,
        "up-1": _up(1),
        "up-10": _up(10),
        "up-100": _up(100),
        "up-1000": _up(1000),
    }
)


def round_mean(total_won: int, count: int, rounding: str) -> int:
    """`total_won / count` in whole won by the notice's rounding. ValueError: unknown code, or `exact` that is not.

    >>> round_mean(399, 4, "up-1"), round_mean(399, 4, "down-1"), round_mean(399, 4, "up-1000")
    (100, 99, 1000)
    """
    if rounding not in ROUNDINGS:
        raise ValueError(f"unknown rounding {rounding}")
    if count < 1:
        raise ValueError("a mean of nothing")
    return ROUNDINGS[rounding](total_won, count)


def explain_mean(total_won: int, count: int, published_won: int) -> str | None:
    """The first rounding of the list that leads to `published_won`, or None."""
    for code, rounding in ROUNDINGS.items():
        try:
            if rounding(total_won, count) == published_won:
                return code
        except ValueError:
            continue
    return None


def half_up(numerator: int, denominator: int, decimals: int) -> int:
    """numerator / denominator (neither negative) in units of 10^-decimals, half up.

    >>> half_up(89745, 100000, 4)
    8975
    """
    scale: int = 10**decimals
    return (2 * numerator * scale + denominator) // (2 * denominator)


def bid_rate(amount_won: int, estimated_price_won: int) -> int:
    """투찰율: the bid against the estimated price in thousandths of a percent, cut off as KONEPS shows it.

    >>> bid_rate(122_845_000, 135_898_725)
    90394
    """
    if estimated_price_won <= 0:
        raise ValueError("the estimated price must be positive")
    return amount_won * 100_000 // estimated_price_won


def show_rate(rate: int) -> str:
    """Thousandths of a percent as people write them: 90394 is `90.394`."""
    return f"{rate // 1000}.{rate % 1000:03d}"
