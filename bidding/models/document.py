"""Files of bids: what has been uploaded, and what each file turned out to be after the opening."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation
from app.db import Instant, UtcDateTime, db
from bidding.models.bid import Bid
from bidding.states import DOCUMENT, DocumentState


class Blob(db.Model):
    """Ciphertext that a supplier uploads, by its hash. `size` is announced; `stored_at`: whole, at every site."""

    __tablename__ = "blobs"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("size > 0", name="size_positive"),
        Index("ix_blobs_begun_at", "begun_at"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[Instant]
    stored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BidDocument(db.Model):
    """One file of a bid, 0 the manifest. Before the opening nothing of it is known but number, hash and length.

    What the bidder says of it (name, size, `media_type`, `sha256` of the text) comes from the manifest; `kind` is what
    it was found to be, `reason` a code that says why it was not cleared.
    """

    __tablename__ = "bid_documents"
    __table_args__ = (
        *DOCUMENT.checks(),
        ForeignKeyConstraint(["organisation_id", "blob_sha256"], ["blobs.organisation_id", "blobs.sha256"]),
        CheckConstraint("state IN ('sealed', 'cleared') OR reason IS NOT NULL", name="refused_has_reason"),
        CheckConstraint("n BETWEEN 0 AND 999", name="number_in_range"),
        Index("ix_bid_documents_blob", "organisation_id", "blob_sha256"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID]
    blob_sha256: Mapped[str]
    sealed_size: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(default=DocumentState.SEALED)

    name: Mapped[str | None]
    asked: Mapped[int | None]
    media_type: Mapped[str | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    kind: Mapped[str | None]
    reason: Mapped[str | None]
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()

    @property
    def audit_subject(self) -> str:
        return f"document:{self.bid_id}/{self.n}"

    @property
    def audit_tender(self) -> str | None:
        return self.bid.tender.reference
