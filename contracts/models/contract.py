"""Contract (계약): from the draft that an award leaves to the last won paid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation, Person
from app.db import Instant, UtcDateTime, Won, db
from app.ids import new_id
from bidding.front import tokens
from contracts.models.delivery import Delivery
from contracts.states import BEFORE, CONTRACT, ContractState


def _index_title(context: Any) -> list[str]:
    return tokens(context.get_current_parameters().get("title") or "")


_NEGOTIATED = ", ".join(f"'{state}'" for state in BEFORE)


class ContractParty(db.Model):
    """A firm of a consortium that performs the contract together; position 0 leads, and is its supplier. `share` in
    thousandths of a percent, 0 where each does a part of its own."""

    __tablename__ = "contract_parties"
    __table_args__ = (
        UniqueConstraint("contract_id", "organisation_id"),
        CheckConstraint("share BETWEEN 0 AND 100000", name="share_in_range"),
        Index("ix_contract_parties_organisation", "organisation_id"),
    )

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contracts.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    share: Mapped[int]
    part: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class Contract(db.Model):
    """`document_sha256` is what the two sides sign: the hash of the PDF that was sent, and of no other.

    The performance columns (`due_on` and on) are the law's figures at the moment they were decided; `contracts.rules`
    made them.
    """

    __tablename__ = "contracts"
    __table_args__ = (
        *CONTRACT.checks(),
        UniqueConstraint("number"),
        Index("uq_contracts_live", "bid_id", unique=True, postgresql_where="state <> 'lapsed'"),
        Index("ix_contracts_tender", "tender_id"),
        CheckConstraint("number ~ '^[RT][0-9]{2}TA[0-9]{8}$'", name="number_form"),
        CheckConstraint("is_practice = (number LIKE 'T%')", name="practice_number"),
        CheckConstraint("kind IN ('goods', 'services', 'works')", name="kind_known"),
        CheckConstraint("regime IN ('national', 'local')", name="regime_known"),
        CheckConstraint("lang IN ('ko', 'en')", name="lang_known"),
        CheckConstraint("amount_won > 0", name="amount_positive"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("bond_won BETWEEN 0 AND amount_won", name="bond_within_amount"),
        CheckConstraint("stamp_duty_won >= 0", name="stamp_duty_not_negative"),
        CheckConstraint("starts_on <= due_on", name="dates_ordered"),
        CheckConstraint(
            "state IN ('drafted', 'lapsed') OR (starts_on IS NOT NULL AND due_on IS NOT NULL AND delivery_place <> '' "
            "AND payment_terms <> '' AND document_sha256 IS NOT NULL)",
            name="sent_is_complete",
        ),
        CheckConstraint("state <> 'declined' OR decline_reason <> ''", name="declined_has_reason"),
        CheckConstraint("state <> 'terminated' OR termination_reason <> ''", name="terminated_has_reason"),
        CheckConstraint(
            "bond_won = 0 OR bond_reference <> '' OR state IN ('drafted', 'sent', 'declined', 'lapsed')",
            name="agreed_has_bond",
        ),
        CheckConstraint(
            f"state IN ({_NEGOTIATED}) OR (concluded_at >= agreed_at AND agreed_at >= sent_at AND sent_at IS NOT NULL)",
            name="three_steps_in_order",
        ),
        CheckConstraint("inspected_by_id <> confirmed_by_id", name="inspector_is_another"),
        CheckConstraint("penalty_cap_rate BETWEEN 0 AND 100000", name="cap_in_range"),
        CheckConstraint("accepted_won BETWEEN 0 AND amount_won", name="accepted_within_amount"),
        CheckConstraint("excused_days BETWEEN 0 AND late_days", name="excused_within_late"),
        CheckConstraint("excused_days = 0 OR excuse <> ''", name="excused_has_reason"),
        CheckConstraint("penalty_won BETWEEN 0 AND amount_won * penalty_cap_rate / 100000", name="penalty_within_cap"),
        CheckConstraint("invoice_won BETWEEN 1 AND amount_won - penalty_won", name="invoice_within_owed"),
        CheckConstraint("paid_won BETWEEN 0 AND amount_won - penalty_won", name="paid_within_owed"),
        CheckConstraint("state NOT IN ('paid', 'closed') OR paid_won = invoice_won", name="paid_is_what_was_invoiced"),
        CheckConstraint(
            "state NOT IN ('invoiced', 'paid', 'closed') OR invoice_won IS NOT NULL", name="invoiced_has_sum"
        ),
        CheckConstraint("paid_on >= delivered_on", name="paid_after_delivery"),
        Index("ix_contracts_agency", "agency_id", "state", "id"),
        Index("ix_contracts_supplier", "supplier_id", "state", "id"),
        Index("ix_contracts_concluded", "concluded_at", "id"),
        Index("ix_contracts_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": False}),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    number: Mapped[str]
    state: Mapped[str] = mapped_column(default=ContractState.DRAFTED)
    is_practice: Mapped[bool]
    tender_id: Mapped[UUID]  # bidding's, as the winning bid; no foreign keys across features
    bid_id: Mapped[UUID]
    tender_reference: Mapped[str]
    title: Mapped[str]
    tokens: Mapped[list[str]] = mapped_column(ARRAY(Text), default=_index_title)
    kind: Mapped[str]
    regime: Mapped[str] = mapped_column(default="national")
    lang: Mapped[str] = mapped_column(default="ko")
    agency_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Organisation.id))
    amount_won: Mapped[Won]
    quantity: Mapped[int | None] = mapped_column(BigInteger)  # where the notice counted what is bought

    # Terms
    starts_on: Mapped[date | None]
    due_on: Mapped[date | None]
    delivery_place: Mapped[str] = mapped_column(default="")
    payment_terms: Mapped[str] = mapped_column(default="")
    special_terms: Mapped[str] = mapped_column(default="")
    delay_class: Mapped[str]
    bond_won: Mapped[Won]
    bond_reference: Mapped[str] = mapped_column(
        default=""
    )  # number of the guarantee or deposit, as the supplier gives it
    stamp_duty_won: Mapped[Won]
    rule_version: Mapped[str | None]  # the rule data that its figures are of; none where it is older than them
    penalty_cap_rate: Mapped[int]  # of the contract, in thousandths of a percent

    # The three steps
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("issued_documents.id"))
    document_sha256: Mapped[str | None]
    certificate_id: Mapped[UUID | None] = mapped_column(ForeignKey("issued_documents.id"))
    sent_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    agreed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    confirmed_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    decline_reason: Mapped[str] = mapped_column(default="")
    termination_reason: Mapped[str] = mapped_column(default="")

    # Performance
    delivered_on: Mapped[date | None]
    inspected_by_id: Mapped[UUID | None] = mapped_column(ForeignKey(Person.id))
    accepted_won: Mapped[Won] = mapped_column(default=0)  # taken over in time: no penalty on it
    late_days: Mapped[int] = mapped_column(default=0)
    excused_days: Mapped[int] = mapped_column(default=0)
    excuse: Mapped[str] = mapped_column(default="")
    penalty_won: Mapped[Won] = mapped_column(default=0)
    invoice_won: Mapped[Won | None]
    payment_due_on: Mapped[date | None]
    paid_won: Mapped[Won] = mapped_column(default=0)
    paid_on: Mapped[date | None]

    created_at: Mapped[Instant]
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    agreed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    declined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    concluded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    inspected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    invoiced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    terminated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    agency: Mapped[Organisation] = relationship(foreign_keys=agency_id, lazy="joined", innerjoin=True)
    supplier: Mapped[Organisation] = relationship(foreign_keys=supplier_id, lazy="joined", innerjoin=True)
    parties: Mapped[list[ContractParty]] = relationship(order_by=ContractParty.position, lazy="selectin")
    deliveries: Mapped[list[Delivery]] = relationship(order_by=Delivery.serial, lazy="selectin")

    @property
    def audit_subject(self) -> str:
        return f"contract:{self.number}"

    @property
    def audit_tender(self) -> str:
        return self.tender_reference

    @property
    def open_delivery(self) -> Delivery | None:
        """The delivery that waits for its inspection."""
        return next((delivery for delivery in self.deliveries if delivery.result is None), None)
