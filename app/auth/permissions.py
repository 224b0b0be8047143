"""Roles, and the registry in which each feature says which role may do what.

Names are `subject:verb`. Deny by default: a permission that no feature registered belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    OFFICER = "officer"  # 담당자: drafts and runs a tender
    APPROVER = "approver"  # 승인자: second person of the agency
    EVALUATOR = "evaluator"
    KEYHOLDER = "keyholder"
    SUPPLIER_ADMIN = "supplier-admin"
    SUPPLIER_BIDDER = "supplier-bidder"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    REGISTRAR = "registrar"  # of the operator: decides on registrations


class OrganisationKind(StrEnum):
    AGENCY = "agency"
    SUPPLIER = "supplier"
    AUDIT = "audit"
    OPERATOR = "operator"


# Which roles exist in which kind of organisation; the database refuses a person any other.
ROLES_OF: Mapping[OrganisationKind, frozenset[Role]] = {
    OrganisationKind.AGENCY: frozenset({Role.OFFICER, Role.APPROVER, Role.EVALUATOR, Role.KEYHOLDER}),
    OrganisationKind.SUPPLIER: frozenset({Role.SUPPLIER_ADMIN, Role.SUPPLIER_BIDDER}),
    OrganisationKind.AUDIT: frozenset({Role.AUDITOR, Role.KEYHOLDER}),
    OrganisationKind.OPERATOR: frozenset({Role.OPERATOR, Role.REGISTRAR}),
}

_granted: dict[str, frozenset[Role]] = {}


def register_permissions(grants: Mapping[str, Iterable[Role]]) -> None:
    """Say who holds each permission. Saying it twice with another answer is an error."""
    for permission, roles in grants.items():
        held = frozenset(roles)
        if _granted.setdefault(permission, held) != held:
            raise ValueError(f"{permission} was granted to {sorted(_granted[permission])} before")


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    return _permissions_of(frozenset(roles), len(_granted))


@lru_cache(maxsize=256)
def _permissions_of(roles: frozenset[str], _known: int) -> frozenset[str]:
    """`_known`: how many permissions there are, since what is registered later may belong to these roles too."""
    mine = {Role(role) for role in roles}
    return frozenset(permission for permission, held in _granted.items() if held & mine)


def all_permissions() -> Mapping[str, frozenset[Role]]:
    return dict(_granted)
