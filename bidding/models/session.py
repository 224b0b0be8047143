"""The opening session of a committee: who has come, and which other group two officers have decided on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.tender import Tender


class Attendance(db.Model):
    """A person who said, signed in as themselves, that they are present. `role`: member, witness or presiding.

    `session` is 2 for the prices of a tender whose proposals were opened in a session of their own.
    """

    __tablename__ = "opening_attendance"
    __table_args__ = (
        CheckConstraint("role IN ('member', 'witness', 'presiding')", name="role_known"),
        CheckConstraint("session IN (1, 2)", name="session_known"),
        Index(
            "uq_opening_attendance_presiding",
            "tender_id",
            "session",
            unique=True,
            postgresql_where="role = 'presiding'",
        ),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    session: Mapped[int] = mapped_column(primary_key=True, default=1)
    role: Mapped[str]
    came_at: Mapped[Instant]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class FallbackAsk(db.Model):
    """One officer's wish to ask another group; in force once a second person has approved it."""

    __tablename__ = "fallback_asks"
    __table_args__ = (
        CheckConstraint("approved_by_id <> asked_by_id", name="two_persons"),
        CheckConstraint("approved_at IS NULL OR approved_by_id IS NOT NULL", name="approved_by_somebody"),
        CheckConstraint("approved_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(
            "uq_fallback_asks_open",
            "tender_id",
            unique=True,
            postgresql_where="approved_at IS NULL AND withdrawn_at IS NULL",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    missing: Mapped[list[str]] = mapped_column(ARRAY(Text))
    holders: Mapped[list[str]] = mapped_column(ARRAY(Text))  # the group to ask instead
    reason: Mapped[str]
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[Instant]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
