"""The figures of the law that one tender goes by: those of the rule data it pinned, on the day of its notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from app.time import kst_date
from bidding.calendar import Limits, limits_from
from bidding.models import Tender
from bidding.rules.bonds import bond_until
from bidding.rules.data import Ground, find_grounds, find_known_figure
from bidding.rules.joint import agreed_until
from bidding.rules.periods import Period, periods_from
from bidding.services import rulebook


def day_of(tender: Tender, now: datetime) -> date:
    """The day of the notice; today for a draft."""
    return kst_date(tender.published_at or now)


def limits_of(tender: Tender, now: datetime) -> Limits:
    """What the law says of moving its instants."""
    return limits_from(rulebook.book_for(tender), tender.regime, day_of(tender, now))


def review_periods_of(tender: Tender, now: datetime) -> Mapping[str, Period]:
    """How long people have in a review after its opening."""
    return periods_from(rulebook.book_for(tender), tender.regime, day_of(tender, now))


def grounds_of(tender: Tender, now: datetime) -> Mapping[str, Ground]:
    """Why a bid of it goes out, by code, each with its article."""
    return find_grounds(tender.regime, day_of(tender, now), book=rulebook.book_for(tender))


def bond_end(tender: Tender) -> datetime:
    """Before this instant its bid bonds come."""
    assert tender.closes_at is not None  # published, by CHECK
    return bond_until(tender.closes_at, _eve_days(tender, "electronic-bond-eve-days", tender.closes_at))


def agreement_end(tender: Tender) -> datetime:
    """Before this instant its joint agreements are concluded."""
    assert tender.closes_at is not None  # published, by CHECK
    eve_days = _eve_days(tender, "joint-agreement-eve-days", tender.closes_at)
    return agreed_until(tender.closes_at, eve_days, is_practice=tender.is_practice)


def _eve_days(tender: Tender, item: str, now: datetime) -> int:
    return find_known_figure(tender.regime, item, day_of(tender, now), book=rulebook.book_for(tender)).value
