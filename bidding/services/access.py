"""Finding a tender, and whose it is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import Forbidden, NotFound
from bidding.models import Tender
from bidding.states import PUBLIC


def get_tender(reference: str, actor: Actor) -> Tender:
    """A public tender, or a draft of the actor's own agency. Raises NotFound, also for another agency's draft."""
    tender = db.session.scalar(select(Tender).where(Tender.reference == reference))
    if tender is None or not may_see(tender, actor):
        raise NotFound(f"no tender {reference}")
    return tender


def may_see(tender: Tender, actor: Actor) -> bool:
    """Auditors read what is not public on their own pages, where each reading is recorded."""
    return tender.state in PUBLIC or is_own(tender, actor)


def is_own(tender: Tender, actor: Actor) -> bool:
    return actor.organisation_id is not None and tender.agency_id == actor.organisation_id


def lock_own_tender(tender_id: UUID, actor: Actor) -> Tender:
    """The row, locked until the transaction ends. Raises NotFound, or Forbidden for another agency's tender."""
    tender = lock_tender(tender_id)
    if not is_own(tender, actor):
        raise Forbidden("another agency's tender")
    return tender


def lock_tender(tender_id: UUID) -> Tender:
    tender = db.session.get(Tender, tender_id, with_for_update={"of": Tender}, populate_existing=True)
    if tender is None:
        raise NotFound(f"no tender {tender_id}")
    return tender


def person_id(actor: Actor) -> UUID:
    """The person behind an act that must have one."""
    if actor.person_id is None:
        raise Forbidden("only a person may do this")
    return actor.person_id
