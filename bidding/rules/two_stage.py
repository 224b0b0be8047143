"""2단계 (규격·가격): among the proposals that qualify, the lowest price at or below the estimated price.

국가계약법 시행령 18조, 42조 3항; equal prices go by the better technical points, then by lot (시행령 47조 1항 4호).
"""

from __future__ import annotations

from collections.abc import Sequence

from bidding.rounding import bid_rate
from bidding.rules.proposals import limit_steps, reason_of, result_of, technical_step
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import estimated_price, rate_step, scoring_of
from bidding.scoring import TwoStageScoring
from bidding.types import OpenedBid, Placing, Points, Terms


def rank_two_stage(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank the qualified by price. ValueError: no scoring, no estimated price, or a bid without technical points."""
    scoring, price = scoring_of(terms, TwoStageScoring), estimated_price(terms)
    check_bids(bids)
    return in_order("two-stage", terms, [_judge(terms, scoring, bid, price) for bid in bids])


def _judge(terms: Terms, scoring: TwoStageScoring, bid: OpenedBid, price_won: int) -> Placing:
    result = result_of(terms, bid)
    return Placing(
        stmt=bid.stmt,
        supplier=bid.supplier,
        rank=None,
        reason=reason_of(terms, bid, None),
        amount_won=bid.amount_won,
        rate=bid_rate(bid.amount_won, price_won),
        arithmetic=(
            technical_step(scoring.technical, result.points),
            rate_step(bid.amount_won, price_won),
            *limit_steps(terms, bid.amount_won, None),
        ),
        points=Points(technical=result.points, price=0),
    )
