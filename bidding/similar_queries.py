"""Public awards that are similar to one: the same kind and method, of the two years before, of a like amount."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from app.auth.models import Organisation
from app.db import db
from app.i18n import language
from bidding.comparison import Past, band, months_before
from bidding.models import Award, Opening, Tender
from bidding.rounding import bid_rate
from bidding.states import TenderState

MOST = 300


def similar_awards(tender: Tender) -> list[Past]:
    """The newest first, at most MOST. Practice is compared with practice. One query, by `ix_tenders_awarded`."""
    if tender.opened_at is None or not tender.base_amount_won:
        return []
    return [_past(row) for row in db.session.execute(similar_query(tender)).all()]


def similar_query(tender: Tender) -> Select[*tuple[Any, ...]]:
    assert tender.opened_at is not None
    least, most = band(tender.base_amount_won or 0)
    return (
        select(
            Tender.reference,
            Tender.title,
            Organisation.name_ko,
            Organisation.name_en,
            Tender.awarded_at,
            Tender.base_amount_won,
            Tender.bid_count,
            Award.amount_won,
            Award.quantity,
            Opening.estimated_price_won,
        )
        .select_from(Tender)
        .join(Award, (Award.tender_id == Tender.id) & (Award.place == 1))
        .join(Opening, Opening.tender_id == Tender.id)
        .join(Organisation, Organisation.id == Tender.agency_id)
        .where(
            Tender.kind == tender.kind,
            Tender.method == tender.method,
            Tender.is_practice.is_(tender.is_practice),
            Tender.awarded_at >= months_before(tender.opened_at),
            Tender.awarded_at < tender.opened_at,
            Tender.state.in_((TenderState.AWARDED, TenderState.CONTRACTED)),
            Tender.base_amount_won.between(least, most),
            Tender.id != tender.id,
        )
        .order_by(Tender.awarded_at.desc(), Tender.id)
        .limit(MOST)
    )


def own_rate(tender: Tender, opening: Opening, amount_won: int | None) -> int | None:
    """Of the award, or of the first in line before there is one; None where amounts are for one piece."""
    if amount_won is None or not opening.estimated_price_won or tender.method == "desired-quantity":
        return None
    return bid_rate(amount_won, opening.estimated_price_won)


def _past(row: Any) -> Past:
    reference, title, name_ko, name_en, awarded_at, base, count, amount, quantity, estimated = row
    rate = bid_rate(amount, estimated) if estimated and quantity is None else None
    agency = name_en if language() == "en" else name_ko
    return Past(reference, title, agency, awarded_at, base, amount, rate, count or 0)
