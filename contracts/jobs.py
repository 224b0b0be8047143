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
from contracts.services.drafting import draft_contracts, lapse_contract
from contracts.states import ContractState


def draft(tender_id: str) -> None:
    """Draft the contracts of an awarded tender, one a winner. Run again it changes nothing."""
    with transaction():
        draft_contracts(UUID(tender_id), time.now())


def lapse(tender_id: str, bid_id: str) -> None:
    """An award was undone: its contract is not concluded any more."""
    with transaction():
        lapse_contract(UUID(tender_id), UUID(bid_id), time.now())


def missing_drafts(now: datetime) -> Iterator[Promise]:
    """A promise for every award that has no contract."""
    awarded = awards_without_contract()
    bids = [bid_id for _, bid_id in awarded]
    live = Contract.bid_id.in_(bids), Contract.state != ContractState.LAPSED
    drafted = set(db.session.scalars(select(Contract.bid_id).where(*live)))
    for tender_id, bid_id in awarded:
        if bid_id not in drafted:
            yield Promise("contracts.draft", f"{tender_id}:{bid_id}", now, {"tender_id": str(tender_id)})


def init_jobs() -> None:
    register_job("contracts.draft", draft)
    register_job("contracts.lapse", lapse)
    register_sweep("contracts.drafts", missing_drafts)
