"""Weighted best price-quality ratio: technical points and price points by a formula that the notice chose.

X the bid, L the lowest bid that is ranked, C the ceiling (the estimated price where there is one, else the notice's
amount), B the full price points:

    lowest-over-bid   B x L / X
    linear            B x (C - X) / (C - L); all of B where every bid is at the ceiling
    budget-share      B x (C - X) / C

half up at the fifth decimal. Equal totals go by the better technical points, then by lot.
"""

from __future__ import annotations

from collections.abc import Sequence

from bidding.price_scoring import BestValuePrice
from bidding.rounding import half_up
from bidding.rules.negotiation import place_points
from bidding.rules.proposals import reason_of
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import scoring_of, show_points
from bidding.scoring import BestValueScoring
from bidding.types import OpenedBid, Placing, Reason, Step, Terms


def rank_best_value(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by technical and price points together. ValueError: no scoring, no ceiling where the formula has one."""
    scoring = scoring_of(terms, BestValueScoring)
    check_bids(bids)
    reasons = {bid.stmt: reason_of(terms, bid, scoring.ceiling_won) for bid in bids}
    lowest = min((bid.amount_won for bid in bids if reasons[bid.stmt] is Reason.VALID), default=0)
    ceiling = ceiling_of(terms)
    judged = []
    for bid in bids:
        reason, price, points = reasons[bid.stmt], None, 0
        if reason is Reason.VALID:
            points = best_value_points(scoring.price, bid.amount_won, lowest, ceiling)
            price = Step("price-points", _shown(scoring.price, bid.amount_won, lowest, ceiling), show_points(points))
        judged.append(place_points(terms, bid, reason, points, price))
    return in_order("best-value", terms, judged)


def best_value_points(price: BestValuePrice, amount_won: int, lowest_won: int, ceiling_won: int | None) -> int:
    """The price points in ten-thousandths. ValueError: a price that is not between lowest and ceiling."""
    if not 0 < lowest_won <= amount_won:
        raise ValueError("prices must be positive, and none is below the lowest")
    if price.formula == "lowest-over-bid":
        return half_up(price.full * lowest_won, amount_won, 4)
    if ceiling_won is None or amount_won > ceiling_won:
        raise ValueError("this formula needs a ceiling, and no bid above it")
    if price.formula == "budget-share":
        return half_up(price.full * (ceiling_won - amount_won), ceiling_won, 4)
    if ceiling_won == lowest_won:
        return half_up(price.full, 1, 4)
    return half_up(price.full * (ceiling_won - amount_won), ceiling_won - lowest_won, 4)


def explain_best_value(_terms: Terms, placings: Sequence[Placing]) -> tuple[Step, ...]:
    """The lowest bid that is ranked."""
    amounts = [one.amount_won for one in placings if one.amount_won and one.reason == Reason.VALID]
    return (Step("lowest-price", "qualified", str(min(amounts))),) if amounts else ()


def ceiling_of(terms: Terms) -> int | None:
    """The most that a bid may ask: the estimated price, the notice's own amount, or the lower of the two."""
    limits = [
        won for won in (terms.estimated_price_won, scoring_of(terms, BestValueScoring).ceiling_won) if won is not None
    ]
    return min(limits, default=None)


def _shown(price: BestValuePrice, amount_won: int, lowest_won: int, ceiling_won: int | None) -> str:
    if price.formula == "lowest-over-bid":
        return f"{price.full} x {lowest_won} / {amount_won}"
    if price.formula == "budget-share":
        return f"{price.full} x ({ceiling_won} - {amount_won}) / {ceiling_won}"
    return f"{price.full} x ({ceiling_won} - {amount_won}) / ({ceiling_won} - {lowest_won})"
