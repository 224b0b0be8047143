"""기술평가: from the evaluators' sheets to the technical points of each proposal (protocol section 9).

An evaluator's **total** for a proposal is the sum of its scores of the leaf criteria. The highest and the lowest total
of a proposal fall away where the rule says so, the mean of the rest is rounded once, half up at the fifth decimal.
Totals and not single criteria are dropped and averaged: a person's judgement of a proposal stands or falls as a whole,
and without dropping both ways give the same mean. Scores and points are whole ten-thousandths of a point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bidding.criteria import POINT, WHOLE, Tech, read_tech
from bidding.rounding import half_up
from bidding.rules.steps import show_points
from bidding.types import NO_PROPOSAL, Step, TechnicalResult

Json = dict[str, Any]
LEAST_TO_DROP = 4  # two totals stay, so that no single evaluator decides


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the committee gave one proposal: by evaluator code the scores by leaf criterion. Empty: no proposal that
    could be read, so that nothing was scored."""

    stmt: str
    scores: Mapping[str, Mapping[str, int]]

    def to_json(self) -> Json:
        return {"stmt": self.stmt, "scores": {one: dict(given) for one, given in self.scores.items()}}


def score_technical(rule: Json, sheets: Sequence[Sheet]) -> tuple[TechnicalResult, ...]:
    """The result of each proposal, in the order of `sheets`; `rule` is the notice's member `technical`.

    Points are judged against the threshold before a rank gap (차등점수제) spreads them: the gap decides among those who
    pass, never who passes. Equal points share a rank. ValueError: `rule` is none, a proposal appears twice, evaluators
    or criteria differ between sheets, a score is out of range, or fewer evaluators scored than the rule asks.
    """
    tech = read_tech(rule)
    evaluators = check_sheets(tech, sheets)
    means = {sheet.stmt: _mean(tech, evaluators, sheet) for sheet in sheets if sheet.scores}
    ordered = sorted((points for points, _ in means.values()), reverse=True)
    results = []
    for sheet in sheets:
        if not sheet.scores:
            results.append(TechnicalResult(sheet.stmt, 0, False, (Step(NO_PROPOSAL, "0", "0"),)))
            continue
        mean, steps = means[sheet.stmt]
        is_qualified, judged = _judge(tech, mean)
        points, spread = _spread(tech, mean, ordered) if is_qualified else (mean, ())
        results.append(TechnicalResult(sheet.stmt, points, is_qualified, (*steps, *judged, *spread)))
    return tuple(results)


def left_out(results: Sequence[TechnicalResult], *, opens_all: bool) -> list[str]:
    """Whose price is never opened, sorted: who does not qualify. Where the lowest of all prices counts (`opens_all`),
    only who brought no proposal that could be read."""
    return sorted(one.stmt for one in results if not one.is_qualified and (one.is_unread or not opens_all))


def check_sheets(tech: Tech, sheets: Sequence[Sheet]) -> tuple[str, ...]:
    """The evaluators, in the order of their codes. ValueError unless the sheets are complete and alike."""
    if len({sheet.stmt for sheet in sheets}) != len(sheets):
        raise ValueError("a proposal appears twice")
    filled = [sheet for sheet in sheets if sheet.scores]
    evaluators = tuple(sorted(filled[0].scores, key=_number)) if filled else ()
    if filled and len(evaluators) < tech.least_evaluators:
        raise ValueError("fewer evaluators than the rule asks")
    for sheet in filled:
        if set(sheet.scores) != set(evaluators):
            raise ValueError("not every evaluator scored every proposal")
        for given in sheet.scores.values():
            check_scores(tech, given)
    return evaluators


def check_scores(tech: Tech, given: Mapping[str, int]) -> None:
    """ValueError unless there is exactly one score from 0 to the full points for every leaf criterion."""
    if set(given) != set(tech.leaves):
        raise ValueError("not every criterion was scored, or another was")
    for code, score in given.items():
        if type(score) is not int or not 0 <= score <= tech.leaves[code] * POINT:
            raise ValueError(f"a score of {code} is out of range")


def _number(code: str) -> int:
    """The number in an evaluator's code: `E7` is 7. ValueError for another spelling."""
    if code[:1] != "E" or not code[1:].isascii() or not code[1:].isdecimal() or code[1] == "0":
        raise ValueError(f"no evaluator {code}")
    return int(code[1:])


def _mean(tech: Tech, evaluators: Sequence[str], sheet: Sheet) -> tuple[int, tuple[Step, ...]]:
    totals = {one: sum(sheet.scores[one].values()) for one in evaluators}
    dropped = _dropped(tech, totals)
    kept = [one for one in evaluators if one not in dropped]
    total = sum(totals[one] for one in kept)
    mean = half_up(total, len(kept), 0)
    steps = [Step("technical-dropped", _said(totals, dropped, ", "), str(len(dropped)))] if dropped else []
    steps.append(Step("technical-total", _said(totals, kept, " + "), show_points(total)))
    steps.append(Step("technical-mean", f"{show_points(total)} / {len(kept)}", show_points(mean)))
    return mean, tuple(steps)


def _dropped(tech: Tech, totals: Mapping[str, int]) -> tuple[str, ...]:
    """The highest and the lowest, one each, also where several are equal: the first of them by code."""
    if tech.drop != "extremes" or len(totals) < LEAST_TO_DROP:
        return ()
    highest = max(totals, key=lambda one: totals[one])
    lowest = min((one for one in totals if one != highest), key=lambda one: totals[one])
    return highest, lowest


def _said(totals: Mapping[str, int], which: Sequence[str], between: str) -> str:
    return between.join(f"{one} {show_points(totals[one])}" for one in which)


def _judge(tech: Tech, mean: int) -> tuple[bool, tuple[Step, ...]]:
    if tech.threshold is None:
        return True, ()
    is_enough = mean * WHOLE >= tech.full * POINT * tech.threshold
    sign = ">=" if is_enough else "<"
    asked = f"{tech.full} x {tech.threshold // 1000}.{tech.threshold % 1000:03d}%"
    return is_enough, (Step("technical-threshold", f"{show_points(mean)} {sign} {asked}", sign),)


def _spread(tech: Tech, mean: int, ordered: Sequence[int]) -> tuple[int, tuple[Step, ...]]:
    """차등점수제: the first keeps its points, each rank after it has the fixed gap less; never below nothing."""
    if tech.rank_gap is None:
        return mean, ()
    rank = ordered.index(mean) + 1
    points = max(ordered[0] - tech.rank_gap * (rank - 1), 0)
    expression = f"{show_points(ordered[0])} - {show_points(tech.rank_gap)} x ({rank} - 1)"
    return points, (Step("technical-rank-gap", expression, show_points(points)),)


def technical_json(
    tender: str, lot: str, sheets: Sequence[Sheet], results: Sequence[TechnicalResult], evaluators: Sequence[str]
) -> Json:
    """`technical.json` of the bundle."""
    return {
        "v": 1,
        "type": "technical",
        "tender": tender,
        "lot": lot,
        "evaluators": list(evaluators),
        "sheets": [sheet.to_json() for sheet in sheets],
        "results": [result.to_json() for result in results],
    }


def read_sheets(technical: Json) -> tuple[Sheet, ...]:
    """The sheets of a `technical.json`. ValueError for another shape."""
    try:
        sheets = [Sheet(one["stmt"], {who: dict(given) for who, given in one["scores"].items()})
                  for one in technical["sheets"]]  # fmt: skip
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not sheets: {error}") from error
    if [sheet.to_json() for sheet in sheets] != technical["sheets"]:
        raise ValueError("not sheets as bundles carry them")
    return tuple(sheets)


def scores_of(evaluator: str, sheets: Sequence[Sheet]) -> Json:
    """All scores of one evaluator, as its entry `technical.sheet` in the log hashes them."""
    given = {sheet.stmt: dict(sheet.scores[evaluator]) for sheet in sheets if sheet.scores}
    return {"v": 1, "type": "scores", "evaluator": evaluator, "scores": given}
