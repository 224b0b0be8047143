"""A bidder's request to take its bid back for a material error (전자조달법 시행규칙 제4조), and what two decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from bidding.models.bid import Bid
from bidding.models.tender import Tender


class Cancellation(db.Model):
    """One request a bid. `request` is kept as the very bytes (JCS) that were signed.

    `proposal` is what the first officer would do; `decision` is in force once a second one has agreed, or the opening
    began first (`lapsed`: the bid stands). `wraps_deleted_at`: since then nobody can open the envelope.
    """

    __tablename__ = "bid_cancellations"
    __table_args__ = (
        CheckConstraint("length(request_sha256) = 64", name="request_is_sha256"),
        CheckConstraint("proposal IN ('grant', 'refuse')", name="proposal_known"),
        CheckConstraint("decision IN ('granted', 'refused', 'lapsed')", name="decision_known"),
        CheckConstraint("(proposal IS NULL) = (proposed_at IS NULL)", name="proposed_has_proposed_at"),
        CheckConstraint("(proposal IS NULL) = (proposed_by_id IS NULL)", name="proposed_has_person"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_has_decided_at"),
        CheckConstraint(
            "decision IS NULL OR decision = 'lapsed' OR (proposal IS NOT NULL AND decided_by_id IS NOT NULL)",
            name="decided_by_two",
        ),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint("frozen_at IS NULL OR decision = 'granted'", name="frozen_is_granted"),
        CheckConstraint("wraps_deleted_at IS NULL OR frozen_at IS NOT NULL", name="deleted_is_frozen"),
        Index("ix_bid_cancellations_tender", "tender_id", "asked_at"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id), primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    request: Mapped[bytes] = mapped_column(LargeBinary)
    request_sha256: Mapped[str]  # the hash that was signed
    signature: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str]
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[Instant]

    proposal: Mapped[str | None]
    proposal_reason: Mapped[str | None]
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision: Mapped[str | None]
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wraps_deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    bid: Mapped[Bid] = relationship()
    tender: Mapped[Tender] = relationship()
