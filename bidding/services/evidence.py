"""Log entries with their proofs, as keyholders and bundles want them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from app.audit.evidence import LogEntry, consistency_proof, inclusion_proofs
from bidding.bundle import LoggedEvent

Json = dict[str, Any]


def logged(entries: Sequence[LogEntry], size: int) -> list[LoggedEvent]:
    """Entries with inclusion proofs against the tree of `size` entries."""
    proofs = inclusion_proofs([entry.index for entry in entries], size)
    return [LoggedEvent(entry.index, entry.event, entry.salt, tuple(proofs[entry.index])) for entry in entries]


def spoken(event: LoggedEvent) -> Json:
    """An open entry as a request to a keyholder carries it."""
    return {"index": event.index, "event": event.event, "proof": [_base64(step) for step in event.proof]}


def consistency(old: int, new: int) -> list[str]:
    """The proof that the tree of `new` entries extends that of `old`; empty where nothing was seen before."""
    return [] if old in (0, new) else [_base64(step) for step in consistency_proof(old, new)]


def _base64(step: bytes) -> str:
    return base64.b64encode(step).decode()
