"""The front door of the registry: all that other features may use of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app import direct
from app.errors import NotFound
from app.time import kst_date
from suppliers import doubts, queries, rules
from suppliers.bidders import BidderFacts, bidders_facts, record_identity
from suppliers.codes import LICENCES, licence_name
from suppliers.queries import read_standing, standing_query
from suppliers.rules import complete_business_number, format_business_number
from suppliers.services.direct import FirstPerson, register_supplier_directly
from suppliers.types import (
    BusinessKind,
    FirmSize,
    Ineligible,
    LegalForm,
    Licence,
    Product,
    Profile,
    Reason,
    Representative,
    Requirements,
    Standing,
    SupplierSummary,
)

__all__ = [
    "LICENCES",
    "BidderFacts",
    "BusinessKind",
    "FirmSize",
    "FirstPerson",
    "Ineligible",
    "LegalForm",
    "Licence",
    "Line",
    "Product",
    "Profile",
    "Reason",
    "Representative",
    "Requirements",
    "Section",
    "Standing",
    "SupplierSummary",
    "bidders_facts",
    "complete_business_number",
    "find_organisation_id",
    "find_standing",
    "format_business_number",
    "get_summary",
    "is_sanctioned",
    "licence_name",
    "namesakes_barred",
    "read_standing",
    "record_identity",
    "register_supplier_directly",
    "register_supplier_section",
    "sanctioned_among",
    "sections",
    "standing_query",
    "summaries",
    "unregistered_changes",
    "why_ineligible",
    "why_ineligible_with",
]


def why_ineligible(
    organisation_id: UUID, requirements: Requirements, now: datetime, run: direct.Run = direct.in_session
) -> Ineligible | None:
    """Why this supplier may not bid at `now`, or None. One query; days are counted in Korean time."""
    standing = queries.find_standing(organisation_id, requirements.licence_codes, kst_date(now), run)
    return why_ineligible_with(standing, requirements, now)


def why_ineligible_with(standing: Standing | None, requirements: Requirements, now: datetime) -> Ineligible | None:
    """The same of a standing that has been read (`standing_query`, of the same day)."""
    return rules.why_ineligible(standing, requirements, kst_date(now))


def find_standing(organisation_id: UUID, licence_codes: tuple[str, ...], on: date) -> Standing | None:
    """What the register knows of a supplier on the day `on`; None where it was never on it."""
    return queries.find_standing(organisation_id, licence_codes, on)


def unregistered_changes(organisation_id: UUID) -> tuple[str, ...]:
    """Which of `name_ko` and `representatives` the supplier has entered anew and no registrar has approved yet.

    These two make a bid invalid where they changed and the register does not say so [국가칙§44①6의3].
    """
    supplier = queries.find_supplier_of(organisation_id)
    if supplier is None or supplier.registered_at is None:
        return ()
    in_force, working = supplier.profile, supplier.working_profile
    changed = {
        "name_ko": rules.name_key(working.name_ko) != rules.name_key(in_force.name_ko),
        "representatives": {one.name for one in working.representatives}
        != {one.name for one in in_force.representatives},
    }
    return tuple(name for name, is_changed in changed.items() if is_changed)


def namesakes_barred(organisation_id: UUID, on: date) -> tuple[str, ...]:
    """Firms barred on the day `on` that a person with the name of one of this supplier's representatives represents."""
    supplier = queries.find_supplier_of(organisation_id)
    return () if supplier is None else doubts.barred_by_representative(supplier, supplier.profile, on)


def get_summary(organisation_id: UUID) -> SupplierSummary:
    """What is registered about one supplier. NotFound where it never was on the register."""
    summary = queries.summaries([organisation_id]).get(organisation_id)
    if summary is None:
        raise NotFound("not on the register of suppliers", what="supplier")
    return summary


def summaries(organisation_ids: Iterable[UUID]) -> dict[UUID, SupplierSummary]:
    """The same of many, in one query; those never registered are left out."""
    return queries.summaries(organisation_ids)


def is_sanctioned(organisation_id: UUID, on: date) -> bool:
    """Whether a sanction of any agency binds the supplier on the day `on`."""
    standing = queries.find_standing(organisation_id, (), on)
    return standing is not None and standing.sanctioned_until_on is not None


def sanctioned_among(organisation_ids: Iterable[UUID], on: date) -> set[UUID]:
    """Those of the suppliers whom a sanction of any agency binds on the day `on`. One query."""
    return queries.sanctioned_organisations(organisation_ids, on)


def find_organisation_id(business_number: str) -> UUID | None:
    """The organisation registered under ten digits, or None."""
    try:
        return queries.get_registered(business_number).organisation_id
    except NotFound:
        return None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a section on the public supplier page."""

    text: str
    href: str
    at: datetime | None = None
    amount_won: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the public supplier page that another feature fills (awards, contracts). No personal data."""

    title: Any
    empty: Any
    lines: list[Line] = field(default_factory=list)
    total: int = 0
    href: str | None = None


SectionMaker = Callable[[UUID, datetime], Section | None]
_sections: dict[str, SectionMaker] = {}


def register_supplier_section(name: str, make: SectionMaker) -> None:
    """`make(organisation_id, now)` gives a section of the public supplier page, in the order of registering."""
    _sections[name] = make


def sections(organisation_id: UUID, now: datetime) -> list[Section]:
    """What the features have to show of this supplier."""
    return [made for make in _sections.values() if (made := make(organisation_id, now)) is not None]
