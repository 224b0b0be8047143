"""Reading `technical.json`: what the evaluators' sheets came to, as the evaluation of prices takes it."""

from __future__ import annotations

import hashlib
from typing import Any

from app.tlog.canon import jcs, parse
from bidding.criteria import POINT, is_int
from bidding.types import Step, Technical, TechnicalResult

Json = dict[str, Any]

MOST = 100 * POINT


def read_technical(data: bytes) -> Technical:
    """Hash and results of the file's bytes. ValueError for results that nobody would have written.

    Whether they follow from the sheets is another question: see `bidding.rules.technical`.
    """
    file = parse(data)
    if not isinstance(file, dict) or file.get("type") != "technical" or not isinstance(file.get("results"), list):
        raise ValueError("not a technical evaluation")
    results = [_result(one) for one in file["results"]]
    by_stmt = {result.stmt: result for result in results}
    if len(by_stmt) != len(results):
        raise ValueError("a proposal has two results")
    return Technical(hashlib.sha256(data).hexdigest(), by_stmt)


def _result(value: Json) -> TechnicalResult:
    try:
        steps = tuple(Step(**step) for step in value["arithmetic"])
        made = TechnicalResult(value["stmt"], value["points"], value["qualified"], steps)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a technical result: {error}") from error
    texts = (made.stmt, *(text for step in steps for text in (step.label, step.expression, step.value)))
    is_proper = all(isinstance(text, str) for text in texts) and is_int(made.points, 0, MOST)
    if not is_proper or type(made.is_qualified) is not bool or jcs(made.to_json()) != jcs(value):
        raise ValueError("not a technical result as bundles carry it")
    return made
