"""What was fixed of a technical evaluation, for the opening of the prices that follows it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app import audit
from app.auth import Actor
from app.db import db
from app.tlog.canon import jcs
from bidding.criteria import Tech, read_tech
from bidding.models import Bid, EvaluationCommittee, EvaluationSeat, Tender
from bidding.services.cancelling import without_wraps
from bidding.states import BidState
from bidding.technical_file import read_technical
from bidding.types import Json, Technical


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


def fixed_json(tender: Tender) -> Json | None:
    """`technical.json` as it was fixed; None where there is none."""
    committee = find_committee(tender.id)
    return committee.technical if committee is not None and committee.fixed_at is not None else None


def result_of(tender: Tender) -> Technical | None:
    """The same as the evaluation of the prices takes it."""
    technical = fixed_json(tender)
    return read_technical(jcs(technical)) if technical is not None else None


def signed_entries(tender: Tender) -> list[UUID]:
    """The sealed entries in which the evaluators signed, for a bundle: once the result is fixed they hide nothing."""
    seats = select(EvaluationSeat.submit_event_id).where(
        EvaluationSeat.tender_id == tender.id, EvaluationSeat.submit_event_id.is_not(None)
    )
    return [event_id for event_id in db.session.scalars(seats) if event_id is not None] if is_fixed(tender) else []


def count_unqualified(tender_id: UUID) -> int:
    query = select(func.count()).where(Bid.tender_id == tender_id, Bid.state == BidState.UNQUALIFIED)
    return db.session.scalar(query) or 0


def delete_wraps(tender: Tender, actor: Actor, at: datetime) -> None:
    """After the opening, or the failure: what could still open an unqualified bid's price goes; that is logged."""
    query = select(Bid).where(Bid.tender_id == tender.id, Bid.state == BidState.UNQUALIFIED)
    for bid in db.session.scalars(query.order_by(Bid.stmt)):
        bid.envelope = without_wraps(bid.envelope)
        audit.emit("bid.wraps_deleted", actor, at, subject=bid.audit_subject, tender=tender.reference, stmt=bid.stmt)
