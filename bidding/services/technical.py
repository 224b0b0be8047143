"""What was fixed of a technical evaluation, for the opening of the prices that follows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app import audit
from app.auth import Actor
from app.db import db
from bidding.models import Bid, EvaluationCommittee, Tender
from bidding.rules.criteria import Tech, read_tech
from bidding.services.cancelling import without_wraps
from bidding.states import BidState
from bidding.types import Json


def tech_of(tender: Tender) -> Tech:
    """How the notice scores proposals. ValueError for a tender that does not."""
    return read_tech(rule_of(tender))


def rule_of(tender: Tender) -> Json:
    """The notice's member `technical`."""
    rule: Json = (tender.scoring or {}).get("technical") or {}
    return rule


def find_committee(tender_id: UUID) -> EvaluationCommittee | None:
    return db.session.get(EvaluationCommittee, tender_id)


def is_fixed(tender: Tender) -> bool:
    """Whether two persons have fixed the technical result, so that the prices may be opened."""
    committee = find_committee(tender.id)
    return committee is not None and committee.fixed_at is not None


def count_unqualified(tender_id: UUID) -> int:
    query = select(func.count()).where(Bid.tender_id == tender_id, Bid.state == BidState.UNQUALIFIED)
    return db.session.scalar(query) or 0


def delete_wraps(tender: Tender, actor: Actor, at: datetime) -> None:
    """After the opening, or the failure: what could still open an unqualified bid's price goes; that is logged."""
    query = select(Bid).where(Bid.tender_id == tender.id, Bid.state == BidState.UNQUALIFIED)
    for bid in db.session.scalars(query.order_by(Bid.stmt)):
        bid.envelope = without_wraps(bid.envelope)
        audit.emit("bid.wraps_deleted", actor, at, subject=bid.audit_subject, tender=tender.reference, stmt=bid.stmt)
