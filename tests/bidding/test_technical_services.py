"""Proposals before prices: who evaluates, what stays sealed until when, and whose price is never opened."""

from __future__ import annotations

from app import files
from app.db import db
from app.tlog.canon import parse
from bidding.models import Bundle, Opening
from bidding.verify import is_sound, verify
from tests.bidding.conftest import Stage
from tests.bidding.evaluating import NEGOTIATION, PRICE, evaluating, work


def test_prices_are_opened_only_of_those_who_pass_and_ranked_by_the_total(stage: Stage) -> None:
    made = evaluating(stage)
    assert made.tender.state == "evaluating"
    assert {one.state for one in made.bids} == {"presented"}
    made.score({0: 95, 1: 84, 2: 90})
    made.fix(stage)
    assert made.tender.state == "opening"
    assert [one.state for one in made.bids] == ["presented", "unqualified", "presented"]
    work(stage)
    assert made.tender.state == "opened"
    first, out, second = made.bids
    assert (first.rank, second.rank) == (1, 2)
    assert (out.state, out.amount_won, out.cek, out.rank) == ("unqualified", None, None, None)
    evaluation = db.session.get_one(Opening, made.tender.id).evaluation
    placings = {placing["stmt"]: placing for placing in evaluation["placings"]}
    assert placings[first.stmt]["points"]["technical"] == 760_000
    assert out.stmt not in placings
    assert parse(out.envelope)["wraps"] == {}  # nobody can open it any more
    bundle = db.session.get_one(Bundle, (made.tender.id, "opening"))
    report = verify(files.load(bundle.sha256))
    assert is_sound(report), [str(check) for check in report if check.result == "FAIL"]
    assert {check.code: str(check.result) for check in report}["V27"] == "PASS"


def test_where_the_lowest_of_all_prices_counts_all_are_opened_and_the_unqualified_have_no_place(stage: Stage) -> None:
    price = {**PRICE, "lowest_over": "valid"}
    made = evaluating(stage, scoring={**NEGOTIATION, "price": price})
    made.score({0: 95, 1: 84, 2: 90})
    made.fix(stage)
    work(stage)
    first, out, second = made.bids
    assert (first.rank, second.rank) == (1, 2)
    assert (out.state, out.amount_won, out.rank, out.reason) == ("opened", 85_000_000, None, "not-qualified")
    evaluation = db.session.get_one(Opening, made.tender.id).evaluation
    lowest = next(step for step in evaluation["arithmetic"] if step["label"] == "lowest-price")
    assert (lowest["expression"], lowest["value"]) == ("valid", "85000000")
    report = verify(files.load(db.session.get_one(Bundle, (made.tender.id, "opening")).sha256))
    assert is_sound(report), [str(check) for check in report if check.result == "FAIL"]
