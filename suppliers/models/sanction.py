"""Sanctions (부정당업자 입찰참가자격 제한): intervals of days, binding on every agency."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from suppliers.models.supplier import Supplier
from suppliers.states import SANCTION, SanctionState

PUBLIC = text("state IN ('decided', 'lifted')")


class Sanction(db.Model):
    """From `begins_on` to `ends_on`, both counted, less the days of its stays and those from `lifted_on` on.

    `reason` is public and names no natural person.
    """

    __tablename__ = "sanctions"
    __table_args__ = (
        *SANCTION.checks(),
        CheckConstraint("ends_on >= begins_on", name="not_empty"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint("state NOT IN ('decided', 'lifted') OR decided_by_id IS NOT NULL", name="decided_by_someone"),
        CheckConstraint("(state = 'lifted') = (lifted_on IS NOT NULL)", name="lifted_has_lifted_on"),
        # One agency does not bar the same supplier twice for the same days: that would be an entry made twice.
        ExcludeConstraint(
            ("supplier_id", "="),
            ("agency_id", "="),
            (func.daterange(text("begins_on"), text("ends_on"), text("'[]'")), "&&"),
            using="gist",
            where=text("state IN ('proposed', 'decided')"),
            name="ex_sanctions_same_agency_same_days",
        ),
        Index(
            "ix_sanctions_in_force",
            "supplier_id",
            "begins_on",
            "ends_on",
            postgresql_where=PUBLIC,
        ),
        Index("ix_sanctions_agency_id", "agency_id", "state"),
        Index("ix_sanctions_begins_on", "begins_on", "id", postgresql_where=PUBLIC),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(default=SanctionState.PROPOSED)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    law: Mapped[str] = mapped_column(String(24))
    article: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date]
    lifted_on: Mapped[date | None]  # the first day free again
    lift_reason: Mapped[str | None]
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[Instant]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rejected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reject_reason: Mapped[str | None]
    lifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    supplier: Mapped[Supplier] = relationship()
    agency: Mapped[Organisation] = relationship()
    stays: Mapped[list[Stay]] = relationship(order_by="Stay.begins_on", cascade="all, delete-orphan")

    @property
    def audit_subject(self) -> str:
        return f"sanction:{self.id}"


class Stay(db.Model):
    """집행정지: days on which the sanction does not bind, by order of a court. Open-ended until the order ends."""

    __tablename__ = "sanction_stays"
    __table_args__ = (
        CheckConstraint("ends_on >= begins_on", name="not_empty"),
        ExcludeConstraint(
            ("sanction_id", "="),
            (func.daterange(text("begins_on"), text("ends_on"), text("'[]'")), "&&"),
            using="gist",
            name="ex_sanction_stays_no_overlap",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    sanction_id: Mapped[UUID] = mapped_column(ForeignKey(Sanction.id, ondelete="CASCADE"), index=True)
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    order_reference: Mapped[str] = mapped_column(String(120))
    entered_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    entered_at: Mapped[Instant]
