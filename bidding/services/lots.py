"""Lots of one notice: each a tender row of its own, all of them drafted, published, changed and cancelled together.

The first lot stands for the notice while it is drafted: what it says of texts, qualification and times holds for all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import Forbidden, IllegalTransition
from bidding.models import Attachment, Tender
from bidding.services.access import is_own, lock_tender
from bidding.states import TenderState


def rows_of(tender: Tender) -> list[Tender]:
    """The lots of the tender's notice in their order; itself alone where it has none."""
    if tender.lot_group_id is None:
        return [tender]
    query = select(Tender).where(Tender.lot_group_id == tender.lot_group_id)
    return list(db.session.scalars(query.order_by(Tender.lot_no)))


def lock_notice(tender_id: UUID, actor: Actor) -> list[Tender]:
    """Every lot of the notice, locked in the order of the lots until the transaction ends; the first stands first.

    Raises NotFound, or Forbidden for another agency's tender.
    """
    group = db.session.scalar(select(Tender.lot_group_id).where(Tender.id == tender_id))
    if group is None:
        rows = [lock_tender(tender_id)]
    else:
        query = select(Tender).where(Tender.lot_group_id == group).order_by(Tender.lot_no)
        locked = query.with_for_update(of=Tender).execution_options(populate_existing=True)
        rows = list(db.session.scalars(locked))
    if not is_own(rows[0], actor):
        raise Forbidden("another agency's tender")
    return rows


def boxes_digest(rows: Sequence[Tender]) -> str | None:
    """What the approver confirms: the one box's id, or the hash of all their ids; None while a box is missing."""
    if any(row.box_id is None for row in rows):
        return None
    if len(rows) == 1:
        return rows[0].box_id
    return hashlib.sha256("\n".join(str(row.box_id) for row in rows).encode()).hexdigest()


def lock_draft(tender_id: UUID, actor: Actor) -> list[Tender]:
    """The lots of a draft. Raises IllegalTransition for anything but a draft, or for a lot that does not stand for the
    notice."""
    rows = lock_notice(tender_id, actor)
    if any(row.state != TenderState.DRAFT for row in rows):
        raise IllegalTransition("only a draft can be edited", state=rows[0].state, event="edit")
    if rows[0].id != tender_id:
        raise IllegalTransition("a lot is edited with its notice", state=rows[0].state, event="edit")
    return rows


def align(rows: Sequence[Tender], shared: Collection[str]) -> None:
    """What the first lot says of the whole notice (`shared` fields) holds for all; each is called after the notice and
    itself."""
    first, group = rows[0], rows[0].lot_group
    if group is None:
        return
    for row in rows:
        row.title = f"{group.title} – {row.lot_name}"
        for name in shared if row is not first else ():
            setattr(row, name, getattr(first, name))


def share_files(rows: Sequence[Tender]) -> None:
    """The notice's files belong to every lot: those of the first are entered for the others, too."""
    first, *others = rows
    held = list(db.session.scalars(select(Attachment).where(Attachment.tender_id == first.id)))
    ids = [row.id for row in others]
    for one in db.session.scalars(select(Attachment).where(Attachment.tender_id.in_(ids))):
        db.session.delete(one)
    db.session.flush()
    for row in others:
        for one in held:
            copied = {name: getattr(one, name) for name in ("name", "media_type", "size", "sha256", "added_at")}
            db.session.add(Attachment(tender_id=row.id, **copied))
    db.session.flush()
