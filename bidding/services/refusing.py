"""A refusal is signed, logged and kept like a receipt: the bidder holds proof that it was refused, when and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from app import audit, keys
from app.auth import Actor
from app.db import db
from app.errors import (
    AuctionRefused,
    BadEnvelope,
    BadSignature,
    DeadlinePassed,
    DocumentsMissing,
    DomainError,
    NotEligible,
    NotOpenForBids,
)
from app.time import wire
from app.tlog import note
from bidding.models import Refusal, Tender

# What is refused by name (protocol 3.3); anything else is no answer to a bid (a page that has lost its sign-in, say).
REASONS: Mapping[type[DomainError], str] = {
    DeadlinePassed: "late",
    NotOpenForBids: "closed",
    BadEnvelope: "schema",
    BadSignature: "signature",
    NotEligible: "eligibility",
    DocumentsMissing: "documents",
    AuctionRefused: "auction",
}
REFUSALS = tuple(REASONS)
SHOWN = ("part", "fault", "reason", "state")  # of a refusal's facts, what its page says


def refuse(reference: str, stmt: str | None, refusal: DomainError, actor: Actor, now: datetime) -> str:
    """Sign, log and keep the refusal of a statement; `stmt` None where what came has no hash. Returns the note.

    Its instant is the one that decided, where there is one (the database's clock), else `now`.
    """
    at = refusal.facts.get("arrived_at") or now
    reason = REASONS[type(refusal)]
    refused = {"v": 1, "type": "refusal", "tender": reference, "stmt": stmt, "at": wire(at), "reason": reason}
    signed = note.sign_object("refusal", refused, keys.name_of("receipt"), keys.load("receipt"))
    audit.emit("bid.refused", actor, at, subject=f"stmt:{stmt}", tender=reference, is_open=False, reason=reason)
    tender_id = db.session.scalar(select(Tender.id).where(Tender.reference == reference))
    if tender_id is not None and actor.organisation_id is not None and actor.person_id is not None:
        kept = Refusal(
            tender_id=tender_id,
            organisation_id=actor.organisation_id,
            person_id=actor.person_id,
            stmt=stmt,
            reason=reason,
            facts={name: str(refusal.facts[name]) for name in SHOWN if refusal.facts.get(name) is not None},
            refused_at=at,
            deadline_at=refusal.facts.get("deadline_at"),
            note=signed,
        )
        db.session.add(kept)
    return signed
