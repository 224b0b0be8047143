"""B21: 10,000 bids drawn, judged, placed and hashed with all their traces, by each method. Beside it: their sorting and
the spelling of what comes out as canonical JSON, which no evaluation can go without."""

from __future__ import annotations

import hashlib
import random
import time as clock
from typing import Any

from app.tlog.canon import jcs
from benchmarks.table import Line, line
from bidding.draw import Seeds
from bidding.evaluation import digest_of, evaluate
from bidding.scoring import read_scoring
from bidding.types import DrawRule, NoticeTerms, OpenedBid, Technical, TechnicalResult

BIDS = 10_000
BASE = 100_000_000
SEEDS = Seeds(agency=b"\1" * 32, contributions=(b"\2" * 32,))


def tech(full: int) -> dict[str, Any]:
    criteria = [{"code": "1", "name": "기술", "full": full, "parent": None}]
    return {
        "criteria": criteria, "full": full, "threshold": 85_000, "drop": "none", "rank_gap": None,
        "least_evaluators": 1, "blind": False,
    }  # fmt: skip


FORMULA = {
    "full": 20, "reference": "estimated-price", "reference_won": None, "mark": 80, "low": 60, "extra": "2",
    "lifted": False, "below_low": "line", "lowest_over": "qualified",
}  # fmt: skip
TABLE = {"full": 80, "slope": "20", "base": 90, "pass_mark": 95, "plateau": 90_250}
SCORING: dict[str, dict[str, Any] | None] = {
    "quote": None,
    "lowest": None,
    "qualification": {"table": TABLE, "net_cost": {"won": "80000000", "rate": 98_000}},
    "desired-quantity": {"quantity": 100_000, "unit": "톤"},
    "sale": {},
    "two-stage": {"technical": tech(100), "form": "simultaneous"},
    "negotiation": {"technical": tech(80), "price": FORMULA, "ceiling_won": None},
    "best-value": {"technical": tech(60), "price": {"full": 40, "formula": "linear"}, "ceiling_won": None},
}


def found(method: str, chance: random.Random) -> list[OpenedBid]:
    """Prices at hundreds of won, so that some are equal and a lot is drawn."""
    offers = method == "desired-quantity"
    return [
        OpenedBid(
            hashlib.sha256(f"{n}".encode()).hexdigest(),
            f"{n:010d}",
            chance.randrange(850_000, 1_050_000) * 100,
            tuple(chance.sample(range(1, 16), 2)),
            n.to_bytes(32, "big"),
            f"b{n}",
            chance.randrange(1, 100) if offers else None,
        )
        for n in range(BIDS)
    ]


def run() -> list[Line]:
    """One line a method: processor time of the evaluation with its digest."""
    return [_timed(method) for method in SCORING]


def _timed(method: str) -> Line:
    chance = random.Random(21)
    scoring = read_scoring(method, SCORING[method])
    floor = 80_000 if method in ("quote", "qualification") else None
    terms = NoticeTerms("R26BK00000001-000", method, floor, "test", scoring=scoring)
    bids = found(method, chance)
    results = {bid.stmt: TechnicalResult(bid.stmt, chance.randrange(500_000, 600_000), True) for bid in bids}
    technical = Technical("7e" * 32, results) if terms.technical is not None else None
    rule = DrawRule(base={"1": BASE}, quantity=getattr(scoring, "quantity", None))
    began = clock.process_time()
    evaluation = evaluate(
        terms, rule, box_id="0a" * 32, box_root="0b" * 32, seeds=SEEDS, found=bids, technical=technical
    )
    digest = digest_of(evaluation)
    used = clock.process_time() - began
    value = evaluation.to_json()
    began = clock.process_time()
    ordered = sorted(bids, key=lambda bid: (bid.amount_won, bid.stmt))
    spelled = jcs(value)
    least = clock.process_time() - began
    assert len(ordered) == len(value["placings"]) == BIDS
    assert len(digest) == 64
    assert spelled
    name = f"{BIDS:,} bids evaluated with their traces: {method}, processor time"
    return line("B21", name, used, "s", least, "< 2 s")
