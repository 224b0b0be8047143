"""The tree of technical criteria as a form asks for it: rows with a level, in their order; codes follow by themselves.

Pure. A criterion whose points are left empty counts the sum of its parts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bidding.criteria import MOST_CRITERIA

Json = dict[str, Any]

LEVELS = ("1", "2", "3")
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Row:
    """As typed. `level` `1` is a main criterion, `2` a part of the one above it, `3` a part of a part."""

    level: str
    name: str
    points: str

    @property
    def is_empty(self) -> bool:
        return not self.name.strip() and not self.points.strip()


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row (from 1; 0 is the whole). `code` is stable: `scoring_forms` has the words."""

    row: int
    code: str
    fact: str = ""


def rows_of(levels: Sequence[str], names: Sequence[str], points: Sequence[str]) -> list[Row]:
    """The rows of a form's three lists; a list that is too short ends them."""
    return [Row(*each) for each in zip(levels, names, points, strict=False)]


def read_rows(rows: Sequence[Row]) -> tuple[list[Json], list[RowError]]:
    """The criteria as a notice carries them, or what is wrong. Empty rows are left out: that is how one is removed."""
    criteria: list[Json] = []
    errors: list[RowError] = []
    typed: dict[str, int | None] = {}
    counters: list[int] = []
    for number, row in enumerate(rows, start=1):
        if row.is_empty:
            continue
        points = _points(row.points)
        if error := _fault(row, points, len(counters)):
            errors.append(RowError(number, error))
            continue
        level = int(row.level)
        counters = [*counters[: level - 1], (counters[level - 1] if len(counters) >= level else 0) + 1]
        code = ".".join(map(str, counters))
        typed[code] = points
        criteria.append(
            {"code": code, "name": row.name.strip(), "full": points, "parent": code.rpartition(".")[0] or None}
        )
    if not criteria and not errors:
        return [], [RowError(0, "no-criteria")]
    if len(criteria) > MOST_CRITERIA:
        return [], [RowError(0, "too-many")]
    return ([], errors) if errors else _summed(criteria)


def _points(typed: str) -> int | None:
    """None where nothing was typed, -1 for what is no whole number from 1 to 100."""
    if not typed.strip():
        return None
    plain = typed.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and 1 <= int(plain) <= 100 else -1


def _fault(row: Row, points: int | None, depth: int) -> str:
    if row.level not in LEVELS or int(row.level) > depth + 1:
        return "no-parent"
    if not row.name.strip() or len(row.name.strip()) > LONGEST_NAME:
        return "name"
    return "points" if points == -1 else ""


def _summed(criteria: list[Json]) -> tuple[list[Json], list[RowError]]:
    """Fill in what was left empty from the parts, deepest first, and compare what was not."""
    errors = []
    for one in sorted(criteria, key=lambda each: -each["code"].count(".")):
        parts = [each["full"] for each in criteria if each["parent"] == one["code"]]
        if not parts:
            if one["full"] is None:
                errors.append(RowError(0, "leaf-without-points", one["code"]))
                one["full"] = 0
        elif one["full"] is None:
            one["full"] = sum(parts)
        elif one["full"] != sum(parts):
            errors.append(RowError(0, "parts-differ", f"{one['code']}: {' + '.join(map(str, parts))} ≠ {one['full']}"))
    return ([], errors) if errors else (criteria, [])


def full_of(criteria: Sequence[Json]) -> int:
    """The points of all main criteria together."""
    return sum(one["full"] for one in criteria if one["parent"] is None)


def typed_rows(criteria: Sequence[Json], spare: int = 3) -> list[Row]:
    """The rows that a form shows for criteria that stand, with empty ones to add more."""
    rows = [Row(str(one["code"].count(".") + 1), one["name"], str(one["full"])) for one in criteria]
    return rows + [Row("1", "", "")] * spare
