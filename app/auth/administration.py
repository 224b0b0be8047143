"""Who may change whom, on top of `people`.

The operator administers agencies, audit bodies and its own people; in a firm it may only help somebody back in or
shut an account, for a role given there could bid. A firm's administrators administer their own firm. Nobody changes
their own roles or shuts themselves out, and the last administrator of a firm or of the operator stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from app.auth import passwords, people
from app.auth.actor import Actor
from app.auth.models import Organisation, Person, PersonRole
from app.auth.permissions import OrganisationKind, Role
from app.db import db
from app.errors import Forbidden, LastAdministrator, NotFound, NotYourself

ADMINISTRATORS = {OrganisationKind.SUPPLIER: Role.SUPPLIER_ADMIN, OrganisationKind.OPERATOR: Role.OPERATOR}
MADE_BY_OPERATOR = (OrganisationKind.AGENCY, OrganisationKind.AUDIT, OrganisationKind.OPERATOR)


def may_see(actor: Actor, organisation_id: UUID) -> bool:
    own = actor.may("own-people:administer") and organisation_id == actor.organisation_id
    return own or actor.may("people:administer")


def may_give_roles(actor: Actor, organisation_id: UUID, kind: str) -> bool:
    """Whether `actor` may add people to this organisation and say what they may do."""
    if actor.may("own-people:administer") and organisation_id == actor.organisation_id:
        return True
    return actor.may("people:administer") and kind in MADE_BY_OPERATOR


def get_visible(actor: Actor, person_id: UUID) -> Person:
    """The person, if `actor` administers them. Raises NotFound alike for nobody and for somebody else's."""
    person = people.get_person(person_id)
    if not may_see(actor, person.organisation_id):
        raise NotFound(f"person {person_id}")
    return person


def add_organisation(kind: str, code: str, name_ko: str, name_en: str, actor: Actor, now: datetime) -> Organisation:
    """An agency, audit body or part of the operator. Firms register themselves. Raises Forbidden, InvalidInput."""
    if not actor.may("organisation:administer") or kind not in MADE_BY_OPERATOR:
        raise Forbidden("organisations of this kind are not made here", permission="organisation:administer")
    return people.create_organisation(kind, code, name_ko, name_en, actor, now)


def add_person(
    organisation: Organisation, email: str, name: str, roles: Iterable[str], actor: Actor, now: datetime
) -> tuple[Person, str]:
    """A new person and the first password, to hand over in person; it must be changed at the first sign-in."""
    if not may_give_roles(actor, organisation.id, organisation.kind):
        raise Forbidden("not your organisation", permission="people:administer")
    password = passwords.first_password()
    person = people.create_person(organisation, email, name, password, roles, actor, now, must_change_password=True)
    return person, password


def change_roles(person: Person, roles: Iterable[str], actor: Actor, now: datetime) -> None:
    """Raises Forbidden, NotYourself, LastAdministrator or InvalidInput."""
    if not may_give_roles(actor, person.organisation_id, person.organisation_kind):
        raise Forbidden("not your organisation", permission="people:administer")
    _not_oneself(person, actor)
    wanted = [str(role) for role in roles]
    if _administrator_role(person) not in wanted:
        _not_the_last(person)
    people.set_roles(person, wanted, actor, now)


def shut(person: Person, actor: Actor, now: datetime) -> None:
    """Deactivate: at once, also where the person is signed in. Raises Forbidden, NotYourself or LastAdministrator."""
    _must_see(person, actor)
    _not_oneself(person, actor)
    _not_the_last(person)
    people.deactivate(person, actor, now)


def open_again(person: Person, actor: Actor, now: datetime) -> None:
    _must_see(person, actor)
    people.reactivate(person, actor, now)


def give_first_password(person: Person, actor: Actor, now: datetime) -> str:
    """A new first password to hand over; the old one and every session end. Raises Forbidden or NotYourself."""
    _must_see(person, actor)
    _not_oneself(person, actor)
    password = passwords.first_password()
    people.set_password(person, password, actor, now, must_change=True)
    return password


def _must_see(person: Person, actor: Actor) -> None:
    if not may_see(actor, person.organisation_id):
        raise Forbidden("not your organisation", permission="people:administer")


def _not_oneself(person: Person, actor: Actor) -> None:
    if person.id == actor.person_id:
        raise NotYourself("another administrator must do this")


def _administrator_role(person: Person) -> str | None:
    role = ADMINISTRATORS.get(OrganisationKind(person.organisation_kind))
    return role.value if role else None


def _not_the_last(person: Person) -> None:
    """The organisation's row is locked, so that two administrators cannot remove each other at the same moment."""
    role = _administrator_role(person)
    if role is None or role not in person.roles or not person.is_active:
        return
    db.session.execute(select(Organisation.id).where(Organisation.id == person.organisation_id).with_for_update())
    others = (
        select(func.count())
        .select_from(PersonRole)
        .join(Person, Person.id == PersonRole.person_id)
        .where(PersonRole.role == role, Person.organisation_id == person.organisation_id)
        .where(Person.deactivated_at.is_(None), Person.id != person.id)
    )
    if db.session.execute(others).scalar_one() == 0:
        raise LastAdministrator("somebody must be able to administer this organisation")


def search_organisations(words: str = "", kind: str = "") -> Select[Any]:
    """Organisations whose name or code contains `words`, by name."""
    query = select(Organisation).order_by(Organisation.name_ko, Organisation.id)
    if kind:
        query = query.where(Organisation.kind == kind)
    if words:
        like = _containing(words)
        query = query.where(
            or_(Organisation.name_ko.ilike(like), Organisation.name_en.ilike(like), Organisation.code.ilike(like))
        )
    return query


def search_people(
    words: str = "", *, organisation_id: UUID | None = None, role: str = "", state: str = ""
) -> Select[Any]:
    """People whose name or address contains `words`, by name; `state` is "active" or "deactivated"."""
    query = select(Person).order_by(Person.name, Person.id)
    if organisation_id is not None:
        query = query.where(Person.organisation_id == organisation_id)
    if words:
        query = query.where(or_(Person.name.ilike(_containing(words)), Person.email.ilike(_containing(words))))
    if role:
        query = query.where(Person.role_rows.any(PersonRole.role == role))
    if state:
        is_shut = Person.deactivated_at.is_not(None)
        query = query.where(is_shut if state == "deactivated" else ~is_shut)
    return query


def _containing(words: str) -> str:
    escaped = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
