"""Lowest price wins: at or above the floor where there is one, and at or below the estimated price (예정가격).

국가계약법 시행령 30조, 42조. Equal prices are placed by lot (시행령 47조) from the seed of the draw.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bidding.draw import draw_lots
from bidding.rounding import bid_rate, show_rate
from bidding.rules.floor import floor_price
from bidding.types import OpenedBid, Placing, Reason, Step, Terms


def rank_lowest_above_floor(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """Rank by price, cheapest first; out of the running below the floor or above the estimated price.

    Both edges are in. Returns one placing a bid: ranked ones first, then the others in the order they came.
    ValueError: no floor in the terms, an estimated price or floor out of range, or a bid that appears twice.
    """
    if terms.floor_rate is None:
        raise ValueError("this method needs a floor")
    return _rank(terms, bids, floor_price(terms.estimated_price_won, terms.floor_rate, terms.a_value_won))


def rank_lowest(terms: Terms, bids: Sequence[OpenedBid]) -> tuple[Placing, ...]:
    """As above without a floor (최저가). ValueError if the terms hold one all the same."""
    if terms.floor_rate is not None:
        raise ValueError("this method knows no floor")
    return _rank(terms, bids, None)


def _rank(terms: Terms, bids: Sequence[OpenedBid], floor_won: int | None) -> tuple[Placing, ...]:
    if terms.estimated_price_won <= 0:
        raise ValueError("the estimated price must be positive")
    if len({bid.stmt for bid in bids}) != len(bids) or any(bid.amount_won <= 0 for bid in bids):
        raise ValueError("a bid appears twice, or has no price")
    price = terms.estimated_price_won
    reasons = {bid.stmt: _reason(bid.amount_won, price, floor_won) for bid in bids}
    running = [bid for bid in bids if reasons[bid.stmt] is Reason.VALID]
    ordered, tied = _in_order(terms, running)
    ranks = {stmt: place for place, stmt in enumerate(ordered, start=1)}
    placings = {
        bid.stmt: Placing(
            stmt=bid.stmt,
            supplier=bid.supplier,
            rank=ranks.get(bid.stmt),
            reason=reasons[bid.stmt],
            amount_won=bid.amount_won,
            rate=bid_rate(bid.amount_won, price),
            is_tied=bid.amount_won in tied and bid.stmt in ranks,
            arithmetic=_explain(bid.amount_won, price, floor_won),
        )
        for bid in bids
    }
    return (*(placings[stmt] for stmt in ordered), *(placings[bid.stmt] for bid in bids if bid.stmt not in ranks))


def _reason(amount_won: int, price_won: int, floor_won: int | None) -> Reason:
    if amount_won > price_won:
        return Reason.ABOVE_ESTIMATED_PRICE
    if floor_won is not None and amount_won < floor_won:
        return Reason.BELOW_FLOOR
    return Reason.VALID


def _in_order(terms: Terms, running: Sequence[OpenedBid]) -> tuple[list[str], set[int]]:
    """Statements, cheapest first, equal prices by lot; and the prices that a lot decided."""
    at: defaultdict[int, list[str]] = defaultdict(list)
    for bid in running:
        at[bid.amount_won].append(bid.stmt)
    ordered: list[str] = []
    for amount in sorted(at):
        ordered += draw_lots(terms.seed_n, terms.lot, amount, at[amount]) if len(at[amount]) > 1 else at[amount]
    return ordered, {amount for amount, stmts in at.items() if len(stmts) > 1}


def _explain(amount_won: int, price_won: int, floor_won: int | None) -> tuple[Step, ...]:
    rate = Step("bid-rate", f"{amount_won} / {price_won}", f"{show_rate(bid_rate(amount_won, price_won))}%")
    ceiling_sign = "<=" if amount_won <= price_won else ">"
    steps = [rate, Step("against-estimated-price", f"{amount_won} {ceiling_sign} {price_won}", ceiling_sign)]
    if floor_won is not None:
        sign = ">=" if amount_won >= floor_won else "<"
        steps.append(Step("against-floor", f"{amount_won} {sign} {floor_won}", sign))
    return tuple(steps)
