"""Bids that a fact of the registry keeps out of the ranking at the opening. Their picks still count in the draw."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

import suppliers.front
from app.db import db
from app.time import kst_date
from bidding.models import Bid, Tender
from bidding.types import Exclusion, OpenedBid, Reason

SANCTION_BASIS = "국가를 당사자로 하는 계약에 관한 법률 제27조"


def exclusions_of(tender: Tender, opened: Sequence[OpenedBid]) -> list[Exclusion]:
    """Bidders under sanction on the day of the opening, in the order of the list."""
    assert tender.opens_at is not None
    on = kst_date(tender.opens_at)
    rows = db.session.execute(select(Bid.stmt, Bid.organisation_id).where(Bid.tender_id == tender.id)).all()
    barred = suppliers.front.sanctioned_among([organisation_id for _, organisation_id in rows], on)
    by_stmt = dict(rows)
    return [Exclusion(bid.stmt, Reason.SANCTIONED, SANCTION_BASIS) for bid in opened if by_stmt[bid.stmt] in barred]
