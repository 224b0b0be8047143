"""Who acts, as plain data, so that services and jobs need no request."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """`permissions` is all that services look at; `organisation_id` decides what is one's own.

    `handle` stands for the actor in the public log: an opaque id for a person, a name for a part of the system.
    """

    handle: str
    name: str = ""
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    organisation_kind: str | None = None
    roles: frozenset[str] = field(default_factory=frozenset)
    permissions: frozenset[str] = field(default_factory=frozenset)
    session_id: UUID | None = None
    is_stepped_up: bool = False

    @property
    def is_signed_in(self) -> bool:
        return self.person_id is not None

    def may(self, permission: str) -> bool:
        return permission in self.permissions


ANONYMOUS = Actor("anonymous")


def system(*permissions: str) -> Actor:
    """The system itself, acting by the clock with just the permissions that the job needs."""
    return Actor("system", name="system", permissions=frozenset(permissions))
