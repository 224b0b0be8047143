"""The keyholders of one tender: who they are, whether they can open, and the groups that were fixed at its opening."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.tender import Tender

LANES = ("price", "docs")


class TenderHolder(db.Model):
    """A service of the settings, or a person of the committee. `holder` is its id in the box (`A`, `M1`).

    A member has a row from the moment the officer names it, and keys once it has made them; a service has both when the
    box is made. `khkeys` holds the signed notes by lane; `vkey` is the key that signs them, as it was then.
    """

    __tablename__ = "tender_holders"
    __table_args__ = (
        CheckConstraint("kind IN ('service', 'member')", name="kind_known"),
        CheckConstraint("(kind = 'member') = (person_id IS NOT NULL)", name="member_is_person"),
        CheckConstraint("ready_at IS NULL OR vkey IS NOT NULL", name="ready_has_key"),
        Index("uq_tender_holders_person", "tender_id", "person_id", unique=True),
        Index("ix_tender_holders_person", "person_id", postgresql_where="person_id IS NOT NULL"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    holder: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]  # among the tender's holders, as in the box
    kind: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    name: Mapped[str]
    operator: Mapped[str] = mapped_column(default="")  # the organisation behind it, as people read it
    vkey: Mapped[str | None]
    khkeys: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    keys_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def audit_subject(self) -> str:
        return f"holder:{self.tender_id}:{self.holder}"


class HolderTest(db.Model):
    """A test envelope and whether the holder opened it. The text itself is kept by its hash alone.

    `envelopes` by lane; one that was sent and never answered has no `answered_at`.
    """

    __tablename__ = "holder_tests"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tender_id", "holder"], ["tender_holders.tender_id", "tender_holders.holder"], ondelete="CASCADE"
        ),
        CheckConstraint("medium IN ('medium-1', 'medium-2', 'restored', 'T-24h', 'T-1h')", name="medium_known"),
        CheckConstraint("(answered_at IS NULL) = (is_opened IS NULL)", name="answered_has_result"),
        Index("ix_holder_tests_holder", "tender_id", "holder", "medium"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID]
    holder: Mapped[str]
    medium: Mapped[str]
    envelopes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    text_sha256: Mapped[str]
    asked_at: Mapped[Instant]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_opened: Mapped[bool | None]
    fault: Mapped[str] = mapped_column(default="")  # why it was not opened


class OpeningGroup(db.Model):
    """A group of holders that was asked for its pieces; the highest `number` of a lane is in force.

    Number 0 is `opening.group` in the log, each later one an `opening.fallback` with who was missing and why.
    """

    __tablename__ = "opening_groups"
    __table_args__ = (
        CheckConstraint("lane IN ('price', 'docs')", name="lane_known"),
        CheckConstraint("number >= 0", name="number_not_negative"),
        CheckConstraint("(number = 0) = (reason = '')", name="fallback_has_reason"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    lane: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    holders: Mapped[list[str]] = mapped_column(ARRAY(Text))
    missing: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    reason: Mapped[str] = mapped_column(default="")
    fixed_at: Mapped[Instant]
