"""What the methods with technical points share: the result of each proposal, and the ceiling on prices."""

from __future__ import annotations

from bidding.criteria import POINT, WHOLE, Tech
from bidding.rules.steps import at_most, show_points
from bidding.types import OpenedBid, Reason, Step, TechnicalResult, Terms


def result_of(terms: Terms, bid: OpenedBid) -> TechnicalResult:
    """The technical result of one bid. ValueError where it has none."""
    if bid.stmt not in terms.technical:
        raise ValueError(f"no technical points for {bid.stmt}")
    return terms.technical[bid.stmt]


def reason_of(terms: Terms, bid: OpenedBid, ceiling_won: int | None) -> Reason:
    """Qualified by technical points, and within estimated price and ceiling."""
    if not result_of(terms, bid).is_qualified:
        return Reason.NOT_QUALIFIED
    if terms.estimated_price_won is not None and bid.amount_won > terms.estimated_price_won:
        return Reason.ABOVE_ESTIMATED_PRICE
    if ceiling_won is not None and bid.amount_won > ceiling_won:
        return Reason.ABOVE_CEILING
    return Reason.VALID


def limit_steps(terms: Terms, amount_won: int, ceiling_won: int | None) -> tuple[Step, ...]:
    """The price against what it may be at most: 시행령 43조 (예정가격), or what the notice pays."""
    steps = []
    if terms.estimated_price_won is not None:
        steps.append(at_most("against-estimated-price", amount_won, terms.estimated_price_won))
    if ceiling_won is not None:
        steps.append(at_most("against-ceiling", amount_won, ceiling_won))
    return tuple(steps)


def technical_step(scoring: Tech, points: int) -> Step:
    """The technical points against their threshold, or out of the full ones."""
    if scoring.threshold is None:
        return Step("technical-points", f"{show_points(points)} / {scoring.full}", show_points(points))
    least = show_points(-(-scoring.full * POINT * scoring.threshold // WHOLE))
    sign = ">=" if scoring.qualifies(points) else "<"
    return Step("technical-points", f"{show_points(points)} {sign} {least}", show_points(points))
