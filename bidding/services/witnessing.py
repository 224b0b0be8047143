"""Whether a tender's closing is known outside the operator's machines: its opening waits for that (protocol 3.8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, select

from app.audit.evidence import is_witnessed
from app.audit.models import Event, Leaf
from app.db import db
from bidding.models import Tender
from bidding.states import TenderState

PATIENCE = timedelta(minutes=10)  # after which a missing quorum is a state of its own, for people to deal with
AROUND_CLOSING = timedelta(minutes=10)
_FORWARD = (TenderState.PUBLISHED, TenderState.CLOSING, TenderState.CLOSED)


class Standing(StrEnum):
    """What the witnesses have seen of a tender's closing. With no witnesses in the policy it is WITNESSED at once."""

    WITNESSED = "witnessed"
    WAITING = "waiting"
    UNWITNESSED = "unwitnessed"  # for PATIENCE: only a quorum or two officers (`opening.override`) lead on


def standing(tender: Tender, now: datetime, kinds: Sequence[str] = ("tender.closed",)) -> Standing:
    """Whether the newest entry of each of `kinds` about the tender is under a checkpoint that meets the policy.

    The opening asks for `tender.closed`, the release for `opening.group` too. The entries must have been written.
    """
    rows = db.session.execute(
        select(Event.type, Event.at, Leaf.idx)
        .outerjoin(Leaf, Leaf.event_id == Event.id)
        .where(Event.tender == str(tender.reference), Event.type.in_(kinds), Event.is_open)
        .order_by(Event.at, Event.id)
    ).all()
    newest = {kind: (at, index) for kind, at, index in rows}
    if set(newest) != set(kinds):
        raise LookupError(f"{tender.reference} has no {', '.join(sorted(set(kinds) - set(newest)))} in the log")
    if all(index is not None and is_witnessed(index) for _, index in newest.values()):
        return Standing.WITNESSED
    waiting_since = min(at for at, index in newest.values() if index is None or not is_witnessed(index))
    return Standing.UNWITNESSED if now - waiting_since >= PATIENCE else Standing.WAITING


def of_opening(tender: Tender, now: datetime) -> Standing | None:
    """How what the opening waits for stands; None for a tender that waits for no opening."""
    if tender.state == TenderState.CLOSED:
        return standing(tender, now)
    if tender.state == TenderState.OPENING:
        return standing(tender, now, ("tender.closed", "opening.group"))
    return None


def is_closing_near(now: datetime) -> bool:
    """Whether some tender closes, or has closed, within ten minutes of `now`."""
    near = Tender.closes_at.between(now - AROUND_CLOSING, now + AROUND_CLOSING)
    return db.session.scalar(select(exists().where(near, Tender.state.in_(_FORWARD)))) or False
