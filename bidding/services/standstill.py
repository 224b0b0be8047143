"""What keeps a contract from being signed: the standstill that the notice fixed, and complaints made in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.db import db
from bidding.models import Complaint, Tender
from bidding.rules.complaints import standstill_end


@dataclass(frozen=True, slots=True)
class Block:
    """`until_at` is None where only complaints stand in the way; `complaints` how many do."""

    until_at: datetime | None
    complaints: int


def begin(tender: Tender, now: datetime) -> None:
    """The award is confirmed: from now the standstill runs, where the notice has one."""
    if tender.standstill_days:
        tender.standstill_until_at = standstill_end(now, tender.standstill_days)


def begin_again(tender: Tender) -> None:
    """The award is undone: the next one has a standstill of its own."""
    tender.standstill_until_at = None


def runs(tender: Tender, now: datetime) -> bool:
    """Whether a complaint made now blocks the signing: before the award, or while the standstill runs."""
    until_at = tender.standstill_until_at
    return tender.standstill_days > 0 and (until_at is None or now < until_at)


def block_of(tender: Tender, now: datetime) -> Block | None:
    """Why the contract of this tender is not signed at `now`; None where nothing stands in the way."""
    until_at = tender.standstill_until_at
    blocking = select(func.count()).where(Complaint.tender_id == tender.id, Complaint.blocks_signing)
    complaints = db.session.scalar(blocking) or 0
    if until_at is not None and now < until_at:
        return Block(until_at, complaints)
    return Block(None, complaints) if complaints else None
