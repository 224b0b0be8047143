"""What the database holds to be true of organisations and people, and what the services refuse before it."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app import time
from app.auth import OrganisationKind, Role, people, system
from app.auth.models import Person, PersonRole
from app.auth.permissions import ROLES_OF
from app.db import db, transaction
from app.errors import InvalidInput
from tests.builders import PASSWORD, make_organisation, make_person

MISFITS = [(kind, role) for kind in OrganisationKind for role in Role if role not in ROLES_OF[kind]]


@pytest.mark.parametrize("kind", list(OrganisationKind))
def test_every_role_of_a_kind_of_organisation_is_taken(app: Flask, kind: OrganisationKind) -> None:
    person = make_person([], organisation=make_organisation(kind))
    with transaction():
        people.set_roles(person, ROLES_OF[kind], system(), time.now())
    assert set(person.roles) == ROLES_OF[kind]


def test_the_database_refuses_every_role_that_does_not_fit(app: Flask) -> None:
    found = {kind: make_person([], organisation=make_organisation(kind)).id for kind in OrganisationKind}
    assert MISFITS
    for kind, role in MISFITS:
        with pytest.raises(IntegrityError, match="role_fits_organisation"), transaction():
            db.session.add(PersonRole(person_id=found[kind], role=role.value, organisation_kind=kind.value))


def test_a_role_cannot_lie_about_the_kind_of_its_organisation(app: Flask) -> None:
    supplier = make_person([Role.SUPPLIER_ADMIN])
    with pytest.raises(IntegrityError, match="fk_person_roles_person"), transaction():
        db.session.add(PersonRole(person_id=supplier.id, role="officer", organisation_kind="agency"))


def test_a_person_cannot_lie_about_the_kind_of_their_organisation(app: Flask) -> None:
    supplier = make_person([Role.SUPPLIER_ADMIN])
    with pytest.raises(IntegrityError, match="fk_people_organisation"), transaction():
        db.session.execute(text("DELETE FROM person_roles"))
        db.session.execute(text("UPDATE people SET organisation_kind = 'agency'"))
    assert supplier.organisation_kind == "supplier"


def test_the_service_refuses_a_misfit_before_the_database_does(app: Flask) -> None:
    agency = make_organisation(OrganisationKind.AGENCY)
    with pytest.raises(InvalidInput) as refused, transaction():
        people.create_person(agency, "a@b.kr", "A", PASSWORD, [Role.AUDITOR], system(), time.now())
    assert refused.value.facts == {"field": "roles", "reason": "does-not-fit"}


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("email = 'Upper@example.kr'", "email_lower_case"),
        ("email = 'nowhere'", "email_has_at"),
        ("password_hash = 'secret'", "password_is_argon2id"),
        ("locale = 'fr'", "locale_known"),
        ("name = ''", "is_named"),
    ],
)
def test_the_database_refuses_a_bad_person(app: Flask, change: str, constraint: str) -> None:
    make_person()
    with pytest.raises(IntegrityError, match=constraint), transaction():
        db.session.execute(text(f"UPDATE people SET {change}"))


def test_an_address_belongs_to_one_person_whatever_its_capitals(app: Flask) -> None:
    make_person(email="Hong@Example.kr")
    with pytest.raises(InvalidInput) as refused:
        make_person(email="hong@example.KR")
    assert refused.value.facts == {"field": "email", "reason": "taken"}
    with pytest.raises(IntegrityError, match="uq_people_email"), transaction():
        other = make_person()
        db.session.execute(text("UPDATE people SET email = 'hong@example.kr' WHERE id = :id"), {"id": other.id})


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@b.kr", "a b@c.kr", "a@b..kr", "a@b.kr\nBcc: x@y.kr", "x" * 250 + "@b.kr"]
)
def test_what_is_no_address_is_refused(app: Flask, address: str) -> None:
    with pytest.raises(InvalidInput):
        make_person(email=address)


def test_an_organisations_number_is_given_once(app: Flask) -> None:
    make_organisation(code="B551234")
    with pytest.raises(InvalidInput) as refused:
        make_organisation(OrganisationKind.AUDIT, code="B551234")
    assert refused.value.facts == {"field": "code", "reason": "taken"}


def test_a_weak_password_makes_nobody(app: Flask) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_person(password="short")
    assert refused.value.facts == {"field": "password", "reason": "too-short"}
    assert db.session.query(Person).count() == 0


def test_who_was_made_when_and_by_whom_is_in_the_log_without_their_name(app: Flask) -> None:
    from app import audit

    person = make_person(email="secret.name@example.kr", name="비밀이름")
    entries = db.session.query(audit.Event).all()
    kinds = [entry.type for entry in entries]
    assert kinds == ["organisation.created", "person.created"]
    assert entries[1].is_open is False
    told = " ".join(str(entry.__dict__) for entry in entries)
    assert "secret.name" not in told
    assert "비밀이름" not in told
    assert str(person.id) in told
