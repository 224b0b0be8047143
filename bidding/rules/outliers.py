"""Scores that lie far from those of the other evaluators: shown to the officer, never changed. No floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bidding.criteria import POINT, Tech
from bidding.rules.technical import Sheet, check_sheets

FEWEST = 3  # of two that differ nobody can say which is out
WIDE = 3  # times the median distance
SHARE = 10  # and at least a tenth of the full points


@dataclass(frozen=True, slots=True)
class Outlier:
    """One score. `code` names the criterion, "" the evaluator's total for the proposal.

    `twice_median`: the median of all evaluators, doubled, so that it is whole.
    """

    stmt: str
    evaluator: str
    code: str
    score: int
    twice_median: int


def outliers(tech: Tech, sheets: Sequence[Sheet]) -> tuple[Outlier, ...]:
    """Totals and scores further from the median than three times the median distance and a tenth of the full points."""
    evaluators = check_sheets(tech, sheets)
    if len(evaluators) < FEWEST:
        return ()
    found: list[Outlier] = []
    for sheet in sheets:
        if not sheet.scores:
            continue
        rows = {"": [sum(sheet.scores[one].values()) for one in evaluators]}
        rows |= {code: [sheet.scores[one][code] for one in evaluators] for code in tech.leaves}
        for code, scores in rows.items():
            full = tech.leaves[code] if code else tech.full
            median = _twice_median(scores)
            far = _far(scores, median, full * POINT)
            found += [Outlier(sheet.stmt, evaluators[place], code, scores[place], median) for place in far]
    return tuple(found)


def _twice_median(values: Sequence[int]) -> int:
    ordered = sorted(values)
    return ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]


def _far(scores: Sequence[int], twice_median: int, full: int) -> list[int]:
    """The places of the scores that are out. Distances are doubled, their median doubled again."""
    distances = [abs(2 * score - twice_median) for score in scores]
    usual = _twice_median(distances)
    return [
        place for place, distance in enumerate(distances) if 2 * distance > WIDE * usual and distance * SHARE > 2 * full
    ]
