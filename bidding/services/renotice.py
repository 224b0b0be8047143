"""재공고: a failed tender is announced again, with its number and the next 차수, price and conditions unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition
from bidding.models import Attachment, LotGroup, Tender
from bidding.services.access import person_id
from bidding.services.lots import lock_notice
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
    "framework_winners",
    "lot_no",
    "lot_name",
    "lot_text",
]


def renotice(tender_id: UUID, actor: Actor, now: datetime) -> Tender:
    """A draft of the same notice, next 차수; of a notice with lots, one of each that has failed by now.

    Returns the first. Raises IllegalTransition (not failed), AlreadyDone, Forbidden.
    """
    rows = lock_notice(tender_id, actor)
    failed = next(row for row in rows if row.id == tender_id)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer drafts", permission="tender:draft")
    if failed.state != TenderState.FAILED:
        raise IllegalTransition("only a failed tender is announced again", state=failed.state, event="renotice")
    if db.session.scalar(select(Tender.id).where(Tender.previous_id == failed.id)) is not None:
        raise AlreadyDone("a re-notice of this tender exists")
    repeated = set(db.session.scalars(select(Tender.previous_id).where(Tender.previous_id.in_([r.id for r in rows]))))
    lots = [row for row in rows if row.state == TenderState.FAILED and row.id not in repeated]
    group = _group_again(failed, lots, now)
    made = [_again(lot, group, actor, now) for lot in lots]
    made[0].is_first_lot = True
    db.session.flush()
    return made[0]


def _group_again(failed: Tender, lots: Sequence[Tender], now: datetime) -> LotGroup | None:
    """The lots that are announced again keep the limit of the notice; what was won of it before still counts."""
    old = failed.lot_group
    if old is None:
        return None
    left = {lot.lot_no for lot in lots}
    order = [number for number in old.award_order if number in left]
    group = LotGroup(
        title=old.title,
        award_order=order,
        max_lots=old.max_lots,
        max_won=old.max_won,
        previous_id=old.id,
        created_at=now,
    )
    db.session.add(group)
    db.session.flush()
    return group


def _again(failed: Tender, group: LotGroup | None, actor: Actor, now: datetime) -> Tender:
    again = Tender(
        **{name: getattr(failed, name) for name in KEPT},
        lot_group_id=group.id if group is not None else None,
        lot_group=group,
        is_first_lot=group is None,
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
