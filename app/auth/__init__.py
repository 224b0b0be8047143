"""People, organisations, roles, sessions. The front door: import from here, not from its rooms."""

from app.auth.actor import ANONYMOUS, Actor, system
from app.auth.guard import current_actor, public, requires, signed_in
from app.auth.permissions import ROLES_OF, OrganisationKind, Role, all_permissions, permissions_of, register_permissions

__all__ = [
    "ANONYMOUS",
    "ROLES_OF",
    "Actor",
    "OrganisationKind",
    "Role",
    "all_permissions",
    "current_actor",
    "permissions_of",
    "public",
    "register_permissions",
    "requires",
    "signed_in",
    "system",
]
