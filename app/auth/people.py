"""Organisations and people: made, changed, looked up. Who may do it to whom is decided in `administration`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import passwords
from app.auth.actor import Actor
from app.auth.models import Organisation, Person, PersonRole
from app.auth.permissions import ROLES_OF, OrganisationKind, Role, permissions_of
from app.db import db
from app.errors import InvalidInput, NotFound

EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)*", re.ASCII)
MAX_EMAIL = 254


def normalise_email(email: str) -> str:
    """Trimmed and lower-case. Raises InvalidInput (field `email`) for what is no address."""
    plain = email.strip().lower()
    if len(plain) > MAX_EMAIL or not EMAIL.fullmatch(plain):
        raise InvalidInput("not an e-mail address", field="email", reason="not-an-address")
    return plain


def create_organisation(
    kind: OrganisationKind | str, code: str, name_ko: str, name_en: str, actor: Actor, now: datetime
) -> Organisation:
    """A new organisation; `code` is unique over all kinds. Raises InvalidInput (field `code`) where it is taken."""
    code = code.strip()
    if db.session.scalar(select(Organisation.id).where(Organisation.code == code)) is not None:
        raise InvalidInput(f"code {code} is taken", field="code", reason="taken")
    organisation = Organisation(
        kind=OrganisationKind(kind).value, code=code, name_ko=name_ko.strip(), name_en=name_en.strip(), created_at=now
    )
    db.session.add(organisation)
    db.session.flush()
    audit.emit(
        "organisation.created", actor, now, subject=organisation.audit_subject, kind=organisation.kind, code=code
    )
    return organisation


def rename_organisation(organisation: Organisation, name_ko: str, name_en: str, actor: Actor, now: datetime) -> None:
    organisation.name_ko, organisation.name_en = name_ko.strip(), name_en.strip()
    audit.emit("organisation.renamed", actor, now, subject=organisation.audit_subject)


def create_person(
    organisation: Organisation,
    email: str,
    name: str,
    password: str,
    roles: Iterable[Role | str],
    actor: Actor,
    now: datetime,
    must_change_password: bool = False,
) -> Person:
    """A new person of `organisation`.

    Raises InvalidInput with `field` and `reason`: `email` (not-an-address, taken), `password` (a `Weakness`),
    `roles` (does not fit the kind of organisation). The database refuses the last two cases of doubt again.
    """
    plain = normalise_email(email)
    if find_by_email(plain) is not None:
        raise InvalidInput("e-mail address is taken", field="email", reason="taken")
    must_be_strong(password, plain, name)
    person = Person(
        organisation_id=organisation.id,
        organisation_kind=organisation.kind,
        organisation=organisation,
        email=plain,
        name=name.strip(),
        password_hash=passwords.hash_password(password),
        password_changed_at=now,
        must_change_password=must_change_password,
        created_at=now,
    )
    person.role_rows = _role_rows(organisation.kind, roles)
    db.session.add(person)
    db.session.flush()
    audit.emit("person.created", actor, now, subject=person.audit_subject, is_open=False, roles=person.roles)
    return person


def set_roles(person: Person, roles: Iterable[Role | str], actor: Actor, now: datetime) -> None:
    """Exactly these roles from now on. Every session of the person ends, so that nothing of the old ones lasts."""
    from app.auth import sessions

    before, wanted = person.roles, _role_rows(person.organisation_kind, roles)
    names = sorted(row.role for row in wanted)
    if names == sorted(before):
        return
    kept = {row.role: row for row in person.role_rows}
    person.role_rows = [kept.get(row.role, row) for row in wanted]
    db.session.flush()
    sessions.revoke_all(person.id, now)
    _warn(person, "account.roles_changed", now)
    audit.emit(
        "person.roles_changed",
        actor,
        now,
        subject=person.audit_subject,
        is_open=False,
        before=sorted(before),
        after=names,
    )


def _role_rows(kind: str, roles: Iterable[Role | str]) -> list[PersonRole]:
    wanted = sorted({Role(role) for role in roles})
    if not set(wanted) <= ROLES_OF[OrganisationKind(kind)]:
        raise InvalidInput(f"roles {wanted} do not fit a {kind}", field="roles", reason="does-not-fit")
    return [PersonRole(role=role.value, organisation_kind=kind) for role in wanted]


def set_password(
    person: Person, password: str, actor: Actor, now: datetime, *, must_change: bool, keep_session: UUID | None = None
) -> None:
    """A new password; every session but `keep_session` ends. Raises InvalidInput (field `password`)."""
    from app.auth import sessions

    must_be_strong(password, person.email, person.name)
    person.password_hash, person.password_changed_at = passwords.hash_password(password), now
    person.must_change_password = must_change
    sessions.revoke_all(person.id, now, keep=keep_session)
    _warn(person, "account.password_changed", now)
    kind = "person.password_reset" if must_change else "person.password_changed"
    audit.emit(kind, actor, now, subject=person.audit_subject, is_open=False)


def _warn(person: Person, kind: str, now: datetime) -> None:
    """Tell the person that somebody, perhaps not they, changed how they get in or what they may do."""
    from app.notifications import notify

    notify(person.id, kind, now, href="/me")


def must_be_new(person: Person, password: str) -> None:
    """A first password was known to somebody else: keeping it is no change. Raises InvalidInput."""
    if passwords.verify(person.password_hash, password):
        raise InvalidInput("the same password again", field="password", reason=str(passwords.Weakness.SAME))


def change_own_details(person: Person, name: str, locale: str, actor: Actor, now: datetime) -> None:
    if (person.name, person.locale) != (name.strip(), locale):
        person.name, person.locale = name.strip(), locale
        audit.emit("person.details_changed", actor, now, subject=person.audit_subject, is_open=False)


def end_sessions(
    person: Person, actor: Actor, now: datetime, *, only: UUID | None = None, keep: UUID | None = None
) -> int:
    """End one session of the person (`only`), or all but `keep`; returns how many."""
    from app.auth import sessions

    ended = int(sessions.revoke(only, person.id, now)) if only else sessions.revoke_all(person.id, now, keep=keep)
    if ended:
        audit.emit("person.sessions_ended", actor, now, subject=person.audit_subject, is_open=False, count=ended)
    return ended


def must_be_strong(password: str, email: str, name: str) -> None:
    if weakness := passwords.why_weak(password, email, name):
        raise InvalidInput(f"password is {weakness}", field="password", reason=str(weakness))


def deactivate(person: Person, actor: Actor, now: datetime) -> None:
    """No more signing in; every session ends at once. Twice is the same as once."""
    from app.auth import sessions

    if person.deactivated_at is None:
        person.deactivated_at = now
        sessions.revoke_all(person.id, now)
        audit.emit("person.deactivated", actor, now, subject=person.audit_subject, is_open=False)


def reactivate(person: Person, actor: Actor, now: datetime) -> None:
    if person.deactivated_at is not None:
        person.deactivated_at = None
        audit.emit("person.reactivated", actor, now, subject=person.audit_subject, is_open=False)


def verify_email(person: Person, now: datetime) -> None:
    """The person has shown that mail to the address reaches them."""
    if person.email_verified_at is None:
        person.email_verified_at = now
        audit.emit("person.email_verified", actor_for(person), now, subject=person.audit_subject, is_open=False)


def find_by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def get_person(person_id: UUID) -> Person:
    """Raises NotFound."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotFound(f"person {person_id}")
    return person


def get_organisation(organisation_id: UUID) -> Organisation:
    """Raises NotFound."""
    organisation = db.session.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"organisation {organisation_id}")
    return organisation


def actor_for(person: Person, *, is_stepped_up: bool = False) -> Actor:
    """`person` as an actor outside a request: for commands, replays and tests."""
    return Actor(
        handle=person.handle,
        name=person.name,
        person_id=person.id,
        organisation_id=person.organisation_id,
        organisation_kind=person.organisation_kind,
        roles=frozenset(person.roles),
        permissions=permissions_of(person.roles) if person.is_active else frozenset(),
        is_stepped_up=is_stepped_up,
    )
