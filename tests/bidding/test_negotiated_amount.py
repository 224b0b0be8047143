"""협상에 의한 계약: the price that a negotiation ended with, from its review to the contract and the bundle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import files, time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import IllegalTransition, InvalidInput
from app.tlog.canon import digest, jcs, parse
from bidding import bundle
from bidding.models import BidReview, Bundle, Tender
from bidding.review import Kind, Review, reviews_sha256
from bidding.services.reviewing import open_case, propose_result
from bidding.services.standings import standing_of
from bidding.verify import verdict_of, verify
from contracts.models import Contract
from tests.bidding.conftest import Stage
from tests.bidding.evaluating import Evaluation, evaluating, work
from tests.bidding.reviewing import agree, award, bid_ranked
from tests.bidding.second_verifier import assert_agreed
from tests.bidding.staging import an_agency, bidders, place, published

AGREED = 81_000_000


def negotiated(stage: Stage, app: Flask) -> Evaluation:
    """Opened, ranked by the total, before anybody has negotiated."""
    made = evaluating(stage)
    made.score({0: 90, 1: 90, 2: 90})
    made.fix(stage)
    work(stage)
    db.session.expire_all()
    assert made.tender.state == "opened"
    return made


def case_of(made: Evaluation) -> BidReview:
    first = bid_ranked(made.tender, 1)
    with transaction():
        return open_case(made.tender.id, first.id, Kind.NEGOTIATION, made.agency.officer, time.now())


def settled(made: Evaluation, agreed_won: int | None) -> BidReview:
    case = case_of(made)
    with transaction():
        propose_result(case.id, None, "합의", made.agency.officer, time.now(), agreed_won=agreed_won)
    return agree(case, made.agency)


def published_files(tender: Tender, stage: Stage) -> dict[str, bytes]:
    work(stage)
    found = db.session.get_one(Bundle, (tender.id, "award"))
    return dict(bundle.read(files.load(found.sha256)).files)


def test_the_agreed_amount_is_what_is_awarded_and_contracted_and_every_verifier_finds_it(
    app: Flask, stage: Stage, client: FlaskClient
) -> None:
    made = negotiated(stage, app)
    own = bid_ranked(made.tender, 1).amount_won
    assert own is not None
    assert own > AGREED
    review = settled(made, AGREED)
    assert review.item is not None
    assert review.item["agreed"] == str(AGREED)
    assert award(made.tender, made.agency).amount_won == AGREED
    card = client.get(f"/tenders/{made.tender.reference}/result").text.partition('class="outcome"')[2][:1500]
    assert "81,000,000원" in card
    assert f"투찰금액은 {own:,}원" in card
    inside = published_files(made.tender, stage)
    assert db.session.scalars(select(Contract)).one().amount_won == AGREED
    assert parse(inside["award.json"])["amount"] == str(AGREED)
    sound = bundle.pack({path: data for path, data in inside.items() if path != "MANIFEST"})
    assert verdict_of(verify(sound)) is None
    assert_agreed(sound)
    for tamper, code in ((lower_alone, "V26"), (lower_everywhere, "V23"), (above_the_bid(own), "V26")):
        spoiled = {path: data for path, data in inside.items() if path != "MANIFEST"}
        tamper(spoiled)
        packed = bundle.pack(spoiled)
        assert verdict_of(verify(packed)) == code, tamper
        assert_agreed(packed)


def lower_alone(inside: dict[str, bytes]) -> None:
    """The review says less than the standing and the award."""
    items = parse(inside["reviews.json"])
    items[0]["agreed"] = str(AGREED - 1)
    inside["reviews.json"] = jcs(items)


def lower_everywhere(inside: dict[str, bytes]) -> None:
    """Consistent but for the log."""
    lower_alone(inside)
    items = parse(inside["reviews.json"])
    standing = parse(inside["standing.json"])
    standing["reviews_sha256"] = reviews_sha256([Review.from_json(item) for item in items])
    standing["winners"][0]["amount"] = str(AGREED - 1)
    step = standing["placings"][0]["arithmetic"][-1]
    step["expression"], step["value"] = step["expression"].replace(str(AGREED), str(AGREED - 1)), str(AGREED - 1)
    inside["standing.json"] = jcs(standing)
    said = {"amount": str(AGREED - 1), "standing": digest("standing", jcs(standing)).hex()}
    inside["award.json"] = jcs(parse(inside["award.json"]) | said)


def above_the_bid(own: int) -> Callable[[dict[str, bytes]], None]:
    def tamper(inside: dict[str, bytes]) -> None:
        items = parse(inside["reviews.json"])
        items[0]["agreed"] = str(own)
        inside["reviews.json"] = jcs(items)

    return tamper


def test_what_changed_nothing_leaves_the_review_as_it_always_was(app: Flask, stage: Stage) -> None:
    made = negotiated(stage, app)
    own = bid_ranked(made.tender, 1).amount_won
    review = settled(made, own)
    assert review.item is not None
    assert "agreed" not in review.item
    standing = standing_of(made.tender)
    assert standing is not None
    assert standing.winners[0].amount_won == own


def test_more_than_was_bid_is_told_on_the_page_and_nothing_typed_is_lost(
    app: Flask, stage: Stage, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    made = negotiated(stage, app)
    case = case_of(made)
    own = bid_ranked(made.tender, 1).amount_won
    assert own is not None
    with pytest.raises(InvalidInput), transaction():
        propose_result(case.id, None, "합의", made.agency.officer, time.now(), agreed_won=own + 1)
    sign_in(client, db.session.get_one(Person, made.agency.officer.person_id))
    page = f"/tenders/{made.tender.reference}/reviews/{case.id}"
    data = {"result": "pass", "agreed_won": f"{own + 1:,}", "explanation": "가격을 다시 협의함"}
    answer = client.post(f"{page}/result?lang=en", data=data)
    assert answer.status_code == 422
    assert f"{own + 1:,}" in answer.text
    assert "가격을 다시 협의함" in answer.text
    assert "not above the amount bid" in answer.text
    assert client.post(f"{page}/result", data=data | {"agreed_won": f"{AGREED:,}"}).status_code == 302
    db.session.expire_all()
    assert case.agreed_won == AGREED
    assert f"{AGREED:,}" in client.get(f"{page}?lang=ko").text


def test_by_another_method_nothing_is_negotiated(app: Flask, stage: Stage) -> None:
    agency = an_agency()
    tender = published(agency, stage.keyholder)
    for bidder in bidders(2):
        place(tender, bidder, 90_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    bid = bid_ranked(tender, 1)
    with pytest.raises(IllegalTransition), transaction():
        open_case(tender.id, bid.id, Kind.NEGOTIATION, agency.officer, time.now())
