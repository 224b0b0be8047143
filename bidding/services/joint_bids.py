"""Consortia whose lead has bid: found by the opening, shown with the result, and the parties of the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app import audit
from app.auth import Actor
from app.db import db
from app.time import kst_date
from bidding.models import Bid, Consortium, ConsortiumMember, Tender
from bidding.rules.joint import shares_left
from bidding.states import BidState, ConsortiumState
from bidding.types import Reason


@dataclass(frozen=True, slots=True)
class Party:
    """A firm that performs the contract; the first leads. `share` in thousandths of a percent, 0 where parts count."""

    organisation_id: UUID
    share: int
    part: str


def consortia_of(tender: Tender, leads: Iterable[UUID] | None = None) -> dict[UUID, Consortium]:
    """Concluded consortia of the tender by their lead's organisation; two queries, none where each bids alone."""
    if not tender.joint:
        return {}
    query = select(Consortium).where(Consortium.tender_id == tender.id, Consortium.state == ConsortiumState.CONCLUDED)
    if leads is not None:
        query = query.where(Consortium.lead_id.in_(leads))
    return {found.lead_id: found for found in db.session.scalars(query)}


def disclose(tender: Tender, actor: Actor, at: datetime) -> None:
    """As the bids are open: each consortium that has bid becomes public in one open entry, and members under sanction
    on that day are out, each by itself (국가계약법 시행규칙 44조 2항). A defect of the lead is the bid's."""
    found = consortia_of(tender)
    if not found:
        return
    opened = select(Bid).where(
        Bid.tender_id == tender.id, Bid.organisation_id.in_(found), Bid.state != BidState.CANCELLED
    )
    assert tender.opens_at is not None
    members = {one.organisation_id for consortium in found.values() for one in consortium.members}
    barred = suppliers.front.sanctioned_among(members, kst_date(tender.opens_at))
    for bid in db.session.scalars(opened.order_by(Bid.stmt)):
        consortium = found[bid.organisation_id]
        for member in consortium.members:
            if member.position > 0 and member.organisation_id in barred:
                member.void_reason = Reason.SANCTIONED
        audit.emit(
            "consortium.disclosed",
            actor,
            at,
            subject=consortium.audit_subject,
            tender=tender.reference,
            stmt=bid.stmt,
            agreement=consortium.agreement_sha256,
            kind=consortium.kind,
            members=[_told(one) for one in consortium.members],
        )


def _told(member: ConsortiumMember) -> dict[str, object]:
    void = {"void": member.void_reason} if member.void_reason else {}
    return {"supplier": member.organisation.code, "share": member.share, "part": member.part, **void}


def parties_of(consortium: Consortium) -> tuple[Party, ...]:
    """Who performs: the members that are left, with shares that are whole again."""
    by_number = {one.organisation.code: one.organisation_id for one in consortium.members}
    void = {one.organisation.code for one in consortium.members if one.void_reason}
    left = shares_left(consortium.agreement.members, void)
    return tuple(Party(by_number[one.supplier], one.share, one.part) for one in left)
