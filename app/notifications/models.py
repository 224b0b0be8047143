"""What people were told: one row a person. The text is made when it is read, in the reader's language."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Person
from app.db import Instant, db
from app.ids import new_id


class Notification(db.Model):
    """`facts` fill the kind's sentences. `mailed_at` is set once the mail server has taken it."""

    __tablename__ = "notifications"
    __table_args__ = (
        # Every address here is a page of our own.
        CheckConstraint("href LIKE '/%' AND href NOT LIKE '//%'", name="href_is_local"),
        Index("ix_notifications_person_id_id", "person_id", "id"),
        Index("ix_notifications_unread", "person_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    kind: Mapped[str]
    href: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Instant]
    read_at: Mapped[Instant | None]
    mailed_at: Mapped[Instant | None]


class Preference(db.Model):
    """Whether a person wants notifications by mail too; who has no row does."""

    __tablename__ = "notification_preferences"

    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"), primary_key=True)
    wants_mail: Mapped[bool] = mapped_column(default=True)
