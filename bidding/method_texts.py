"""Each method of award in plain words: what it is, when it is used, how it goes, and what to mind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True, slots=True)
class MethodText:
    """`formula` is written in signs and figures; `steps` are short labels, in their order; `calculator` names the part
    of the calculator that works it out, if one does."""

    title: Any
    gist: Any
    when: Any
    steps: tuple[Any, ...]
    formula: Any
    mind: tuple[Any, ...]
    calculator: str = ""


_BID = _l("Sealed bids")
_DRAW = _l("Draw of the estimated price")
_RANK = _l("Ranking")
_REVIEW = _l("Review of the first")
_AWARD = _l("Award")
_TECHNICAL = _l("Technical scores, fixed in the log")
_PRICES = _l("Prices are opened")
_NEGOTIATE = _l("Negotiation with the first")

METHODS: Mapping[str, MethodText] = {
    "quote": MethodText(
        _l("E-quotes (소액수의견적)"),
        _l("The lowest price at or above the floor wins. Nothing else is scored."),
        _l("For small amounts, under the limit of the law for each kind of purchase. The notice is short and open."),
        (_BID, _DRAW, _RANK, _AWARD),
        _l("Floor = A + (estimated price − A) × floor rate, rounded up to a won. Floor ≤ bid ≤ estimated price."),
        (
            _l("Both ends are in: a bid exactly at the floor, and one exactly at the estimated price."),
            _l("Equal prices are placed by a lot from the public seed."),
        ),
        "floor",
    ),
    "qualification": MethodText(
        _l("Qualification review (적격심사)"),
        _l("The lowest price is reviewed first: price points and all other points together must reach the pass mark."),
        _l("The usual way for works under 10 billion won, and for goods and services above the limit of quotes."),
        (_BID, _DRAW, _RANK, _REVIEW, _AWARD),
        _l("Price points = full − slope × |base − R|, R = 100 × (bid − A) ÷ (estimated price − A), to two decimals."),
        (
            _l("The ranking is by price. If the first does not pass its review, the next in rank is reviewed."),
            _l("A bid above the table's centre loses points too, except on the plateau of works tables."),
            _l("In works under 10 billion won a bid under 98 % of the net cost is out (순공사원가)."),
        ),
        "score",
    ),
    "lowest": MethodText(
        _l("Lowest price (최저가)"),
        _l("The lowest price at or below the estimated price wins. There is no floor."),
        _l("By law it remains for the price stage of two-stage tenders; elsewhere it is the exception."),
        (_BID, _DRAW, _RANK, _AWARD),
        _l("Bid ≤ estimated price; the lowest wins."),
        (_l("Nothing keeps a price from being so low that the contract cannot be kept."),),
    ),
    "negotiation": MethodText(
        _l("Negotiated contract (협상에 의한 계약)"),
        _l("Proposals are scored first, then prices are opened; whoever has most points together negotiates first."),
        _l("Where knowledge and quality count: software, research, design. The notice stands 40 days, or less by law."),
        (_BID, _TECHNICAL, _PRICES, _NEGOTIATE, _AWARD),
        _l("Total = technical + price points. Price points = full × lowest bid ÷ bid, from the notice's mark on."),
        (
            _l("Who misses the threshold of the technical points (often 85 %) is out; its price is never opened."),
            _l("Equal totals: the better technical points come first, then a lot."),
            _l("Below the mark agencies differ. The notice names every figure that it goes by."),
        ),
        "negotiation",
    ),
    "two-stage": MethodText(
        _l("Two stages: specification, then price (2단계 경쟁)"),
        _l("Only who meets the specification has its price opened; among these the lowest price wins."),
        _l("Where a specification cannot be fixed beforehand, or offers differ much in what they deliver."),
        (_BID, _TECHNICAL, _PRICES, _RANK, _AWARD),
        _l("Technical points ≥ threshold; then the lowest price ≤ estimated price wins."),
        (
            _l("Both parts are sent at once (simultaneous), or the price after the first stage (separate)."),
            _l("Equal prices: the better technical points come first, then a lot."),
        ),
    ),
    "desired-quantity": MethodText(
        _l("Desired quantity (희망수량)"),
        _l(
            "Each bidder names a price for one and how many; the cheapest are taken until the wanted quantity is there."
        ),
        _l("For large quantities that no single firm can or must supply."),
        (_BID, _DRAW, _RANK, _l("Allotment"), _AWARD),
        _l("By price for one, the lowest first; what the last one offers above what is still wanted is cut off."),
        (
            _l("Equal prices: the larger quantity comes first, then a lot."),
            _l("Several firms may win, each at its own price."),
        ),
    ),
    "sale": MethodText(
        _l("Sale (세입 입찰)"),
        _l("The agency sells or lets: the highest price at or above the estimated price wins."),
        _l("For tenders that bring income: sale of goods, use of property."),
        (_BID, _DRAW, _RANK, _AWARD),
        _l("Bid ≥ estimated price; the highest wins."),
        (_l("The estimated price is a floor here, and may be published as the least price."),),
    ),
    "best-value": MethodText(
        _l("Weighted price and quality (가중평가)"),
        _l("Technical points and price points make 100; the highest total wins."),
        _l("Where quality and price are both to count by weights that the notice fixes."),
        (_BID, _TECHNICAL, _PRICES, _RANK, _AWARD),
        _l("Total = technical points + price points. Price points by the formula that the notice chooses."),
        (
            _l("The weight of the price decides how much quality may cost: try it in the dry run."),
            _l("Equal totals: the better technical points come first, then a lot."),
        ),
    ),
    "reverse-auction": MethodText(
        _l("Reverse auction (역경매)"),
        _l("After a sealed first round bidders go down step by step, unnamed, until the time is over."),
        _l("For what can be fully described. No provision of law was found: only where an agency's rules allow it."),
        (_BID, _l("First round opened, unnamed"), _l("Rounds of lower bids"), _RANK, _AWARD),
        _l("A new bid ≤ best price − least step. A bid in the last moments makes the round longer."),
        (_l("Names stay hidden until the end; every step is signed and in the log."),),
    ),
}
