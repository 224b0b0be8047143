"""입찰무효: what the opening finds by itself, what it leaves to the officer, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Bid, BidBond, Opening, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import Plan
from bidding.rules.bonds import bond_of, is_enough
from bidding.rules.data import find_grounds
from bidding.rules.validity import LIST, BidFacts, Bond, check_bids, codes_for, exclusions_from
from bidding.services.figures import bond_end
from bidding.types import Reason
from suppliers.front import record_identity
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published


def bid(number: int, **facts: object) -> BidFacts:
    return BidFacts(f"{number:064x}", 90_000_000, **facts)  # type: ignore[arg-type]


def out(*facts: BidFacts, rate: int | None = None) -> list[tuple[int, str]]:
    found = check_bids(facts, rate)
    excluded = exclusions_from(found, [fact.stmt for fact in facts], find_grounds("national", date(2026, 11, 24)))
    return [(int(one.stmt, 16), one.reason) for one in excluded]


def test_one_person_behind_two_bids_voids_both_and_no_third() -> None:
    same = frozenset({"a" * 64})
    assert out(bid(1, people=same), bid(2), bid(3, people=same)) == [
        (1, "duplicate-representative"),
        (3, "duplicate-representative"),
    ]


def test_two_of_one_name_are_for_the_officer_to_look_at() -> None:
    found = check_bids([bid(1, names=frozenset({"김철수"})), bid(2, names=frozenset({"김철수"}))], None)
    assert [[(one.code, one.result, one.note) for one in each] for each in found.values()] == [
        [("duplicate-representative", "look", "same-name")]
    ] * 2
    assert out(bid(1, names=frozenset({"김철수"})), bid(2, names=frozenset({"김철수"}))) == []


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("sanctioned", "sanctioned"),
        ("business-kind", "business-kind"),
        ("region", "region-mismatch"),
        ("licence-expired", "licence-missing"),
        ("registered-too-late", "not-eligible"),
        ("size", "not-eligible"),
    ],
)
def test_what_the_register_says_of_the_day_of_the_deadline(reason: str, code: str) -> None:
    assert out(bid(1, ineligible=frozenset({reason}))) == [(1, code)]
    assert out(bid(1, ineligible=frozenset({reason}), is_other_now=True)) == []


def test_a_change_that_was_asked_for_before_the_bid_voids_it_a_later_one_is_looked_at() -> None:
    assert out(bid(1, changed="before"), bid(2, changed="after")) == [(1, "registration-changed")]
    assert check_bids([bid(2, changed="after")], None)[f"{2:064x}"][0].result == "look"


@pytest.mark.parametrize(
    ("bond", "note"),
    [
        (None, "none"),
        (Bond("guarantee", 4_500_000, False), "late"),
        (Bond("cash", 4_499_999, True), "too-small"),
        (Bond("cash", 4_500_000, True), ""),
        (Bond("undertaking", None, True), ""),
    ],
)
def test_a_bond_is_five_percent_and_in_time_where_one_is_asked(bond: Bond | None, note: str) -> None:
    found = check_bids([bid(1, bond=bond)], 5_000)
    assert [one.note for one in found.get(f"{1:064x}", [])] == ([note] if note else [])
    assert check_bids([bid(1)], None) == {}


@given(st.integers(1, 10**15), st.integers(1, 100_000))
def test_the_least_bond_is_enough_and_a_won_less_is_not(amount: int, rate: int) -> None:
    least = bond_of(amount, rate)
    assert is_enough("cash", least, amount, rate)
    assert not is_enough("cash", least - 1, amount, rate)


def test_every_ground_has_its_law_in_both_regimes() -> None:
    for regime in ("national", "local"):
        grounds = find_grounds(regime, date(2026, 11, 24))
        assert all(grounds[str(one.code)].legal_basis.startswith(("국가", "지방")) for one in LIST)
        assert set(codes_for("disqualification")) >= {str(one.code) for one in LIST}
    assert len({one.code for one in LIST}) == len(LIST)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def opened(agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage, **more: object) -> Tender:
    tender = published(agency, keyholder, Plan("도서관 책장 구매", 100_000_000, more=dict(more)))
    for number, bidder in enumerate(cast):
        place(tender, bidder, 90_000_000 + number)
    return tender


def test_the_opening_keeps_out_one_person_behind_two_firms(agency: Agency, keyholder: Panel, stage: Stage) -> None:
    cast, now = bidders(4), time.now()
    tender = opened(agency, cast, keyholder, stage)
    with transaction():
        for bidder, name in ((cast[0], "대표 1"), (cast[2], "대표 3")):
            assert bidder.actor.organisation_id is not None
            record_identity(bidder.actor.organisation_id, name, "ab" * 32, now)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    opening = db.session.get_one(Opening, tender.id)
    reasons = [one["reason"] for one in opening.evaluation["exclusions"]]
    assert reasons == [Reason.DUPLICATE_REPRESENTATIVE] * 2
    assert opening.evaluation["valid"] == 2
    assert sorted(len(one) for one in opening.findings.values()) == [1, 1]


def test_the_opening_wants_the_bond_that_the_notice_asked_for(agency: Agency, keyholder: Panel, stage: Stage) -> None:
    cast = bidders(3)
    tender = opened(agency, cast, keyholder, stage, bid_bond_rate=5_000)
    assert tender.closes_at is not None
    in_time = bond_end(tender) - timedelta(minutes=1)
    given = [("guarantee", 4_600_000, "G-1", in_time), ("undertaking", None, "", in_time)]
    with transaction():
        for bidder, (kind, covers, number, at) in zip(cast, given, strict=False):
            db.session.add(
                BidBond(
                    tender_id=tender.id,
                    organisation_id=bidder.actor.organisation_id,
                    kind=kind,
                    covers_won=covers,
                    number=number,
                    given_by_id=bidder.actor.person_id,
                    given_at=at,
                )
            )
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    opening = db.session.get_one(Opening, tender.id)
    assert [one["reason"] for one in opening.evaluation["exclusions"]] == ["bond-missing"]
    assert opening.evaluation["exclusions"][0]["legal_basis"] == "국가계약법 시행규칙 제44조제1항제2호"


def test_the_page_of_the_grounds_says_how_sure_each_article_is(
    agency: Agency, keyholder: Panel, stage: Stage, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    tender = opened(agency, bidders(2), keyholder, stage)
    stage.close(tender)
    stage.open(tender)
    bid_id = db.session.scalars(select(Bid.id).where(Bid.tender_id == tender.id).limit(1)).one()
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    page = client.get(f"/tenders/{tender.reference}/bids/{bid_id}/checks?lang=en").text
    read, unread = (
        next(row for row in page.split("<tr>") if word in row)
        for word in ("Name or representatives changed and not registered", "Late")
    )
    assert "Published text" in read
    assert "제44조제1항제6호의3" in read
    assert "Assumed" in unread
    assert "The number of the item was not read in the text" in unread
    korean = client.get(f"/tenders/{tender.reference}/bids/{bid_id}/checks?lang=ko").text
    assert "호 번호는 본문에서 확인하지 못함" in korean
