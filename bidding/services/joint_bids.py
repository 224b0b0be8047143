"""Consortia whose lead has bid: found by the opening, shown with the result, and the parties of the contract."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app import audit
from app.auth import Actor
from app.db import db
from bidding.eligibility import requirements_of
from bidding.models import Bid, Consortium, ConsortiumMember, Tender
from bidding.rules.joint import shares_left
from bidding.rules.validity import BidFacts, check_bids
from bidding.states import BidState, ConsortiumState


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
    """As the bids are open: each consortium that has bid becomes public in one open entry, and members with a defect
    are out, each by itself (국가계약법 시행규칙 44조 2항). A defect of the lead is the bid's."""
    found = consortia_of(tender)
    if not found:
        return
    opened = select(Bid).where(
        Bid.tender_id == tender.id, Bid.organisation_id.in_(found), Bid.state != BidState.CANCELLED
    )
    bids = list(db.session.scalars(opened.order_by(Bid.stmt)))
    reasons = _defects(tender, {bid.organisation_id: bid.received_at for bid in bids}, found)
    for bid in bids:
        consortium = found[bid.organisation_id]
        for member in consortium.members:
            if member.position > 0:
                member.void_reason = reasons.get(member.organisation_id, "")
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


def _defects(
    tender: Tender, received: Mapping[UUID, datetime], found: Mapping[UUID, Consortium]
) -> dict[UUID, str]:
    """By member's organisation, what puts it out: the checks that a single bidder goes through, on the same days.

    Registration, kind, region, licence and size as on the day of the deadline, sanctions of the firm and of its
    representatives at the opening, a name or representative changed around the bid. What only hints at a defect (a
    register entry of after the deadline) puts nobody out. A firm is bound once in a tender.
    """
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    members = {
        one.organisation_id: at for lead, at in received.items() for one in found[lead].members if one.position > 0
    }
    known = suppliers.front.bidders_facts(members, requirements_of(tender), tender.closes_at, tender.opens_at)
    facts = [
        BidFacts(
            stmt=str(organisation_id),
            amount_won=0,
            ineligible=one.ineligible,
            is_other_now=one.is_other_now,
            is_sanctioned=one.is_sanctioned,
            has_sanctioned_person=one.has_sanctioned_person,
            changed=one.changed,
        )
        for organisation_id, one in known.items()
    ]
    outs = {stmt: [one.code for one in said if one.result == "out"] for stmt, said in check_bids(facts, None).items()}
    return {UUID(stmt): codes[0] for stmt, codes in outs.items() if codes}


def _told(member: ConsortiumMember) -> dict[str, object]:
    void = {"void": member.void_reason} if member.void_reason else {}
    return {"supplier": member.organisation.code, "share": member.share, "part": member.part, **void}


def parties_of(consortium: Consortium) -> tuple[Party, ...]:
    """Who performs: the members that are left, with shares that are whole again."""
    by_number = {one.organisation.code: one.organisation_id for one in consortium.members}
    void = {one.organisation.code for one in consortium.members if one.void_reason}
    left = shares_left(consortium.agreement.members, void)
    return tuple(Party(by_number[one.supplier], one.share, one.part) for one in left)
