"""What the intake probe measured, the outages found in it, and the deadlines that they moved."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.tender import Tender
from bidding.states import OUTAGE, OutageState


class IntakeMinute(db.Model):
    """One minute of the probe: how often it tried, how often that failed, and of what. Kept for forty days."""

    __tablename__ = "intake_minutes"
    __table_args__ = (CheckConstraint("failed BETWEEN 0 AND tried", name="failed_within_tried"),)

    minute_at: Mapped[Instant] = mapped_column(primary_key=True)
    tried: Mapped[int]
    failed: Mapped[int]
    last_at: Mapped[Instant]
    faults: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)


class Outage(db.Model):
    """An outage as measured; `ended_at` NULL while it goes on.

    `plan` is what the first operator proposed, one `{"tender", "old", "new", "old_opens_at", "opens_at"}` a deadline,
    for a recovery announced at `announced_at`; `note` is the signed statement of what was done.
    """

    __tablename__ = "outages"
    __table_args__ = (
        *OUTAGE.checks(),
        CheckConstraint("ended_at > began_at", name="instants_ordered"),
        CheckConstraint("announced_at > ended_at", name="announced_after"),
        CheckConstraint("state = 'measured' OR (proposed_by_id IS NOT NULL AND proposal IS NOT NULL)", name="proposed"),
        CheckConstraint("proposal IN ('apply', 'dismiss')", name="proposal_known"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_has_person"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint("(state = 'applied') = (note IS NOT NULL)", name="applied_has_note"),
        Index("uq_outages_began_at", "began_at", unique=True),
        Index("ix_outages_undecided", "began_at", postgresql_where=text("state IN ('measured', 'proposed')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(default=OutageState.MEASURED)
    began_at: Mapped[Instant]
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)

    proposal: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    announced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    plan_sha256: Mapped[str | None]
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str | None] = mapped_column(Text)
    note_sha256: Mapped[str | None]

    @property
    def audit_subject(self) -> str:
        return f"outage:{self.id}"


class Postponement(db.Model):
    """One deadline that an outage moved."""

    __tablename__ = "postponements"
    __table_args__ = (
        CheckConstraint("closes_at > old_closes_at AND opens_at >= old_opens_at", name="only_later"),
        Index("ix_postponements_tender", "tender_id"),
    )

    outage_id: Mapped[UUID] = mapped_column(ForeignKey(Outage.id), primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    old_closes_at: Mapped[Instant]
    closes_at: Mapped[Instant]
    old_opens_at: Mapped[Instant]
    opens_at: Mapped[Instant]
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # agency and bidders

    outage: Mapped[Outage] = relationship()
    tender: Mapped[Tender] = relationship()
