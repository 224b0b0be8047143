"""Whom a tender is awarded to: the first of the ranking, as many as the notice wants, or whom the standing names."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db import db
from bidding.models import Bid, Tender
from bidding.standing import Standing


@dataclass(frozen=True, slots=True)
class Winner:
    """A bid to be awarded, at `amount_won`; `quantity` where the notice counts what is bought."""

    bid: Bid
    amount_won: int
    quantity: int | None = None


def winners_of(tender: Tender, standing: Standing | None) -> list[Winner]:
    """In the order of the ranking. A framework (단가계약) has several: the first ranks, each at its own price."""
    if standing is not None:
        return _of_standing(tender, standing)
    wanted = tender.framework_winners or 1
    ranked = select(Bid).where(Bid.tender_id == tender.id, Bid.rank <= wanted).order_by(Bid.rank)
    return [Winner(bid, bid.amount_won) for bid in db.session.scalars(ranked) if bid.amount_won is not None]


def _of_standing(tender: Tender, standing: Standing) -> list[Winner]:
    named = select(Bid).where(Bid.tender_id == tender.id, Bid.stmt.in_([one.stmt for one in standing.winners]))
    bids = {bid.stmt: bid for bid in db.session.scalars(named)}
    return [Winner(bids[one.stmt], one.amount_won, one.quantity) for one in standing.winners]
