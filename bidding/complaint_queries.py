"""Reads of complaints. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import contains_eager

from app.auth import Actor
from app.db import db
from app.errors import NotFound
from app.paging import Page, paginate
from bidding.complaint_states import DECIDED, OPEN, ComplaintState
from bidding.models import Complaint, Tender
from bidding.queries import matching

C = ComplaintState
GROUPS: Mapping[str, tuple[ComplaintState, ...]] = {
    "open": OPEN,
    "upheld": (C.UPHELD, C.PARTLY),
    "rejected": (C.DISMISSED, C.INADMISSIBLE),
    "second": (C.APPEALED, C.RECOMMENDED, C.CLOSED),
    "withdrawn": (C.WITHDRAWN,),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor of the register looks for. Empty values filter nothing."""

    q: str = ""
    state: str = ""
    act: str = ""
    practice: str = ""


def register(wanted: Wanted, page: int) -> Page[Complaint]:
    """The newest first."""
    query = select(Complaint).join(Complaint.tender).options(contains_eager(Complaint.tender))
    if wanted.state:
        query = query.where(Complaint.state.in_(GROUPS[wanted.state]))
    if wanted.act:
        query = query.where(Complaint.act == wanted.act)
    if wanted.practice:
        query = query.where(Tender.is_practice.is_(wanted.practice == "only"))
    if words := wanted.q.strip():
        tenders = matching(select(Tender), words).with_only_columns(Tender.id)
        by_number = Complaint.number.startswith(words.upper(), autoescape=True)
        query = query.where(or_(by_number, Complaint.tender_id.in_(tenders)))
    return paginate(query.order_by(Complaint.filed_at.desc(), Complaint.id.desc()), page)


def figures() -> dict[str, int]:
    """How many complaints, and what became of them by the agencies' decisions; practice counts nowhere."""
    decided = case((Complaint.decided_at.is_not(None), Complaint.proposal))
    counted = select(decided, func.count()).join(Complaint.tender).where(Tender.is_practice.is_(False))
    by_decision: dict[str | None, int] = dict(db.session.execute(counted.group_by(decided)).all())
    found = {str(state): by_decision.get(state, 0) for state in DECIDED}
    return {"all": sum(by_decision.values()), "decided": sum(found.values()), **found}


def get_complaint(number: str) -> Complaint:
    """Everybody may know that there is one. NotFound."""
    found = db.session.scalar(select(Complaint).where(Complaint.number == number))
    if found is None:
        raise NotFound(f"no complaint {number}")
    return found


def of_tender(tender_id: UUID) -> list[Complaint]:
    query = select(Complaint).where(Complaint.tender_id == tender_id)
    return list(db.session.scalars(query.order_by(Complaint.filed_at, Complaint.id).limit(200)))


def mine(organisation_id: UUID, page: int = 1, per_page: int = 20) -> Page[Complaint]:
    query = select(Complaint).where(Complaint.organisation_id == organisation_id)
    return paginate(query.order_by(Complaint.filed_at.desc(), Complaint.id), page, per_page)


def waiting_for(actor: Actor, count: int) -> Page[Complaint]:
    """Undecided complaints about the agency's tenders, the nearest day of decision first."""
    query = select(Complaint).join(Complaint.tender)
    own = Tender.agency_id == actor.organisation_id, Complaint.state.in_((*OPEN, C.APPEALED))
    return paginate(query.where(*own).order_by(Complaint.decide_by_on, Complaint.id), 1, count)
