"""A supplier's key for signing bid statements, made in the browser of one person and known here by its public half."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db


class SigningKey(db.Model):
    """`id` is the key's `kid` in signatures and in the log. The private half never leaves the browser that made it.

    Nothing is ever deleted: a signature made before `revoked_at` stays checkable for as long as the bid is kept.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("alg = 'Ed25519'", name="alg_known"),
        CheckConstraint("octet_length(public) = 32", name="public_is_ed25519"),
        CheckConstraint("revoked_at IS NULL OR revoked_at >= enrolled_at", name="revoked_after_enrolled"),
        # One person's key is nobody else's, and is not enrolled twice.
        Index("uq_signing_keys_public", "public", unique=True),
        Index("ix_signing_keys_person_id_live", "person_id", postgresql_where=text("revoked_at IS NULL")),
        Index("ix_signing_keys_organisation_id", "organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    alg: Mapped[str] = mapped_column(String(16), default="Ed25519")
    public: Mapped[bytes] = mapped_column(LargeBinary)
    label: Mapped[str] = mapped_column(String(80))
    enrolled_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def kid(self) -> str:
        return str(self.id)

    @property
    def audit_subject(self) -> str:
        return f"signing-key:{self.id}"
