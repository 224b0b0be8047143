"""Values of the registry: what a supplier is, what a tender may ask of it, and why it may not bid. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class BusinessKind(StrEnum):
    """업무구분: registration is separate for each [국가칙§15]."""

    GOODS = "goods"  # 물품
    SERVICES = "services"  # 용역
    WORKS = "works"  # 공사


class FirmSize(StrEnum):
    """기업 규모, from the smallest; reserved competition names the sizes that may take part [국가령§21]."""

    MICRO = "micro"  # 소상공인
    SMALL = "small"  # 소기업
    MEDIUM = "medium"  # 중기업
    MIDDLE = "middle"  # 중견기업
    LARGE = "large"  # 대기업


class LegalForm(StrEnum):
    CORPORATION = "corporation"  # 법인사업자
    INDIVIDUAL = "individual"  # 개인사업자


@dataclass(frozen=True, slots=True)
class Representative:
    """대표자. Every one is registered: an unregistered change of any makes a bid invalid [국가칙§44①6의3]."""

    name: str
    position: str


@dataclass(frozen=True, slots=True)
class Licence:
    """업종: a licence, registration, permit or report that a law asks for. `valid_to` None means without end."""

    code: str
    name_ko: str
    name_en: str
    number: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """공급물품. `code` is the 8-digit class number or the 10-digit detailed one (세부품명번호)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that is registered about a firm. Empty strings and tuples mean "not entered yet"."""

    business_number: str = ""
    name_ko: str = ""
    name_en: str = ""
    legal_form: str = ""
    size: str = ""
    opened_on: date | None = None
    representatives: tuple[Representative, ...] = ()
    region: str = ""
    postal_code: str = ""
    address: str = ""
    address_detail: str = ""
    phone: str = ""
    homepage: str = ""
    kinds: tuple[str, ...] = ()
    licences: tuple[Licence, ...] = ()
    products: tuple[Product, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirements:
    """Who may bid. Empty means no limit. `licence_codes`: any one of them is enough.

    `registered_before_on`: registration must have been granted on an earlier day in Korea: the day of the bid
    deadline [전자조달령§11]. None asks nothing of the day of registration.
    """

    business_kind: str | None = None
    regions: tuple[str, ...] = ()
    licence_codes: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    registered_before_on: date | None = None


class Reason(StrEnum):
    """Why a supplier may not bid. Closed list; the value is stable and public."""

    NOT_REGISTERED = "not-registered"
    NOT_ACTIVE = "not-active"
    EXPIRED = "expired"
    SANCTIONED = "sanctioned"
    REGISTERED_TOO_LATE = "registered-too-late"
    BUSINESS_KIND = "business-kind"
    REGION = "region"
    LICENCE = "licence"
    LICENCE_EXPIRED = "licence-expired"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Ineligible:
    """`code` is a `Reason`; `facts` hold JSON scalars and lists that explain it."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the registry knows of a supplier on one day, as far as eligibility asks.

    `licences` are those held of the codes asked for: (code, valid_from, valid_to).
    `sanctioned_until_on` is the last day of a sanction in force that day, None where there is none.
    """

    state: str
    registered_at: datetime | None
    valid_until_on: date | None
    region: str
    size: str
    kinds: tuple[str, ...]
    licences: tuple[tuple[str, date, date | None], ...]
    sanctioned_until_on: date | None


@dataclass(frozen=True, slots=True)
class SupplierSummary:
    """What other features show and print of a supplier. `representatives` are names, in registered order."""

    organisation_id: UUID
    business_number: str
    name_ko: str
    name_en: str
    representatives: tuple[str, ...]
    region: str
    address: str
    size: str
