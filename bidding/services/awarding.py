"""Confirming the evaluation: two persons, each by the digest of what they were shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import SamePerson, StaleConfirmation
from app.jobs import enqueue
from app.notifications import notify
from bidding.models import Award, Bid, Opening, Tender
from bidding.services.access import lock_own_tender, person_id
from bidding.services.winners import Winner, winners_of
from bidding.states import TENDER


def propose_award(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> Award:
    """The officer confirms the evaluation that `digest` names; its winners become the proposed awards.

    Returns the first of them. Raises StaleConfirmation if the evaluation is another by now, IllegalTransition,
    Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    opening = _opening(tender, digest)
    winners = winners_of(tender)
    first = winners[0].bid.stmt if winners else ""
    TENDER.fire(tender, "propose", actor, now, evaluation=opening.evaluation_digest, stmt=first, **_several(winners))
    assert winners  # the table lets only a ranked tender come here: another has failed
    awards = [
        Award(
            tender_id=tender.id,
            bid_id=winner.bid.id,
            place=place,
            organisation_id=winner.bid.organisation_id,
            amount_won=winner.amount_won,
            quantity=winner.quantity,
            evaluation_digest=opening.evaluation_digest,
            proposed_by_id=person_id(actor),
            proposed_at=now,
        )
        for place, winner in enumerate(winners, start=1)
    ]
    db.session.add_all(awards)
    notify(
        tender.agency_id, "tender.award_proposed", now, href=f"/tenders/{tender.reference}/award", title=tender.title
    )
    return awards[0]


def reconsider_award(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The second person sends the proposal back; the evaluation stays as it is."""
    tender = lock_own_tender(tender_id, actor)
    TENDER.fire(tender, "reconsider", actor, now, reason=reason)
    tender.proposed_at = None
    for award in _awards(tender):
        db.session.delete(award)


def confirm_award(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> Award:
    """낙찰: a second person confirms the same evaluation. Leaves the contract's draft as a job.

    Raises SamePerson, StaleConfirmation, IllegalTransition, Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    opening = _opening(tender, digest)
    awards = _awards(tender)
    first = awards[0] if awards else None
    if first is not None and first.proposed_by_id == person_id(actor):
        raise SamePerson("the second confirmation must be another person's")
    proposer = f"person:{first.proposed_by_id}" if first is not None else ""
    winners = [Winner(award.bid, award.amount_won, award.quantity) for award in awards]
    TENDER.fire(
        tender,
        "award",
        actor,
        now,
        evaluation=opening.evaluation_digest,
        stmt=winners[0].bid.stmt if winners else "",
        supplier=winners[0].bid.supplier if winners else "",
        amount=str(winners[0].amount_won) if winners else "",
        **_several(winners),
        approvals=[proposer, actor.handle],
    )
    assert first is not None  # the table lets only a proposed tender come here
    for award in awards:
        award.confirmed_by_id, award.confirmed_at = person_id(actor), now
    _tell_bidders(tender, awards, now)
    enqueue("contracts.draft", str(tender.id), due_at=now, tender_id=str(tender.id))
    enqueue("bidding.publish_bundle", f"{tender.id}:award", due_at=now, tender_id=str(tender.id), stage="award")
    enqueue("bidding.issue_award_notice", str(tender.id), due_at=now, tender_id=str(tender.id))
    return first


def winners_json(winners: Sequence[Winner]) -> list[dict[str, str]]:
    """Every winner as award.json and the log name it; `quantity` only where there is one."""
    return [
        {
            "stmt": one.bid.stmt,
            "supplier": one.bid.supplier,
            "amount": str(one.amount_won),
            **({"quantity": str(one.quantity)} if one.quantity is not None else {}),
        }
        for one in winners
    ]


def _several(winners: Sequence[Winner]) -> dict[str, Any]:
    """What an entry says beside its first winner, where there are more or quantities count."""
    is_plain = len(winners) < 2 and all(one.quantity is None for one in winners)
    return {} if is_plain else {"winners": winners_json(winners)}


def _awards(tender: Tender) -> list[Award]:
    return list(db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)))


def _opening(tender: Tender, digest: str) -> Opening:
    opening = db.session.get(Opening, tender.id)
    if opening is None or opening.evaluation_digest != digest:
        raise StaleConfirmation("the evaluation is not the one that was shown")
    return opening


def _tell_bidders(tender: Tender, awards: Sequence[Award], now: datetime) -> None:
    won = {award.organisation_id for award in awards}
    bidders = db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id))
    for organisation_id in bidders:
        kind = "tender.won" if organisation_id in won else "tender.awarded"
        notify(organisation_id, kind, now, href=f"/tenders/{tender.reference}/result", title=tender.title)
