"""What an upheld complaint brings about: an award undone, a bid put back or taken out, the tender cancelled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.jobs import enqueue
from app.notifications import notify_all
from bidding.models import Award, Bid, Complaint, Tender
from bidding.services import standstill
from bidding.states import TENDER, TenderState


def open_to(complaint: Complaint) -> tuple[str, ...]:
    """The remedies that the tender's state leaves open, `none` among them."""
    tender = complaint.tender
    remedies = ["none", "correct"]
    if TENDER.find(tender, "cancel") is not None:
        remedies.append("cancel")
    return tuple(remedies)


def carry_out(complaint: Complaint, actor: Actor, now: datetime) -> None:
    """On a locked tender, in the transaction of the decision. Raises IllegalTransition where it is too late."""
    if complaint.remedy == "cancel":
        _cancel(complaint, actor, now)


def approvals_of(complaint: Complaint) -> list[str]:
    return [f"person:{complaint.proposed_by_id}", f"person:{complaint.decided_by_id}"]


def _cancel(complaint: Complaint, actor: Actor, now: datetime) -> None:
    tender = complaint.tender
    reason = complaint.decision_text
    undo_awards(tender, now)
    TENDER.fire(
        tender, "cancel", actor, now, reason=reason, approvals=approvals_of(complaint), complaint=complaint.number
    )
    tender.cancel_reason = reason
    bidders = db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id)).all()
    notify_all(bidders, "tender.cancellation", now, href=f"/tenders/{tender.reference}", title=tender.title)


def undo_awards(tender: Tender, now: datetime) -> list[Award]:
    """Nobody is awarded any more; what was drafted of contracts lapses. Returns what there was."""
    awards = list(db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)))
    for award in awards:
        if award.confirmed_at is not None:
            ids = {"tender_id": str(tender.id), "bid_id": str(award.bid_id)}
            enqueue("contracts.lapse", f"{tender.id}:{award.bid_id}", due_at=now, **ids)
        db.session.delete(award)
    standstill.begin_again(tender)
    return awards


def is_awarded(tender: Tender) -> bool:
    return tender.state == TenderState.AWARDED
