"""희망수량: each bid offers a price for one and how many; the cheapest first until what is wanted is there.

국가계약법 시행령 17조, 시행규칙 47조: equal prices go by the larger quantity, then by lot; what the last one offers
above what is still wanted is cut off. The estimated price is that of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bidding.rules.lowest import judge
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import estimated_price, scoring_of
from bidding.scoring import QuantityScoring
from bidding.types import OpenedBid, Placing, Step, Terms


def rank_quantity(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by price for one, and allot. Who comes too late is ranked and gets none (`allotted` 0).

    ValueError: no quantity wanted, or a bid that offers none.
    """
    wanted = scoring_of(terms, QuantityScoring).quantity
    price = estimated_price(terms)
    check_bids(bids)
    if any(bid.quantity is None or bid.quantity <= 0 for bid in bids):
        raise ValueError("a bid offers no quantity")
    judged = [replace(judge(bid, price, None), quantity=bid.quantity) for bid in bids]
    left, placed = wanted, []
    for placing in in_order("desired-quantity", terms, judged):
        placed.append(placing if placing.rank is None else _allot(placing, left))
        left -= placed[-1].allotted or 0
    return tuple(placed)


def explain_quantity(terms: Terms, placings: Sequence[Placing]) -> tuple[Step, ...]:
    """How much of what is wanted was allotted."""
    wanted = scoring_of(terms, QuantityScoring).quantity
    allotted = sum(placing.allotted or 0 for placing in placings)
    sign = "=" if allotted == wanted else "<"
    return (Step("quantity-allotted", f"{allotted} {sign} {wanted}", str(allotted)),)


def _allot(placing: Placing, left: int) -> Placing:
    offered = placing.quantity or 0
    allotted = min(offered, left)
    step = Step("allotted", f"min({offered}, {left})", str(allotted))
    return replace(placing, allotted=allotted, arithmetic=(*placing.arithmetic, step))
