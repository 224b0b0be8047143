"""낙찰: two persons by the same digest, from a ranked bid, and the way back before it is final."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import Forbidden, IllegalTransition, SamePerson, StaleConfirmation
from app.jobs import Job
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Opening, Tender
from bidding.rehearsal.cast import Agency
from bidding.services.access import person_id
from bidding.services.awarding import confirm_award, propose_award, reconsider_award
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def opened(agency: Agency, keyholder: Panel, stage: Stage, *amounts: int) -> tuple[Tender, str]:
    """A tender after its opening, and the digest of its evaluation."""
    tender = published(agency, keyholder)
    for bidder, won in zip(bidders(len(amounts)), amounts, strict=True):
        place(tender, bidder, won)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender, db.session.get_one(Opening, tender.id).evaluation_digest


@pytest.fixture
def case(agency: Agency, keyholder: Panel, stage: Stage) -> tuple[Tender, str]:
    return opened(agency, keyholder, stage, 90_000_000, 91_000_000)


def propose(tender: Tender, digest: str, agency: Agency) -> Award:
    with transaction():
        return propose_award(tender.id, digest, agency.officer, time.now())


def confirm(tender: Tender, digest: str, agency: Agency) -> Award:
    with transaction():
        return confirm_award(tender.id, digest, agency.approver, time.now())


def test_two_persons_award_to_the_first_ranked_and_the_contract_follows(
    case: tuple[Tender, str], agency: Agency
) -> None:
    tender, digest = case
    propose(tender, digest, agency)
    assert tender.state == TenderState.PROPOSED
    award = confirm(tender, digest, agency)
    first = db.session.get_one(Bid, award.bid_id)
    assert (first.rank, first.amount_won, award.amount_won) == (1, 90_000_000, 90_000_000)
    assert award.proposed_by_id != award.confirmed_by_id
    wanted = {"contracts.draft", "bidding.publish_bundle", "bidding.issue_award_notice"}
    kinds = db.session.scalars(select(Job.kind).where(Job.payload["tender_id"].astext == str(tender.id)))
    assert wanted <= set(kinds)
    logged = db.session.scalars(select(Event).where(Event.type == "award.confirmed")).one()
    assert str(agency.officer.person_id).encode() in logged.body
    assert str(agency.approver.person_id).encode() in logged.body


def test_the_proposer_does_not_confirm(case: tuple[Tender, str], agency: Agency) -> None:
    tender, digest = case
    award = propose(tender, digest, agency)
    with transaction():
        award.proposed_by_id = person_id(agency.approver)  # who holds both roles
    with pytest.raises(SamePerson):
        confirm(tender, digest, agency)


def test_the_database_itself_wants_two_persons(case: tuple[Tender, str], agency: Agency) -> None:
    award = propose(*case, agency)
    with pytest.raises(IntegrityError, match="ck_awards_two_persons"), transaction():
        award.confirmed_by_id, award.confirmed_at = award.proposed_by_id, time.now()


def test_each_act_wants_its_role_and_its_agency(case: tuple[Tender, str], agency: Agency) -> None:
    (tender, digest), other, now = case, an_agency(2), time.now()
    for actor in (agency.approver, other.officer):
        with pytest.raises(Forbidden), transaction():
            propose_award(tender.id, digest, actor, now)
    propose(tender, digest, agency)
    for actor in (other.approver, other.officer):
        with pytest.raises(Forbidden), transaction():
            confirm_award(tender.id, digest, actor, now)
        with pytest.raises(Forbidden), transaction():
            reconsider_award(tender.id, "no", actor, now)
    with pytest.raises(Forbidden), transaction():
        reconsider_award(tender.id, "no", agency.officer, now)
    assert tender.state == TenderState.PROPOSED


def test_a_digest_that_was_not_shown_confirms_nothing(case: tuple[Tender, str], agency: Agency) -> None:
    tender, digest = case
    with pytest.raises(StaleConfirmation):
        propose(tender, "0" * 64, agency)
    propose(tender, digest, agency)
    with pytest.raises(StaleConfirmation):
        confirm(tender, "0" * 64, agency)
    assert tender.state == TenderState.PROPOSED


def test_nothing_is_confirmed_twice_or_out_of_turn(case: tuple[Tender, str], agency: Agency) -> None:
    tender, digest = case
    with pytest.raises(IllegalTransition):
        confirm(tender, digest, agency)
    propose(tender, digest, agency)
    with pytest.raises(IllegalTransition):
        propose(tender, digest, agency)
    confirm(tender, digest, agency)
    with pytest.raises(IllegalTransition):
        confirm(tender, digest, agency)
    with pytest.raises(IllegalTransition), transaction():
        reconsider_award(tender.id, "too late", agency.approver, time.now())


def test_a_proposal_sent_back_leaves_the_evaluation_and_can_be_made_again(
    case: tuple[Tender, str], agency: Agency
) -> None:
    tender, digest = case
    propose(tender, digest, agency)
    with transaction():
        reconsider_award(tender.id, "입찰자 확인 필요", agency.approver, time.now())
    assert (tender.state, tender.proposed_at) == (TenderState.OPENED, None)
    assert db.session.scalar(select(func.count()).select_from(Award)) == 0
    propose(tender, digest, agency)
    assert confirm(tender, digest, agency).confirmed_at


def test_a_tender_that_failed_at_the_opening_is_not_awarded(agency: Agency, keyholder: Panel, stage: Stage) -> None:
    tender, digest = opened(agency, keyholder, stage, 50_000_000, 150_000_000)
    assert tender.state == TenderState.FAILED
    with pytest.raises(IllegalTransition):
        propose(tender, digest, agency)


def test_before_the_opening_there_is_nothing_to_confirm(agency: Agency, keyholder: Panel) -> None:
    with pytest.raises(StaleConfirmation):
        propose(published(agency, keyholder), "", agency)
