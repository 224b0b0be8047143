"""Rule data: rates, periods and limits with the date from which they hold and their legal basis.

The TOML files beside this module are the data; `version()` names them, and a notice pins the version it was published
under. What a notice itself says always wins over these.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

FILES = ("floor_rates.toml", "holder_policies.toml", "notice_periods.toml", "price_ranges.toml", "quote_limits.toml")


@dataclass(frozen=True, slots=True)
class FloorRate:
    """A proposed floor in thousandths of a percent. `is_verified`: read in the published text itself."""

    rate: int
    category: str
    legal_basis: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class NoticePeriod:
    """How many days a notice must stand; `is_working`: only working days count."""

    code: str
    days: int
    is_working: bool
    legal_basis: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Where reserve prices lie; `kind` as in DrawRule."""

    kind: str
    lo: int
    hi: int
    above: int
    below: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class QuoteLimit:
    max_won: int
    legal_basis: str


@dataclass(frozen=True, slots=True)
class HolderProposal:
    """Who is proposed to hold the keys from `from_won` on. `is_own`: the figure is ours, not the law's."""

    policy: str
    from_won: int
    is_own: bool
    legal_basis: str
    is_verified: bool


@cache
def version() -> str:
    """The rule version that a notice pins: the day the data were last revised, and the hash of all of them."""
    raw = [files(__name__).joinpath(name).read_bytes() for name in FILES]
    revised = max(tomllib.loads(data.decode())["as_of"] for data in raw)
    return f"{revised.isoformat()}-{hashlib.sha256(b''.join(raw)).hexdigest()[:12]}"


def find_floor(
    regime: str, kind: str, method: str, estimated_value_won: int, on: date, category: str = ""
) -> FloorRate | None:
    """The floor that the data propose for a tender of that 추정가격 published on that day, or None."""
    for row in _rows("floor_rates.toml", "floor"):
        wanted = (row["regime"], row["kind"], row["method"], row.get("category", ""))
        if wanted == (regime, kind, method, category) and _fits(row, estimated_value_won, on):
            return FloorRate(row["rate"], category, row["legal_basis"], not row.get("unverified", False))
    return None


def floor_categories(regime: str, kind: str) -> tuple[str, ...]:
    """The categories that have floors of their own, besides the general one (`""`)."""
    rows = _rows("floor_rates.toml", "floor")
    names = (row.get("category", "") for row in rows if (row["regime"], row["kind"]) == (regime, kind))
    return tuple(dict.fromkeys(name for name in names if name))


def find_notice_period(
    regime: str,
    kind: str,
    method: str,
    estimated_value_won: int,
    on: date,
    *,
    is_urgent: bool = False,
    is_renotice: bool = False,
) -> NoticePeriod:
    """How long the notice must stand. ValueError if the data know no period for that regime and day."""
    for row in _rows("notice_periods.toml", "period"):
        if (
            row.get("regime", regime) == regime
            and kind in row.get("kinds", [kind])
            and method in row.get("methods", [method])
            and (is_urgent or not row.get("is_urgent", False))
            and (is_renotice or not row.get("is_renotice", False))
            and regime in row["legal_basis"]
            and _fits(row, estimated_value_won, on)
        ):
            return NoticePeriod(
                row["code"],
                row["days"],
                row.get("days_of") == "working",
                row["legal_basis"][regime],
                not row.get("unverified", False),
            )
    raise ValueError(f"no notice period is known for {regime} {kind} on {on}")


def find_price_range(regime: str, on: date) -> PriceRange:
    """The range and manner of reserve prices. ValueError for an unknown regime or a day before the data begin."""
    for row in _rows("price_ranges.toml", "range"):
        if row["regime"] == regime and _fits(row, 0, on):
            return PriceRange(
                row["kind"], row["lo"], row["hi"], row.get("above", 7), row.get("below", 8), row["legal_basis"]
            )
    raise ValueError(f"no price range is known for {regime} on {on}")


def find_quote_limit(regime: str, kind: str, on: date) -> QuoteLimit:
    """Up to which 추정가격 quotes may be called for. ValueError if the data know none."""
    for row in _rows("quote_limits.toml", "limit"):
        if kind in row["kinds"] and regime in row["legal_basis"] and _fits(row, 0, on):
            return QuoteLimit(row["max_won"], row["legal_basis"][regime])
    raise ValueError(f"no quote limit is known for {regime} {kind} on {on}")


def find_holder_policy(
    regime: str, estimated_value_won: int, on: date, *, from_won: int | None = None
) -> HolderProposal:
    """Who should hold the keys of a tender of that 추정가격. `from_won`: the agency's own amount for a committee.

    ValueError if the data know nothing of that day.
    """
    for row in _rows("holder_policies.toml", "policy"):
        own = row if from_won is None else row | _moved(row, from_won)
        if regime in row["legal_basis"] and _fits(own, estimated_value_won, on):
            return HolderProposal(
                row["policy"],
                own.get("min_won", 0),
                row["is_own"],
                row["legal_basis"][regime],
                not row.get("unverified", False),
            )
    raise ValueError(f"no keyholders are known for {regime} on {on}")


def _moved(row: dict[str, Any], from_won: int) -> dict[str, int]:
    """The bound between services and a committee, where the agency draws it."""
    return {name: from_won for name in ("min_won", "below_won") if name in row}


def _fits(row: dict[str, Any], won: int, on: date) -> bool:
    in_force = row["from"] <= on and ("to" not in row or on < row["to"])
    return in_force and row.get("min_won", 0) <= won and ("below_won" not in row or won < row["below_won"])


@cache
def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__name__).joinpath(name).read_text())


def _rows(name: str, table: str) -> Iterable[dict[str, Any]]:
    rows: list[dict[str, Any]] = _load(name)[table]
    return rows


RULE_VERSION = version()
