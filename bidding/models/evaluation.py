"""Technical evaluation: the pool of evaluators, a tender's committee, proposals under letters, score sheets."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Person
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from bidding.models.bid import Bid
from bidding.models.tender import Tender

FIELDS = (
    *("software", "construction", "design", "engineering", "environment"),
    *("research", "education", "operations", "safety", "law-finance"),
)


class Evaluator(db.Model):
    """A person with the role evaluator who entered the pool. `fields` are codes of FIELDS."""

    __tablename__ = "evaluators"
    __table_args__ = (CheckConstraint("cardinality(fields) > 0", name="has_a_field"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text))
    affiliation: Mapped[str]
    entered_at: Mapped[Instant]
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class EvaluationCommittee(db.Model):
    """How the committee of one tender comes about, and what came of it.

    `pool`: the persons among whom is drawn, frozen at the deadline; `drawn`: all of them in the drawn order, of which
    the first have seats and each next one steps in. `technical` is the result that two persons fix.
    """

    __tablename__ = "evaluation_committees"
    __table_args__ = (
        CheckConstraint("seats BETWEEN 1 AND 50", name="seats_in_range"),
        CheckConstraint("(pool IS NULL) = (pool_at IS NULL)", name="pool_has_pool_at"),
        CheckConstraint("(pool IS NULL) = (pool_sha256 IS NULL)", name="pool_has_hash"),
        CheckConstraint("(drawn IS NULL) = (drawn_at IS NULL)", name="drawn_has_drawn_at"),
        CheckConstraint("drawn IS NULL OR pool IS NOT NULL", name="drawn_from_the_pool"),
        CheckConstraint("(technical IS NULL) = (technical_sha256 IS NULL)", name="technical_has_hash"),
        CheckConstraint("(technical IS NULL) = (proposed_by_id IS NULL)", name="technical_is_proposed"),
        CheckConstraint("(proposed_by_id IS NULL) = (proposed_at IS NULL)", name="proposed_has_proposed_at"),
        CheckConstraint("(fixed_by_id IS NULL) = (fixed_at IS NULL)", name="fixed_has_fixed_at"),
        CheckConstraint("fixed_at IS NULL OR technical IS NOT NULL", name="fixed_was_proposed"),
        CheckConstraint("fixed_by_id <> proposed_by_id", name="two_persons"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    seats: Mapped[int]
    fields: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # none: any
    planned_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    pool: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    pool_sha256: Mapped[str | None]
    pool_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    drawn: Mapped[list[str] | None] = mapped_column(JSONB(none_as_null=True))
    drawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    begun_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # every file was looked into, proposals have letters
    technical: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    technical_sha256: Mapped[str | None]
    proposed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fixed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    fixed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    tender: Mapped[Tender] = relationship()


class EvaluationSeat(db.Model):
    """An evaluator's seat in one tender. `code` (`E1`) stands for the person wherever others look.

    Declared before any proposal is seen; whoever has a conflict of interest leaves at once, and the next one of the
    drawn order is seated. `scores_sha256` and `comments_sha256` are what the person signed.
    """

    __tablename__ = "evaluation_seats"
    __table_args__ = (
        UniqueConstraint("tender_id", "code"),
        CheckConstraint("(declared_at IS NULL) = (has_conflict IS NULL)", name="declared_has_answer"),
        CheckConstraint("has_conflict IS NOT TRUE OR left_at IS NOT NULL", name="conflict_leaves"),
        CheckConstraint("(left_at IS NULL) = (left_reason = '')", name="left_has_reason"),
        CheckConstraint("left_reason IN ('', 'conflict', 'absent')", name="left_reason_known"),
        CheckConstraint(
            "submitted_at IS NULL OR (has_conflict IS FALSE AND left_at IS NULL)", name="submitted_has_declared"
        ),
        CheckConstraint(
            "(submitted_at IS NULL) = (scores_sha256 IS NULL) AND (submitted_at IS NULL) = (comments_sha256 IS NULL)",
            name="submitted_has_hashes",
        ),
        Index("ix_evaluation_seats_person", "person_id"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id), primary_key=True)
    code: Mapped[str]
    seated_at: Mapped[Instant]
    declared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    has_conflict: Mapped[bool | None]
    conflict_note: Mapped[str] = mapped_column(default="")
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_reason: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    scores_sha256: Mapped[str | None]
    comments_sha256: Mapped[str | None]
    submit_event_id: Mapped[UUID | None]  # its sealed entry in the log, shown once the prices are open

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    tender: Mapped[Tender] = relationship()

    @property
    def audit_subject(self) -> str:
        return f"evaluation:{self.tender_id}:{self.code}"


class EvaluationAsk(db.Model):
    """An officer wants a seat changed, and a second person decides: an absent evaluator replaced, or one named where
    nobody is left in the drawn order."""

    __tablename__ = "evaluation_asks"
    __table_args__ = (
        CheckConstraint("kind IN ('replace', 'name')", name="kind_known"),
        CheckConstraint("approved_by_id <> asked_by_id", name="two_persons"),
        CheckConstraint("(approved_by_id IS NULL) = (approved_at IS NULL)", name="approved_has_approved_at"),
        CheckConstraint("approved_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(
            "uq_evaluation_asks_open",
            "tender_id",
            unique=True,
            postgresql_where="approved_at IS NULL AND withdrawn_at IS NULL",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    kind: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    reason: Mapped[str]
    asked_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    asked_at: Mapped[Instant]
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="joined", innerjoin=True)


class Proposal(db.Model):
    """A bid's documents as the committee meets them: under a letter. Unreadable ones are not scored."""

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("tender_id", "letter"),)

    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id), primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    letter: Mapped[str]
    is_readable: Mapped[bool]

    bid: Mapped[Bid] = relationship()


class EvaluationSheet(db.Model):
    """What one evaluator gives one proposal: points in ten-thousandths and comments, by criterion. A draft until it is
    submitted; from then on the database lets nobody change it."""

    __tablename__ = "evaluation_sheets"
    __table_args__ = (
        ForeignKeyConstraint(["tender_id", "person_id"], ["evaluation_seats.tender_id", "evaluation_seats.person_id"]),
        Index("ix_evaluation_sheets_bid", "bid_id"),
    )

    tender_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Proposal.bid_id), primary_key=True)
    scores: Mapped[dict[str, int]] = mapped_column(JSONB)
    comments: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    saved_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
