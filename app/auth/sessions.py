"""Sessions live in the database; the cookie carries a random token, of which only the hash is stored.

Every request looks its session up with one query, so that revoking it, deactivating the person or taking a role away
holds from the next request on. Limits (OWASP ASVS 7.3): officials 15 minutes idle and 8 hours in all, suppliers 30
minutes and 12 hours.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update

from app import direct
from app.auth.actor import Actor
from app.auth.models import Organisation, Person, PersonRole, Session
from app.auth.permissions import OrganisationKind, permissions_of
from app.db import db, spelled

STEP_UP_LASTS = timedelta(minutes=5)
SEEN_EVERY = timedelta(minutes=1)  # how often at most `last_seen_at` is written
KEPT_FOR = timedelta(days=90)  # ended sessions, for "where was I signed in"


@dataclass(frozen=True, slots=True)
class Limits:
    """`idle`: without a request; `absolute`: since signing in."""

    idle: timedelta
    absolute: timedelta


OFFICIALS = Limits(timedelta(minutes=15), timedelta(hours=8))
SUPPLIERS = Limits(timedelta(minutes=30), timedelta(hours=12))


def limits_of(kind: str) -> Limits:
    return SUPPLIERS if kind == OrganisationKind.SUPPLIER else OFFICIALS


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What one request needs of its session; also what Flask-Login calls the user."""

    actor: Actor
    token: str
    locale: str
    organisation_name_ko: str
    organisation_name_en: str
    must_change_password: bool
    last_seen_at: datetime
    expires_at: datetime
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token

    def ends_at(self, last_seen_at: datetime) -> datetime:
        """When it ends if nothing happens after `last_seen_at`."""
        return min(self.expires_at, last_seen_at + limits_of(self.actor.organisation_kind or "").idle)


def hash_token(token: str) -> bytes:
    return sha256(token.encode()).digest()


def open_session(person: Person, now: datetime, device: str = "") -> tuple[Session, str]:
    """A new session and its token: 256 random bits never seen before, so nobody can plant one beforehand.

    The password was entered to get here, so the session starts stepped up.
    """
    token = secrets.token_urlsafe(32)
    session = Session(
        person_id=person.id,
        token_hash=hash_token(token),
        device=device[:80],
        created_at=now,
        last_seen_at=now,
        expires_at=now + limits_of(person.organisation_kind).absolute,
        stepped_up_at=now,
    )
    db.session.add(session)
    db.session.flush()
    return session, token


class Lasting(Protocol):
    """A session, or a row with its instants."""

    @property
    def last_seen_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime: ...
    @property
    def stepped_up_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...


def is_alive(session: Lasting, kind: str, now: datetime) -> bool:
    """Neither revoked nor past a limit; at the very instant of a limit it is over."""
    return session.revoked_at is None and now < ends_at(session, kind)


def ends_at(session: Lasting, kind: str) -> datetime:
    return min(session.expires_at, session.last_seen_at + limits_of(kind).idle)


def is_stepped_up(session: Lasting, now: datetime) -> bool:
    return session.stepped_up_at is not None and now < session.stepped_up_at + STEP_UP_LASTS


def signed_in_query() -> Select[*tuple[Any, ...]]:
    """Who carries the token whose hash is the parameter `token_hash`, as columns for `read_signed_in`."""
    roles = select(func.array_agg(PersonRole.role)).where(PersonRole.person_id == Person.id).scalar_subquery()
    return (
        select(
            Session.id,
            Session.person_id,
            Session.last_seen_at,
            Session.expires_at,
            Session.stepped_up_at,
            Session.revoked_at,
            Person.name,
            Person.organisation_id,
            Person.organisation_kind,
            Person.locale,
            Person.must_change_password,
            Organisation.name_ko,
            Organisation.name_en,
            roles.label("roles"),
        )
        .join(Person, Person.id == Session.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Session.token_hash == bindparam("token_hash"), Person.deactivated_at.is_(None))
    )


SIGNED_IN = spelled(signed_in_query())


def find_signed_in(token: str, now: datetime, run: direct.Run = direct.in_session) -> SignedIn | None:
    """Who carries `token`, if its session is alive at `now` and the person active. One query."""
    row = next(iter(run(SIGNED_IN, {"token_hash": hash_token(token)})), None)
    return None if row is None else read_signed_in(row, token, now)


def read_signed_in(row: Any, token: str, now: datetime) -> SignedIn | None:
    """The session in a row of `signed_in_query`, if it is alive at `now`."""
    if not is_alive(row, row.organisation_kind, now):
        return None
    held = frozenset(row.roles or ())
    actor = Actor(
        handle=f"person:{row.person_id}",
        name=row.name,
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        organisation_kind=row.organisation_kind,
        roles=held,
        permissions=permissions_of(held),
        session_id=row.id,
        is_stepped_up=is_stepped_up(row, now),
    )
    return SignedIn(
        actor=actor,
        token=token,
        locale=row.locale,
        organisation_name_ko=row.name_ko,
        organisation_name_en=row.name_en,
        must_change_password=row.must_change_password,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )


def is_touch_due(signed_in: SignedIn, now: datetime) -> bool:
    """Whether SEEN_EVERY has passed since the session's last sign of life was written."""
    return now - signed_in.last_seen_at >= SEEN_EVERY


def touch(signed_in: SignedIn, now: datetime) -> datetime:
    """Note that the session is in use, at most once in SEEN_EVERY; returns when it ends if nothing more happens.

    Only ever forward and never on a revoked session: a request that was under way does not bring one back.
    """
    if not is_touch_due(signed_in, now):
        return signed_in.ends_at(signed_in.last_seen_at)
    mine = (Session.id == signed_in.actor.session_id, Session.revoked_at.is_(None), Session.last_seen_at < now)
    db.session.execute(
        update(Session).where(*mine).values(last_seen_at=now).execution_options(synchronize_session=False)
    )
    return signed_in.ends_at(now)


def step_up(session_id: UUID, now: datetime) -> str:
    """The password was entered again: good for STEP_UP_LASTS. Returns the session's new token; the old one is dead."""
    session = db.session.get_one(Session, session_id)
    session.stepped_up_at = session.last_seen_at = now
    return _rotate(session)


def rotate(session_id: UUID) -> str:
    """A new token for the same session, after its privileges changed. Returns it; the old one is dead."""
    return _rotate(db.session.get_one(Session, session_id))


def _rotate(session: Session) -> str:
    token = secrets.token_urlsafe(32)
    session.token_hash = hash_token(token)
    return token


def revoke(session_id: UUID, person_id: UUID, now: datetime) -> bool:
    """End one session of this person; False where there is no such session, or it had ended."""
    mine = (Session.id == session_id, Session.person_id == person_id)
    return _revoke(mine, now) > 0


def revoke_all(person_id: UUID, now: datetime, keep: UUID | None = None) -> int:
    """End every session of this person but `keep`; returns how many."""
    mine = (Session.person_id == person_id,) + ((Session.id != keep,) if keep else ())
    return _revoke(mine, now)


def _revoke(mine: tuple[ColumnElement[bool], ...], now: datetime) -> int:
    statement = update(Session).where(Session.revoked_at.is_(None), *mine).values(revoked_at=now).returning(Session.id)
    return len(db.session.scalars(statement).all())


def list_open(person_id: UUID, now: datetime) -> list[Session]:
    """The person's living sessions, the one used last first."""
    person = db.session.get_one(Person, person_id)
    idle = limits_of(person.organisation_kind).idle
    query = (
        select(Session)
        .where(Session.person_id == person_id, Session.revoked_at.is_(None))
        .where(Session.expires_at > now, Session.last_seen_at > now - idle)
        .order_by(Session.last_seen_at.desc())
        .limit(50)
    )
    return list(db.session.scalars(query))


def forget_old(now: datetime) -> int:
    """Delete sessions that ended KEPT_FOR ago; returns how many."""
    statement = delete(Session).where(Session.expires_at < now - KEPT_FOR).returning(Session.id)
    return len(db.session.scalars(statement).all())
