"""Lots (분할 입찰): several tenders announced by one notice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Integer
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Instant, Won, db
from app.ids import new_id


class LotGroup(db.Model):
    """What the lots of one notice share: its title, and how much of it one bidder may win.

    `award_order`: the numbers of the lots in the order in which the limit looks at them; empty: by number. A limit that
    is None limits nothing. Frozen with the lots once they are in review.
    """

    __tablename__ = "lot_groups"
    __table_args__ = (
        CheckConstraint("max_lots > 0", name="max_lots_positive"),
        CheckConstraint("max_won > 0", name="max_won_positive"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    award_order: Mapped[list[int]] = mapped_column(ARRAY(Integer), default=list)
    max_lots: Mapped[int | None]
    max_won: Mapped[Won | None]
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("lot_groups.id"))  # of the notice that this one repeats
    created_at: Mapped[Instant]
