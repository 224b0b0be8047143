"""Sealed bid (투찰), final once submitted."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import Integer

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, Won, db
from bidding.models.tender import Tender
from bidding.states import BID, BidState


class Bid(db.Model):
    """`statement` and `envelope` are kept as the very bytes (JCS) that were hashed and signed.

    Price, picks, nonce and key exist here only after the opening: a CHECK ties them to the state.
    """

    __tablename__ = "bids"
    __table_args__ = (
        *BID.checks(),
        UniqueConstraint("tender_id", "lot", "organisation_id"),
        UniqueConstraint("stmt"),
        UniqueConstraint("receipt_number"),
        CheckConstraint("length(stmt) = 64", name="stmt_is_sha256"),
        CheckConstraint("octet_length(salt) = 32 AND octet_length(commitment) = 32", name="commitment_sizes"),
        CheckConstraint("(state = 'opened') = (amount_won IS NOT NULL)", name="price_known_once_opened"),
        CheckConstraint(
            "state NOT IN ('submitted', 'presented', 'unqualified', 'cancelled') "
            "OR (picks IS NULL AND nonce IS NULL AND cek IS NULL)",
            name="sealed_until_opened",
        ),
        CheckConstraint(
            "docs_cek IS NULL OR state NOT IN ('submitted', 'cancelled')", name="documents_sealed_until_opened"
        ),
        CheckConstraint("amount_won > 0", name="amount_positive"),
        CheckConstraint("quantity IS NULL OR (quantity > 0 AND amount_won IS NOT NULL)", name="quantity_once_opened"),
        CheckConstraint("rank > 0", name="rank_positive"),
        CheckConstraint("rank IS NULL OR reason = 'valid'", name="ranked_is_valid"),
        Index("uq_bids_rank", "tender_id", "lot", "rank", unique=True, postgresql_where="rank IS NOT NULL"),
        Index("ix_bids_organisation", "organisation_id", "received_at"),
        Index("ix_bids_received", "tender_id", "received_at"),  # for the guard against a clock set back
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    lot: Mapped[str] = mapped_column(default="1")
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    supplier: Mapped[str]  # business registration number, as in the statement
    state: Mapped[str] = mapped_column(default=BidState.SUBMITTED)
    receipt_number: Mapped[str]

    stmt: Mapped[str]
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[dict[str, Any]] = mapped_column(JSONB)
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    docs_envelope: Mapped[bytes | None] = mapped_column(LargeBinary)

    received_at: Mapped[Instant]
    event_id: Mapped[UUID] = mapped_column(unique=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    commitment: Mapped[bytes] = mapped_column(LargeBinary)

    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unqualified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    amount_won: Mapped[Won | None]
    quantity: Mapped[int | None] = mapped_column(BigInteger)  # how many are offered at that price each (희망수량)
    picks: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    nonce: Mapped[str | None]
    cek: Mapped[str | None]
    docs_cek: Mapped[str | None]  # never published
    fault: Mapped[str | None]
    rank: Mapped[int | None]
    reason: Mapped[str | None]

    tender: Mapped[Tender] = relationship()

    @property
    def audit_subject(self) -> str:
        return f"bid:{self.id}"

    @property
    def audit_tender(self) -> str | None:
        return self.tender.reference


class Release(db.Model):
    """A keyholder's signed answer: its pieces for a batch of frozen bids. Kept as it came.

    `fault` says what is wrong with it (`piece-commitment`): it is kept as evidence, and its holder is asked no more.
    """

    __tablename__ = "releases"

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    lane: Mapped[str] = mapped_column(primary_key=True, default="price")
    holder: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str]
    received_at: Mapped[Instant]
    fault: Mapped[str] = mapped_column(default="")


class Opening(db.Model):
    """What the opening found: one row a tender, written once."""

    __tablename__ = "openings"
    __table_args__ = (CheckConstraint("length(evaluation_digest) = 64", name="digest_is_sha256"),)

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    draw: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    evaluation: Mapped[dict[str, Any]] = mapped_column(JSONB)
    evaluation_digest: Mapped[str]
    findings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # `bidding.rules.validity`, by statement
    estimated_price_won: Mapped[Won | None]
    floor_price_won: Mapped[Won | None]
    made_at: Mapped[Instant]


class Award(db.Model):
    """낙찰: one a winning bid, confirmed by two persons by the digest of the evaluation they were shown.

    `place`: 1 for the first winner of the tender; more than one only where the method has several. `quantity`: of what
    the bidder offered, as many as are bought; None where the notice counts nothing.
    """

    __tablename__ = "awards"
    __table_args__ = (
        CheckConstraint("confirmed_by_id <> proposed_by_id", name="two_persons"),
        CheckConstraint("(confirmed_by_id IS NULL) = (confirmed_at IS NULL)", name="confirmed_has_confirmed_at"),
        CheckConstraint("amount_won > 0", name="amount_positive"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("place > 0", name="place_positive"),
        CheckConstraint("again_by_id IS NULL OR confirmed_at IS NOT NULL", name="again_was_confirmed"),
        CheckConstraint("contracted_at IS NULL OR confirmed_at IS NOT NULL", name="contracted_was_confirmed"),
        CheckConstraint("length(evaluation_digest) = 64", name="digest_is_sha256"),
        UniqueConstraint("tender_id", "place"),
        Index("ix_awards_organisation", "organisation_id", "confirmed_at"),
    )

    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id), primary_key=True)
    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id))
    place: Mapped[int] = mapped_column(default=1)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    amount_won: Mapped[Won]
    quantity: Mapped[int | None] = mapped_column(BigInteger)
    evaluation_digest: Mapped[str]
    standing_digest: Mapped[str | None]  # where the award goes by a standing, of the first `review_count` decisions
    review_count: Mapped[int] = mapped_column(default=0)
    round: Mapped[int] = mapped_column(default=1)  # one more each time that an award came to nothing
    proposed_by_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    proposed_at: Mapped[Instant]
    confirmed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contracted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Who proposes it once more, beside what another winner's refusal to sign has freed; it stands meanwhile.
    again_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))

    tender: Mapped[Tender] = relationship()
    bid: Mapped[Bid] = relationship()
    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)

    @property
    def proposer_id(self) -> UUID:
        """Of the proposal that waits, or the last one."""
        return self.again_by_id or self.proposed_by_id

    @property
    def stage(self) -> str:
        """Of the bundle that shows it."""
        return "award" if self.round == 1 else f"award-{self.round}"


class Bundle(db.Model):
    """A published bundle; its bytes lie in the file store. A later one (with the award) replaces none: all stay.

    `stage`: `opening`, `award` (`award-2` after the first winner did not sign), `failure` where reviews left nobody.
    """

    __tablename__ = "bundles"
    __table_args__ = (CheckConstraint("stage ~ '^(opening|award(-[0-9]+)?|failure)$'", name="stage_known"),)

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    stage: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    size: Mapped[int]
    made_at: Mapped[Instant]
