"""What follows once the bids of a tender are public: its bundle, its record, its documents, and word of it.

At once after the opening; where an auction follows, after its end, since all of it names the bidders.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.auth import system
from app.db import db
from app.jobs import enqueue
from app.notifications import notify, notify_all
from bidding.models import Bid, Tender
from bidding.services import joint_bids
from bidding.states import TenderState

OPENER = system("tender:open")


def publish(tender: Tender, at: datetime) -> None:
    """Say who has bid together; promise the bundle, the opening record, and the opening of the documents."""
    joint_bids.disclose(tender, OPENER, at)
    if tender.asked_documents and tender.docs_opened_at is None and tender.state == TenderState.OPENED:
        enqueue("bidding.open_documents", str(tender.id), due_at=at, tender_id=str(tender.id))
    enqueue("bidding.publish_bundle", f"{tender.id}:opening", due_at=at, tender_id=str(tender.id), stage="opening")
    enqueue("bidding.issue_opening_record", str(tender.id), due_at=at, tender_id=str(tender.id))


def tell(tender: Tender, at: datetime) -> None:
    notify(tender.agency_id, "tender.opened", at, href=f"/tenders/{tender.reference}/award", title=tender.title)
    notify_all(bidders_of(tender), "tender.opened", at, href=f"/tenders/{tender.reference}/result", title=tender.title)


def bidders_of(tender: Tender) -> Sequence[UUID]:
    return db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id)).all()
