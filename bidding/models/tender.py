"""Tender (입찰공고): one notice, from its draft to its award."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, Won, db
from app.ids import new_id
from bidding.models.lot_group import LotGroup
from bidding.search import tokens
from bidding.states import TENDER, TenderState

if TYPE_CHECKING:
    from bidding.models.holder import TenderHolder


class Tender(db.Model):
    """`reference` (`R26BK00000001-000`) names it in every signed object and never changes; `ord` is the present 차수.

    Rates are thousandths of a percent (87.745 % = 87745). Once the tender is in review, `box` and everything that
    the box and the notice hash cover is frozen; a correction changes `closes_at`, `opens_at` and texts only.
    """

    __tablename__ = "tenders"
    __table_args__ = (
        *TENDER.checks(),
        UniqueConstraint("number", "first_ord", "lot_no", "rbid_no"),
        CheckConstraint("kind IN ('goods', 'services', 'works')", name="kind_known"),
        CheckConstraint(
            "method IN ('quote', 'qualification', 'lowest', 'negotiation', 'two-stage', 'desired-quantity', 'sale', "
            "'best-value', 'reverse-auction')",
            name="method_known",
        ),
        CheckConstraint("regime IN ('national', 'local')", name="regime_known"),
        CheckConstraint("draw_mode IN ('M0', 'M1', 'M2', 'M3')", name="draw_mode_known"),
        CheckConstraint("holder_policy IN ('services', 'committee', 'hybrid')", name="holder_policy_known"),
        CheckConstraint("base_amount_won > 0", name="base_amount_positive"),
        CheckConstraint("estimated_value_won > 0", name="estimated_value_positive"),
        CheckConstraint("floor_rate BETWEEN 1 AND 100000", name="floor_rate_in_range"),
        CheckConstraint(
            "(method IN ('quote', 'qualification')) = (floor_rate IS NOT NULL) OR state = 'draft'",
            name="floor_fits_method",
        ),
        CheckConstraint("state <> 'evaluating' OR coalesce(scoring ? 'technical', false)", name="evaluating_is_scored"),
        CheckConstraint(
            "(method IN ('quote', 'lowest') AND scoring IS NULL) OR method = 'qualification' "
            "OR (method NOT IN ('quote', 'lowest') AND scoring IS NOT NULL) OR state = 'draft'",
            name="scoring_fits_method",
        ),
        CheckConstraint(
            "draw_mode <> 'M0' OR method IN ('negotiation', 'best-value', 'sale', 'reverse-auction') "
            "OR state = 'draft'",
            name="unpriced_fits_method",
        ),
        CheckConstraint("bid_bond_rate BETWEEN 1 AND 100000", name="bid_bond_in_range"),
        CheckConstraint("range_low < range_high", name="range_ordered"),
        CheckConstraint("bids_from_at < closes_at AND closes_at < opens_at", name="instants_ordered"),
        CheckConstraint("approved_by_id <> submitted_by_id", name="two_persons"),
        CheckConstraint("is_practice = (number LIKE 'T%')", name="practice_number"),
        CheckConstraint("state = 'draft' OR (reference IS NOT NULL AND box IS NOT NULL)", name="frozen_in_review"),
        CheckConstraint("published_at IS NULL OR approved_by_id IS NOT NULL", name="published_by_two"),
        CheckConstraint("draw_order = 'drawn' OR is_practice", name="given_order_in_practice_only"),
        CheckConstraint("lot_no BETWEEN 1 AND 99", name="lot_no_in_range"),
        CheckConstraint("lot_group_id IS NULL OR lot_name <> ''", name="lot_has_name"),
        CheckConstraint("lot_group_id IS NOT NULL OR is_first_lot", name="alone_is_first"),
        CheckConstraint("framework_winners BETWEEN 2 AND 100", name="framework_winners_in_range"),
        CheckConstraint("standstill_days BETWEEN 0 AND 30", name="standstill_in_range"),
        CheckConstraint("rbid_no BETWEEN 0 AND 99", name="rbid_no_in_range"),
        CheckConstraint("rbid_no = 0 OR previous_id IS NOT NULL", name="rebid_repeats"),
        CheckConstraint("rebid_bidders IN ('all', 'first-round')", name="rebid_bidders_known"),
        CheckConstraint("rebid_bidders = 'all' OR rbid_no > 0", name="only_a_rebid_is_narrowed"),
        CheckConstraint("minimum_bids = 2 OR (is_practice AND minimum_bids = 1)", name="two_bids_but_in_practice"),
        # What failed is followed once; what followed and was cancelled counts no more.
        Index(
            "uq_tenders_previous",
            "previous_id",
            unique=True,
            postgresql_where="previous_id IS NOT NULL AND state <> 'cancelled'",
        ),
        Index("ix_tenders_published", "published_at", "id"),
        Index("ix_tenders_state_closes", "state", "closes_at"),
        Index(
            "ix_tenders_documents_owed",
            "opened_at",
            postgresql_where="docs_opened_at IS NULL AND opened_at IS NOT NULL AND asked_documents <> '[]'::jsonb",
        ),
        Index(
            "ix_tenders_awarded",
            *("kind", "method", "is_practice", "awarded_at"),
            postgresql_where="awarded_at IS NOT NULL",
        ),
        Index("ix_tenders_agency", "agency_id", "state"),
        Index(
            "uq_tenders_first_lot",
            "lot_group_id",
            unique=True,
            postgresql_where="lot_group_id IS NOT NULL AND is_first_lot",
        ),
        Index("ix_tenders_lot_group", "lot_group_id", "lot_no", postgresql_where="lot_group_id IS NOT NULL"),
        Index("ix_tenders_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": False}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(default=TenderState.DRAFT)
    is_practice: Mapped[bool] = mapped_column(default=False)
    number: Mapped[str | None]
    first_ord: Mapped[int] = mapped_column(default=0)
    ord: Mapped[int] = mapped_column(default=0)
    rbid_no: Mapped[int] = mapped_column(default=0)  # 재입찰번호: 0 but for a rebid
    reference: Mapped[str | None] = mapped_column(unique=True)
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("tenders.id"))  # the failed one it repeats
    rebid_bidders: Mapped[str] = mapped_column(default="all")  # of a rebid: all, or those of the round before

    # One of several lots of a notice (bidClsfcNo): each is a row of its own, with its own box and result
    lot_group_id: Mapped[UUID | None] = mapped_column(ForeignKey(LotGroup.id))
    lot_no: Mapped[int] = mapped_column(default=1)
    lot_name: Mapped[str] = mapped_column(default="")
    lot_text: Mapped[str] = mapped_column(default="")  # what this lot is, beside the description of all
    is_first_lot: Mapped[bool] = mapped_column(
        default=True
    )  # stands for the notice in lists; true where it has no lots

    agency_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    author_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id))
    submitted_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    approved_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))

    # What
    title: Mapped[str]
    tokens: Mapped[list[str]] = mapped_column(ARRAY(Text))
    kind: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    delivery_place: Mapped[str] = mapped_column(default="")
    delivery_on: Mapped[date | None]

    # How much, and how the winner is found
    regime: Mapped[str] = mapped_column(default="national")
    method: Mapped[str] = mapped_column(default="quote")
    estimated_value_won: Mapped[Won | None]  # 추정가격, without VAT: decides thresholds
    base_amount_won: Mapped[Won | None]  # 기초금액, with VAT
    a_value_won: Mapped[Won] = mapped_column(default=0)  # A값: costs that no bid may cut
    floor_rate: Mapped[int | None]
    range_low: Mapped[int] = mapped_column(default=98000)
    range_high: Mapped[int] = mapped_column(default=102000)
    rounding: Mapped[str] = mapped_column(default="up-1")
    draw_mode: Mapped[str] = mapped_column(default="M2")
    draw_order: Mapped[str] = mapped_column(default="drawn")
    minimum_bids: Mapped[int] = mapped_column(default=2)  # 국가계약법 시행령 11조
    joint: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # `JointTerms`; None: each alone
    framework_winners: Mapped[int | None]  # 단가계약 with several firms: as many of the ranked as this win
    bid_bond_rate: Mapped[int | None]  # 입찰보증금, of the bid amount; None: the notice asks for none
    rule_version: Mapped[str | None]
    scoring: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))  # see bidding.scoring

    # Days after the award in which nothing is signed; the law has none (decision 0043)
    standstill_days: Mapped[int] = mapped_column(default=0)
    standstill_until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Who opens (bidding.policy)
    holder_policy: Mapped[str] = mapped_column(default="services")
    unready_reason: Mapped[str] = mapped_column(default="")  # why it is published though a holder is not ready

    # Who may bid
    regions: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    licence_codes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    sizes: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)

    # Documents that a bid has to bring: [{"name", "hint", "required", "max_bytes"}]
    asked_documents: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)

    # When
    is_urgent: Mapped[bool] = mapped_column(default=False)
    urgent_reason: Mapped[str] = mapped_column(default="")
    deadline_reason: Mapped[str] = mapped_column(default="")  # for a deadline outside 10:00-17:00 of a working day
    bids_from_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # The sealed box (protocol 3.3), frozen at submission for review
    notice_sha256: Mapped[str | None]
    box: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    box_id: Mapped[str | None]
    box_note: Mapped[str | None]
    seeds: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)

    # The frozen list of bids (protocol 3.8)
    bid_count: Mapped[int | None]
    box_root: Mapped[str | None]
    list_sha256: Mapped[str | None]

    failure: Mapped[str | None]  # why it failed (유찰): a code
    cancel_reason: Mapped[str | None]
    review_comment: Mapped[str] = mapped_column(default="")

    created_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    evaluating_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opening_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    auction_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # bids opened for an auction, not public yet
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    proposed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    awarded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    docs_opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the keys of the documents are here
    contracted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    lot_group: Mapped[LotGroup | None] = relationship()
    agency: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    holders: Mapped[list[TenderHolder]] = relationship(
        order_by="TenderHolder.position", cascade="all, delete-orphan", passive_deletes=False
    )

    @validates("title")
    def _index(self, _name: str, title: str) -> str:
        """The index follows the title at once; a column default would be asked anew at every other change."""
        self.tokens = tokens(title)
        return title

    @property
    def holder_vkeys(self) -> dict[str, str]:
        """The keys that sign the holders' notes, by holder id, as they were when the box was made."""
        return {one.holder: one.vkey for one in self.holders if one.vkey is not None}

    def khkeys(self, lane: str) -> dict[str, str]:
        """The notes in which the holders published their keys for a lane, by holder id."""
        return {one.holder: one.khkeys[lane] for one in self.holders if lane in one.khkeys}

    @property
    def audit_subject(self) -> str:
        return self.reference or f"draft:{self.id}"

    @property
    def audit_tender(self) -> str | None:
        return self.reference

    @property
    def display_number(self) -> str:
        """As people write it: number, present 차수, the lot where the notice has several, the number of a rebid."""
        lot = f" L{self.lot_no}" if self.lot_group_id is not None else ""
        again = f"-R{self.rbid_no:02d}" if self.rbid_no else ""
        return f"{self.number}-{self.ord:03d}{again}{lot}" if self.number else ""

    @property
    def notice_title(self) -> str:
        """The title of the whole notice, without the lot's."""
        return self.lot_group.title if self.lot_group is not None else self.title
