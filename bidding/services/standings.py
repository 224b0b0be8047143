"""The decisions about a tender's bids as values, and the standing that comes of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.db import db
from bidding.models import BidReview, Opening, Tender
from bidding.review import Review
from bidding.services import auctions
from bidding.standing import Standing, has_standing, stand
from bidding.states import ReviewState, TenderState


def decided_reviews(tender_id: UUID, count: int | None = None) -> list[Review]:
    """In the order in which they were decided; the first `count` of them, or all."""
    query = select(BidReview.item).where(BidReview.tender_id == tender_id, BidReview.state == ReviewState.DECIDED)
    ordered = query.order_by(BidReview.number)
    items = db.session.scalars(ordered if count is None else ordered.where(BidReview.number <= count))
    return [Review.from_json(item) for item in items if item is not None]


def standing_of(tender: Tender) -> Standing | None:
    """Where the bids stand by now; None before the opening (or the end of an auction), and where an award goes by no
    standing."""
    opening = _opening(tender)
    reviews = decided_reviews(tender.id)
    if opening is None or not has_standing(opening.evaluation["terms"], reviews):
        return None
    return standing_after(tender, opening, reviews)


def line_up(tender: Tender) -> Standing | None:
    """The same for whoever wants to see it, though the award goes by the evaluation alone."""
    opening = _opening(tender)
    return standing_after(tender, opening, decided_reviews(tender.id)) if opening is not None else None


def _opening(tender: Tender) -> Opening | None:
    return None if tender.state == TenderState.AUCTION else db.session.get(Opening, tender.id)


def standing_after(tender: Tender, opening: Opening, reviews: Sequence[Review]) -> Standing:
    """Of a tender whose decisions are these. ValueError where one of them cannot be."""
    return stand(opening.evaluation, reviews, auctions.result_of(tender.id), wanted=tender.framework_winners or 1)
