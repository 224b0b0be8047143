"""What the pages of the rule data show, as plain values: each table's rows in words, by day, law, kind and search."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from flask_babel import gettext as _

from app import formats
from app.i18n import language
from bidding import labels, rule_labels, rule_value_labels
from bidding.rounding import show_rate
from bidding.rules.data import Book, Row
from bidding.rules.data.schema import FIGURES, TABLES, Member, Table, Unit

TONE: Mapping[str, str] = {"official": "success", "secondary": "warning", "assumed": "neutral"}
OPEN_KEYS = {"any", ""}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader asked for; empty: everything. `words` are looked for in all that a row says."""

    on: date
    regime: str = ""
    kind: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A row in words. `why` is filled where there is no figure, and then `values` are not."""

    anchor: str
    key: tuple[str, ...]
    band: str
    values: tuple[str, ...]
    why: str
    since: str
    until: str
    legal_basis: str
    source: str
    note: str
    certainty: str
    certainty_word: str
    tone: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A table: what holds on the day that was asked for, and what held before or will hold."""

    name: str
    key_heads: tuple[str, ...]
    value_heads: tuple[str, ...]
    banded: bool
    lines: tuple[Line, ...]
    others: tuple[Line, ...]

    @property
    def heads(self) -> list[str]:
        band = [_("Amount without VAT")] if self.banded else []
        return [*self.key_heads, *band, *self.value_heads, _("Holds"), _("How sure, legal basis, source")]


def sections(book: Book, wanted: Wanted) -> list[Section]:
    """Every table of the book that has a row that fits, in the order of the schema."""
    found = [_section(book, table, wanted) for table in TABLES.values()]
    return [section for section in found if section.lines or section.others]


def _section(book: Book, table: Table, wanted: Wanted) -> Section:
    rows = [row for row in book.tables.get(table.name, ()) if _fits(row, wanted)]
    both = [(row, _line(book, table, row)) for row in rows]
    words = wanted.words.casefold().split()
    shown = [(row, line) for row, line in both if all(word in _spoken(line) for word in words)]
    # An early book has fewer members than its table has by now.
    values = [name for name in table.values if any(name in row.values for row in rows)]
    return Section(
        table.name,
        tuple(_head(name) for name in table.key),
        tuple(_head(name) for name in values),
        table.banded,
        tuple(line for row, line in shown if row.holds_on(wanted.on)),
        tuple(line for row, line in shown if not row.holds_on(wanted.on)),
    )


def _fits(row: Row, wanted: Wanted) -> bool:
    for name, asked in (("regime", wanted.regime), ("kind", wanted.kind)):
        held = row.key.get(name, "")
        if asked and held not in OPEN_KEYS and held != asked:
            return False
    return True


def _head(name: str) -> str:
    return str(rule_labels.MEMBER.get(name, name))


def _line(book: Book, table: Table, row: Row) -> Line:
    lang = language()
    says = book.sources[row.source].says
    values = tuple(
        _shown(row, name, member)
        for name, member in table.values.items()
        if name in row.values or any(name in other.values for other in book.tables[table.name])
    )
    reason = f"{rule_labels.STANDING[row.standing.value]}: {row.why.get(lang, '')}" if not row.is_known else ""
    return Line(
        f"{table.name}-{row.number}",
        tuple(_word(name, str(value)) for name, value in row.key.items()),
        _band(row, lang) if table.banded else "",
        values,
        reason,
        _("before %(day)s and since", day=row.from_on.isoformat()) if row.or_earlier else row.from_on.isoformat(),
        row.to_on.isoformat() if row.to_on else "",
        row.legal_basis,
        says[lang],
        row.note.get(lang, ""),
        row.certainty.value,
        str(rule_labels.CERTAINTY[row.certainty.value]),
        TONE[row.certainty.value],
        row.is_own,
    )


def _shown(row: Row, name: str, member: Member) -> str:
    if name not in row.values:
        return "–"
    value = row.values[name]
    if isinstance(value, tuple):
        return ", ".join(_word("needs", one) for one in value) or "–"
    if isinstance(value, bool):
        return _word("", "yes" if value else "no")
    if isinstance(value, int):
        unit = FIGURES[str(row.key["item"])] if "item" in row.key else member.unit
        return SHOWN.get(unit, str)(value)
    return str(Fraction(value)) if member.unit is Unit.FRACTION else _word(name, value)


SHOWN: Mapping[Unit, Callable[[int], str]] = {
    Unit.RATE: lambda value: f"{_plain(show_rate(value))}%",
    Unit.WON: lambda value: formats.won(value, language()),
    Unit.DAYS: lambda value: str(_("%(count)s days", count=value)),
    Unit.HOURS: lambda value: str(_("%(count)s h", count=value)),
    Unit.POINTS: lambda value: str(_("%(count)s points", count=value)),
    Unit.PERCENT: lambda value: f"{value} %",
}


def _plain(rate: str) -> str:
    return rate.rstrip("0").rstrip(".")


def _band(row: Row, lang: str) -> str:
    least = formats.won_short(row.min_won, lang)
    if row.below_won is None:
        return str(_("from %(least)s", least=least) if row.min_won else _("any"))
    most = formats.won_short(row.below_won, lang)
    if not row.min_won:
        return str(_("below %(most)s", most=most))
    return str(_("%(least)s to below %(most)s", least=least, most=most))


def _word(name: str, value: str) -> str:
    found = rule_value_labels.VALUE.get(f"{name}.{value}") or rule_value_labels.VALUE.get(value)
    if found is None:
        by_member = {"regime": labels.REGIME, "kind": labels.KIND, "method": labels.METHOD}
        found = {**by_member, "item": rule_value_labels.ITEM, "ground": labels.REASON}.get(name, {}).get(value)
    return str(found or value)


def _spoken(line: Line) -> str:
    said: Iterable[str] = (*line.key, line.band, *line.values, line.why, line.legal_basis, line.source, line.note)
    return " ".join((*said, line.certainty_word)).casefold()


def problem_text(problem: Any) -> str:
    """What the loader found, with its place."""
    told = rule_value_labels.PROBLEM.get(problem.code)
    text = str(told) % problem.facts if told else problem.code
    place = str(rule_labels.TABLE.get(problem.file, problem.file))
    return f"{place}, {_('row %(number)s', number=problem.row)}: {text}" if problem.row else f"{place}: {text}"


def counts(book: Book) -> dict[str, int]:
    """How many rows there are of each certainty, and how many say that a figure is not known."""
    rows = [row for table in book.tables.values() for row in table]
    found = {name: sum(row.is_known and row.certainty == name for row in rows) for name in TONE}
    return found | {"unknown": sum(row.standing == "unknown" for row in rows)}


def differences(before: Mapping[str, str], texts: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The changed files line by line, three lines around each change: `("-" | "+" | " ", line)`."""
    return [
        (name, [(line[:1], line[1:]) for line in _unified(before.get(name, ""), text)])
        for name, text in sorted(texts.items())
    ]


def _unified(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="")
    return [line for line in list(lines)[2:] if not line.startswith("@@")]
