"""What of the log is still needed: the sealed entries of a tender that is not over prove its bids."""

from __future__ import annotations

from sqlalchemy import select

from app.audit import Event
from app.db import db
from bidding.models import Tender
from bidding.states import TenderState

OVER = frozenset({TenderState.CONTRACTED, TenderState.FAILED, TenderState.CANCELLED})


def keeps(event: Event) -> str | None:
    """Why this event may not be erased yet."""
    if event.tender is None:
        return None
    state = db.session.scalar(select(Tender.state).where(Tender.reference == event.tender))
    return f"{event.tender} is not over" if state is not None and state not in OVER else None
