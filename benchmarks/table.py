"""One line of the result, and how the lines are printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`limit` was measured in the same run; `ratio` is value over limit; `aim` says in words what it should be."""

    id: str
    what: str
    value: str
    limit: str = ""
    ratio: str = ""
    aim: str = ""


def line(id: str, what: str, value: float, unit: str, limit: float | None = None, aim: str = "") -> Line:  # noqa: A002
    """A line with its ratio, where there is a limit."""
    ratio = "" if limit is None else f"{value / limit:.2f}"
    return Line(id, what, spell(value, unit), "" if limit is None else spell(limit, unit), ratio, aim)


def spell(value: float, unit: str) -> str:
    figures = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{figures} {unit}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of them (0 to 1) do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: Sequence[float]) -> float:
    return percentile(values, 0.5)


HEAD = Line("id", "what", "value", "limit, same run", "ratio", "aim")


def rendered(lines: Iterable[Line]) -> str:
    """The lines as a Markdown table."""
    rows = [
        f"| {one.id} | {one.what} | {one.value} | {one.limit} | {one.ratio} | {one.aim} |" for one in (HEAD, *lines)
    ]
    return "\n".join([rows[0], "|---|---|---|---|---|---|", *rows[1:]])
