"""How long people have in a review after the opening: 조달청 적격심사세부기준 제4조 (지침 제9269호).

Days are counted in Korean time from the day after the act; the last one ends at midnight, and a last day that is no
working day is followed by the next one (민법 제157조, 제161조).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from types import MappingProxyType

from app.time import KST, kst_date
from bidding.calendar import next_working_day

BASIS = "조달청 시설공사 적격심사세부기준 제4조"


@dataclass(frozen=True, slots=True)
class Period:
    days: int
    legal_basis: str


PERIODS: MappingProxyType[str, Period] = MappingProxyType(
    {
        "documents": Period(7, BASIS),
        "finances": Period(10, BASIS),  # 경영상태
        "supplement": Period(3, BASIS),  # once, and no longer
        "objection": Period(3, BASIS),  # to the result
    }
)


def ends_at(begins: datetime, period: Period) -> datetime:
    """The instant (UTC) at which a period that begins with an act of `begins` is over."""
    last = kst_date(begins) + timedelta(days=period.days)
    last = last if next_working_day(last - timedelta(days=1)) == last else next_working_day(last)
    return datetime.combine(last + timedelta(days=1), time(), KST).astimezone(begins.tzinfo)
