"""Between which amounts an estimated price (예정가격) can fall before anybody has drawn it. Pure, exact, no prediction.

Whichever four of the reserve prices are drawn, their mean lies between that of the four lowest that the rule can make
and that of the four highest. Both ends can happen; the draw decides, and nobody knows it before the opening.
"""

from __future__ import annotations

from dataclasses import dataclass

from bidding.draw import price_at
from bidding.rounding import round_mean
from bidding.rules.floor import explain_floor, floor_price
from bidding.types import DrawRule, Step


@dataclass(frozen=True, slots=True)
class Bound:
    """One end: the estimated price, and the floor under it (None where the tender has none), with the arithmetic."""

    price_won: int
    floor_won: int | None
    arithmetic: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    low: Bound
    base: Bound  # were the estimated price the base amount itself
    high: Bound


def price_bounds(rule: DrawRule, lot: str, floor_rate: int | None = None, a_value_won: int = 0) -> Bounds:
    """The ends for a draw of made prices. ValueError: given prices (mode M3 has no ends), or as `floor_price`."""
    base_won = rule.base[lot]
    low, high = (_mean([price_at(base_won, rate) for rate in rates], rule.round) for rates in _extreme_rates(rule))
    at_base = (base_won, Step("base-amount", str(base_won), str(base_won)))
    return Bounds(*(_bound(*end, floor_rate, a_value_won) for end in (low, at_base, high)))


def _extreme_rates(rule: DrawRule) -> tuple[list[int], list[int]]:
    """The lowest and the highest `choose` rates that one draw can hold."""
    if rule.kind == "segments":
        edges = [-(-(rule.lo * rule.n + i * (rule.hi - rule.lo)) // rule.n) for i in range(rule.n)] + [rule.hi + 1]
        lowest = [edges[i] for i in range(rule.n)]
        highest = [edges[i + 1] - 1 for i in range(rule.n)]
    elif rule.kind == "split":
        lowest = [rule.lo + i for i in range(rule.below)] + [100_001 + i for i in range(rule.above)]
        highest = [99_999 - i for i in reversed(range(rule.below))] + [rule.hi - i for i in reversed(range(rule.above))]
    else:
        raise ValueError("prices that somebody gives have no ends")
    return lowest[: rule.choose], highest[-rule.choose :]


def _mean(prices_won: list[int], rounding: str) -> tuple[int, Step]:
    won = round_mean(sum(prices_won), len(prices_won), rounding)
    shown = " + ".join(map(str, prices_won))
    return won, Step("estimated-price", f"({shown}) / {len(prices_won)}, {rounding}", str(won))


def _bound(price_won: int, step: Step, floor_rate: int | None, a_value_won: int) -> Bound:
    if floor_rate is None:
        return Bound(price_won, None, (step,))
    floor_won = floor_price(price_won, floor_rate, a_value_won)
    return Bound(price_won, floor_won, (step, explain_floor(price_won, floor_rate, a_value_won)))
