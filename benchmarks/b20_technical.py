"""B20: technical scores of 300 proposals by 9 evaluators and 20 criteria, outliers included. The floor: the sums."""

from __future__ import annotations

import random
import time as clock
from typing import Any

from benchmarks.table import Line, line
from bidding.criteria import read_tech
from bidding.rules.outliers import outliers
from bidding.rules.technical import Sheet, score_technical

PROPOSALS, EVALUATORS, CRITERIA = 300, 9, 20
FULL = 5  # points a criterion


def sheets(chance: random.Random) -> list[Sheet]:
    return [
        Sheet(
            f"{n:064x}",
            {
                f"E{e}": {str(c): chance.randrange(FULL * 10_000 + 1) for c in range(1, CRITERIA + 1)}
                for e in range(1, EVALUATORS + 1)
            },
        )
        for n in range(PROPOSALS)
    ]


def rule() -> dict[str, Any]:
    criteria = [{"code": str(c), "name": f"c{c}", "full": FULL, "parent": None} for c in range(1, CRITERIA + 1)]
    return {
        "criteria": criteria, "full": FULL * CRITERIA, "threshold": 50_000, "drop": "extremes", "rank_gap": 10_000,
        "least_evaluators": EVALUATORS, "blind": True,
    }  # fmt: skip


def run() -> list[Line]:
    """The lines of this benchmark; it needs no store."""
    given, tech = sheets(random.Random(20)), rule()
    began = clock.process_time()
    totals = [sum(sum(scores.values()) for scores in sheet.scores.values()) for sheet in given]
    least = clock.process_time() - began
    began = clock.process_time()
    results = score_technical(tech, given)
    found = outliers(read_tech(tech), given)
    used = clock.process_time() - began
    assert len(results) == len(totals) == PROPOSALS
    assert all(one.evaluator.startswith("E") for one in found)
    name = f"{PROPOSALS} proposals, {EVALUATORS} evaluators, {CRITERIA} criteria scored, processor time"
    return [line("B20", name, used, "s", least, "< 2 s")]
