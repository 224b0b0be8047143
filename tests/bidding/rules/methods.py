"""Every method with a notice that it can be run by: what the tests of the rules share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bidding.draw import Seeds
from bidding.evaluation import evaluate
from bidding.scoring import read_scoring
from bidding.types import (
    DrawRule,
    Evaluation,
    Exclusion,
    Fault,
    NoticeTerms,
    OpenedBid,
    Technical,
    TechnicalResult,
    Verdict,
)

Json = dict[str, Any]

BASE = 100_000_000
BOX, ROOT = "0a" * 32, "0b" * 32
SEEDS = Seeds(agency=b"\1" * 32, contributions=(b"\2" * 32,))
WORKS_3 = {"full": 80, "slope": "20", "base": 90, "pass_mark": 95, "plateau": 90_250}


def tech(full: int, threshold: int | None = 85_000) -> Json:
    return {
        "criteria": [{"code": "1", "name": "기술 능력", "full": full, "parent": None}],
        "full": full,
        "threshold": threshold,
        "drop": "none",
        "rank_gap": None,
        "least_evaluators": 1,
        "blind": False,
    }


def formula(full: int = 20, **changes: Any) -> Json:
    plain = {"full": full, "reference": "estimated-price", "reference_won": None, "mark": 80, "low": 60, "extra": "2"}
    return {**plain, "lifted": False, "below_low": "line", "lowest_over": "qualified", **changes}


SCORING: Mapping[str, Json | None] = {
    "quote": None,
    "qualification": {"table": WORKS_3, "net_cost": {"won": "91000000", "rate": 98_000}},
    "lowest": None,
    "negotiation": {"technical": tech(80), "price": formula(), "ceiling_won": None},
    "two-stage": {"technical": tech(100), "form": "simultaneous"},
    "desired-quantity": {"quantity": 1_000, "unit": "톤"},
    "sale": {},
    "best-value": {"technical": tech(60), "price": {"full": 40, "formula": "linear"}, "ceiling_won": None},
    "reverse-auction": {
        "rounds": 3,
        "round_seconds": 300,
        "step_rate": 500,
        "extend_seconds": 60,
        "last_seconds": 60,
    },
}
METHODS = tuple(SCORING)
PRICED = ("quote", "qualification", "lowest", "two-stage", "desired-quantity", "sale", "reverse-auction")


def terms_of(method: str, scoring: Json | None = None, **more: Any) -> NoticeTerms:
    """A notice of `method`, with the usual scoring or another."""
    floor = 88_000 if method in ("quote", "qualification") else None
    given = SCORING[method] if scoring is None else scoring
    return NoticeTerms("R26BK00000001-000", method, floor, "test", scoring=read_scoring(method, given), **more)


def rule_of(terms: NoticeTerms, **more: Any) -> DrawRule:
    """The draw that fits the notice."""
    return DrawRule(base={"1": BASE}, quantity=getattr(terms.scoring, "quantity", None), **more)


def bid(number: int, amount_won: int, quantity: int | None = None) -> OpenedBid:
    picks = (number % 15 + 1, (number + 4) % 15 + 1)
    nonce = (number % 2**256).to_bytes(32, "big")
    return OpenedBid(f"{number:064x}", f"s{number}", amount_won, picks, nonce, f"b{number}", quantity)


def fault(number: int, verdict: Verdict = Verdict.MALFORMED) -> Fault:
    return Fault(f"{number:064x}", f"s{number}", verdict, "ciphertext", f"b{number}")


def technical(points: Mapping[str, int], terms: NoticeTerms) -> Technical:
    """Results with these points (ten-thousandths), qualified by the notice's threshold."""
    assert terms.technical is not None
    qualifies = terms.technical.qualifies
    return Technical("7e" * 32, {stmt: TechnicalResult(stmt, one, qualifies(one)) for stmt, one in points.items()})


def run(
    terms: NoticeTerms,
    found: Sequence[OpenedBid | Fault],
    points: Mapping[str, int] | None = None,
    rule: DrawRule | None = None,
    exclusions: Sequence[Exclusion] = (),
) -> Evaluation:
    """The whole evaluation. `points`: technical points by stmt; without them every proposal has all of them."""
    given = None
    if terms.technical is not None:
        whole = {one.stmt: terms.technical.full * 10_000 for one in found}
        given = technical(whole if points is None else points, terms)
    box = {"box_id": BOX, "box_root": ROOT, "seeds": SEEDS, "exclusions": exclusions, "technical": given}
    return evaluate(terms, rule if rule is not None else rule_of(terms), found=found, **box)  # type: ignore[arg-type]


def placed(evaluation: Evaluation) -> dict[int, tuple[int | None, str]]:
    """Rank and reason by the bid's number."""
    return {int(placing.stmt, 16): (placing.rank, str(placing.reason)) for placing in evaluation.placings}
