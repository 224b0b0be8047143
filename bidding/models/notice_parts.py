"""What hangs on a notice: attachments, questions with answers, and its changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.tender import Tender


class Attachment(db.Model):
    """A file of the notice; its bytes lie in the file store under their SHA-256."""

    __tablename__ = "tender_attachments"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        UniqueConstraint("tender_id", "sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), index=True)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    added_at: Mapped[Instant]


class Question(db.Model):
    """A supplier's question. Public with its answer, without its asker."""

    __tablename__ = "tender_questions"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered_has_answered_at"),
        Index("ix_tender_questions_tender", "tender_id", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    question: Mapped[str]
    asked_at: Mapped[Instant]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))


class Revision(db.Model):
    """A change of a published notice: asked for by one person, in force once a second one has approved it.

    `changes` holds `{"field": [old, new]}`; instants in their wire spelling.
    """

    __tablename__ = "tender_revisions"
    __table_args__ = (
        CheckConstraint("kind IN ('correction', 'extension', 'cancellation', 'override')", name="kind_known"),
        CheckConstraint("approved_by_id <> asked_by_id", name="two_persons"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved_has_approved_at"),
        CheckConstraint("approved_at IS NULL OR refused_at IS NULL", name="approved_or_refused"),
        Index("uq_tender_revisions_open", "tender_id", unique=True,
              postgresql_where="approved_at IS NULL AND refused_at IS NULL"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), index=True)
    kind: Mapped[str]
    ord: Mapped[int | None]
    reason: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[Instant]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
