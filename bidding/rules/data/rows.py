"""What rule data are made of: rows with dates, source and certainty, in tables, in a book with a version. Values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

Value = int | str | bool | tuple[str, ...]
Texts = Mapping[str, str]  # the same sentence by language: "ko", "en"


class Certainty(StrEnum):
    """How sure a figure is."""

    OFFICIAL = "official"  # read in the published text of the rule, or in official open data
    SECONDARY = "secondary"  # read where somebody else copied or reported it
    ASSUMED = "assumed"  # from general knowledge, a continuation of what was last known, or our own choice


class Standing(StrEnum):
    """What kind of row it is. The last two carry their reason instead of figures."""

    KNOWN = "known"
    UNKNOWN = "unknown"  # there is a figure, and we do not know it
    NONE = "none"  # the law has no such figure


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what holds for `key`, for amounts in [min_won, below_won), on days in [from_on, to_on).

    `number` is its place in the file, from 1; `or_earlier`: it held before `from_on` already, since when is not known;
    `is_own`: the figure is this system's and not the law's.
    """

    number: int
    key: Mapping[str, Value]
    values: Mapping[str, Value]
    from_on: date
    to_on: date | None
    legal_basis: str
    source: str
    certainty: Certainty
    min_won: int = 0
    below_won: int | None = None
    or_earlier: bool = False
    is_own: bool = False
    standing: Standing = Standing.KNOWN
    why: Texts = field(default_factory=lambda: MappingProxyType({}))
    note: Texts = field(default_factory=lambda: MappingProxyType({}))

    def holds_on(self, on: date) -> bool:
        return self.from_on <= on and (self.to_on is None or on < self.to_on)

    def covers(self, won: int) -> bool:
        return self.min_won <= won and (self.below_won is None or won < self.below_won)

    @property
    def is_known(self) -> bool:
        return self.standing is Standing.KNOWN

    def number_of(self, name: str) -> int:
        value = self.values[name]
        assert isinstance(value, int)  # by its schema
        return value

    def text_of(self, name: str) -> str:
        value = self.values[name]
        assert isinstance(value, str)  # by its schema
        return value


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure was read."""

    code: str
    says: Texts
    kind: Certainty  # the most that a row may claim which rests on it


@dataclass(frozen=True, slots=True)
class Book:
    """All rule data of one version. `texts` are the files as they were hashed, by name."""

    version: str
    sha256: str
    revised_on: date
    tables: Mapping[str, tuple[Row, ...]]
    sources: Mapping[str, Source]
    texts: Mapping[str, str]

    def find(self, table: str, key: Mapping[str, Value], on: date, won: int = 0) -> Row | None:
        """The row that holds, known or not; None where the data have no such series, or not on that day."""
        for row in self.tables.get(table, ()):  # an early book lacks the later tables
            if row.key == key and row.holds_on(on) and row.covers(won):
                return row
        return None

    def find_known(self, table: str, key: Mapping[str, Value], on: date, won: int = 0) -> Row | None:
        """As `find`, but None as well where the row says that the figure is not known, or that there is none."""
        row = self.find(table, key, on, won)
        return row if row is not None and row.is_known else None

    def holding(self, table: str, on: date) -> Iterator[Row]:
        """Every row of the table that holds on that day, in the order of the file."""
        return (row for row in self.tables.get(table, ()) if row.holds_on(on))
