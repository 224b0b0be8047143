"""That the rows of one series leave no amount and no day out, and hold none twice. Pure.

A series is all rows with the same key. From the day on which it begins, every amount of every day must fall into
exactly one row; what is not known is a row of its own kind that says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, pairwise, product
from typing import Any

from bidding.rules.data.rows import Row
from bidding.rules.data.schema import Table


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in which file and row (from 1; None: the file itself). `code` is stable; `facts` fill texts."""

    file: str
    row: int | None
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" if self.row else self.file
        facts = ", ".join(f"{name} {value}" for name, value in self.facts.items())
        return f"{place}: {self.code}{f' ({facts})' if facts else ''}"


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row.key.values())


def _spell(row: Row) -> str:
    return " / ".join(str(one) or "-" for one in row.key.values())


def series_of(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The series in the order in which they begin."""
    keys = dict.fromkeys(_key(row) for row in rows)
    return ([row for row in rows if _key(row) == key] for key in keys)


def order_problems(table: Table, rows: Sequence[Row]) -> list[Problem]:
    """Rows of one series stand together, by the day from which they hold, then by amount."""
    problems = []
    seen: set[tuple[Any, ...]] = set()
    for key, group in groupby(rows, _key):
        members = list(group)
        if key in seen:
            problems.append(Problem(table.name, members[0].number, "series-torn-apart", {"series": _spell(members[0])}))
        seen.add(key)
        for before, after in pairwise(members):
            if (before.from_on, before.min_won) > (after.from_on, after.min_won):
                problems.append(Problem(table.name, after.number, "unsorted", {"series": _spell(after)}))
    return problems


def series_problems(table: Table, rows: Sequence[Row]) -> list[Problem]:
    """Every gap and every overlap, in days and in amounts."""
    return [problem for series in series_of(rows) for problem in _one_series(table, series)]


def _one_series(table: Table, series: Sequence[Row]) -> Iterator[Problem]:
    days = sorted({row.from_on for row in series} | {row.to_on for row in series if row.to_on})
    told: set[tuple[str, int, int]] = set()
    for on in days:
        holding = sorted((row for row in series if row.holds_on(on)), key=lambda row: row.min_won)
        if not holding:
            yield Problem(
                table.name, series[-1].number, "gap-in-days", {"series": _spell(series[0]), "on": on.isoformat()}
            )
            continue
        for problem in _one_day(table, holding, on):
            mark = (problem.code, problem.row or 0, int(problem.facts["won"]))
            if mark not in told:
                told.add(mark)
                yield problem


def _one_day(table: Table, holding: Sequence[Row], on: date) -> Iterator[Problem]:
    reached: int | None = 0  # the amount up to which rows reach; None: without end
    for row in holding:
        facts = {"series": _spell(row), "on": on.isoformat()}
        if reached is None or row.min_won < reached:
            yield Problem(table.name, row.number, "overlap", {**facts, "won": row.min_won})
        elif row.min_won > reached:
            yield Problem(table.name, row.number, "gap-in-amounts", {**facts, "won": reached})
        if reached is not None:
            reached = None if row.below_won is None else max(reached, row.below_won)
    if reached is not None:
        last = holding[-1]
        facts = {"series": _spell(last), "on": on.isoformat()}
        yield Problem(table.name, last.number, "gap-in-amounts", {**facts, "won": reached})


def unknown_problems(table: Table, rows: Sequence[Row]) -> list[Problem]:
    """Rows without a figure where one is computed with."""
    return [
        Problem(table.name, row.number, "must-be-known", {"series": _spell(row)})
        for row in rows
        if table.known and not row.is_known and all(row.key[name] in codes for name, codes in table.known.items())
    ]


def missing_series(table: Table, rows: Sequence[Row]) -> list[Problem]:
    """Combinations of the key that must have a series, and have none."""
    names = tuple(table.complete)
    there = {tuple(row.key[name] for name in names) for row in rows}
    wanted = product(*table.complete.values()) if names else ()
    return [
        Problem(table.name, None, "missing-series", {"series": " / ".join(one or "-" for one in key)})
        for key in wanted
        if key not in there
    ]
