"""협상에 의한 계약: price points relative to the lowest bid, added to the technical points.

계약예규 「협상에 의한 계약체결기준」 별표; 국가계약법 시행령 43조. What differs between agencies is a parameter, never
a guess: the break, the steepness below it, what becomes of prices under the low mark, and over which bids the lowest
is taken. Equal totals go by the better technical points, then by lot.
"""

from __future__ import annotations

from collections.abc import Sequence

from bidding.criteria import POINT
from bidding.price_scoring import PriceFormula
from bidding.rounding import bid_rate, half_up
from bidding.rules.proposals import limit_steps, reason_of, result_of, technical_step
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import rate_step, scoring_of, show_hundredths, show_points
from bidding.scoring import NegotiationScoring
from bidding.types import OpenedBid, Placing, Points, Reason, Step, Terms


def negotiated_points(formula: PriceFormula, amount_won: int, lowest_won: int, reference_won: int) -> int:
    """The price points in ten-thousandths, half up at the fifth decimal, and never more than all.

    `lowest_won` is the lowest bid of the set that the notice names (all valid bids, or the qualified ones);
    `reference_won` the estimated price where there is one, else the amount that the notice names. ValueError for
    prices that are not positive, or a bid below the lowest.
    """
    if min(amount_won, lowest_won, reference_won) <= 0 or amount_won < lowest_won:
        raise ValueError("prices must be positive, and none is below the lowest")
    # In hundredths of a won everything is whole: the marks are percents of the reference.
    mark, low = reference_won * formula.break_at, reference_won * formula.low
    amount, lowest = amount_won * 100, lowest_won * 100
    if formula.is_lowest_lifted:
        lowest = max(lowest, low)
    if amount >= mark:
        points = half_up(formula.full * lowest, amount, 4)
    elif amount < low and formula.below_low == "flat":
        points = half_up(formula.full * formula.low, 100, 4)
    else:
        up, down = formula.extra.numerator, formula.extra.denominator
        span = down * (mark - low)
        points = half_up(formula.full * lowest * span + up * (mark - max(amount, low)) * mark, mark * span, 4)
    return min(points, formula.full * POINT)


def explain_points(formula: PriceFormula, amount_won: int, lowest_won: int, reference_won: int) -> Step:
    """The line of arithmetic behind `negotiated_points`."""
    mark, low = reference_won * formula.break_at, reference_won * formula.low
    amount, lowest = amount_won * 100, lowest_won * 100
    least = show_hundredths(max(lowest, low) if formula.is_lowest_lifted else lowest)
    if amount >= mark:
        shown = f"{formula.full} x {least} / {amount_won}"
    elif amount < low and formula.below_low == "flat":
        shown = f"{formula.full} x {formula.low} / 100"
    else:
        top, bottom = show_hundredths(mark), show_hundredths(low)
        counted = show_hundredths(max(amount, low))
        shown = f"{formula.full} x {least} / {top} + {formula.extra} x ({top} - {counted}) / ({top} - {bottom})"
    points = negotiated_points(formula, amount_won, lowest_won, reference_won)
    return Step("price-points", shown, show_points(points))


def rank_negotiation(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by technical and price points together; out of the running above the ceiling or below the threshold.

    Only bids of the set over which the lowest is taken have price points; the others have none of them. ValueError:
    no scoring, no reference amount, or a bid without technical points.
    """
    scoring = scoring_of(terms, NegotiationScoring)
    check_bids(bids)
    reference = reference_of(terms, scoring.price)
    reasons = {bid.stmt: reason_of(terms, bid, scoring.ceiling_won) for bid in bids}
    is_over_all = scoring.price.lowest_over == "valid"
    counted = [bid for bid in bids if is_over_all or reasons[bid.stmt] is Reason.VALID]
    lowest = min((bid.amount_won for bid in counted), default=0)
    scored = {bid.stmt for bid in counted}
    judged = []
    for bid in bids:
        price = explain_points(scoring.price, bid.amount_won, lowest, reference) if bid.stmt in scored else None
        points = negotiated_points(scoring.price, bid.amount_won, lowest, reference) if price is not None else 0
        judged.append(place_points(terms, bid, reasons[bid.stmt], points, price))
    return in_order("negotiation", terms, judged)


def explain_negotiation(terms: Terms, placings: Sequence[Placing]) -> tuple[Step, ...]:
    """The reference amount, and the lowest bid of the set that the notice names."""
    scoring = scoring_of(terms, NegotiationScoring)
    steps = [Step("reference-price", scoring.price.reference, str(reference_of(terms, scoring.price)))]
    is_over_all = scoring.price.lowest_over == "valid"
    amounts = [one.amount_won for one in placings if one.amount_won and (is_over_all or one.reason == Reason.VALID)]
    if amounts:
        steps.append(Step("lowest-price", scoring.price.lowest_over, str(min(amounts))))
    return tuple(steps)


def reference_of(terms: Terms, formula: PriceFormula) -> int:
    """The price that the marks are percents of. ValueError: the estimated price, and none was made."""
    reference = terms.estimated_price_won if formula.reference == "estimated-price" else formula.reference_won
    if reference is None or reference <= 0:
        raise ValueError("the estimated price must be positive")
    return reference


def place_points(terms: Terms, bid: OpenedBid, reason: Reason, price_points: int, price: Step | None) -> Placing:
    """One bid with technical and price points, not placed yet; also for the weighted ratio of price and quality.

    `price`: the line behind its price points, if it has any.
    """
    result, scoring, estimated = result_of(terms, bid), terms.scoring, terms.estimated_price_won
    assert scoring is not None
    assert scoring.technical is not None
    points = Points(technical=result.points, price=price_points)
    total = f"{show_points(result.points)} + {show_points(price_points)}"
    steps = [technical_step(scoring.technical, result.points)]
    if estimated is not None:
        steps.append(rate_step(bid.amount_won, estimated))
    steps += limit_steps(terms, bid.amount_won, getattr(scoring, "ceiling_won", None))
    if price is not None:
        steps += [price, Step("total-points", total, show_points(points.total))]
    return Placing(
        stmt=bid.stmt,
        supplier=bid.supplier,
        rank=None,
        reason=reason,
        amount_won=bid.amount_won,
        rate=None if estimated is None else bid_rate(bid.amount_won, estimated),
        arithmetic=tuple(steps),
        points=points,
    )
