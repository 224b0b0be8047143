"""Random terms, bids, technical results and reviews of every method, for two evaluations to agree on."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.tlog.canon import b64u
from bidding.draw import Seeds
from bidding.evaluation import evaluate
from bidding.review import Review
from bidding.rules.qualification import passes, price_score
from bidding.scoring import read_scoring
from bidding.standing import stand, table_of
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
METHODS = (
    *("quote", "lowest", "qualification", "negotiation", "two-stage", "best-value", "desired-quantity", "sale"),
    "reverse-auction",
)
WITHOUT_PRICES = ("negotiation", "best-value", "sale", "reverse-auction")
PASSED, FAILED = "pass", "fail"
KINDS = ("qualification", "negotiation", "disqualification", "refusal", "lot-limit", "reinstatement")


@dataclass(frozen=True, slots=True)
class Case:
    """`asked` is what the second verifier is given; `evaluation` and `standings` are what it must find."""

    asked: Json
    evaluation: Evaluation
    standing: Json | None


def cases(count: int, seed: int = 0) -> Iterator[Case]:
    for number in range(count):
        yield _case(METHODS[number % len(METHODS)], random.Random(f"{seed} {number}"))


def _case(method: str, chance: random.Random) -> Case:
    is_bare = method in WITHOUT_PRICES and chance.random() < 0.5
    scoring = _scoring(method, chance, is_bare=is_bare)
    a_value = chance.choice((0, 0, 5_000_000)) if method in ("quote", "qualification") else 0
    terms = NoticeTerms(
        "R26BK00000001-000",
        method,
        chance.choice((80_000, 87_745)) if method in ("quote", "qualification") else None,
        "test",
        a_value_won=a_value,
        regime=chance.choice(("national", "local")),
        is_rebid=chance.random() < 0.3,
        scoring=read_scoring(method, scoring) if scoring is not None else None,
    )
    rule = _rule(scoring, is_bare=is_bare)
    seeds = Seeds(agency=b"\1" * 32, contributions=() if is_bare else (b"\2" * 32,))
    found = [_bid(chance, number, rule) for number in range(chance.choice((0, 1, 2, 3, 5, 9)))]
    exclusions = [Exclusion(one.stmt, "sanctioned", "법 제27조") for one in found if chance.random() < 0.1]
    technical = _technical(chance, found) if terms.technical is not None else None
    evaluation = evaluate(
        terms, rule, box_id=BOX, box_root=ROOT, seeds=seeds, found=found, exclusions=exclusions, technical=technical
    )
    asked: Json = {
        "terms": terms.to_json(),
        "rule": rule.to_json(),
        "agency": b64u(seeds.agency),
        "contributions": [b64u(one) for one in seeds.contributions],
        "bids": [_line(one) for one in found],
        "exclusions": [one.to_json() for one in exclusions],
        "technical": _told(technical) if technical is not None else None,
    }
    if method == "reverse-auction":
        return Case(asked, evaluation, None)
    reviews, wanted = list(_reviews(chance, evaluation)), chance.choice((1, 1, 2))
    standing = stand(evaluation.to_json(), reviews, wanted=wanted).to_json()
    return Case(asked | {"reviews": [one.to_json() for one in reviews], "wanted": wanted}, evaluation, standing)


def _rule(scoring: Json | None, *, is_bare: bool) -> DrawRule:
    if is_bare:
        return DrawRule.from_json(
            {
                "mode": "M0", "rule": {"kind": "none", "lo": 0, "hi": 0, "n": 0}, "pick": 0, "choose": 0, "base": {},
                "round": "exact", "order": "drawn", "beacon": None,
            }
        )  # fmt: skip
    return DrawRule(base={"1": BASE}, quantity=(scoring or {}).get("quantity"))


def _scoring(method: str, chance: random.Random, *, is_bare: bool) -> Json | None:
    full = chance.choice((10, 20, 40))
    ceiling = chance.choice((None, "99000000"))
    if method == "qualification" and chance.random() < 0.8:
        return {
            "table": {
                "full": chance.choice((50, 80, 90)),
                "slope": chance.choice(("2", "20", "3/8")),
                "base": chance.choice((88, 90)),
                "pass_mark": chance.choice((85, 95)),
                "plateau": chance.choice((None, 90_250)),
            },
            "net_cost": chance.choice((None, {"won": "85000000", "rate": 98_000})),
        }
    if method == "negotiation":
        is_given = is_bare or chance.random() < 0.3
        price = {
            "full": full,
            "reference": "given" if is_given else "estimated-price",
            "reference_won": "100000000" if is_given else None,
            "mark": chance.choice((70, 80)),
            "low": 60,
            "extra": chance.choice(("2", "1/2", "0")),
            "lifted": chance.random() < 0.5,
            "below_low": chance.choice(("line", "flat")),
            "lowest_over": chance.choice(("valid", "qualified")),
        }
        return {"technical": _tech(chance, 100 - full), "price": price, "ceiling_won": ceiling}
    if method == "two-stage":
        return {"technical": _tech(chance, 100), "form": chance.choice(("simultaneous", "separate"))}
    if method == "best-value":
        formula = chance.choice(("lowest-over-bid", "linear", "budget-share"))
        own = ceiling or ("99000000" if is_bare else None)
        return {"technical": _tech(chance, 100 - full), "price": {"full": full, "formula": formula}, "ceiling_won": own}
    if method == "desired-quantity":
        return {"quantity": chance.choice((50, 300)), "unit": "톤"}
    if method == "sale":
        return {"minimum_won": "80000000"} if is_bare else {}
    if method == "reverse-auction":
        return {"rounds": 3, "round_seconds": 60, "step_rate": 500, "extend_seconds": 20, "last_seconds": 20}
    return None


def _tech(chance: random.Random, full: int) -> Json:
    return {
        "criteria": [{"code": "1", "name": "기술", "full": full, "parent": None}],
        "full": full,
        "threshold": chance.choice((None, 85_000)),
        "drop": chance.choice(("none", "extremes")),
        "rank_gap": None,
        "least_evaluators": 1,
        "blind": False,
    }


def _bid(chance: random.Random, number: int, rule: DrawRule) -> OpenedBid | Fault:
    stmt, supplier, bid = hashlib.sha256(f"{number}".encode()).hexdigest(), f"{number:010d}", f"b{number}"
    if chance.random() < 0.08:
        return Fault(stmt, supplier, chance.choice((Verdict.MALFORMED, Verdict.INVALID)), "amount", bid)
    low, high = chance.choice(((85, 100), (50, 105)))
    return OpenedBid(
        stmt,
        supplier,
        chance.randrange(low, high + 1) * 1_000_000 + chance.choice((0, 0, 12_345)),
        tuple(chance.sample(range(1, 16), 2)) if rule.mode != "M0" else (),
        number.to_bytes(32, "big"),
        bid,
        chance.choice((10, 40, 100)) if rule.quantity is not None else None,
    )


def _technical(chance: random.Random, found: list[OpenedBid | Fault]) -> Technical:
    stmts = [one.stmt for one in found] + [hashlib.sha256(f"out {n}".encode()).hexdigest() for n in range(2)]
    results = [
        TechnicalResult(stmt, chance.choice((500_000, 512_345, 600_000)), chance.random() < 0.8) for stmt in stmts
    ]
    return Technical("7e" * 32, {one.stmt: one for one in results})


def _told(technical: Technical) -> Json:
    results = [
        {"stmt": one.stmt, "points": one.points, "qualified": one.is_qualified} for one in technical.results.values()
    ]
    return {"sha256": technical.sha256, "results": results}


def _line(found: OpenedBid | Fault) -> Json:
    if isinstance(found, Fault):
        return {
            "stmt": found.stmt, "supplier": found.supplier, "verdict": str(found.verdict), "reason": found.reason,
        }  # fmt: skip
    line: Json = {
        "stmt": found.stmt, "supplier": found.supplier, "verdict": "opened", "amount": str(found.amount_won),
        "picks": list(found.picks), "nonce": b64u(found.nonce),
    }  # fmt: skip
    return line if found.quantity is None else line | {"quantity": found.quantity}


def _reviews(chance: random.Random, evaluation: Evaluation) -> Iterator[Review]:
    """Any decisions in any order, a qualification's with the result that its points give."""
    terms = evaluation.terms
    scoring = terms.to_json().get("scoring", {})
    ranked = [placing for placing in evaluation.placings if placing.rank is not None]
    for number in range(chance.choice((0, 1, 3, 6)) if ranked else 0):
        placing = chance.choice(ranked)
        kind = chance.choice(
            ("qualification", "negotiation", "disqualification", "refusal", "lot-limit", "reinstatement")
        )
        points, result = None, PASSED if kind == "reinstatement" else FAILED
        if kind in ("qualification", "negotiation"):
            result = chance.choice((PASSED, FAILED))
        table = table_of(scoring)
        if kind == "qualification" and table is not None and evaluation.estimated_price_won is not None:
            points = min(chance.choice((0, 50_000, 200_000, 1_000_000)), table.others * 10_000)
            assert placing.amount_won is not None
            priced = price_score(table, placing.amount_won, evaluation.estimated_price_won, terms.a_value_won)
            result = PASSED if passes(table, priced, points) else FAILED
        agreed: Json = {}
        if kind == "negotiation" == terms.method and result == PASSED and chance.random() < 0.7:
            limits = [placing.amount_won or 0, evaluation.estimated_price_won, int(scoring.get("ceiling_won") or 0)]
            agreed = {"agreed": str(min(limit for limit in limits if limit) - chance.choice((1, 1_000_000)))}
        yield Review.from_json(
            agreed
            | {
                "v": 1, "type": "review", "tender": terms.tender, "lot": terms.lot, "stmt": placing.stmt, "kind": kind,
                "result": result, "reason": "" if result == PASSED else "documents-missing",
                "legal_basis": "" if result == PASSED else "국가계약법 시행규칙 제44조", "points": points,
                "evidence": [hashlib.sha256(f"{number}".encode()).hexdigest()],
                "approvals": ["person:1", "person:2"], "at": "2026-11-24T01:00:00.000000Z",
            }
        )  # fmt: skip
