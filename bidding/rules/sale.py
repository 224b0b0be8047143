"""Sale (세입): the highest price wins, at or above the estimated price. 국가계약법 시행령 41조.

Without reserve prices (mode M0) the estimated price is the one that the notice publishes.
"""

from __future__ import annotations

from collections.abc import Sequence

from bidding.rounding import bid_rate
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import at_least, rate_step
from bidding.scoring import SaleScoring
from bidding.types import OpenedBid, Placing, Reason, Terms


def rank_sale(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by price, dearest first. ValueError: no price to reach, or two of them."""
    price = _least(terms)
    check_bids(bids)
    return in_order("sale", terms, [_judge(bid, price) for bid in bids])


def _least(terms: Terms) -> int:
    scoring = terms.scoring
    published = scoring.minimum_won if isinstance(scoring, SaleScoring) else None
    prices = [won for won in (terms.estimated_price_won, published) if won is not None]
    if len(prices) != 1 or prices[0] <= 0:
        raise ValueError("a sale has one estimated price, drawn or published")
    return prices[0]


def _judge(bid: OpenedBid, price_won: int) -> Placing:
    return Placing(
        stmt=bid.stmt,
        supplier=bid.supplier,
        rank=None,
        reason=Reason.VALID if bid.amount_won >= price_won else Reason.BELOW_ESTIMATED_PRICE,
        amount_won=bid.amount_won,
        rate=bid_rate(bid.amount_won, price_won),
        arithmetic=(
            rate_step(bid.amount_won, price_won),
            at_least("against-estimated-price", bid.amount_won, price_won),
        ),
    )
