"""A supplier's key for signing bid statements: one person's, in a browser or a passkey, known by its public half."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, db
from bidding.statement import ED25519, SupplierKey


class SigningKey(db.Model):
    """`id` is the key's `kid` in signatures and in the log. The private half never leaves where it was made.

    `alg` Ed25519: made by a browser or an offline machine, `public` is 32 raw bytes. `alg` webauthn: a passkey,
    `public` is a DER SubjectPublicKeyInfo, and the columns below say which credential it is and for which site.
    Nothing is ever deleted: a signature made before `revoked_at` stays checkable for as long as the bid is kept.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("alg IN ('Ed25519', 'webauthn')", name="alg_known"),
        CheckConstraint("alg <> 'Ed25519' OR octet_length(public) = 32", name="public_is_ed25519"),
        CheckConstraint(
            "CASE WHEN alg = 'webauthn' THEN num_nulls(cose_alg, credential_id, sign_count, rp_id, origins) = 0 "
            "ELSE num_nonnulls(cose_alg, credential_id, sign_count, rp_id, origins) = 0 END",
            name="passkey_is_whole",
        ),
        CheckConstraint("cose_alg IN (-7, -8, -257)", name="cose_alg_known"),
        CheckConstraint("cardinality(origins) > 0", name="has_an_origin"),
        CheckConstraint("revoked_at IS NULL OR revoked_at >= enrolled_at", name="revoked_after_enrolled"),
        # One person's key is nobody else's, and is not enrolled twice.
        Index("uq_signing_keys_public", "public", unique=True),
        Index("uq_signing_keys_credential_id", "credential_id", unique=True),
        Index("ix_signing_keys_person_id_live", "person_id", postgresql_where=text("revoked_at IS NULL")),
        Index("ix_signing_keys_organisation_id", "organisation_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    alg: Mapped[str] = mapped_column(String(16), default=ED25519)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    cose_alg: Mapped[int | None]
    credential_id: Mapped[bytes | None] = mapped_column(LargeBinary)
    sign_count: Mapped[int | None] = mapped_column(BigInteger)  # as of the enrolment: see docs/decisions/0015
    rp_id: Mapped[str | None]
    origins: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    label: Mapped[str] = mapped_column(String(80))
    enrolled_at: Mapped[Instant]
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def kid(self) -> str:
        return str(self.id)

    @property
    def supplier_key(self) -> SupplierKey:
        """As signatures are verified with it."""
        return SupplierKey(self.alg, self.public, self.cose_alg or 0, self.rp_id or "", tuple(self.origins or ()))

    @property
    def audit_subject(self) -> str:
        return f"signing-key:{self.id}"
