"""How long people have in a review after the opening, by the rule data (조달청 적격심사세부기준 제4조).

Days are counted in Korean time from the day after the act; the last one ends at midnight, and a last day that is no
working day is followed by the next one (민법 제157조, 제161조).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from app.time import KST, kst_date
from bidding.calendar import next_working_day
from bidding.rules.data import Book, find_or_national


@dataclass(frozen=True, slots=True)
class Period:
    days: int
    legal_basis: str


ITEMS: MappingProxyType[str, str] = MappingProxyType(
    {
        "documents": "review-document-days",
        "finances": "review-finance-document-days",  # 경영상태
        "supplement": "review-supplement-days",  # once, and no longer
        "objection": "review-objection-days",  # to the result
    }
)


def periods_from(book: Book | None, regime: str, on: date) -> Mapping[str, Period]:
    """The periods of the rule data on that day. Where those of local governments are not known, the State's are taken:
    the guideline is that of the agency which buys for both."""
    found = {name: find_or_national(regime, item, on, book=book) for name, item in ITEMS.items()}
    return MappingProxyType({name: Period(one.value, one.legal_basis) for name, one in found.items()})


def ends_at(begins: datetime, period: Period) -> datetime:
    """The instant (UTC) at which a period that begins with an act of `begins` is over."""
    last = kst_date(begins) + timedelta(days=period.days)
    last = last if next_working_day(last - timedelta(days=1)) == last else next_working_day(last)
    return datetime.combine(last + timedelta(days=1), time(), KST).astimezone(begins.tzinfo)
