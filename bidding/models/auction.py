"""Reverse auctions (역경매): one a tender, and the chain of the bids accepted in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, Won, db
from bidding.models.bid import Bid
from bidding.models.tender import Tender


class Auction(db.Model):
    """`start` is what was announced, public; `entrants` says whose letters they are, and is not before the end.

    `bids`, `head` and `ends_at` follow from the chain and are kept beside it for those who only look.
    """

    __tablename__ = "auctions"
    __table_args__ = (
        CheckConstraint("length(head) = 64", name="head_is_sha256"),
        CheckConstraint("ends_at > starts_at AND starts_at >= announced_at", name="instants_ordered"),
        CheckConstraint("closed_at >= ends_at", name="closed_after_its_end"),
        CheckConstraint("num_nulls(closed_at, result, sha256) IN (0, 3)", name="closed_has_result"),
        Index("ix_auctions_to_close", "ends_at", postgresql_where="closed_at IS NULL"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Tender.id), primary_key=True)
    start: Mapped[dict[str, Any]] = mapped_column(JSONB)
    entrants: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    announced_at: Mapped[Instant]
    starts_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    bids: Mapped[int] = mapped_column(default=0)
    head: Mapped[str]
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    sha256: Mapped[str | None]

    tender: Mapped[Tender] = relationship()


class AuctionBid(db.Model):
    """One accepted bid. Rows are added and never changed; one follows each, and a bidder's amounts fall (trigger)."""

    __tablename__ = "auction_bids"
    __table_args__ = (
        UniqueConstraint("stmt"),
        UniqueConstraint("record"),
        UniqueConstraint("tender_id", "prev"),
        CheckConstraint("seq > 0", name="seq_positive"),
        CheckConstraint("amount_won > 0", name="amount_positive"),
        CheckConstraint("length(stmt) = 64 AND length(prev) = 64 AND length(record) = 64", name="hashes"),
        Index("ix_auction_bids_bid", "bid_id", "seq"),
    )

    tender_id: Mapped[UUID] = mapped_column(ForeignKey(Auction.tender_id), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bid_id: Mapped[UUID] = mapped_column(ForeignKey(Bid.id))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    label: Mapped[str]
    stmt: Mapped[str]
    statement: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[dict[str, Any]] = mapped_column(JSONB)
    round: Mapped[int]
    amount_won: Mapped[Won]
    received_at: Mapped[Instant]
    ends_at: Mapped[Instant]
    prev: Mapped[str]
    record: Mapped[str]
