"""Smallest valid things, made through the real services. A test names only what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import count
from typing import Any

from flask.testing import FlaskClient

from app import time
from app.auth import Actor, OrganisationKind, Role, people, sessions, system
from app.auth.models import Organisation, Person, Session
from app.db import transaction

PASSWORD = "four quiet herons wade"
_numbers = count(1)

KIND_OF = {
    Role.OFFICER: OrganisationKind.AGENCY,
    Role.APPROVER: OrganisationKind.AGENCY,
    Role.EVALUATOR: OrganisationKind.AGENCY,
    Role.KEYHOLDER: OrganisationKind.AGENCY,
    Role.SUPPLIER_ADMIN: OrganisationKind.SUPPLIER,
    Role.SUPPLIER_BIDDER: OrganisationKind.SUPPLIER,
    Role.AUDITOR: OrganisationKind.AUDIT,
    Role.OPERATOR: OrganisationKind.OPERATOR,
    Role.REGISTRAR: OrganisationKind.OPERATOR,
}


def make_organisation(
    kind: OrganisationKind | str = OrganisationKind.AGENCY, *, now: datetime | None = None, **changes: Any
) -> Organisation:
    """A committed organisation. `changes`: code, name_ko, name_en."""
    number = next(_numbers)
    fields = {"code": f"T{number:06d}", "name_ko": f"시험기관 {number}", "name_en": f"Test body {number}"} | changes
    with transaction():
        return people.create_organisation(kind, **fields, actor=system(), now=now or time.now())


def make_person(
    roles: Iterable[Role | str] = (Role.OFFICER,),
    *,
    organisation: Organisation | None = None,
    now: datetime | None = None,
    must_change_password: bool = False,
    **changes: Any,
) -> Person:
    """A committed person with `roles`, in an organisation that has them. `changes`: email, name, password."""
    number, roles = next(_numbers), list(roles)
    owner = organisation or make_organisation(KIND_OF[Role(roles[0])] if roles else OrganisationKind.AGENCY, now=now)
    fields = {"email": f"person{number}@example.kr", "name": f"홍길동 {number}", "password": PASSWORD} | changes
    with transaction():
        return people.create_person(
            owner,
            **fields,
            roles=roles,
            actor=system(),
            now=now or time.now(),
            must_change_password=must_change_password,
        )


def actor_of(person: Person, *, is_stepped_up: bool = True) -> Actor:
    """`person` as the actor of a service call."""
    return people.actor_for(person, is_stepped_up=is_stepped_up)


def sign_in(client: FlaskClient, person: Person, *, now: datetime | None = None) -> Session:
    """A real session for `person` in `client`, its password entered at `now`, without going through the form."""
    with transaction():
        session, token = sessions.open_session(person, now or time.now(), "Test")
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie["_user_id"], cookie["_fresh"] = token, True
    return session


def make_supplier(now: datetime | None = None, **changes: Any) -> Any:
    """A committed active supplier (`suppliers.models.Supplier`) with one person who holds both roles.

    `changes`: fields of its profile, `people` (how many), `roles` (theirs). More of its kind: tests.suppliers.building.
    """
    from tests.suppliers import building

    return building.make_supplier(now or time.now(), **changes)
