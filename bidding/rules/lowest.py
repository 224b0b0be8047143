"""Lowest price wins: at or above the floor where there is one, and at or below the estimated price (예정가격).

국가계약법 시행령 30조, 42조. Equal prices are placed by lot (시행령 47조) from the seed of the draw.
"""

from __future__ import annotations

from collections.abc import Sequence

from bidding.rounding import bid_rate
from bidding.rules.floor import floor_price
from bidding.rules.ranking import check_bids, in_order
from bidding.rules.steps import at_least, at_most, estimated_price, rate_step
from bidding.types import OpenedBid, Placing, Reason, Step, Terms


def rank_lowest_above_floor(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by price, cheapest first; out of the running below the floor or above the estimated price.

    Both edges are in. Returns one placing a bid: ranked ones first, then the others in the order they came.
    ValueError: no floor in the terms, an estimated price or floor out of range, or a bid that appears twice.
    """
    if terms.floor_rate is None:
        raise ValueError("this method needs a floor")
    price = estimated_price(terms)
    floor_won = floor_price(price, terms.floor_rate, terms.a_value_won)
    check_bids(bids)
    return in_order("quote", terms, [judge(bid, price, floor_won) for bid in bids])


def rank_lowest(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """As above without a floor (최저가). ValueError if the terms hold one all the same."""
    if terms.floor_rate is not None:
        raise ValueError("this method knows no floor")
    price = estimated_price(terms)
    check_bids(bids)
    return in_order("lowest", terms, [judge(bid, price, None) for bid in bids])


def rank_first_round(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """The sealed first round of a reverse auction: cheapest first, within the estimated price where one was made."""
    if terms.estimated_price_won is not None:
        return rank_lowest(terms, bids)
    check_bids(bids)
    judged = [Placing(bid.stmt, bid.supplier, None, Reason.VALID, amount_won=bid.amount_won) for bid in bids]
    return in_order("reverse-auction", terms, judged)


def judge(bid: OpenedBid, price_won: int, floor_won: int | None) -> Placing:
    """One bid against estimated price and floor, not placed yet."""
    return Placing(
        stmt=bid.stmt,
        supplier=bid.supplier,
        rank=None,
        reason=reason_of(bid.amount_won, price_won, floor_won),
        amount_won=bid.amount_won,
        rate=bid_rate(bid.amount_won, price_won),
        arithmetic=explain(bid.amount_won, price_won, floor_won),
    )


def reason_of(amount_won: int, price_won: int, floor_won: int | None) -> Reason:
    if amount_won > price_won:
        return Reason.ABOVE_ESTIMATED_PRICE
    if floor_won is not None and amount_won < floor_won:
        return Reason.BELOW_FLOOR
    return Reason.VALID


def explain(amount_won: int, price_won: int, floor_won: int | None) -> tuple[Step, ...]:
    steps = (rate_step(amount_won, price_won), at_most("against-estimated-price", amount_won, price_won))
    return steps if floor_won is None else (*steps, at_least("against-floor", amount_won, floor_won))
