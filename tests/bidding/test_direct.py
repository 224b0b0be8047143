"""수의계약 after a failed tender: two persons, within the estimated price, one contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app import time
from app.audit.models import Event
from app.auth import Actor
from app.auth.models import Person
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotEligible,
    RuleBroken,
    SamePerson,
)
from app.tlog.canon import parse
from bidding import queries
from bidding.front import awards_without_contract, mark_contracted
from bidding.keyholder.panel import Panel
from bidding.models import DirectAward, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import announce
from bidding.services import complaint_decisions as deciding
from bidding.services.complaining import Filing, file_complaint
from bidding.services.complaint_decisions import Decision
from bidding.services.direct import approve_direct, ask_direct, ceiling_of, lapse_direct, refuse_direct, single_bidder
from bidding.services.drafting import save_draft, start_draft
from bidding.services.renotice import rebid, renotice
from bidding.services.revisions import ask_revision
from bidding.states import DirectState, TenderState
from contracts.jobs import draft, lapse
from contracts.models import Contract
from contracts.services.agreement import agree_to_contract, confirm_contract
from contracts.services.drafting import send_contract, set_terms, terms_of
from suppliers.front import get_summary
from tests.bidding.conftest import Stage
from tests.bidding.reviewing import bid_ranked, take_out
from tests.bidding.staging import an_agency, bidders, failed_of_one, place, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


@pytest.fixture
def failed(agency: Agency, bidder: Bidder, stage: Stage) -> Tender:
    return failed_of_one(agency, bidder, stage)


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
    short = client.post(f"{place_}/direct/{direct.id}/lapse?lang=en", data={"reason": "미체"})
    assert (short.status_code, "미체" in short.text) == (422, True)
    assert client.post(f"{place_}/direct/{direct.id}/lapse", data={"reason": "업체가 체결하지 않음"}).status_code == 302
    assert "Supplier 1" not in client.get(f"{place_}?lang=en").text


def another_firm() -> tuple[Bidder, str]:
    """Which has not bid, with its business number."""
    (firm,) = bidders(1, first=7)
    assert firm.actor.organisation_id is not None
    return firm, get_summary(firm.actor.organisation_id).business_number


def test_after_a_failed_renotice_the_officer_names_an_eligible_firm(
    failed: Tender, agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    again = renoticed(failed, agency, keyholder, stage)
    firm, number = another_firm()
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


def renoticed(failed: Tender, agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    """Announced again, and nobody bids."""
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
    return again


def signed(contract: Contract, agency: Agency, seller: Actor) -> None:
    drafted = terms_of(contract)
    assert drafted is not None
    terms = replace(drafted, delivery_place="시험청 별관")
    with transaction():
        set_terms(contract.number, terms, agency.officer, time.now())
    with transaction():
        send_contract(contract.number, terms.digest(contract.number, contract.amount_won), agency.officer, time.now())
    shown = contract.document_sha256 or ""
    with transaction():
        agree_to_contract(contract.number, shown, "보증 1", seller, time.now())
    with transaction():
        confirm_contract(contract.number, shown, agency.officer, time.now())


def test_the_whole_road_from_a_failure_to_a_signed_contract(
    failed: Tender, agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    again = renoticed(failed, agency, keyholder, stage)
    firm, number = another_firm()
    direct = asked(again, agency, business_number=number)
    with transaction():
        approve_direct(direct.id, agency.approver, time.now())
    draft(str(again.id))
    contract = db.session.scalars(select(Contract)).one()
    signed(contract, agency, firm.actor)
    assert (contract.state, direct.contracted_at is not None, again.state) == ("concluded", True, "failed")
    (event,) = [parse(one.body) for one in db.session.scalars(select(Event).where(Event.type == "tender.direct"))]
    told = {name: event[name] for name in ("supplier", "amount", "ceiling", "action", "ground", "tender")}
    assert told == {
        "supplier": direct.organisation.code,
        "amount": "90000000",
        "ceiling": str(again.base_amount_won),
        "action": "negotiated-contract",
        "ground": "renotice-failed",
        "tender": again.reference,
    }
    assert event["approvals"] == [agency.officer.handle, agency.approver.handle]
    with pytest.raises(RuleBroken), transaction():  # what is concluded stays
        lapse_direct(direct.id, "체결 후", agency.approver, time.now())


def test_a_firm_that_does_not_sign_leaves_every_road_open_again(failed: Tender, agency: Agency) -> None:
    direct = approved(failed, agency)
    draft(str(failed.id))
    both = replace(agency.officer, permissions=agency.approver.permissions)
    with pytest.raises(SamePerson), transaction():
        lapse_direct(direct.id, "계약 미체결", both, time.now())
    with pytest.raises(InvalidInput), transaction():
        lapse_direct(direct.id, " ", agency.approver, time.now())
    with transaction():
        lapse_direct(direct.id, "계약 미체결", agency.approver, time.now())
    lapse(str(failed.id), str(direct.id))
    contract = db.session.scalars(select(Contract)).one()
    assert (direct.state, contract.state, awards_without_contract()) == ("lapsed", "lapsed", [])
    with pytest.raises(IllegalTransition), transaction():
        mark_contracted(failed.id, direct.id, agency.officer, time.now())
    with transaction():
        assert renotice(failed.id, agency.officer, time.now()).previous_id == failed.id


def refused_by_the_database(match: str, statement: str, **values: object) -> None:
    with pytest.raises(IntegrityError, match=match), transaction():
        db.session.execute(text(statement), values)


def test_the_database_itself_lets_one_thing_come_of_a_failure(failed: Tender, agency: Agency) -> None:
    direct = approved(failed, agency)
    refused_by_the_database("came of this tender", "UPDATE tenders SET state = 'opened' WHERE id = :id", id=failed.id)
    with transaction():
        draft_ = start_draft(agency.officer, time.now(), title="다른 공고", kind="services", is_practice=True)
    refused_by_the_database(
        "came of the tender before", "UPDATE tenders SET previous_id = :of WHERE id = :id", of=failed.id, id=draft_.id
    )
    change = "UPDATE direct_awards SET {} WHERE id = :id"
    refused_by_the_database("stays as it was", change.format("amount_won = amount_won - 1"), id=direct.id)
    refused_by_the_database("stays as it was", change.format("decided_at = now()"), id=direct.id)
    copied = """INSERT INTO direct_awards (id, tender_id, state, organisation_id, amount_won, ceiling_won, action,
        ground, legal_basis, reason, asked_by_id, asked_at, lapse_reason) SELECT gen_random_uuid(), :tender, 'asked',
        organisation_id, amount_won, ceiling_won + :more, action, ground, legal_basis, reason, asked_by_id, asked_at,
        '' FROM direct_awards WHERE id = :id"""
    refused_by_the_database("uq_direct_awards_open", copied, tender=failed.id, more=0, id=direct.id)
    refused_by_the_database("only a failed tender", copied, tender=draft_.id, more=0, id=direct.id)
    with transaction():
        lapse_direct(direct.id, "계약 미체결", agency.approver, time.now())
    refused_by_the_database("above the estimated price", copied, tender=failed.id, more=1, id=direct.id)
    with transaction():
        again = renotice(failed.id, agency.officer, time.now())
    refused_by_the_database("another notice follows", copied, tender=failed.id, more=0, id=direct.id)
    assert again.previous_id == failed.id


def test_a_complaint_that_ends_the_tender_ends_what_came_of_it(failed: Tender, agency: Agency, bidder: Bidder) -> None:
    direct = approved(failed, agency)
    now = time.now()
    with transaction():
        filed = file_complaint(failed.id, Filing("failure", "유찰이 아닙니다.", "취소"), bidder.actor, now)
    with transaction():
        deciding.accept(filed.number, agency.officer, now)
    with transaction():
        deciding.propose(filed.number, Decision("upheld", "이유 있음", "cancel"), agency.officer, now)
    with transaction():
        deciding.confirm(filed.number, deciding.proposal_digest(filed), agency.approver, now)
    assert (failed.state, direct.state) == (TenderState.CANCELLED, "lapsed")


def test_whom_a_review_put_out_is_no_single_good_bidder(agency: Agency, keyholder: Panel, stage: Stage) -> None:
    tender = published(agency, keyholder)
    for one, amount in zip(bidders(2), (90_000_000, 91_000_000), strict=True):
        place(tender, one, amount)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert single_bidder(tender) is None
    second = bid_ranked(tender, 2)
    take_out(tender, 1, agency)
    assert single_bidder(tender) == second.organisation_id
    take_out(tender, 2, agency)
    assert single_bidder(tender) is None
