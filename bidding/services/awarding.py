"""Confirming the evaluation: two persons, each by the digest of what they were shown."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import SamePerson, StaleConfirmation
from app.jobs import enqueue
from app.notifications import notify
from bidding.models import Award, Bid, Opening, Tender
from bidding.services.access import lock_own_tender, person_id
from bidding.states import TENDER


def propose_award(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> Award:
    """The officer confirms the evaluation that `digest` names; its first bid becomes the proposed award.

    Raises StaleConfirmation if the evaluation is another by now, IllegalTransition, Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    opening = _opening(tender, digest)
    first = db.session.scalar(select(Bid).where(Bid.tender_id == tender.id, Bid.rank == 1))
    stmt = first.stmt if first else ""
    TENDER.fire(tender, "propose", actor, now, evaluation=opening.evaluation_digest, stmt=stmt)
    assert first is not None  # the table lets only a ranked tender come here: another has failed
    assert first.amount_won is not None  # a ranked bid is open, by CHECK
    award = Award(
        tender_id=tender.id,
        bid_id=first.id,
        organisation_id=first.organisation_id,
        amount_won=first.amount_won,
        evaluation_digest=opening.evaluation_digest,
        proposed_by_id=person_id(actor),
        proposed_at=now,
    )
    db.session.add(award)
    notify(
        tender.agency_id, "tender.award_proposed", now, href=f"/tenders/{tender.reference}/award", title=tender.title
    )
    return award


def reconsider_award(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The second person sends the proposal back; the evaluation stays as it is."""
    tender = lock_own_tender(tender_id, actor)
    TENDER.fire(tender, "reconsider", actor, now, reason=reason)
    tender.proposed_at = None
    db.session.delete(db.session.get_one(Award, tender.id))


def confirm_award(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> Award:
    """낙찰: a second person confirms the same evaluation. Leaves the contract's draft as a job.

    Raises SamePerson, StaleConfirmation, IllegalTransition, Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    opening = _opening(tender, digest)
    award = db.session.get(Award, tender.id)
    if award is not None and award.proposed_by_id == person_id(actor):
        raise SamePerson("the second confirmation must be another person's")
    proposer = f"person:{award.proposed_by_id}" if award is not None else ""
    bid = db.session.get_one(Bid, award.bid_id) if award is not None else None
    TENDER.fire(
        tender,
        "award",
        actor,
        now,
        evaluation=opening.evaluation_digest,
        stmt=bid.stmt if bid else "",
        supplier=bid.supplier if bid else "",
        amount=str(award.amount_won) if award else "",
        approvals=[proposer, actor.handle],
    )
    assert award is not None  # the table lets only a proposed tender come here
    assert bid is not None
    award.confirmed_by_id, award.confirmed_at = person_id(actor), now
    _tell_bidders(tender, award, now)
    enqueue("contracts.draft", str(tender.id), due_at=now, tender_id=str(tender.id))
    enqueue("bidding.publish_bundle", f"{tender.id}:award", due_at=now, tender_id=str(tender.id), stage="award")
    enqueue("bidding.issue_award_notice", str(tender.id), due_at=now, tender_id=str(tender.id))
    return award


def _opening(tender: Tender, digest: str) -> Opening:
    opening = db.session.get(Opening, tender.id)
    if opening is None or opening.evaluation_digest != digest:
        raise StaleConfirmation("the evaluation is not the one that was shown")
    return opening


def _tell_bidders(tender: Tender, award: Award, now: datetime) -> None:
    bidders = db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id))
    for organisation_id in bidders:
        kind = "tender.won" if organisation_id == award.organisation_id else "tender.awarded"
        notify(organisation_id, kind, now, href=f"/tenders/{tender.reference}/result", title=tender.title)
