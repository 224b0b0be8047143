"""Who a representative is, as far as a confirmation of identity (본인확인) has told: a hash, no data of the person."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Instant, db
from suppliers.models.supplier import Supplier


class RepresentativeIdentity(db.Model):
    """`identity` is what the confirming body gives for one person, whatever the firm: hashed under a secret of its own.

    `name_key` says whose it is among the representatives of the register (`suppliers.rules.name_key`).
    """

    __tablename__ = "representative_identities"
    __table_args__ = (
        CheckConstraint("identity ~ '^[0-9a-f]{64}$'", name="identity_is_sha256"),
        Index("ix_representative_identities_identity", "identity"),
    )

    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id, ondelete="CASCADE"), primary_key=True)
    name_key: Mapped[str] = mapped_column(String(80), primary_key=True)
    identity: Mapped[str] = mapped_column(String(64))
    confirmed_at: Mapped[Instant]
