"""적격심사: the bidder that is first in line is asked for documents, within the periods of the law."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, NotFound
from app.notifications import notify
from app.time import wire
from bidding.models import Bid, BidReview, Tender
from bidding.review import Kind
from bidding.rules.periods import ends_at
from bidding.services.access import lock_own_tender, lock_tender, person_id
from bidding.services.figures import review_periods_of
from bidding.services.standings import line_up
from bidding.standing import Standing
from bidding.states import REVIEW, ReviewState, TenderState

ASK = "review:propose"


def ask_for_documents(
    tender_id: UUID, bid_id: UUID, asked_for: str, actor: Actor, now: datetime, *, with_finances: bool = True
) -> BidReview:
    """Ask the bidder whose turn it is. `with_finances`: the state of its business is looked at, which takes longer.

    Raises IllegalTransition where another bid is due or no review is needed, AlreadyDone where it has been asked,
    InvalidInput without words, Forbidden, NotFound.
    """
    tender = lock_own_tender(tender_id, actor)
    if not actor.may(ASK):
        raise Forbidden("only an officer asks", permission=ASK)
    if not asked_for.strip():
        raise InvalidInput("say what is asked for", field="asked_for")
    bid = bid_of(tender, bid_id)
    standing = line_up(tender)
    if tender.state != TenderState.OPENED or standing is None or not _is_next(tender, bid, standing):
        raise IllegalTransition("another bid is due", subject="review", state=tender.state, event="ask")
    if find_open(bid.id, Kind.QUALIFICATION) is not None:
        raise AlreadyDone("its bidder has been asked")
    period = review_periods_of(tender, now)["finances" if with_finances else "documents"]
    review = BidReview(
        tender=tender,
        bid=bid,
        kind=str(Kind.QUALIFICATION),
        state=ReviewState.REQUESTED,
        created_at=now,
        asked_by_id=person_id(actor),
        asked_for=asked_for.strip(),
        documents_due_at=ends_at(now, period),
    )
    db.session.add(review)
    db.session.flush()
    due = wire(ends_at(now, period))
    audit.emit("review.requested", actor, now, subject=review.audit_subject, tender=tender.reference,
               is_open=False, stmt=bid.stmt, due=due, legal_basis=period.legal_basis)  # fmt: skip
    tell_bidder(review, "review.requested", now)
    return review


def _is_next(tender: Tender, bid: Bid, standing: Standing) -> bool:
    """A qualification without figures in its notice is reviewed if the officers want it: then the first in line is."""
    if standing.due is None and tender.method == "qualification" and standing.winners:
        return bid.stmt == standing.winners[0].stmt
    return bid.stmt == standing.due


def ask_supplement(review_id: UUID, wanted: str, actor: Actor, now: datetime) -> BidReview:
    """Once, something that is missing. Raises AlreadyDone the second time, InvalidInput, IllegalTransition, Forbidden.
    """
    review = lock_review(review_id, actor)
    if review.supplement_asked_at is not None:
        raise AlreadyDone("a supplement is asked for once")
    if not wanted.strip():
        raise InvalidInput("say what is missing", field="wanted")
    periods = review_periods_of(review.tender, now)
    review.supplement_for, review.supplement_due_at = wanted.strip(), ends_at(now, periods["supplement"])
    REVIEW.fire(review, "supplement", actor, now, due=wire(review.supplement_due_at))
    tell_bidder(review, "review.supplement", now)
    return review


def bid_of(tender: Tender, bid_id: UUID) -> Bid:
    """A bid of the tender that is open. NotFound."""
    bid = db.session.get(Bid, bid_id)
    if bid is None or bid.tender_id != tender.id or bid.opened_at is None:
        raise NotFound("no such bid in this tender", what="bid")
    return bid


def find_open(bid_id: UUID, kind: str) -> BidReview | None:
    """The review of that kind which is on its way."""
    over = (ReviewState.DECIDED, ReviewState.DROPPED)
    query = select(BidReview).where(BidReview.bid_id == bid_id, BidReview.kind == kind, BidReview.state.not_in(over))
    return db.session.scalar(query)


def lock_review(review_id: UUID, actor: Actor) -> BidReview:
    """A review of the actor's own agency, its tender locked first. NotFound, Forbidden."""
    tender_id = db.session.scalar(select(BidReview.tender_id).where(BidReview.id == review_id))
    if tender_id is None:
        raise NotFound("no such review", what="review")
    lock_own_tender(tender_id, actor)
    return db.session.get_one(BidReview, review_id, populate_existing=True)


def lock_asked(review_id: UUID, actor: Actor) -> BidReview:
    """A review of the actor's own bid. NotFound for anybody else's: who is asked is nobody's business."""
    found = db.session.get(BidReview, review_id)
    if found is None or found.bid.organisation_id != actor.organisation_id or found.kind != Kind.QUALIFICATION:
        raise NotFound("no such review", what="review")
    lock_tender(found.tender_id)
    return db.session.get_one(BidReview, review_id, populate_existing=True)


def tell_bidder(review: BidReview, kind: str, now: datetime) -> None:
    notify(review.bid.organisation_id, kind, now, href=f"/bids/{review.bid_id}/review", title=review.tender.title)
