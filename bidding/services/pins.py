"""The keys that this site publishes, in the spelling of a verifier's policy file (docs/protocol.md, section 12)."""

from __future__ import annotations

from app import keys
from app.audit import policies


def published_policy() -> str:
    """The log's policy in force, and the keys of the agency and of receipts. A reader should have others to compare."""
    own = "".join(f"{name} {keys.vkey_of(name)}\n" for name in ("agency", "receipt"))
    return policies.in_force().text.rstrip("\n") + "\n" + own
