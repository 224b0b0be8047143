"""Who takes part: agencies with an officer and an approver, suppliers with a bidder and an enrolled key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from app.auth import Actor, OrganisationKind, Role, system
from app.auth.models import Person
from app.auth.people import actor_for, create_organisation, create_person
from app.db import db
from app.ids import new_id
from app.tlog.canon import b64u
from bidding.services.signing_keys import Enrolment, enrol_key, enrolment_bytes
from suppliers.front import (
    FirstPerson,
    LegalForm,
    Licence,
    Profile,
    Representative,
    complete_business_number,
    register_supplier_directly,
)


@dataclass(frozen=True, slots=True)
class Agency:
    organisation_id: UUID
    officer: Actor
    approver: Actor


@dataclass(frozen=True, slots=True)
class Bidder:
    """A supplier's bidder and the key it signs with."""

    actor: Actor
    business_number: str
    kid: str
    key: Ed25519PrivateKey


def business_number(serial: int) -> str:
    """A business registration number with a right check digit, different for each serial below ten million."""
    return complete_business_number(
        f"{100 + serial // 100_000:03d}{80 + serial // 10_000 % 10:02d}{serial % 10_000:04d}"
    )


def make_agency(
    code: str, name_ko: str, name_en: str, password: str, now: datetime, *, mail: str, names: tuple[str, str]
) -> Agency:
    """An agency with an officer (`officer@<mail>`) and an approver (`approver@<mail>`)."""
    organisation = create_organisation(OrganisationKind.AGENCY, code, name_ko, name_en, system(), now)
    officer, approver = (
        create_person(organisation, f"{role}@{mail}", name, password, [role], system(), now)
        for role, name in zip((Role.OFFICER, Role.APPROVER), names, strict=True)
    )
    return Agency(organisation.id, actor_for(officer), actor_for(approver))


def make_supplier(
    serial: int, name_ko: str, name_en: str, password: str, now: datetime, *, email: str, region: str = "11"
) -> Person:
    """An active supplier for goods, services and works, with one person who is its administrator and bidder."""
    profile = Profile(
        business_number=business_number(serial),
        name_ko=name_ko,
        name_en=name_en,
        legal_form=LegalForm.CORPORATION,
        size="small",
        opened_on=date(2015, 3, 2),
        representatives=(Representative(f"대표 {serial}", "대표이사"),),
        region=region,
        postal_code="04524",
        address="세종대로 110",
        phone="02-120-0000",
        kinds=("goods", "services", "works"),
        licences=(Licence("1468", "소프트웨어사업자", "Software business", f"B{serial:06d}", date(2016, 1, 4)),),
    )
    person = FirstPerson(email, f"담당자 {serial}", password)
    supplier = register_supplier_directly(profile, [person], now)
    return db.session.scalars(select(Person).where(Person.organisation_id == supplier.organisation_id)).one()


def enrol(person: Person, now: datetime) -> Bidder:
    """Make and enrol a signing key for `person`, as the browser does on the first bid."""
    key, kid = Ed25519PrivateKey.generate(), new_id()
    actor, supplier = actor_for(person), person.organisation.code
    public, challenge = b64u(key.public_key().public_bytes_raw()), b64u(new_id().bytes)
    signature = b64u(key.sign(enrolment_bytes(kid, public, challenge, supplier)))
    enrol_key(Enrolment(kid, public, "rehearsal", signature), challenge, supplier, actor, now)
    return Bidder(actor, supplier, str(kid), key)
