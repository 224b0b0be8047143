"""The calculator: what a price would come to by the rules, each line of it. Pure, exact, and no prediction.

Nobody knows the estimated price before the opening: it is drawn. Whoever calculates gives an amount of his own.
"""

from __future__ import annotations

from dataclasses import dataclass

from bidding.criteria import POINT
from bidding.price_scoring import PriceFormula, PriceTable
from bidding.rounding import bid_rate, show_rate
from bidding.rules.negotiation import explain_points, negotiated_points
from bidding.rules.qualification import explain_score, lowest_passing, passes, price_score
from bidding.types import Step


@dataclass(frozen=True, slots=True)
class Score:
    """The price points of one amount (ten-thousandths) in a qualification review (적격심사).

    `total`: with all other points. `lowest_won`: the lowest amount that passes with all other points.
    """

    points: int
    total: int
    is_passed: bool
    is_above: bool
    lowest_won: int
    arithmetic: tuple[Step, ...]


def qualification_score(table: PriceTable, amount_won: int, estimated_price_won: int, a_value_won: int = 0) -> Score:
    """ValueError as `price_score`."""
    points = price_score(table, amount_won, estimated_price_won, a_value_won)
    others = table.others * POINT
    rate = show_rate(bid_rate(amount_won, estimated_price_won))
    return Score(
        points=points,
        total=points + others,
        is_passed=passes(table, points, others),
        is_above=amount_won > estimated_price_won,
        lowest_won=lowest_passing(table, estimated_price_won, a_value_won),
        arithmetic=(
            Step("bid-rate", f"{amount_won} / {estimated_price_won}", f"{rate}%"),
            *explain_score(table, amount_won, estimated_price_won, a_value_won),
        ),
    )


@dataclass(frozen=True, slots=True)
class NegotiatedPrice:
    """The price points of one amount (ten-thousandths) in a negotiated contract."""

    points: int
    arithmetic: tuple[Step, ...]


def negotiation_price(formula: PriceFormula, amount_won: int, lowest_won: int, reference_won: int) -> NegotiatedPrice:
    """ValueError as `negotiated_points`: no amount is below the lowest."""
    points = negotiated_points(formula, amount_won, lowest_won, reference_won)
    rate = show_rate(bid_rate(amount_won, reference_won))
    step = Step("bid-rate", f"{amount_won} / {reference_won}", f"{rate}%")
    return NegotiatedPrice(points, (step, explain_points(formula, amount_won, lowest_won, reference_won)))
