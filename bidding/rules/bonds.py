"""입찰보증금: how much has to stand behind a bid, and by when (국가계약법 시행령 제37조, 전자조달법 시행령 제8조)."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from app.time import KST, kst_date
from bidding.types import WHOLE

KINDS = ("cash", "guarantee", "undertaking")


def bond_of(amount_won: int, rate: int) -> int:
    """The least bond of a bid in whole won, `rate` in thousandths of a percent: a won begun is a won."""
    return -(-amount_won * rate // WHOLE)


def bond_until(closes_at: datetime, eve_days: int) -> datetime:
    """Before this instant: the last day is the one that lies `eve_days` before the deadline."""
    last_on = kst_date(closes_at) - timedelta(days=eve_days)
    return datetime.combine(last_on + timedelta(days=1), time(), KST).astimezone(closes_at.tzinfo)


def is_enough(kind: str, covers_won: int | None, amount_won: int, rate: int) -> bool:
    """Whether a bond stands behind a bid of that amount. An undertaking (지급확약) names no amount: it covers any."""
    return kind == "undertaking" or (covers_won or 0) >= bond_of(amount_won, rate)
