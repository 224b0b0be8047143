"""The lots of a draft: adding, naming, removing them, and how much of the notice one bidder may win."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from app.auth import Actor
from app.db import db
from app.errors import IllegalTransition, InvalidInput, NotFound
from bidding.models import LotGroup, Tender
from bidding.services.drafting import EDITABLE, OWN
from bidding.services.holders import share_members
from bidding.services.lots import align, lock_draft

MAX_LOTS = 20
SHARED = EDITABLE - OWN


def add_lot(tender_id: UUID, values: dict[str, Any], actor: Actor, now: datetime) -> Tender:
    """A further lot: `lot_name`, `lot_text` and amounts of its own. The draft itself becomes the first with the first.

    Raises InvalidInput beyond twenty lots, or for a name that another lot has; IllegalTransition for a re-notice.
    """
    rows = lock_draft(tender_id, actor)
    first = rows[0]
    _refuse_renotice(first)
    if len(rows) >= MAX_LOTS:
        raise InvalidInput("too many lots", field="lot_name", max=MAX_LOTS)
    if first.lot_group_id is None:
        group = LotGroup(title=first.title, award_order=[], created_at=now)
        db.session.add(group)
        db.session.flush()
        first.lot_group_id, first.lot_group, first.lot_name = group.id, group, "1"
    lot = Tender(
        agency_id=first.agency_id,
        author_id=first.author_id,
        lot_group_id=first.lot_group_id,
        lot_group=first.lot_group,
        lot_no=rows[-1].lot_no + 1,
        is_first_lot=False,
        is_practice=first.is_practice,
        title=first.title,
        kind=first.kind,
        created_at=now,
    )
    db.session.add(lot)
    _write(lot, [*rows, lot], values)
    align([*rows, lot], SHARED)
    db.session.flush()
    share_members(rows[0], lot, now)
    return lot


def save_lot(tender_id: UUID, lot_no: int, values: dict[str, Any], actor: Actor) -> Tender:
    """Write a lot's name, text and amounts. Raises NotFound, InvalidInput (a name twice), IllegalTransition."""
    rows = lock_draft(tender_id, actor)
    lot = next((row for row in rows if row.lot_no == lot_no), None)
    if lot is None or lot.lot_group_id is None:
        raise NotFound(f"no lot {lot_no}")
    _refuse_renotice(lot)
    _write(lot, rows, values)
    align(rows, SHARED)
    return lot


def remove_lot(tender_id: UUID, lot_no: int, actor: Actor) -> None:
    """Take a lot out of a draft that was never submitted; the last one left is an undivided tender again.

    Raises IllegalTransition for the first lot, which stands for the notice, or once it was submitted.
    """
    rows = lock_draft(tender_id, actor)
    lot = next((row for row in rows if row.lot_no == lot_no), None)
    if lot is None:
        raise NotFound(f"no lot {lot_no}")
    if lot.is_first_lot or lot.reference is not None:
        raise IllegalTransition("this lot stays", state=lot.state, event="remove_lot")
    db.session.delete(lot)
    left = [row for row in rows if row is not lot]
    if len(left) > 1:
        _keep_order(left)
        return
    first, group = left[0], left[0].lot_group
    assert group is not None  # it had a second lot until now
    first.title, first.lot_name, first.lot_text = group.title, "", ""
    first.lot_group_id = first.lot_group = None
    db.session.flush()
    db.session.delete(group)


def set_limit(
    tender_id: UUID, max_lots: int | None, max_won: int | None, order: Sequence[int], actor: Actor
) -> LotGroup:
    """How much of the notice one bidder may win, and the order in which the lots are awarded (numbers; empty: as they
    stand). Raises InvalidInput for an order that does not name each lot once, NotFound without lots."""
    rows = lock_draft(tender_id, actor)
    group = rows[0].lot_group
    if group is None:
        raise NotFound("this tender has no lots")
    _refuse_renotice(rows[0])
    if order and sorted(order) != [row.lot_no for row in rows]:
        raise InvalidInput("each lot once", field="award_order")
    if max_lots is not None and not 0 < max_lots < len(rows):
        raise InvalidInput("a limit below the number of lots", field="max_lots", most=len(rows) - 1)
    group.max_lots, group.max_won, group.award_order = max_lots, max_won, list(order)
    return group


def _write(lot: Tender, rows: Iterable[Tender], values: dict[str, Any]) -> None:
    name = str(values["lot_name"]).strip()
    if any(row.lot_name == name for row in rows if row is not lot):
        raise InvalidInput("another lot has this name", field="lot_name")
    lot.lot_name = name
    for field in ("lot_text", "estimated_value_won", "base_amount_won", "a_value_won"):
        if field in values:
            setattr(lot, field, values[field])


def _keep_order(rows: Sequence[Tender]) -> None:
    group = rows[0].lot_group
    if group is not None:
        numbers = {row.lot_no for row in rows}
        group.award_order = [number for number in group.award_order if number in numbers]
        if group.max_lots is not None and group.max_lots >= len(rows):
            group.max_lots = None


def _refuse_renotice(tender: Tender) -> None:
    if tender.previous_id is not None:
        raise InvalidInput("a re-notice keeps its terms", field="lot_name", fault="renotice")
