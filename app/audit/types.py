"""What may be written to the log: a closed list of families, and a form for the names within each."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l

# The families of the protocol, section 4.1, and those that its "every state change" takes in.
FAMILIES: dict[str, Any] = {
    "tender": _l("Tender"),
    "bid": _l("Bid"),
    "consortium": _l("Consortium"),
    "box": _l("Sealed box"),
    "keyholder": _l("Keyholder"),
    "opening": _l("Opening"),
    "draw": _l("Draw"),
    "evaluation": _l("Evaluation"),
    "auction": _l("Reverse auction"),
    "review": _l("Review of a bid"),
    "technical": _l("Technical evaluation"),
    "award": _l("Award"),
    "bond": _l("Bond"),
    "contract": _l("Contract"),
    "complaint": _l("Complaint"),
    "supplier": _l("Supplier"),
    "organisation": _l("Organisation"),
    "person": _l("Person"),
    "officer": _l("Officer"),
    "role": _l("Role"),
    "auth": _l("Signing in"),
    "access": _l("Access to non-public data"),
    "document": _l("Document"),
    "export": _l("Export"),
    "config": _l("Settings"),
    "client": _l("Browser program"),
    "server": _l("Server program"),
    "log": _l("Log"),
    "clock": _l("Clock"),
    "outage": _l("Outage"),
    "rules": _l("Rule data"),
    "reveal": _l("Reveal"),
}
_NAMED = "|".join(family for family in FAMILIES if family != "reveal")
PATTERN = rf"^(reveal|({_NAMED})\.[a-z]+(_[a-z]+)*)$"
_TYPE = re.compile(PATTERN)


def check(name: str) -> None:
    """ValueError unless `name` is one of ours: `tender.published`, `reveal`."""
    if not _TYPE.fullmatch(name):
        raise ValueError(f"{name!r} is not a type of event: see app.audit.types")


def family_of(name: str) -> str:
    return name.partition(".")[0]
