"""Roles and kinds of organisation in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from app.auth.permissions import OrganisationKind, Role

_ROLES: Mapping[str, Any] = {
    Role.OFFICER: _l("Contracting officer"),
    Role.APPROVER: _l("Approver"),
    Role.EVALUATOR: _l("Evaluator"),
    Role.KEYHOLDER: _l("Keyholder"),
    Role.SUPPLIER_ADMIN: _l("Supplier administrator"),
    Role.SUPPLIER_BIDDER: _l("Bidder of a supplier"),
    Role.AUDITOR: _l("Auditor"),
    Role.OPERATOR: _l("Operator"),
    Role.REGISTRAR: _l("Registrar"),
}
_KINDS: Mapping[str, Any] = {
    OrganisationKind.AGENCY: _l("Buying agency"),
    OrganisationKind.SUPPLIER: _l("Supplier"),
    OrganisationKind.AUDIT: _l("Audit body"),
    OrganisationKind.OPERATOR: _l("Operator of the system"),
}


def role_names() -> Mapping[str, Any]:
    return _ROLES


def kind_names() -> Mapping[str, Any]:
    return _KINDS
