"""The register of suppliers (경쟁입찰참가자격등록): what is in force, and beside it the working copy being edited."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Sequence, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.models import Organisation
from app.db import Instant, UtcDateTime, db
from app.ids import new_id
from suppliers.profiles import from_json, tidy
from suppliers.states import SUPPLIER, SupplierState
from suppliers.types import Licence, Product, Profile, Representative

STANDING = text("state IN ('active', 'changes_pending')")
REGISTRATION_NUMBERS = Sequence("supplier_registration_numbers", metadata=db.metadata)


class Supplier(db.Model):
    """One registration. The columns from `business_number` on are what is in force, empty until the first approval.

    `working` is the copy that the supplier edits (`suppliers.profiles`); an approval carries it over. Until the
    e-mail is verified there is no organisation and `applicant_*` say who is applying; afterwards the person does.
    """

    __tablename__ = "suppliers"
    __table_args__ = (
        *SUPPLIER.checks(),
        CheckConstraint("state = 'draft' OR organisation_id IS NOT NULL", name="beyond_draft_has_organisation"),
        CheckConstraint("business_number ~ '^[0-9]{10}$'", name="business_number_digits"),
        CheckConstraint("region ~ '^[0-9]{2}$'", name="region_two_digits"),
        CheckConstraint("kinds <@ ARRAY['goods','services','works']::varchar[]", name="kinds_known"),
        CheckConstraint("size IN ('micro', 'small', 'medium', 'middle', 'large')", name="size_known"),
        CheckConstraint("legal_form IN ('corporation', 'individual')", name="legal_form_known"),
        CheckConstraint(
            "registered_at IS NULL OR (business_number IS NOT NULL AND name_ko IS NOT NULL AND name_en IS NOT NULL"
            " AND size IS NOT NULL AND region IS NOT NULL AND address IS NOT NULL AND cardinality(kinds) > 0"
            " AND registration_number IS NOT NULL AND valid_until_on IS NOT NULL AND approved_at IS NOT NULL)",
            name="registered_is_complete",
        ),
        CheckConstraint(
            "state NOT IN ('active', 'changes_pending', 'expired') OR registered_at IS NOT NULL",
            name="on_the_register_once_registered",
        ),
        # A number is taken by whoever was registered with it; applications may meet, the registrar decides.
        Index("uq_suppliers_business_number", "business_number", unique=True),
        Index("uq_suppliers_organisation_id", "organisation_id", unique=True),
        Index("uq_suppliers_registration_number", "registration_number", unique=True),
        Index("ix_suppliers_state", "state", "submitted_at"),
        Index(
            "ix_suppliers_valid_until",
            "valid_until_on",
            postgresql_where=STANDING,
        ),
        Index("ix_suppliers_name_ko", "name_ko", "id", postgresql_where=text("registered_at IS NOT NULL")),
        Index("ix_suppliers_registered_at", "registered_at", "id", postgresql_where=text("registered_at IS NOT NULL")),
        Index("ix_suppliers_grams", "grams", postgresql_using="gin"),
        Index("ix_suppliers_working_number", text("(working ->> 'business_number')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey(Organisation.id))
    state: Mapped[str] = mapped_column(default=SupplierState.DRAFT)
    working: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    applicant_name: Mapped[str | None] = mapped_column(String(80))
    applicant_email: Mapped[str | None] = mapped_column(String(254))
    applicant_locale: Mapped[str] = mapped_column(String(2), default="ko")

    created_at: Mapped[Instant]
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    registered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registration_number: Mapped[int | None]
    valid_until_on: Mapped[date | None]
    business_number: Mapped[str | None] = mapped_column(String(10))
    name_ko: Mapped[str | None] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(160))
    legal_form: Mapped[str | None] = mapped_column(String(16))
    size: Mapped[str | None] = mapped_column(String(8))
    opened_on: Mapped[date | None]
    region: Mapped[str | None] = mapped_column(String(2))
    postal_code: Mapped[str | None] = mapped_column(String(5))
    address: Mapped[str | None] = mapped_column(String(200))
    address_detail: Mapped[str | None] = mapped_column(String(120))
    phone: Mapped[str | None] = mapped_column(String(20))
    homepage: Mapped[str | None] = mapped_column(String(200))
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(8)), default=list)
    grams: Mapped[list[str]] = mapped_column(ARRAY(String(2)), default=list)

    representatives: Mapped[list[RegisteredRepresentative]] = relationship(
        cascade="all, delete-orphan", order_by="RegisteredRepresentative.position_number"
    )
    licences: Mapped[list[HeldLicence]] = relationship(
        cascade="all, delete-orphan", order_by=lambda: (HeldLicence.code, HeldLicence.number)
    )
    products: Mapped[list[HeldProduct]] = relationship(cascade="all, delete-orphan", order_by="HeldProduct.code")

    @property
    def audit_subject(self) -> str:
        return f"supplier:{self.id}"

    @property
    def working_profile(self) -> Profile:
        return from_json(self.working)

    @property
    def profile(self) -> Profile:
        """What is in force; an empty profile before the first approval."""
        in_force = Profile(
            business_number=self.business_number or "",
            name_ko=self.name_ko or "",
            name_en=self.name_en or "",
            legal_form=self.legal_form or "",
            size=self.size or "",
            opened_on=self.opened_on,
            representatives=tuple(Representative(each.name, each.position) for each in self.representatives),
            region=self.region or "",
            postal_code=self.postal_code or "",
            address=self.address or "",
            address_detail=self.address_detail or "",
            phone=self.phone or "",
            homepage=self.homepage or "",
            kinds=tuple(self.kinds),
            licences=tuple(each.licence for each in self.licences),
            products=tuple(Product(each.code, each.name) for each in self.products),
        )
        return tidy(in_force)

    @property
    def full_number(self) -> str:
        """The registration number as it is printed: `NR-00000042`."""
        return f"NR-{self.registration_number:08d}" if self.registration_number else ""


class RegisteredRepresentative(db.Model):
    """대표자 in force. Names are personal data: shown to the supplier, registrars and on contracts, never in public."""

    __tablename__ = "supplier_representatives"
    __table_args__ = (
        CheckConstraint("length(btrim(name)) > 0", name="has_name"),
        CheckConstraint("position_number >= 0", name="position_counted"),
    )

    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id, ondelete="CASCADE"), primary_key=True)
    position_number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[str] = mapped_column(String(40), default="")


class HeldLicence(db.Model):
    """업종 in force. Both days count; no `valid_to` means without end."""

    __tablename__ = "supplier_licences"
    __table_args__ = (
        CheckConstraint("code ~ '^[0-9]{4}$'", name="code_four_digits"),
        CheckConstraint("valid_to >= valid_from", name="ends_after_it_begins"),
        UniqueConstraint("supplier_id", "code", "number"),
        Index("ix_supplier_licences_code", "code", "supplier_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id, ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(4))
    name_ko: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    number: Mapped[str] = mapped_column(String(60))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    @property
    def licence(self) -> Licence:
        return Licence(self.code, self.name_ko, self.name_en, self.number, self.valid_from, self.valid_to)


class HeldProduct(db.Model):
    """공급물품 in force."""

    __tablename__ = "supplier_products"
    __table_args__ = (CheckConstraint("code ~ '^[0-9]{8}([0-9]{2})?$'", name="code_eight_or_ten_digits"),)

    supplier_id: Mapped[UUID] = mapped_column(ForeignKey(Supplier.id, ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
