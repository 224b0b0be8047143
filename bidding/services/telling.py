"""Telling those whom an outage's postponement concerns: the agency, and whoever has bid."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.db import db
from app.notifications import notify, notify_all
from bidding.models import Bid, Postponement


def tell_postponed(outage_id: UUID, tender_id: UUID, now: datetime) -> None:
    """One tender's people, once. The number of its bidders leaves through no list: each gets their own message."""
    moved = db.session.get_one(Postponement, (outage_id, tender_id), with_for_update=True)
    if moved.told_at is not None:
        return
    moved.told_at = now
    tender = moved.tender
    about = {"href": f"/tenders/{tender.reference}", "title": tender.title}
    notify(tender.agency_id, "tender.postponed", now, **about)
    bidders = db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender_id)).all()
    notify_all(bidders, "tender.postponed", now, **about)
