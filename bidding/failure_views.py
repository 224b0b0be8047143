"""A failed tender as its pages show it: the explanation, the roads out, the family of notices it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import url_for

from app.time import kst_date
from bidding import failure_words, labels, queries
from bidding.calendar import limits_from
from bidding.models import Tender
from bidding.rules.data import find_notice_period
from bidding.rules.failure import Failure, explain_evaluation, explain_exhausted, explain_sealed
from bidding.rules.roads import Road, open_roads
from bidding.services import rulebook, standings
from bidding.services.direct import case_of
from bidding.states import TenderState
from bidding.types import Outcome


def failure_of(tender: Tender) -> Failure | None:
    """Which rule failed on which figures; None for a tender that has not failed."""
    if tender.state != TenderState.FAILED:
        return None
    opening = queries.find_opening(tender.id)
    if opening is not None and opening.evaluation["outcome"] != Outcome.RANKED:
        return explain_evaluation(opening.evaluation)
    if opening is not None:
        standing = standings.line_up(tender)
        return explain_exhausted(standing.to_json(), tender.regime) if standing is not None else None
    return explain_sealed(
        tender.failure or "no-bids",
        tender.regime,
        received=tender.bid_count or 0,
        cancelled=queries.cancelled_bids(tender.id),
        needed=tender.minimum_bids,
    )


def roads_of(tender: Tender, now: datetime) -> tuple[Road, ...]:
    """The roads out of a failed tender, with the earliest days were they taken at `now`."""
    assert tender.estimated_value_won is not None  # published, by the findings
    book = rulebook.current()
    period = find_notice_period(
        tender.regime,
        tender.kind,
        tender.method,
        tender.estimated_value_won,
        kst_date(now),
        is_renotice=True,
        book=book,
    )
    return open_roads(case_of(tender), period, limits_from(book, tender.regime, kst_date(now)), now)


def family_of(tender: Tender) -> list[Mapping[str, Any]]:
    """The first notice and everything that came of it, as a timeline; empty where there is this one alone."""
    chain = queries.family(tender)
    if len(chain) < 2:
        return []
    return [
        {
            "at": one.published_at,
            "title": failure_words.place_text(one),
            "text": f"{one.display_number} · {labels.STATE[one.state]}"
            + (f" – {labels.FAILURE[one.failure]}" if one.failure and one.failure in labels.FAILURE else ""),
            "href": None if one.id == tender.id else url_for("bidding.tender_page", reference=one.reference),
        }
        for one in chain
    ]
