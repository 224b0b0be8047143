"""What follows a decision about a bid: whoever it concerns is told, an award is undone, a bond is forfeited."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import RuleBroken
from app.jobs import enqueue
from app.notifications import notify
from bidding.models import Award, Bid, BidBond, BidReview, Tender
from bidding.review import Kind, Result
from bidding.rules.bonds import bond_of
from bidding.services import opening
from bidding.services.review_asking import tell_bidder
from bidding.services.standings import standing_of
from bidding.services.winners import winners_of
from bidding.states import TENDER, TenderState


def follow(review: BidReview, actor: Actor, now: datetime) -> None:
    if review.kind == Kind.REFUSAL:
        _undo_award(review, actor, now)
        _forfeit(review, actor, now)
    if review.tender.state == TenderState.OPENED:
        settle_awards(review.tender, now)
    tell_bidder(review, "review.failed" if review.result == Result.FAIL else "review.passed", now)
    href = f"/tenders/{review.tender.reference}/reviews"
    notify(review.tender.agency_id, "review.decided", now, href=href, title=review.tender.title)


def is_awarded(bid: Bid) -> bool:
    """Whether the bid is a winner whose contract is not concluded."""
    award = db.session.get(Award, bid.id)
    return award is not None and award.confirmed_at is not None and award.contracted_at is None


def _undo_award(review: BidReview, actor: Actor, now: datetime) -> None:
    """Of this bid alone; with several winners the others keep theirs, and what it leaves goes down the ranking."""
    tender = review.tender
    approvals = [f"person:{review.proposed_by_id}", actor.handle]
    TENDER.fire(tender, "refuse", actor, now, stmt=review.bid.stmt, approvals=approvals)
    tender.proposed_at = tender.awarded_at = None


def settle_awards(tender: Tender, now: datetime) -> list[Award]:
    """Whose award is no more, or not for as much, as the ranking now gives, has none: its draft of a contract lapses.

    Returns those that stay as they are. RuleBroken where one of the others is concluded: what is concluded stays.
    """
    awards = list(db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)))
    if not awards:
        return []
    db.session.flush()  # the decision before its consequences
    winners = winners_of(tender, standing_of(tender))
    due = {winner.bid.id: (winner.amount_won, winner.quantity) for winner in winners}
    kept = [award for award in awards if due.get(award.bid_id) == (award.amount_won, award.quantity)]
    for award in awards:
        if award in kept:
            continue
        if award.contracted_at is not None:
            raise RuleBroken("a winner's contract is concluded", findings=["contract-concluded"])
        db.session.delete(award)
        ids = {"tender_id": str(tender.id), "bid_id": str(award.bid_id)}
        enqueue("contracts.lapse", f"{tender.id}:{award.bid_id}", due_at=now, **ids)
    db.session.flush()  # whoever is awarded next takes their places
    return kept


def _forfeit(review: BidReview, actor: Actor, now: datetime) -> None:
    """입찰보증금 귀속 (국가계약법 시행령 제38조): of who was awarded and does not sign."""
    bid, tender = review.bid, review.tender
    bond = db.session.get(BidBond, (tender.id, bid.organisation_id))
    if bond is None or tender.bid_bond_rate is None or bid.amount_won is None:
        return
    bond.forfeited_won, bond.forfeited_at = bond_of(bid.amount_won, tender.bid_bond_rate), now
    audit.emit(
        "bond.forfeited", actor, now, subject=bid.audit_subject, tender=tender.reference, is_open=False,
        stmt=bid.stmt, bond=bond.kind, amount=str(bond.forfeited_won),
    )  # fmt: skip
    notify(bid.organisation_id, "bond.forfeited", now, href=f"/bids/{bid.id}/review", title=tender.title)


def fail(tender: Tender, now: datetime) -> None:
    opening.fail(tender, "none-left", now)
    stage = "failure"
    enqueue("bidding.publish_bundle", f"{tender.id}:{stage}", due_at=now, tender_id=str(tender.id), stage=stage)
