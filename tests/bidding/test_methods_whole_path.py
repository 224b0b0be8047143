"""Desired quantity, sale and review with a price table: from the notice to a bundle that verifies, through services."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import files
from app.db import db, transaction
from app.documents import issued_about
from app.errors import InvalidInput, RuleBroken
from bidding.checks import Result
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Bundle, Opening, Tender
from bidding.payload import make_price
from bidding.rehearsal.stages import Plan
from bidding.states import TenderState
from bidding.verify import verdict_of, verify
from tests.bidding.conftest import Stage
from tests.bidding.reviewing import award
from tests.bidding.rules.methods import WORKS_3
from tests.bidding.second_verifier import assert_agreed
from tests.bidding.staging import an_agency, bidders, place, published

Json = dict[str, Any]
SCORED = ("V19", "V20", "V21", "V22")


def opened(stage: Stage, tender: Tender) -> Json:
    """Closed, opened; its evaluation. The published bundle passes every check."""
    stage.close(tender)
    stage.open(tender)
    stage.work()
    db.session.expire_all()
    verified(tender, "opening")
    return db.session.get_one(Opening, tender.id).evaluation


def verified(tender: Tender, at: str) -> None:
    bundle = files.load(db.session.get_one(Bundle, (tender.id, at)).sha256)
    assert_agreed(bundle)
    report = verify(bundle)
    assert verdict_of(report) is None, [check for check in report if check.result is Result.FAIL]
    assert {check.code for check in report if check.result is Result.PASS} >= set(SCORED)


def test_what_is_wanted_is_bought_from_several_and_the_last_is_cut(app: Flask, keyholder: Panel, stage: Stage) -> None:
    more = {"scoring": {"quantity": 1_000, "unit": "톤"}}
    plan = Plan("염화칼슘 구매", 250_000, kind="goods", method="desired-quantity", floor_rate=None, more=more)
    agency, (first, second, third) = an_agency(), bidders(3)
    tender = published(agency, keyholder, plan)
    place(tender, first, 230_000, quantity=700)
    place(tender, second, 220_000, quantity=600)
    place(tender, third, 240_000, quantity=50)
    evaluation = opened(stage, tender)
    assert [(one["amount"], one["quantity"], one["allotted"]) for one in evaluation["placings"]] == [
        ("220000", 600, 600),
        ("230000", 700, 400),
        ("240000", 50, 0),
    ]
    kept = db.session.scalars(select(Bid).where(Bid.tender_id == tender.id).order_by(Bid.rank)).all()
    assert [(bid.amount_won, bid.quantity) for bid in kept] == [(220_000, 600), (230_000, 700), (240_000, 50)]
    award(tender, agency)
    stage.work()
    awards = db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)).all()
    assert [(one.amount_won, one.quantity) for one in awards] == [(220_000, 600), (230_000, 400)]
    verified(tender, "award")


def test_an_offer_of_more_than_is_wanted_opens_as_invalid(app: Flask, keyholder: Panel, stage: Stage) -> None:
    more = {"scoring": {"quantity": 1_000, "unit": "톤"}}
    plan = Plan("염화칼슘 구매", 250_000, kind="goods", method="desired-quantity", floor_rate=None, more=more)
    tender = published(an_agency(), keyholder, plan)
    for bidder, quantity in zip(bidders(3), (10, 1_001, 20), strict=True):
        place(tender, bidder, 230_000, quantity=quantity)
    evaluation = opened(stage, tender)
    assert [(one["reason"], one.get("quantity")) for one in evaluation["placings"]] == [
        ("valid", 20),
        ("valid", 10),
        ("invalid", None),
    ]
    assert make_price(230_000, (1, 2), quantity=1_001)  # sealed it can be: only the opening sees it


def test_a_sale_at_a_published_price_goes_to_the_highest(app: Flask, keyholder: Panel, stage: Stage) -> None:
    more = {"scoring": {"minimum_won": "90000000"}, "draw_mode": "M0"}
    plan = Plan("불용 차량 매각", 90_000_000, kind="goods", method="sale", floor_rate=None, more=more)
    agency, (low, high, under) = an_agency(), bidders(3)
    tender = published(agency, keyholder, plan)
    assert tender.box is not None
    assert (tender.box["draw"]["mode"], tender.box["draw"]["base"]) == ("M0", {})
    place(tender, low, 90_000_000, ())
    place(tender, high, 91_000_000, ())
    place(tender, under, 89_999_999, ())
    evaluation = opened(stage, tender)
    assert [(one["amount"], one["reason"]) for one in evaluation["placings"]] == [
        ("91000000", "valid"),
        ("90000000", "valid"),
        ("89999999", "below-estimated-price"),
    ]
    assert evaluation["estimated_price"] is None
    award(tender, agency)
    stage.work()
    assert db.session.scalars(select(Award)).one().amount_won == 91_000_000
    verified(tender, "award")
    papers = {kind for kind in ("opening-record", "award-notice") if issued_about(tender.audit_subject, kind)}
    assert papers == {"opening-record", "award-notice"}  # without an estimated price
    for language in ("ko", "en"):
        for page in (f"/tenders/{tender.reference}/result", f"/tenders/{tender.reference}/draw"):
            answer = app.test_client().get(page, headers={"Accept-Language": language})
            assert answer.status_code == 200
            told = "예비가격이 없습니다" if language == "ko" else "no reserve prices"
            assert told in answer.text


def test_a_review_with_a_price_table_shows_points_and_what_is_needed(
    app: Flask, keyholder: Panel, stage: Stage
) -> None:
    scoring = {"table": WORKS_3, "net_cost": {"won": "80000000", "rate": 98_000}}
    more = {"scoring": scoring, "a_value_won": 1_000_000}
    plan = Plan("배수로 정비 공사", 100_000_000, kind="works", method="qualification", floor_rate=80_000, more=more)
    tender = published(an_agency(), keyholder, plan)
    for bidder, amount in zip(bidders(4), (93_000_000, 85_000_000, 70_000_000, 95_000_000), strict=True):
        place(tender, bidder, amount)
    evaluation = opened(stage, tender)
    told = {one["amount"]: (one["rank"], one["reason"]) for one in evaluation["placings"]}
    assert told == {
        "93000000": (1, "valid"),
        "95000000": (2, "valid"),
        "85000000": (None, "cannot-pass"),
        "70000000": (None, "below-floor"),
    }
    assert evaluation["placings"][0]["points"] == {"price": 750_000, "needed": 200_000}
    assert [step["label"] for step in evaluation["arithmetic"]][-2:] == ["net-cost", "net-cost-limit"]
    assert db.session.get_one(Tender, tender.id).state == TenderState.OPENED


@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("sale", {"scoring": {}, "draw_mode": "M0"}),
        ("sale", {"scoring": {"minimum_won": "5"}}),
        ("desired-quantity", {"scoring": {"quantity": 0, "unit": "톤"}}),
        ("desired-quantity", {}),
        ("lowest", {"draw_mode": "M0"}),
        ("negotiation", {"scoring": {}}),
    ],
)
def test_a_notice_that_cannot_be_evaluated_is_not_published(
    app: Flask, keyholder: Panel, method: str, more: Json
) -> None:
    with pytest.raises((InvalidInput, RuleBroken)):
        published(an_agency(), keyholder, Plan("잘못된 공고", 90_000_000, method=method, floor_rate=None, more=more))


def test_the_database_refuses_a_method_without_its_scoring(app: Flask, keyholder: Panel) -> None:
    tender = published(an_agency(), keyholder)
    with pytest.raises(IntegrityError, match="scoring_fits_method"), transaction():
        db.session.get_one(Tender, tender.id).scoring = {}
