"""People, organisations, roles, sessions. The front door: import from here, not from its rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auth.actor import ANONYMOUS, Actor, system
from app.auth.guard import current_actor, public, requires, signed_in
from app.auth.permissions import ROLES_OF, OrganisationKind, Role, all_permissions, permissions_of, register_permissions

if TYPE_CHECKING:
    from flask import Flask

__all__ = [
    "ANONYMOUS",
    "ROLES_OF",
    "Actor",
    "OrganisationKind",
    "Role",
    "all_permissions",
    "current_actor",
    "init_app",
    "permissions_of",
    "public",
    "register_permissions",
    "requires",
    "signed_in",
    "system",
]


def init_app(app: Flask) -> None:
    from app.auth import loading, models, passwords

    register_permissions(
        {
            "organisation:administer": {Role.OPERATOR},
            "people:administer": {Role.OPERATOR},
            "own-people:administer": {Role.SUPPLIER_ADMIN},
        }
    )
    assert models.Session.__table__ is not None
    passwords.init_app(app)
    loading.init_app(app)
