"""The job that bidding leaves when an award is confirmed, and the sweep that finds it again from the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import time
from app.db import db, transaction
from app.jobs import Promise, register_job, register_sweep
from bidding.front import awards_without_contract
from contracts.models import Contract
from contracts.services.drafting import draft_contract


def draft(tender_id: str) -> None:
    """Draft the contract of an awarded tender. Run again it changes nothing."""
    with transaction():
        draft_contract(UUID(tender_id), time.now())


def missing_drafts(now: datetime) -> Iterator[Promise]:
    """A promise for every awarded tender that has no contract."""
    awarded = list(awards_without_contract())
    drafted = set(db.session.scalars(select(Contract.tender_id).where(Contract.tender_id.in_(awarded))))
    for tender_id in awarded:
        if tender_id not in drafted:
            yield Promise("contracts.draft", str(tender_id), now, {"tender_id": str(tender_id)})


def init_jobs() -> None:
    register_job("contracts.draft", draft)
    register_sweep("contracts.drafts", missing_drafts)
