"""What an upheld complaint brings about: an award undone, a bid put back or taken out, the tender cancelled."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import IllegalTransition, RuleBroken
from app.jobs import enqueue
from app.notifications import notify_all
from bidding.models import Award, Bid, Complaint, Tender
from bidding.review import Kind, Result
from bidding.services import direct, standstill
from bidding.services.reviewing import Ground, record
from bidding.services.standings import decided_reviews
from bidding.states import TENDER, TenderState

UPHELD = "complaint-upheld"
BASIS = {"national": "국가계약법 제28조", "local": "지방계약법 제34조"}
REOPENABLE = (TenderState.OPENED, TenderState.PROPOSED, TenderState.AWARDED)


def open_to(complaint: Complaint) -> tuple[str, ...]:
    """The remedies that the tender's state and the disputed line leave open, `none` among them."""
    tender = complaint.tender
    remedies = ["none", "correct"]
    if tender.state in REOPENABLE:
        if (bid := _to_reinstate(complaint)) is not None and _is_taken_out(tender, bid.stmt):
            remedies.append("reinstate")
        if _to_disqualify(complaint) is not None:
            remedies.append("disqualify")
    if _ending(tender) is not None:
        remedies.append("cancel")
    return tuple(remedies)


def carry_out(complaint: Complaint, actor: Actor, now: datetime) -> None:
    """On a locked tender, in the transaction of the decision. Raises IllegalTransition where it is too late."""
    if complaint.remedy == "cancel":
        _cancel(complaint, actor, now)
    elif complaint.remedy in ("reinstate", "disqualify"):
        if complaint.remedy not in open_to(complaint):
            state = complaint.tender.state
            raise IllegalTransition("it is too late for that", subject="tender", state=state, event=complaint.remedy)
        _place_anew(complaint, actor, now)


def _to_reinstate(complaint: Complaint) -> Bid | None:
    """The bid of the disputed line, or the complainant's own."""
    return _bid_of(complaint, by_line=True) or _bid_of(complaint, by_line=False)


def _to_disqualify(complaint: Complaint) -> Bid | None:
    """The bid of the disputed line, where it is another's, in the ranking, and not out already."""
    bid = _bid_of(complaint, by_line=True)
    if bid is None or bid.rank is None or bid.organisation_id == complaint.organisation_id:
        return None
    return None if _is_taken_out(complaint.tender, bid.stmt) else bid


def _bid_of(complaint: Complaint, *, by_line: bool) -> Bid | None:
    stmt = (complaint.line or {}).get("stmt") if by_line else None
    if by_line and stmt is None:
        return None
    one = Bid.stmt == stmt if by_line else Bid.organisation_id == complaint.organisation_id
    return db.session.scalar(select(Bid).where(Bid.tender_id == complaint.tender_id, one))


def _is_taken_out(tender: Tender, stmt: str) -> bool:
    """Whether a decision after the opening has taken the bid out, and none has put it back."""
    out = False
    for review in decided_reviews(tender.id):
        if review.stmt == stmt:
            out = review.kind != Kind.REINSTATEMENT and (out or review.result == Result.FAIL)
    return out


def _place_anew(complaint: Complaint, actor: Actor, now: datetime) -> None:
    """The award is undone, the bid is put back or taken out, and the standing is computed by the same engine."""
    tender = complaint.tender
    _reopen(complaint, actor, now)
    is_back = complaint.remedy == "reinstate"
    bid = _to_reinstate(complaint) if is_back else _to_disqualify(complaint)
    assert bid is not None  # open_to has found it
    assert complaint.proposed_by_id is not None  # a decision has been proposed
    kind = Kind.REINSTATEMENT if is_back else Kind.DISQUALIFICATION
    ground = Ground("" if is_back else UPHELD, "" if is_back else BASIS[tender.regime], complaint.decision_text)
    record(tender, bid.id, kind, ground, (complaint.proposed_by_id, actor), now)


def _reopen(complaint: Complaint, actor: Actor, now: datetime) -> None:
    tender = complaint.tender
    if tender.state == TenderState.OPENED:
        return
    awards = undo_awards(tender, now)
    stmt = awards[0].bid.stmt if awards else ""
    facts = {"stmt": stmt, "approvals": approvals_of(complaint), "complaint": complaint.number}
    TENDER.fire(tender, "reopen", actor, now, **facts)
    tender.proposed_at = tender.awarded_at = None


def approvals_of(complaint: Complaint) -> list[str]:
    return [f"person:{complaint.proposed_by_id}", f"person:{complaint.decided_by_id}"]


def _cancel(complaint: Complaint, actor: Actor, now: datetime) -> None:
    tender = complaint.tender
    undo_awards(tender, now)
    direct.drop(tender, complaint, actor, now)
    facts = {"reason": complaint.decision_text, "approvals": approvals_of(complaint), "complaint": complaint.number}
    TENDER.fire(tender, _ending(tender) or "annul", actor, now, **facts)
    tender.cancel_reason = complaint.decision_text
    href = f"/tenders/{tender.reference}"
    notify_all(bidders_of(tender.id), "tender.cancellation", now, href=href, title=tender.title)


def bidders_of(tender_id: UUID) -> list[UUID]:
    return list(db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender_id)))


def undo_awards(tender: Tender, now: datetime) -> list[Award]:
    """Nobody is awarded any more; what was drafted of contracts lapses. Returns what there was.

    RuleBroken where a winner has signed by now: what is concluded stays.
    """
    awards = list(db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)))
    if any(award.contracted_at is not None for award in awards):
        raise RuleBroken("a winner's contract is concluded", findings=["contract-concluded"])
    for award in awards:
        _ = award.bid  # read before the row goes
        if award.confirmed_at is not None:
            ids = {"tender_id": str(tender.id), "bid_id": str(award.bid_id)}
            enqueue("contracts.lapse", f"{tender.id}:{award.bid_id}", due_at=now, **ids)
        db.session.delete(award)
    standstill.begin_again(tender)
    return awards


def _ending(tender: Tender) -> str | None:
    """The event that cancels the tender in its state: another one before its bids are open than after."""
    return next((event for event in ("cancel", "annul") if TENDER.find(tender, event) is not None), None)
