"""Reading rule data strictly: every fault of every file is found and told, none is passed over. Pure.

A file holds `as_of`, the day on which it was last revised, and `[[row]]` tables. Besides the members of its key and its
figures (see `schema`) each row has `from`, `legal_basis`, `source` (a code of sources.toml) and `certainty`, and may
have `to`, `min_won` and `below_won` (where its table goes by amounts), `or_earlier`, `is_own` and `note`. In place of
the figures it may say why there are none: `unknown` (not known to us) or `none` (the law has no such figure). Notes and
reasons are `{ko = "...", en = "..."}`.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from app.tlog.canon import jcs
from bidding.rules.data.continuity import (
    Problem,
    missing_series,
    order_problems,
    series_problems,
    unknown_problems,
)
from bidding.rules.data.members import check_value
from bidding.rules.data.rows import Book, Certainty, Row, Source, Standing, Texts
from bidding.rules.data.schema import FILES, SOURCES, TABLES, Table

RANK = {Certainty.OFFICIAL: 2, Certainty.SECONDARY: 1, Certainty.ASSUMED: 0}
SHARED = {"from", "to", "legal_basis", "source", "certainty", "note", "or_earlier", "is_own", "unknown", "none"}
BAND = {"min_won", "below_won"}
NOTHING: Texts = MappingProxyType({})


class RuleDataError(ValueError):
    """The data are refused; `problems` names everything that is wrong with them."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


class _Float(str):
    """A number with a fraction as it stood in the file: there are no floats in rule data, whatever they are for."""

    __slots__ = ()


def canonical(texts: Mapping[str, str]) -> bytes:
    """The bytes whose SHA-256 names a version: the canonical JSON of all files by name."""
    return jcs(dict(texts))


def load(texts: Mapping[str, str]) -> Book:
    """The book that these files (name without `.toml` to text) make. RuleDataError with everything that is wrong."""
    problems = [Problem(name, None, "missing-file") for name in FILES if name not in texts]
    problems += [Problem(name, None, "unknown-file") for name in texts if name not in FILES]
    book = _read(texts, problems)
    if problems:
        raise RuleDataError(tuple(problems))
    return book


def load_kept(texts: Mapping[str, str]) -> Book:
    """A version that was checked when it was adopted or shipped. What later software asks for more is not asked of it:
    a table that it does not have is empty, a series that it does not have proposes nothing.
    """
    return _read(texts, [])


def _read(texts: Mapping[str, str], problems: list[Problem]) -> Book:
    """Appends what is wrong to `problems`; the book is whole where nothing is."""
    parsed = {name: _parse(name, text, problems) for name, text in texts.items() if name in FILES}
    sources = _sources(parsed.get(SOURCES, {}), problems)
    tables = {name: _rows(TABLES[name], parsed.get(name, {}), sources, problems) for name in TABLES}
    days = [one["as_of"] for one in parsed.values() if type(one.get("as_of")) is date]
    revised_on = max(days, default=date.min)
    sha256 = hashlib.sha256(canonical(texts)).hexdigest()
    return Book(
        f"{revised_on.isoformat()}-{sha256[:12]}",
        sha256,
        revised_on,
        MappingProxyType(tables),
        MappingProxyType(sources),
        MappingProxyType(dict(texts)),
    )


def _parse(name: str, text: str, problems: list[Problem]) -> dict[str, Any]:
    try:
        parsed = tomllib.loads(text, parse_float=_Float)
    except tomllib.TOMLDecodeError as error:
        problems.append(Problem(name, None, "not-toml", {"error": str(error)}))
        return {}
    problems += [
        Problem(name, None, "unknown-member", {"member": member}) for member in parsed if member not in ("as_of", "row")
    ]
    if type(parsed.get("as_of")) is not date:
        problems.append(Problem(name, None, "missing-member", {"member": "as_of"}))
    rows = parsed.get("row", [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        problems.append(Problem(name, None, "no-rows"))
        parsed["row"] = []
    return parsed


def _sources(parsed: Mapping[str, Any], problems: list[Problem]) -> dict[str, Source]:
    found: dict[str, Source] = {}
    for number, raw in enumerate(parsed.get("row", []), 1):
        reader = _Reader(SOURCES, number, raw, problems)
        reader.refuse_others({"code", "says", "kind"})
        code, says = reader.text("code"), reader.texts("says", is_needed=True)
        kind = reader.certainty("kind")
        if code in found:
            reader.fault("twice", member=code)
        if code and kind:
            found[code] = Source(code, says, kind)
    return found


def _rows(
    table: Table, parsed: Mapping[str, Any], sources: Mapping[str, Source], problems: list[Problem]
) -> tuple[Row, ...]:
    raws = parsed.get("row", [])
    found = [_row(table, number, raw, sources, problems) for number, raw in enumerate(raws, 1)]
    rows = tuple(row for row in found if row is not None)
    if raws and len(rows) == len(raws):  # gaps beside rows that cannot be read would mislead
        problems += order_problems(table, rows)
        problems += series_problems(table, rows)
        problems += missing_series(table, rows)
        problems += unknown_problems(table, rows)
    return rows


def _row(
    table: Table, number: int, raw: Mapping[str, Any], sources: Mapping[str, Source], problems: list[Problem]
) -> Row | None:
    before = len(problems)
    reader = _Reader(table.name, number, raw, problems)
    reader.refuse_others({*table.key, *table.values, *SHARED, *(BAND if table.banded else ())})
    standing, why = reader.standing()
    key = {name: reader.member(name, member) for name, member in table.key.items()}
    given = table.values if standing is Standing.KNOWN else {}
    if standing is not Standing.KNOWN:
        for name in set(table.values) & set(raw):
            reader.fault("figure-beside-reason", member=name)
    values = {n: reader.member(n, m) for n, m in given.items() if n in raw or not m.is_optional}
    from_on, to_on = reader.day("from", is_needed=True), reader.day("to")
    least, below = reader.amount("min_won"), reader.amount("below_won")
    certainty, source = reader.certainty("certainty"), reader.text("source")
    note, legal_basis = reader.texts("note"), reader.text("legal_basis")
    is_own, or_earlier = reader.flag("is_own"), reader.flag("or_earlier")
    if from_on and to_on and to_on <= from_on:
        reader.fault("days-out-of-order")
    if below is not None and below <= (least or 0):
        reader.fault("amounts-out-of-order")
    if source and source not in sources:
        reader.fault("unknown-source", source=source)
    elif source and certainty and RANK[certainty] > RANK[sources[source].kind]:
        reader.fault("surer-than-its-source", source=source)
    if certainty is Certainty.ASSUMED and standing is Standing.KNOWN and not note:
        reader.fault("assumed-without-note")
    if len(problems) > before or from_on is None or certainty is None:
        return None
    return Row(
        number,
        MappingProxyType(key),
        MappingProxyType(values),
        from_on,
        to_on,
        legal_basis,
        source,
        certainty,
        least or 0,
        below,
        or_earlier,
        is_own,
        standing,
        why,
        note,
    )


@dataclass
class _Reader:
    """Takes the members of one row out, and notes what is wrong with each."""

    file: str
    number: int
    raw: Mapping[str, Any]
    problems: list[Problem] = field(repr=False)

    def fault(self, code: str, **facts: Any) -> None:
        self.problems.append(Problem(self.file, self.number, code, facts))

    def refuse_others(self, known: set[str]) -> None:
        for name, value in self.raw.items():
            if _holds_float(value):
                self.fault("float", member=name)
            elif name not in known:
                self.fault("unknown-member", member=name)

    def member(self, name: str, member: Any) -> Any:
        if name not in self.raw:
            self.fault("missing-member", member=name)
            return None
        value = self.raw[name]
        if wrong := check_value(member, value):
            if not _holds_float(value):
                self.fault(wrong, member=name, value=str(value))
            return None
        return tuple(value) if isinstance(value, list) else value

    def _plain(self, name: str, right: Callable[[Any], bool], *, is_needed: bool = False) -> Any:
        value = self.raw.get(name)
        if value is None:
            if is_needed:
                self.fault("missing-member", member=name)
            return None
        if not right(value):
            if not _holds_float(value):
                self.fault("wrong-type", member=name, value=str(value))
            return None
        return value

    def text(self, name: str) -> str:
        return self._plain(name, lambda v: isinstance(v, str) and bool(v.strip()), is_needed=True) or ""

    def texts(self, name: str, *, is_needed: bool = False) -> Texts:
        found = self._plain(name, _is_texts, is_needed=is_needed)
        return MappingProxyType(dict(found)) if found else NOTHING

    def day(self, name: str, *, is_needed: bool = False) -> date | None:
        found: date | None = self._plain(
            name, lambda v: isinstance(v, date) and not isinstance(v, datetime), is_needed=is_needed
        )
        return found

    def amount(self, name: str) -> int | None:
        found: int | None = self._plain(name, lambda v: type(v) is int and v > 0)
        return found

    def flag(self, name: str) -> bool:
        return bool(self._plain(name, lambda v: v is True))

    def certainty(self, name: str) -> Certainty | None:
        found = self._plain(name, lambda v: v in list(Certainty), is_needed=True)
        return Certainty(found) if found else None

    def standing(self) -> tuple[Standing, Texts]:
        if {"unknown", "none"} <= set(self.raw):
            self.fault("two-reasons")
        for standing in (Standing.UNKNOWN, Standing.NONE):
            if standing.value in self.raw:
                return standing, self.texts(standing.value)
        return Standing.KNOWN, NOTHING


def _is_texts(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == {"ko", "en"}
        and all(isinstance(one, str) and one.strip() for one in value.values())
    )


def _holds_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_float(one) for one in value.values())
    if isinstance(value, list):
        return any(_holds_float(one) for one in value)
    return isinstance(value, _Float)
