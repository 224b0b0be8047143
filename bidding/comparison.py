"""An award beside similar ones of the past: where its rate and its number of bidders lie among theirs.

Pure. Rates are thousandths of a percent, money whole won. Quartiles are values that occur (the nearest rank: the
smallest that at least a quarter, a half, three quarters do not exceed), so nothing is rounded and nothing invented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

FEWEST = 5  # fewer awards say nothing about a distribution
MONTHS = 24
TIMES = 2  # base amounts from a half to twice this one's
BINS = 7  # columns; more would not fit a narrow screen


@dataclass(frozen=True, slots=True)
class Past:
    """One award. `rate` is the award over the estimated price, None where none was made or amounts are for one."""

    reference: str
    title: str
    agency: str
    awarded_at: datetime
    base_won: int
    amount_won: int
    rate: int | None
    bidders: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How values lie, and how many of them are below, at and above this award's own (None where it has none)."""

    count: int
    lowest: int
    first: int
    median: int
    third: int
    highest: int
    own: int | None = None
    below: int = 0
    equal: int = 0
    above: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`rates` and `bidders` are None where fewer than FEWEST awards have such a figure."""

    awards: tuple[Past, ...]
    rates: Spread | None
    bidders: Spread | None
    bins: tuple[tuple[int, int, int], ...] = ()  # of the rates: from, to (not in it), how many

    @property
    def is_enough(self) -> bool:
        return len(self.awards) >= FEWEST


def compare(awards: Sequence[Past], own_rate: int | None, own_bidders: int | None) -> Comparison:
    rates = [one.rate for one in awards if one.rate is not None]
    spread = spread_of(rates, own_rate)
    shown = rates if own_rate is None else [*rates, own_rate]
    bins = bins_of(rates, min(shown), max(shown)) if spread is not None else ()
    return Comparison(tuple(awards), spread, spread_of([one.bidders for one in awards], own_bidders), bins)


def spread_of(values: Sequence[int], own: int | None = None) -> Spread | None:
    """None of fewer than FEWEST values."""
    if len(values) < FEWEST:
        return None
    ordered = sorted(values)
    first, median, third = (nearest_rank(ordered, quarters) for quarters in (1, 2, 3))
    below, above = (0, 0) if own is None else (sum(v < own for v in ordered), sum(v > own for v in ordered))
    equal = 0 if own is None else len(ordered) - below - above
    return Spread(len(ordered), ordered[0], first, median, third, ordered[-1], own, below, equal, above)


def nearest_rank(ordered: Sequence[int], quarters: int) -> int:
    """The smallest of `ordered` that at least `quarters` quarters of them do not exceed.

    >>> nearest_rank([1, 2, 3, 4, 5], 1), nearest_rank([1, 2, 3, 4, 5], 2), nearest_rank([1, 2, 3, 4, 5], 3)
    (2, 3, 4)
    """
    return ordered[-(-len(ordered) * quarters // 4) - 1]


def bins_of(values: Sequence[int], low: int, high: int) -> tuple[tuple[int, int, int], ...]:
    """Counts in equal steps of whole tenths of a percent from below `low` to above `high`, BINS steps at most."""
    unit = 100
    while high // unit - low // unit + 1 > BINS:
        unit *= 2
    start = low // unit * unit
    edges = range(start, high + 1, unit)
    return tuple((edge, edge + unit, sum(edge <= value < edge + unit for value in values)) for edge in edges)


def band(base_won: int) -> tuple[int, int]:
    """The least and the most that a similar base amount is."""
    return -(-base_won // TIMES), base_won * TIMES


def months_before(instant: datetime, months: int = MONTHS) -> datetime:
    """The same day and time so many calendar months earlier; the last day of a month that has no such day."""
    count = instant.year * 12 + instant.month - 1 - months
    year, month = divmod(count, 12)
    for day in range(instant.day, 27, -1):
        try:
            return instant.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return instant.replace(year=year, month=month + 1)
