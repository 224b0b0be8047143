"""A decision about one bid after the opening: asked for, documents, proposed by one person, decided by two."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, Won, db
from app.ids import new_id
from bidding.models.bid import Bid
from bidding.models.tender import Tender
from bidding.states import REVIEW, ReviewState

OPEN = "state NOT IN ('decided', 'dropped')"


class BidReview(db.Model):
    """`kind`, `result`, `reason` as in `bidding.review`; points are ten-thousandths.

    `explanation` is for the bidder (국가계약법 시행규칙 제45조) and not in the log; `fields` are the points as entered,
    `[{"name", "typed", "points"}]`. Once decided, `number` counts the tender's decisions and `item` is the very object
    that the log names by its hash and the bundle carries.
    """

    __tablename__ = "bid_reviews"
    __table_args__ = (
        *REVIEW.checks(),
        CheckConstraint(
            "kind IN ('qualification', 'negotiation', 'disqualification', 'refusal', 'lot-limit', 'reinstatement')",
            name="kind_known",
        ),
        CheckConstraint("result IN ('pass', 'fail')", name="result_known"),
        CheckConstraint(
            "kind NOT IN ('disqualification', 'refusal', 'lot-limit') OR result <> 'pass'", name="can_fail"
        ),
        CheckConstraint("kind <> 'reinstatement' OR result <> 'fail'", name="reinstates"),
        CheckConstraint("result <> 'fail' OR (reason <> '' AND legal_basis <> '')", name="fails_with_reason"),
        CheckConstraint("points IS NULL OR kind = 'qualification'", name="points_of_qualification"),
        CheckConstraint("points BETWEEN 0 AND 1000000", name="points_in_range"),
        CheckConstraint(
            "agreed_won IS NULL OR (agreed_won > 0 AND kind = 'negotiation' AND result = 'pass')",
            name="agreed_by_negotiation",
        ),
        CheckConstraint("own_points BETWEEN 0 AND 1000000", name="own_points_in_range"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint(
            "state NOT IN ('proposed', 'decided') OR (result IS NOT NULL AND proposed_by_id IS NOT NULL)",
            name="proposed_is_complete",
        ),
        CheckConstraint(
            "num_nonnulls(item, number, decided_by_id) = CASE WHEN state = 'decided' THEN 3 ELSE 0 END",
            name="decided_is_complete",
        ),
        CheckConstraint(
            "state <> 'requested' OR (asked_by_id IS NOT NULL AND documents_due_at IS NOT NULL)", name="asked_has_time"
        ),
        CheckConstraint("state <> 'supplement' OR supplement_due_at IS NOT NULL", name="supplement_has_time"),
        UniqueConstraint("tender_id", "number"),
        Index("uq_bid_reviews_open", "bid_id", "kind", unique=True, postgresql_where=OPEN),
        Index("ix_bid_reviews_tender", "tender_id", "created_at"),
        Index("ix_bid_reviews_bid", "bid_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=ReviewState.REQUESTED)
    created_at: Mapped[Instant]

    # What the bidder is asked for, and gives
    asked_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    asked_for: Mapped[str] = mapped_column(default="")
    documents_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    own_points: Mapped[int | None]  # the bidder's own estimate of all points but the price's
    own_note: Mapped[str] = mapped_column(default="")
    supplement_for: Mapped[str] = mapped_column(default="")
    supplement_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    supplement_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # What one officer proposes, and what two have decided
    result: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    legal_basis: Mapped[str] = mapped_column(default="")
    explanation: Mapped[str] = mapped_column(default="")
    points: Mapped[int | None]
    agreed_won: Mapped[Won | None]  # the lower price that a negotiation ended with
    fields: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_for: Mapped[str] = mapped_column(default="")  # why the second person did not agree
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    number: Mapped[int | None]
    item: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    bid: Mapped[Bid] = relationship()
    tender: Mapped[Tender] = relationship()
    files: Mapped[list[ReviewFile]] = relationship(order_by="ReviewFile.added_at, ReviewFile.id")

    @property
    def audit_subject(self) -> str:
        return f"review:{self.id}"

    @property
    def audit_tender(self) -> str | None:
        return self.tender.reference


class ReviewFile(db.Model):
    """Evidence of a review; its bytes lie in the file store under their SHA-256, and leave it for the agency alone."""

    __tablename__ = "bid_review_files"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        UniqueConstraint("review_id", "sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    review_id: Mapped[UUID] = mapped_column(ForeignKey(BidReview.id))
    is_agencys: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    added_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    added_at: Mapped[Instant]
