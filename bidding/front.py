"""The front door of bidding: all that other features may use of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import NotFound
from bidding.calendar import is_working_day
from bidding.models import Award, Opening, Tender
from bidding.search import query_tokens, tokens
from bidding.services.access import lock_tender
from bidding.states import TENDER, TenderState

__all__ = [
    "AwardSummary",
    "awards_without_contract",
    "get_award",
    "is_working_day",
    "mark_contracted",
    "query_tokens",
    "tokens",
]


@dataclass(frozen=True, slots=True)
class AwardSummary:
    """A confirmed award as its contract starts from it. Money is whole won; `kind` is goods, services or works."""

    tender_id: UUID
    reference: str
    title: str
    kind: str
    regime: str
    agency_id: UUID
    supplier_id: UUID
    amount_won: int
    estimated_price_won: int | None
    base_amount_won: int
    delivery_place: str
    delivery_on: date | None
    is_practice: bool
    confirmed_at: datetime


def get_award(tender_id: UUID) -> AwardSummary:
    """The confirmed award of a tender. NotFound while there is none."""
    query = (
        select(Award, Tender, Opening.estimated_price_won)
        .join(Tender, Tender.id == Award.tender_id)
        .join(Opening, Opening.tender_id == Award.tender_id)
        .where(Award.tender_id == tender_id, Award.confirmed_at.is_not(None))
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        raise NotFound("no confirmed award", what="award")
    award, tender, estimated_price_won = found
    # A published tender has the first two and a confirmed award the third, by CHECK.
    assert tender.reference is not None
    assert tender.base_amount_won is not None
    assert award.confirmed_at is not None
    return AwardSummary(
        tender_id=tender.id,
        reference=tender.reference,
        title=tender.title,
        kind=tender.kind,
        regime=tender.regime,
        agency_id=tender.agency_id,
        supplier_id=award.organisation_id,
        amount_won=award.amount_won,
        estimated_price_won=estimated_price_won,
        base_amount_won=tender.base_amount_won,
        delivery_place=tender.delivery_place,
        delivery_on=tender.delivery_on,
        is_practice=tender.is_practice,
        confirmed_at=award.confirmed_at,
    )


def awards_without_contract(limit: int = 500) -> Iterator[UUID]:
    """Tenders that are awarded and not contracted yet, oldest first: what the sweep for drafts starts from."""
    query = select(Tender.id).where(Tender.state == TenderState.AWARDED).order_by(Tender.awarded_at).limit(limit)
    return iter(db.session.scalars(query))


def mark_contracted(tender_id: UUID, actor: Actor, now: datetime) -> None:
    """The contract of the award is concluded: the tender's last step.

    Who may conclude was decided by contracts; the person is recorded here with just the permission for this move.
    """
    tender = lock_tender(tender_id)
    TENDER.fire(tender, "contract", replace(actor, permissions=frozenset({"tender:contract"})), now)
