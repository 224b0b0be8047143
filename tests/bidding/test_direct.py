"""수의계약 after a failed tender: two persons, within the estimated price, one contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, NotEligible, SamePerson
from bidding import queries
from bidding.front import awards_without_contract, mark_contracted
from bidding.keyholder.panel import Panel
from bidding.models import DirectAward, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import announce
from bidding.services.direct import approve_direct, ask_direct, ceiling_of, refuse_direct
from bidding.services.drafting import save_draft
from bidding.services.renotice import rebid, renotice
from bidding.services.revisions import ask_revision
from bidding.states import DirectState, TenderState
from contracts.jobs import draft
from contracts.models import Contract
from suppliers.front import get_summary
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


@pytest.fixture
def failed(agency: Agency, bidder: Bidder, keyholder: Panel, stage: Stage) -> Tender:
    """A single bid, never opened."""
    tender = published(agency, keyholder)
    place(tender, bidder, 90_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert tender.state == TenderState.FAILED
    return tender


def asked(tender: Tender, agency: Agency, amount: int = 90_000_000, **more: str) -> DirectAward:
    with transaction():
        return ask_direct(tender.id, amount, "다른 입찰자가 없음", agency.officer, time.now(), **more)


def approved(tender: Tender, agency: Agency) -> DirectAward:
    direct = asked(tender, agency)
    with transaction():
        return approve_direct(direct.id, agency.approver, time.now())


def test_two_persons_give_the_single_bidder_one_contract(failed: Tender, agency: Agency, bidder: Bidder) -> None:
    direct = approved(failed, agency)
    assert (direct.organisation_id, direct.ground) == (bidder.actor.organisation_id, "one-quote")
    assert (failed.id, direct.id) in awards_without_contract()
    for _ in range(2):
        draft(str(failed.id))
    contract = db.session.scalars(select(Contract)).one()
    assert (contract.amount_won, contract.supplier_id) == (90_000_000, bidder.actor.organisation_id)
    with transaction():
        mark_contracted(failed.id, contract.bid_id, agency.officer, time.now())
    assert direct.contracted_at is not None
    assert failed.state == TenderState.FAILED
    assert (failed.id, direct.id) not in awards_without_contract()


def test_the_ceiling_is_the_base_amount_where_no_price_was_drawn(failed: Tender, agency: Agency) -> None:
    assert ceiling_of(failed) == failed.base_amount_won
    for amount in (0, ceiling_of(failed) + 1):
        with pytest.raises(InvalidInput) as refusal:
            asked(failed, agency, amount)
        assert refusal.value.facts["field"] == "amount_won"
    assert asked(failed, agency, ceiling_of(failed)).state == DirectState.ASKED


def test_nobody_decides_alone_and_nobody_of_elsewhere(failed: Tender, agency: Agency) -> None:
    direct = asked(failed, agency)
    both = replace(agency.officer, permissions=agency.approver.permissions)
    with pytest.raises(SamePerson), transaction():
        approve_direct(direct.id, both, time.now())
    for actor in (agency.officer, an_agency(2).approver):
        with pytest.raises((SamePerson, Forbidden)), transaction():
            approve_direct(direct.id, actor, time.now())
    with pytest.raises(Forbidden), transaction():
        ask_direct(failed.id, 1_000, "까닭", agency.approver, time.now())
    with pytest.raises(IntegrityError, match="two_persons"), transaction():
        direct.state, direct.decided_by_id, direct.decided_at = "approved", direct.asked_by_id, time.now()


def test_while_it_waits_no_other_road_is_taken_and_refused_all_are_open(failed: Tender, agency: Agency) -> None:
    direct = asked(failed, agency)
    with pytest.raises(AlreadyDone):
        asked(failed, agency)
    with pytest.raises(AlreadyDone), transaction():
        renotice(failed.id, agency.officer, time.now())
    with pytest.raises(IllegalTransition), transaction():
        ask_revision(failed.id, "cancellation", "필요 없음", {}, agency.officer, time.now())
    with transaction():
        refuse_direct(direct.id, agency.approver, time.now())
    assert asked(failed, agency).id != direct.id
    assert db.session.scalar(select(func.count()).select_from(DirectAward)) == 2


def test_what_is_followed_or_given_up_has_no_direct_contract(failed: Tender, agency: Agency) -> None:
    with transaction():
        ask_revision(failed.id, "cancellation", "필요 없음", {}, agency.officer, time.now())
    with pytest.raises(AlreadyDone):
        asked(failed, agency)


def test_two_bids_in_a_first_notice_leave_no_such_road(agency: Agency, keyholder: Panel, stage: Stage) -> None:
    tender = published(agency, keyholder)
    for one in bidders(2):
        place(tender, one, 150_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    with pytest.raises(IllegalTransition):
        asked(tender, agency)
    with transaction():
        rebid(tender.id, agency.officer, time.now())


def test_the_pages_lead_through_it(
    failed: Tender, agency: Agency, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    place_ = f"/tenders/{failed.reference}"
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    page = client.get(f"{place_}/after-failure?lang=en").text
    assert "With the single bidder" in page
    assert "Supplier 1" not in page
    data = {"amount_won": "100,000,001", "reason": "다른 입찰자가 없음"}
    answer = client.post(f"{place_}/direct?lang=en", data=data)
    assert answer.status_code == 422
    assert "100,000,001" in answer.text
    client.post(f"{place_}/direct", data=data | {"amount_won": "90,000,000"})
    direct = queries.direct_of(failed.id)
    assert direct is not None
    assert "Supplier 1" in client.get(f"{place_}/after-failure?lang=en").text
    assert "Supplier 1" not in client.get(f"{place_}?lang=en").text
    sign_in(client, db.session.get_one(Person, agency.approver.person_id))
    assert "Contract with this firm without competition?" in client.get(f"{place_}/after-failure?lang=en").text
    assert client.post(f"{place_}/direct/{direct.id}/approve").status_code == 302
    public = client.get(f"{place_}?lang=en").text
    assert "90,000,000" in public
    assert "Supplier 1" in public
    assert "수의계약" in client.get(f"{place_}?lang=ko").text


def test_after_a_failed_renotice_the_officer_names_an_eligible_firm(
    failed: Tender, agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    now = time.now()
    with transaction():
        again = renotice(failed.id, agency.officer, now)
        hours = {name: now + timedelta(hours=n) for n, name in enumerate(("bids_from_at", "closes_at", "opens_at"))}
        save_draft(again.id, hours, agency.officer)
        announce(agency, again, keyholder, now)
    stage.close(again)
    stage.open(again)
    db.session.expire_all()
    assert (again.state, again.bid_count) == (TenderState.FAILED, 0)
    (firm,) = bidders(1, first=7)
    assert firm.actor.organisation_id is not None
    number = get_summary(firm.actor.organisation_id).business_number
    for wrong in ("", "000-00-00000"):
        with pytest.raises(InvalidInput) as refusal:
            asked(again, agency, business_number=wrong)
        assert refusal.value.facts["field"] == "business_number"
    with transaction():
        again.regions = ["26"]
    with pytest.raises(NotEligible):
        asked(again, agency, business_number=number)
    with transaction():
        again.regions = []
    direct = asked(again, agency, business_number=number)
    with transaction():
        again.regions = ["26"]
    with pytest.raises(NotEligible), transaction():  # looked at again by the second person's approval
        approve_direct(direct.id, agency.approver, time.now())
    assert (direct.ground, direct.organisation_id) == ("renotice-failed", firm.actor.organisation_id)
