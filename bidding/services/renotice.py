"""재공고: a failed tender is announced again, with its number and the next 차수, price and conditions unchanged."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition
from bidding.models import Attachment, Tender
from bidding.services.access import lock_own_tender, person_id
from bidding.states import TenderState

# 국가계약법 시행령 20조 3항: nothing but the time limit may differ.
KEPT = [
    "title",
    "kind",
    "description",
    "delivery_place",
    "delivery_on",
    "regime",
    "method",
    "estimated_value_won",
    "base_amount_won",
    "a_value_won",
    "floor_rate",
    "range_low",
    "range_high",
    "rounding",
    "draw_mode",
    "draw_order",
    "minimum_bids",
    "regions",
    "licence_codes",
    "sizes",
    "asked_documents",
    "is_practice",
    "number",
]


def renotice(tender_id: UUID, actor: Actor, now: datetime) -> Tender:
    """A draft of the same notice, next 차수. Raises IllegalTransition (not failed), AlreadyDone, Forbidden."""
    failed = lock_own_tender(tender_id, actor)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer drafts", permission="tender:draft")
    if failed.state != TenderState.FAILED:
        raise IllegalTransition("only a failed tender is announced again", state=failed.state, event="renotice")
    if db.session.scalar(select(Tender.id).where(Tender.previous_id == failed.id)) is not None:
        raise AlreadyDone("a re-notice of this tender exists")
    again = Tender(
        **{name: getattr(failed, name) for name in KEPT},
        agency_id=failed.agency_id,
        author_id=person_id(actor),
        previous_id=failed.id,
        first_ord=failed.ord + 1,
        ord=failed.ord + 1,
        created_at=now,
    )
    db.session.add(again)
    db.session.flush()
    for held in db.session.scalars(select(Attachment).where(Attachment.tender_id == failed.id)):
        db.session.add(
            Attachment(
                tender_id=again.id,
                name=held.name,
                media_type=held.media_type,
                size=held.size,
                sha256=held.sha256,
                added_at=now,
            )
        )
    audit.emit("tender.drafted", actor, now, subject=again.audit_subject, is_open=False, previous=failed.reference)
    return again
