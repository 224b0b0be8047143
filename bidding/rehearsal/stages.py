"""A tender from its draft to its award, step by step, each step by whoever does it in life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.db import db
from bidding.keyholder.panel import Panel
from bidding.models import Opening, Tender
from bidding.rehearsal.cast import Agency
from bidding.services import awarding, drafting
from bidding.services.publishing import publish, submit_for_review
from bidding.states import TenderState


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be bought. `more` are further fields of the draft."""

    title: str
    base_amount_won: int
    kind: str = "services"
    method: str = "quote"
    floor_rate: int | None = 88_000
    is_practice: bool = True
    more: dict[str, Any] = field(default_factory=dict)


def draft(
    agency: Agency, plan: Plan, now: datetime, *, closes_at: datetime, opens_at: datetime | None = None
) -> Tender:
    """A complete draft. The opening is five seconds after the deadline unless said otherwise (practice)."""
    tender = drafting.start_draft(agency.officer, now, title=plan.title, kind=plan.kind, is_practice=plan.is_practice)
    values = {
        "method": plan.method,
        "floor_rate": plan.floor_rate,
        "base_amount_won": plan.base_amount_won,
        "estimated_value_won": plan.base_amount_won * 10 // 11,
        "bids_from_at": now - timedelta(seconds=1),
        "closes_at": closes_at,
        "opens_at": opens_at or closes_at + timedelta(seconds=5),
    }
    return drafting.save_draft(tender.id, values | plan.more, agency.officer)


def announce(agency: Agency, tender: Tender, panel: Panel, now: datetime, prices: Sequence[int] = ()) -> Tender:
    """Submitted by the officer, published by the approver."""
    submit_for_review(tender.id, agency.officer, now, panel=panel, prices=prices)
    return publish(tender.id, str(tender.box_id), agency.approver, now)


def award(agency: Agency, tender_id: UUID, now: datetime) -> bool:
    """Confirmed by both persons; False where there is nothing to award (failed)."""
    tender, opening = db.session.get_one(Tender, tender_id), db.session.get(Opening, tender_id)
    if tender.state != TenderState.OPENED or opening is None:
        return False
    awarding.propose_award(tender_id, opening.evaluation_digest, agency.officer, now)
    awarding.confirm_award(tender_id, opening.evaluation_digest, agency.approver, now)
    return True
