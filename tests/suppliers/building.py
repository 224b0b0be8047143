"""Suppliers for tests: the smallest valid ones; a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import select

from app.auth import Actor, OrganisationKind, Role, system
from app.auth.models import Organisation, Person
from app.auth.people import actor_for, create_organisation, create_person
from app.db import db, transaction
from suppliers.front import FirstPerson, register_supplier_directly
from suppliers.models import Review, Supplier
from suppliers.profiles import to_json
from suppliers.rules import complete_business_number
from suppliers.services.registration import empty_draft, submit
from suppliers.types import Licence, Profile, Representative
from tests.builders import PASSWORD

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 12:00 in Seoul
TODAY = date(2026, 11, 23)
_serials = count(100_000_000)


def fresh_number() -> str:
    """A well-formed business number that no other test of this run has."""
    return complete_business_number(str(next(_serials)))


def make_profile(**changes: Any) -> Profile:
    """A complete profile of a service firm in Seoul."""
    fields: dict[str, Any] = {
        "business_number": fresh_number(),
        "name_ko": "한나루정보",
        "name_en": "Hannaru Information",
        "legal_form": "corporation",
        "size": "small",
        "representatives": (Representative("김나루", "대표이사"),),
        "region": "11",
        "postal_code": "04524",
        "address": "서울특별시 중구 세종대로 110",
        "address_detail": "3층",
        "phone": "02-1234-5678",
        "kinds": ("services",),
        "licences": (Licence("1468", "", "", "SW-2024-17", date(2024, 1, 1), date(2027, 12, 31)),),
    }
    return Profile(**(fields | changes))


def make_supplier(
    now: datetime = NOON, *, people: int = 1, roles: tuple[Role, ...] | None = None, **changes: Any
) -> Supplier:
    """An active supplier, committed, with `people` persons who hold both roles (or `roles`)."""
    profile = make_profile(**changes)
    persons = [
        FirstPerson(
            f"person{number}@{profile.business_number}.example",
            f"박사공{number}",
            PASSWORD,
            roles or FirstPerson("", "", "").roles,
        )
        for number in range(people)
    ]
    with transaction():
        return register_supplier_directly(profile, persons, now)


def make_applicant(now: datetime = NOON, *, is_sent: bool = True, **changes: Any) -> Supplier:
    """An applicant with an account, its application complete and, unless said otherwise, sent for review."""
    profile, serial = make_profile(**changes), next(_serials)
    with transaction():
        organisation = create_organisation(
            OrganisationKind.SUPPLIER, f"applicant-{serial}", profile.name_ko, profile.name_en, system(), now
        )
        create_person(
            organisation,
            f"applicant@{serial}.example",
            "이신청",
            PASSWORD,
            [Role.SUPPLIER_ADMIN, Role.SUPPLIER_BIDDER],
            system(),
            now,
        )
        supplier = empty_draft("ko", now)
        supplier.organisation_id, supplier.working = organisation.id, to_json(profile)
        db.session.add(supplier)
        db.session.flush()
        if is_sent:
            submit(supplier, administrator_of(supplier), now)
    return supplier


def person_of(supplier: Supplier) -> Person:
    """The first person of a supplier."""
    query = (
        select(Person).where(Person.organisation_id == supplier.organisation_id).order_by(Person.created_at, Person.id)
    )
    return db.session.scalars(query).first() or _nobody()


def _nobody() -> Person:
    raise LookupError("the supplier has no person")


def administrator_of(supplier: Supplier) -> Actor:
    return actor_for(person_of(supplier), is_stepped_up=True)


def open_review_of(supplier: Supplier) -> Review:
    return db.session.scalars(select(Review).where(Review.supplier_id == supplier.id, Review.decision.is_(None))).one()


def make_official(
    kind: OrganisationKind, *roles: Role, organisation: Organisation | None = None, now: datetime = NOON
) -> Person:
    """A person of an agency, the operator or an audit body; a new organisation unless one is given."""
    number = next(_serials)
    with transaction():
        if organisation is None:
            organisation = create_organisation(
                kind, f"{kind}-{number}", f"기관 {number}", f"Body {number}", system(), now
            )
        return create_person(
            organisation, f"official{number}@{kind}.example", "최담당", PASSWORD, list(roles), system(), now
        )


def make_registrar() -> Person:
    return make_official(OrganisationKind.OPERATOR, Role.REGISTRAR)


def make_two_of_an_agency() -> tuple[Person, Person]:
    """An officer and an approver of the same agency."""
    officer = make_official(OrganisationKind.AGENCY, Role.OFFICER)
    return officer, make_official(OrganisationKind.AGENCY, Role.APPROVER, organisation=officer.organisation)
