"""Rounds of review of a registration, and the one-time links that prove a mailbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from suppliers.models.supplier import Supplier


class Review(db.Model):
    """One round: what was sent (`proposed`, as the working copy was), the answer that came with it, the decision.

    `comments` are the registrar's by section (`{"firm": "…"}`); `reason` is the decision's own text.
    """

    __tablename__ = "supplier_reviews"
    __table_args__ = (
        CheckConstraint("kind IN ('first', 'changes', 'renewal')", name="kind_known"),
        CheckConstraint("decision IN ('approved', 'returned', 'refused', 'taken-back')", name="decision_known"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_has_decided_at"),
        CheckConstraint(
            "decision NOT IN ('returned', 'refused') OR length(btrim(reason)) > 0 OR comments <> '{}'::jsonb",
            name="adverse_decision_has_reason",
        ),
        UniqueConstraint("supplier_id", "number"),
        Index("uq_supplier_reviews_undecided", "supplier_id", unique=True, postgresql_where=text("decision IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id, ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(8))
    proposed: Mapped[dict[str, Any]] = mapped_column(JSONB)
    answer: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[Instant]
    decision: Mapped[str | None] = mapped_column(String(12))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str] = mapped_column(default="")
    comments: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)

    supplier: Mapped[Supplier] = relationship()


class EmailLink(db.Model):
    """A mailed link. Its secret is a signature over `id`, so the database holds nothing that opens it."""

    __tablename__ = "supplier_email_links"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="expires_after_it_was_made"),
        Index("ix_supplier_email_links_supplier_id", "supplier_id", "created_at"),
        Index("ix_supplier_email_links_email", "email", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id, ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
