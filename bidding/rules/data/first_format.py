"""Rule data as they were kept until 2026-11-24: five files, rows that fit first, no sources. Read so that what a notice
was published under can still be shown. Pure; what is archived was checked when it was made, and never changes.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from bidding.rules.data.rows import Book, Certainty, Row, Source, Value

FILES = ("floor_rates", "holder_policies", "notice_periods", "price_ranges", "quote_limits")
SOURCE = "not-recorded"
SOURCES = {
    SOURCE: Source(
        SOURCE,
        MappingProxyType({"ko": "이 판은 출처를 따로 적지 않음", "en": "This version did not record its sources"}),
        Certainty.OFFICIAL,
    )
}
OCCASIONS = ("ordinary", "urgent", "renotice")
REGIMES = ("national", "local")
Json = dict[str, Any]


def read_first_format(texts: Mapping[str, str]) -> Book:
    """The book of five files in the first format. Its hash is that of the files one after the other."""
    parsed = {name: tomllib.loads(texts[name]) for name in FILES}
    sha256 = hashlib.sha256("".join(texts[name] for name in FILES).encode()).hexdigest()
    revised_on = max(one["as_of"] for one in parsed.values())
    tables = {
        "floor_rates": _numbered(_floors(parsed["floor_rates"]["floor"])),
        "price_ranges": _numbered(_ranges(parsed["price_ranges"]["range"])),
        "quote_limits": _numbered(_limits(parsed["quote_limits"]["limit"])),
        "holder_policies": _numbered(_policies(parsed["holder_policies"]["policy"])),
        "notice_periods": _numbered(_periods(parsed["notice_periods"]["period"])),
    }
    return Book(
        f"{revised_on.isoformat()}-{sha256[:12]}",
        sha256,
        revised_on,
        MappingProxyType(tables),
        MappingProxyType(SOURCES),
        MappingProxyType(dict(texts)),
    )


Made = tuple[Json, dict[str, Value], dict[str, Value], str]  # the row as it was, key, values, legal basis


def _numbered(made: Iterator[Made]) -> tuple[Row, ...]:
    return tuple(
        Row(
            number,
            MappingProxyType(key),
            MappingProxyType(values),
            raw["from"],
            raw.get("to"),
            basis,
            SOURCE,
            Certainty.SECONDARY if raw.get("unverified") else Certainty.OFFICIAL,
            raw.get("min_won", 0),
            raw.get("below_won"),
            is_own=raw.get("is_own", False),
        )
        for number, (raw, key, values, basis) in enumerate(made, 1)
    )


def _floors(rows: list[Json]) -> Iterator[Made]:
    for raw in rows:
        key = {name: raw.get(name, "") for name in ("regime", "kind", "category", "method")}
        yield raw, key, {"rate": raw["rate"]}, raw["legal_basis"]


def _ranges(rows: list[Json]) -> Iterator[Made]:
    for raw in rows:
        values = {"kind": raw["kind"], "lo": raw["lo"], "hi": raw["hi"]}
        counts = {"above": raw.get("above", 7), "below": raw.get("below", 8)}
        yield raw, {"regime": raw["regime"]}, {**values, **counts}, raw["legal_basis"]


def _limits(rows: list[Json]) -> Iterator[Made]:
    for raw in rows:
        for regime, basis in raw["legal_basis"].items():
            for kind in raw["kinds"]:
                yield raw, {"regime": regime, "kind": kind, "category": ""}, {"max_won": raw["max_won"]}, basis


def _policies(rows: list[Json]) -> Iterator[Made]:
    for raw in rows:
        for regime, basis in raw["legal_basis"].items():
            yield raw, {"regime": regime}, {"policy": raw["policy"]}, basis


def _periods(rows: list[Json]) -> Iterator[Made]:
    """The first row that fitted decided: quotes first, then the occasion, then works from the highest amount down."""
    for raw in rows:
        values = {"code": raw["code"], "days": raw["days"], "working": raw.get("days_of") == "working"}
        for regime in [raw["regime"]] if "regime" in raw else REGIMES:
            for key, band in _places(raw, regime, rows):
                yield raw | band, {"regime": regime, **key}, values, raw["legal_basis"][regime]


def _places(raw: Json, regime: str, rows: list[Json]) -> Iterator[tuple[dict[str, Value], Json]]:
    if "methods" in raw:
        for method in raw["methods"]:
            for occasion in OCCASIONS:
                yield {"kind": "any", "method": method, "occasion": occasion}, {}
    elif raw.get("is_renotice") or raw.get("is_urgent"):
        occasion = "renotice" if raw.get("is_renotice") else "urgent"
        yield {"kind": "any", "method": "any", "occasion": occasion}, {}
    else:
        works = [row for row in rows if "kinds" in row and row.get("regime", regime) == regime]
        if raw in works:
            above = [row["min_won"] for row in works if row["min_won"] > raw["min_won"]]
            yield {"kind": "works", "method": "any", "occasion": "ordinary"}, {"below_won": min(above, default=None)}
        else:
            yield {"kind": "any", "method": "any", "occasion": "ordinary"}, {}
