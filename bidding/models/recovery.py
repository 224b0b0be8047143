"""When too few keyholders are left: the bidders give the keys of their own bids again, sealed until a fixed instant."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from bidding.models.bid import Bid
from bidding.models.tender import Tender


class Recovery(db.Model):
    """One a tender: asked for by one person, in force once a second one has approved it.

    `public` is the fresh key (base64url) to which bidders seal theirs; its private half is never in the database.
    """

    __tablename__ = "opening_recoveries"
    __table_args__ = (
        CheckConstraint("approved_by_id <> asked_by_id", name="two_persons"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved_has_approved_at"),
        CheckConstraint("(approved_at IS NULL) = (public IS NULL)", name="approved_has_key"),
        CheckConstraint("done_at IS NULL OR approved_at IS NOT NULL", name="done_was_approved"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    reason: Mapped[str]
    until_at: Mapped[Instant]
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[Instant]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    public: Mapped[str | None]
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SuppliedKey(db.Model):
    """A bidder's key of its own bid, sealed to the recovery's key. Opened with all others at `until_at`, or never."""

    __tablename__ = "supplied_keys"
    __table_args__ = (
        CheckConstraint("octet_length(sealed) = 80", name="sealed_size"),
        Index("ix_supplied_keys_tender", "tender_id"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id), primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    supplied_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    supplied_at: Mapped[Instant]
