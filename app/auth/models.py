"""Organisations, their people, roles, sessions, and the one-time codes that get somebody back in.

Which roles fit which organisation is a fact of the database: the kind travels along the composite keys
organisation → person → role, and a CHECK made from `ROLES_OF` compares it with the role.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.auth.permissions import ROLES_OF, OrganisationKind
from app.db import Instant, db
from app.ids import new_id

LOCALES = ("ko", "en")


def _in(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def _roles_fit() -> str:
    fits = (
        f"(organisation_kind = '{kind}' AND {_in('role', tuple(sorted(roles)))})" for kind, roles in ROLES_OF.items()
    )
    return " OR ".join(fits)


class Organisation(db.Model):
    """Whoever people belong to. `code` is its number in the outside world: agency code or business number."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint(_in("kind", tuple(OrganisationKind)), name="kind_known"),
        CheckConstraint("code <> '' AND name_ko <> '' AND name_en <> ''", name="is_named"),
        UniqueConstraint("code"),
        UniqueConstraint("id", "kind"),  # what people's composite key points at
        Index("ix_organisations_kind_name_ko", "kind", "name_ko"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    code: Mapped[str]
    name_ko: Mapped[str]
    name_en: Mapped[str]
    created_at: Mapped[Instant]

    @property
    def audit_subject(self) -> str:
        return f"organisation:{self.id}"

    def name_in(self, lang: str) -> str:
        return self.name_en if lang == "en" else self.name_ko


class Person(db.Model):
    __tablename__ = "people"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organisation_id", "organisation_kind"],
            ["organisations.id", "organisations.kind"],
            name="fk_people_organisation",
        ),
        UniqueConstraint("email"),
        UniqueConstraint("id", "organisation_kind"),  # what roles' composite key points at
        CheckConstraint("email = lower(email)", name="email_lower_case"),
        CheckConstraint("email LIKE '_%@_%'", name="email_has_at"),
        CheckConstraint("name <> ''", name="is_named"),
        CheckConstraint("password_hash LIKE '$argon2id$%'", name="password_is_argon2id"),
        CheckConstraint(_in("locale", LOCALES), name="locale_known"),
        Index("ix_people_organisation_id_name", "organisation_id", "name"),
        Index("ix_people_name", "name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID]
    organisation_kind: Mapped[str]
    email: Mapped[str]
    name: Mapped[str]
    password_hash: Mapped[str]
    password_changed_at: Mapped[Instant]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[str] = mapped_column(default="ko")
    created_at: Mapped[Instant]
    email_verified_at: Mapped[Instant | None]
    deactivated_at: Mapped[Instant | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)
    role_rows: Mapped[list[PersonRole]] = relationship(
        back_populates="person", lazy="selectin", cascade="all, delete-orphan", order_by="PersonRole.role"
    )

    @property
    def roles(self) -> list[str]:
        return [row.role for row in self.role_rows]

    @property
    def is_active(self) -> bool:
        return self.deactivated_at is None

    @property
    def handle(self) -> str:
        """Stands for the person in the public log."""
        return f"person:{self.id}"

    @property
    def audit_subject(self) -> str:
        return self.handle


class PersonRole(db.Model):
    __tablename__ = "person_roles"
    __table_args__ = (
        ForeignKeyConstraint(
            ["person_id", "organisation_kind"],
            ["people.id", "people.organisation_kind"],
            name="fk_person_roles_person",
            ondelete="CASCADE",
        ),
        CheckConstraint(_roles_fit(), name="role_fits_organisation"),
    )

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    organisation_kind: Mapped[str]

    person: Mapped[Person] = relationship(back_populates="role_rows")


class Session(db.Model):
    """A signed-in browser. Only the token's SHA-256 is kept: who reads the table cannot become anyone."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("length(token_hash) = 32", name="token_hash_is_sha256"),
        CheckConstraint("expires_at > created_at AND last_seen_at >= created_at", name="instants_in_order"),
        Index("ix_sessions_person_id", "person_id", postgresql_where=text("revoked_at IS NULL")),
        Index("ix_sessions_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    device: Mapped[str]
    created_at: Mapped[Instant]
    last_seen_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    stepped_up_at: Mapped[Instant | None]
    revoked_at: Mapped[Instant | None]


class Throttle(db.Model):
    """Tries at one door (an account, an address, a device), kept here only while Redis is away.

    `key` is a keyed hash: the table names nobody.
    """

    __tablename__ = "login_throttles"
    __table_args__ = (
        CheckConstraint("tries > 0", name="tries_positive"),
        Index("ix_login_throttles_last_at", "last_at"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    tries: Mapped[int]
    blocked_until_at: Mapped[Instant]
    last_at: Mapped[Instant]


class MailedCode(db.Model):
    """A one-time code sent by mail to somebody who forgot the password; one living code a person."""

    __tablename__ = "mailed_codes"
    __table_args__ = (
        CheckConstraint("expires_at > created_at", name="instants_in_order"),
        Index("uq_mailed_codes_unused", "person_id", unique=True, postgresql_where=text("used_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class RecoveryCode(db.Model):
    """One of the codes a person keeps on paper: the second factor that a mailed code needs beside it."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        UniqueConstraint("code_hash"),
        Index("ix_recovery_codes_person_id", "person_id", postgresql_where=text("used_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    person_id: Mapped[UUID] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
