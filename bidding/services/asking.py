"""Which documents a bid has to bring: part of the draft, frozen with the notice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from app.auth import Actor
from app.errors import InvalidInput, NotFound
from bidding.models import Tender
from bidding.services.access import lock_own_tender
from bidding.services.drafting import save_draft

MEGABYTE = 1_000_000
MAX_ASKED = 30


def ask_document(tender_id: UUID, asked: dict[str, Any], actor: Actor) -> Tender:
    """Ask for one more document: `name`, `hint`, `required`, `max_mb`. Raises InvalidInput for a name that is there
    already, too many, or a re-notice (which keeps its terms), and as `save_draft`."""
    standing = lock_own_tender(tender_id, actor).asked_documents
    if len(standing) >= MAX_ASKED:
        raise InvalidInput("too many documents", field="name", fault="many")
    if any(one["name"].casefold() == asked["name"].casefold() for one in standing):
        raise InvalidInput("asked for already", field="name", fault="twice")
    added = {
        "name": asked["name"],
        "hint": asked["hint"],
        "required": asked["required"],
        "max_bytes": asked["max_mb"] * MEGABYTE,
    }
    return save_draft(tender_id, {"asked_documents": [*standing, added]}, actor)


def drop_document(tender_id: UUID, place: int, actor: Actor) -> Tender:
    """Ask for the document at `place` (1, 2, …) no more."""
    standing = lock_own_tender(tender_id, actor).asked_documents
    if not 1 <= place <= len(standing):
        raise NotFound("no such document")
    return save_draft(tender_id, {"asked_documents": standing[: place - 1] + standing[place:]}, actor)
