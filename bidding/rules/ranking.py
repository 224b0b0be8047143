"""Putting judged bids in order: by what the method counts, and by lot (추첨) where that is equal.

국가계약법 시행령 47조. Every rule judges each bid by itself first (reason, points, arithmetic); this gives the places.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from bidding.draw import draw_lots
from bidding.types import OpenedBid, Placing, Points, Reason, Terms

Order = Callable[[Placing], tuple[int, ...]]


def _cheapest(placing: Placing) -> tuple[int, ...]:
    return (_won(placing),)


def _dearest(placing: Placing) -> tuple[int, ...]:
    return (-_won(placing),)


def _cheapest_then_technical(placing: Placing) -> tuple[int, ...]:
    return (_won(placing), -(_points(placing).technical or 0))


def _cheapest_then_larger(placing: Placing) -> tuple[int, ...]:
    return (_won(placing), -(placing.quantity or 0))


def _best_then_technical(placing: Placing) -> tuple[int, ...]:
    points = _points(placing)
    return (-points.total, -(points.technical or 0))


# What comes first, by method; what is equal in all of it is placed by lot.
ORDER: Mapping[str, Order] = MappingProxyType(
    {
        "quote": _cheapest,
        "qualification": _cheapest,
        "lowest": _cheapest,
        "negotiation": _best_then_technical,
        "two-stage": _cheapest_then_technical,
        "desired-quantity": _cheapest_then_larger,
        "sale": _dearest,
        "best-value": _best_then_technical,
        "reverse-auction": _cheapest,
    }
)


def lot_label(key: tuple[int, ...]) -> str:
    """What equal bids have in common, as the stream of their lot names it: the amount, or `TOTAL:TECHNICAL`, …"""
    return ":".join(str(abs(part)) for part in key)


def check_bids(bids: Sequence[OpenedBid]) -> None:
    """ValueError for a bid that is there twice, or offers nothing."""
    if len({bid.stmt for bid in bids}) != len(bids) or any(bid.amount_won <= 0 for bid in bids):
        raise ValueError("a bid appears twice, or has no price")


def in_order(method: str, terms: Terms, judged: Sequence[Placing]) -> tuple[Placing, ...]:
    """The valid ones with their ranks, first to last; then the others in the order in which they came."""
    order = ORDER[method]
    at: defaultdict[tuple[int, ...], list[Placing]] = defaultdict(list)
    for placing in judged:
        if placing.reason == Reason.VALID:
            at[order(placing)].append(placing)
    ranked: list[Placing] = []
    for key in sorted(at):
        equal, is_tied = at[key], len(at[key]) > 1
        if is_tied:
            by_stmt = {placing.stmt: placing for placing in equal}
            equal = [by_stmt[stmt] for stmt in draw_lots(terms.seed_n, terms.lot, lot_label(key), by_stmt)]
        for placing in equal:
            ranked.append(replace(placing, rank=len(ranked) + 1, is_tied=is_tied))
    return (*ranked, *(placing for placing in judged if placing.reason != Reason.VALID))


def _won(placing: Placing) -> int:
    assert placing.amount_won is not None
    return placing.amount_won


def _points(placing: Placing) -> Points:
    assert placing.points is not None
    return placing.points
