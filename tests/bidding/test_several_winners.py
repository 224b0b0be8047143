"""Several winners, one of whom does not sign: it alone loses its award, and what it leaves goes down the ranking."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app import files, time
from app.db import db, transaction
from app.errors import IllegalTransition, RuleBroken, SamePerson
from bidding.front import mark_contracted
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bundle, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import Plan
from bidding.review import Kind
from bidding.services.awarding import confirm_award, propose_award, reconsider_award
from bidding.services.standings import standing_of
from bidding.states import TenderState
from bidding.verify import verdict_of, verify
from contracts.models import Contract
from tests.bidding.conftest import Stage
from tests.bidding.reviewing import REFUSED, award, bid_ranked, shown, take_out
from tests.bidding.second_verifier import assert_agreed
from tests.bidding.staging import an_agency, bidders, place, published

QUANTITY = {"scoring": {"quantity": 1_000, "unit": "톤"}}
SALT = Plan("염화칼슘 구매", 250_000, kind="goods", method="desired-quantity", floor_rate=None, more=QUANTITY)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def shared(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    """1,000 tonnes: 600 and 300 as offered, 100 of the 200 of the third, nothing of the fourth; awarded."""
    tender = published(agency, keyholder, SALT)
    for bidder, amount, quantity in zip(bidders(4), range(220_000, 224_000, 1_000), (600, 300, 200, 500), strict=True):
        place(tender, bidder, amount, quantity=quantity)
    opened(tender, stage)
    award(tender, agency)
    stage.work()
    assert shares(tender) == [(1, 600), (2, 300), (3, 100)]
    return tender


def opened(tender: Tender, stage: Stage) -> None:
    stage.close(tender)
    stage.open(tender)
    stage.work()
    db.session.expire_all()


def awards(tender: Tender) -> list[Award]:
    query = select(Award).where(Award.tender_id == tender.id).order_by(Award.place)
    return list(db.session.scalars(query.execution_options(populate_existing=True)))


def shares(tender: Tender) -> list[tuple[int | None, int | None]]:
    """Rank of the opening and quantity of each award, in the order of their places."""
    return [(one.bid.rank, one.quantity) for one in awards(tender)]


def contracts(tender: Tender) -> set[tuple[int | None, int | None, str]]:
    found = db.session.scalars(select(Contract).where(Contract.tender_id == tender.id))
    ranks = {bid_ranked(tender, rank).id: rank for rank in range(1, 5)}
    return {(ranks[one.bid_id], one.quantity, str(one.state)) for one in found}


def sign(tender: Tender, rank: int, agency: Agency) -> None:
    with transaction():
        mark_contracted(tender.id, bid_ranked(tender, rank).id, agency.officer, time.now())


def test_one_refusal_leaves_the_others_and_gives_what_it_leaves_down_the_ranking(
    shared: Tender, agency: Agency, stage: Stage
) -> None:
    kept = awards(shared)[0]
    take_out(shared, 2, agency, Kind.REFUSAL, REFUSED)
    stage.work()
    assert (shared.state, shares(shared)) == (TenderState.OPENED, [(1, 600)])
    assert kept.confirmed_at is not None
    assert contracts(shared) == {(1, 600, "drafted"), (2, 300, "lapsed"), (3, 100, "lapsed")}
    sign(shared, 1, agency)  # it needs to wait for nobody
    with pytest.raises(IllegalTransition):
        sign(shared, 2, agency)
    award(shared, agency)
    stage.work()
    assert (shared.state, shares(shared)) == (TenderState.AWARDED, [(1, 600), (3, 200), (4, 200)])
    assert {(1, 600, "drafted"), (3, 200, "drafted"), (4, 200, "drafted")} < contracts(shared)
    assert {one.stage for one in awards(shared)} == {"award-2"}
    published_again = files.load(db.session.get_one(Bundle, (shared.id, "award-2")).sha256)
    assert verdict_of(verify(published_again)) is None
    assert_agreed(published_again)
    for rank in (3, 4):
        sign(shared, rank, agency)
    assert shared.state == TenderState.CONTRACTED


def test_what_is_signed_for_a_smaller_quantity_stays_and_the_refusal_is_not_decided(
    shared: Tender, agency: Agency
) -> None:
    sign(shared, 3, agency)
    with pytest.raises(RuleBroken, match="concluded"):
        take_out(shared, 2, agency, Kind.REFUSAL, REFUSED)
    db.session.expire_all()
    assert (shared.state, shares(shared)) == (TenderState.AWARDED, [(1, 600), (2, 300), (3, 100)])


def test_a_proposal_that_is_sent_back_takes_nothing_from_who_keeps_an_award(shared: Tender, agency: Agency) -> None:
    take_out(shared, 2, agency, Kind.REFUSAL, REFUSED)
    with transaction():
        propose_award(shared.id, shown(shared), agency.officer, time.now())
    assert [one.confirmed_at is None for one in awards(shared)] == [False, True, True]
    both = agency.officer.__class__(
        **{name: getattr(agency.officer, name) for name in agency.officer.__dataclass_fields__}
        | {"permissions": agency.approver.permissions}
    )
    with pytest.raises(SamePerson), transaction():
        confirm_award(shared.id, shown(shared), both, time.now())
    with transaction():
        reconsider_award(shared.id, "다시 보기", agency.approver, time.now())
    assert shares(shared) == [(1, 600)]
    award(shared, agency)
    assert shares(shared) == [(1, 600), (3, 200), (4, 200)]


def test_who_keeps_an_award_can_still_be_disqualified_and_what_it_had_goes_on(shared: Tender, agency: Agency) -> None:
    take_out(shared, 2, agency, Kind.REFUSAL, REFUSED)
    take_out(shared, 1, agency)
    assert shares(shared) == []
    award(shared, agency)
    assert shares(shared) == [(3, 200), (4, 500)]


def test_of_a_framework_the_next_bid_takes_the_place_or_nobody_does(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    plan = Plan(
        "사무용지 단가계약", 250_000, kind="goods", method="lowest", floor_rate=None, more={"framework_winners": 2}
    )
    tender = published(agency, keyholder, plan)
    for number, bidder in enumerate(bidders(3)):
        place(tender, bidder, 220_000 + number)
    opened(tender, stage)
    award(tender, agency)
    take_out(tender, 1, agency, Kind.REFUSAL, REFUSED)
    assert [rank for rank, _ in shares(tender)] == [2]
    award(tender, agency)
    assert [rank for rank, _ in shares(tender)] == [2, 3]
    take_out(tender, 3, agency, Kind.REFUSAL, REFUSED)
    sign(tender, 2, agency)
    assert tender.state == TenderState.OPENED
    standing = standing_of(tender)
    assert standing is not None
    assert len(standing.winners) == 1
    award(tender, agency)  # nobody is left for the second place, and the first has signed
    assert tender.state == TenderState.CONTRACTED
