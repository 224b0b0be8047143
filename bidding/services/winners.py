"""Whom the evaluation makes winners: the first of the ranking, or as many of it as the notice says."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db import db
from bidding.models import Bid, Tender
from bidding.services import auctions


@dataclass(frozen=True, slots=True)
class Winner:
    """A bid to be awarded, at `amount_won`; `quantity` where the notice counts what is bought."""

    bid: Bid
    amount_won: int
    quantity: int | None = None


def winners_of(tender: Tender) -> list[Winner]:
    """In the order of the ranking. A framework (단가계약) has several: the first ranks, each at its own price.

    After an auction the ranks are those of its end, and a price is the last one offered in it.
    """
    wanted = tender.framework_winners or 1
    ranked = select(Bid).where(Bid.tender_id == tender.id, Bid.rank <= wanted).order_by(Bid.rank)
    lowered = auctions.prices_of(tender.id)
    opened = [(bid, bid.amount_won) for bid in db.session.scalars(ranked) if bid.amount_won is not None]
    return [Winner(bid, lowered.get(bid.id, won)) for bid, won in opened]
