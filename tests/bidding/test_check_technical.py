"""Check V27: whatever is changed between the evaluators' signatures and the published result, it is found."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from app.tlog.canon import jcs
from bidding.bundle import Bundle, Keys, LoggedEvent
from bidding.checks import Broken, Case, Skipped
from bidding.checks_technical import v27_technical
from bidding.notice_terms import NoticeTerms
from bidding.rules.technical import Sheet, left_out, score_technical, scores_of, technical_json
from bidding.scoring import read_scoring
from tests.bidding.evaluating import NEGOTIATION, PRICE, TECH, points

Json = dict[str, Any]
TENDER = "R26BK00000001-000"
STMTS = ("a" * 64, "b" * 64, "c" * 64)
BY_TWO = ["person:1", "person:2"]


def sheets() -> list[Sheet]:
    shares = {STMTS[0]: 95, STMTS[1]: 80}
    filled = [Sheet(stmt, {f"E{n}": points(share) for n in (1, 2, 3)}) for stmt, share in shares.items()]
    return [*filled, Sheet(STMTS[2], {})]


def case(change: Callable[[Json, list[Json]], None] = lambda _file, _log: None, scoring: Json = NEGOTIATION) -> Case:
    """An honest evaluation, changed: the file, or the entries of the log, before either is hashed."""
    signed = sheets()
    log: list[Json] = [
        {"type": "technical.sheet", "evaluator": code, "scores_sha256": sha256(scores_of(code, signed))}
        for code in ("E1", "E2", "E3")
    ]
    file = technical_json(TENDER, "1", signed, score_technical(TECH, signed), ("E1", "E2", "E3"))
    opens_all = scoring["price"]["lowest_over"] == "valid"
    out = left_out(score_technical(TECH, signed), opens_all=opens_all)
    log += [
        {"type": "technical.fixed", "approvals": BY_TWO},
        {"type": "tender.unqualified", "stmts": out, "approvals": BY_TWO},
    ]
    change(file, log)
    for entry in log:
        if entry["type"] != "technical.sheet":
            entry.setdefault("technical_sha256", sha256(file))
    made = Case(Bundle({"technical.json": jcs(file)}), Keys("", "", "", {}))
    made.box = {"tender": TENDER, "first": "docs"}
    terms = NoticeTerms(TENDER, "negotiation", None, "test", scoring=read_scoring("negotiation", scoring))
    made.notice = {"terms": terms.to_json()}
    made.entries = [{"stmt": stmt} for stmt in STMTS]
    made.unqualified = set(log[-1].get("stmts", ()))
    made.events = [LoggedEvent(n, entry, None, ()) for n, entry in enumerate(log)]
    made.is_opened = True
    return made


def sha256(value: Json) -> str:
    return hashlib.sha256(jcs(value)).hexdigest()


def test_an_honest_evaluation_passes_and_what_nobody_could_read_is_told() -> None:
    made = case()
    assert v27_technical(made) == "3 evaluator(s), 3 proposal(s), 2 left out"
    assert "could not be read" in made.warnings[0]


def test_where_every_price_is_needed_only_what_could_not_be_read_is_left_out() -> None:
    scoring = {**NEGOTIATION, "price": {**PRICE, "lowest_over": "valid"}}
    assert v27_technical(case(scoring=scoring)).endswith("1 left out")


def raise_a_score(file: Json, _log: list[Json]) -> None:
    """And count on: the result follows, the signature does not."""
    file["sheets"][1]["scores"]["E2"] = points(99)
    again = [Sheet(one["stmt"], one["scores"]) for one in file["sheets"]]
    file["results"] = [one.to_json() for one in score_technical(TECH, again)]


def raise_a_result(file: Json, _log: list[Json]) -> None:
    file["results"][1] |= {"points": 700_000, "qualified": True}


def forget_a_proposal(file: Json, _log: list[Json]) -> None:
    del file["sheets"][1], file["results"][1]


def leave_out_another(_file: Json, log: list[Json]) -> None:
    log[-1]["stmts"] = [STMTS[0], STMTS[2]]


def leave_out_nobody(_file: Json, log: list[Json]) -> None:
    log[-1]["stmts"] = []


def fix_alone(_file: Json, log: list[Json]) -> None:
    log[-2]["approvals"] = ["person:1", "person:1"]


def fix_another(_file: Json, log: list[Json]) -> None:
    log[-2]["technical_sha256"] = "0" * 64


def sign_late(_file: Json, log: list[Json]) -> None:
    log.insert(-1, log.pop(0))


def sign_twice(_file: Json, log: list[Json]) -> None:
    log.insert(0, deepcopy(log[0]))


def sign_nothing(_file: Json, log: list[Json]) -> None:
    del log[0]


def name_another(file: Json, _log: list[Json]) -> None:
    file["evaluators"] = ["E1", "E2", "E4"]


@pytest.mark.parametrize(
    "change",
    [
        raise_a_score, raise_a_result, forget_a_proposal, leave_out_another, leave_out_nobody, fix_alone, fix_another,
        sign_late, sign_twice, sign_nothing, name_another,
    ],
    ids=lambda change: change.__name__,
)  # fmt: skip
def test_every_change_is_found(change: Callable[[Json, list[Json]], None]) -> None:
    with pytest.raises(Broken, match=r"."):
        v27_technical(case(change))


def test_it_does_not_apply_where_no_proposals_are_scored_and_then_there_is_no_result() -> None:
    made = case()
    made.box = {"tender": TENDER}
    with pytest.raises(Broken, match="scores no proposals"):
        v27_technical(made)
    made.bundle = Bundle({})
    with pytest.raises(Skipped):
        v27_technical(made)
