"""From draft to notice: two persons, exactly the box that was shown, the draw's three modes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app import audit, time
from app.db import db, transaction
from app.errors import Forbidden, IllegalTransition, InvalidInput, NotFound, RuleBroken, SamePerson, StaleConfirmation
from app.tlog.canon import jcs
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import Plan, draft
from bidding.services.access import get_tender
from bidding.services.drafting import save_draft
from bidding.services.publishing import publish, send_back, submit_for_review, take_back
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import PLAN, an_agency, bidders, place, published

BASE = PLAN.base_amount_won


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def drafted(agency: Agency, plan: Plan = PLAN) -> Tender:
    now = time.now()
    with transaction():
        return draft(agency, plan, now, closes_at=now + timedelta(hours=1))


def submitted(agency: Agency, keyholder: Panel, plan: Plan = PLAN, prices: list[int] | None = None) -> Tender:
    tender = drafted(agency, plan)
    with transaction():
        return submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder, prices=prices or [])


def test_the_officer_submits_and_a_second_person_publishes(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder)
    assert tender.state == TenderState.IN_REVIEW
    with transaction():
        publish(tender.id, str(tender.box_id), agency.approver, time.now())
    assert tender.state == TenderState.PUBLISHED
    assert tender.submitted_by_id != tender.approved_by_id
    assert tender.box_note is not None
    assert "tender.published" in {entry.type for entry in audit.entries_of(str(tender.reference))}


def test_who_submitted_does_not_publish(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder)
    with transaction():
        tender.submitted_by_id = agency.approver.person_id  # one person who holds both roles
    with pytest.raises(SamePerson), transaction():
        publish(tender.id, str(tender.box_id), agency.approver, time.now())


def test_the_database_itself_wants_two_persons(agency: Agency, keyholder: Panel) -> None:
    tender = published(agency, keyholder)
    with pytest.raises(IntegrityError, match="ck_tenders_two_persons"), transaction():
        tender.approved_by_id = tender.submitted_by_id
    with pytest.raises(IntegrityError, match="ck_tenders_published_by_two"), transaction():
        db.session.get_one(Tender, tender.id).approved_by_id = None


def test_an_officer_does_not_publish_at_all(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder)
    with transaction():
        tender.submitted_by_id = agency.approver.person_id
    with pytest.raises(Forbidden), transaction():
        publish(tender.id, str(tender.box_id), agency.officer, time.now())


def test_another_agency_touches_nothing_and_sees_nothing(agency: Agency, keyholder: Panel) -> None:
    tender, other = submitted(agency, keyholder), an_agency(2)
    acts: list[Callable[[], object]] = [
        lambda: publish(tender.id, str(tender.box_id), other.approver, time.now()),
        lambda: send_back(tender.id, "no", other.approver, time.now()),
        lambda: take_back(tender.id, other.officer, time.now()),
        lambda: submit_for_review(tender.id, other.officer, time.now(), panel=keyholder),
    ]
    for act in acts:
        with pytest.raises(Forbidden), transaction():
            act()
    with pytest.raises(NotFound):
        get_tender(str(tender.reference), other.officer)
    with pytest.raises(NotFound):
        get_tender(str(tender.reference), bidders(1)[0].actor)
    assert tender.state == TenderState.IN_REVIEW


@pytest.mark.parametrize("box", ["", "0" * 64])
def test_a_box_that_was_not_shown_is_not_published(agency: Agency, keyholder: Panel, box: str) -> None:
    tender = submitted(agency, keyholder)
    with pytest.raises(StaleConfirmation), transaction():
        publish(tender.id, box, agency.approver, time.now())


def test_the_box_of_an_earlier_submission_is_stale(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder)
    first, number = str(tender.box_id), tender.number
    with transaction():
        take_back(tender.id, agency.officer, time.now())
    assert tender.box is None
    with transaction():
        save_draft(tender.id, {"base_amount_won": BASE + 1_000_000}, agency.officer)
        submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder)
    assert tender.number == number
    with pytest.raises(StaleConfirmation), transaction():
        publish(tender.id, first, agency.approver, time.now())


def test_sending_back_voids_the_box_and_says_why(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder)
    with transaction():
        send_back(tender.id, "수량을 다시 확인", agency.approver, time.now())
    assert (tender.state, tender.box, tender.seeds, tender.khkeys("price")) == (TenderState.DRAFT, None, [], {})
    assert tender.review_comment == "수량을 다시 확인"
    with pytest.raises(IllegalTransition), transaction():
        publish(tender.id, "", agency.approver, time.now())


def test_only_a_draft_is_submitted_and_only_what_is_in_review_goes_back(agency: Agency, keyholder: Panel) -> None:
    tender = published(agency, keyholder)
    with pytest.raises(IllegalTransition), transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder)
    with pytest.raises(IllegalTransition), transaction():
        take_back(tender.id, agency.officer, time.now())
    with pytest.raises(IllegalTransition), transaction():
        publish(tender.id, str(tender.box_id), agency.approver, time.now())


def test_a_refused_submission_gives_its_number_back(agency: Agency, keyholder: Panel) -> None:
    first, second = drafted(agency), drafted(agency)
    with transaction():
        first.base_amount_won = None
    with pytest.raises(RuleBroken), transaction():
        submit_for_review(first.id, agency.officer, time.now(), panel=keyholder)
    with transaction():
        submit_for_review(second.id, agency.officer, time.now(), panel=keyholder)
    assert str(second.number).endswith("BK00000001")


def test_a_deadline_that_has_passed_in_review_stops_the_publication(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder)
    assert tender.closes_at is not None
    with pytest.raises(RuleBroken), transaction():
        publish(tender.id, str(tender.box_id), agency.approver, tender.closes_at)


@pytest.mark.parametrize("mode", ["M1", "M2", "M3"])
def test_each_mode_of_the_draw_seals_who_it_needs_before_the_notice(
    agency: Agency, keyholder: Panel, stage: Stage, mode: str
) -> None:
    tender = published(agency, keyholder, Plan("예비가격 방식", BASE, more={"draw_mode": mode}))
    expected = {"M1": ["@agency"], "M2": ["@agency", "@A"], "M3": ["@agency", "@prices"]}[mode]
    assert [seed["statement"]["supplier"] for seed in tender.seeds] == expected
    for bidder, won in zip(bidders(2), (90_000_000, 91_000_000), strict=True):
        place(tender, bidder, won)
    stage.close(tender)
    stage.open(tender)
    assert db.session.get_one(Tender, tender.id).state == TenderState.OPENED


def given(low: int = BASE * 98 // 100, step: int = 210_000) -> list[int]:
    return [low + step * number for number in range(15)]


M3 = Plan("예비가격 직접 작성", BASE, more={"draw_mode": "M3"})


def test_given_prices_are_sealed_and_nowhere_in_the_row(agency: Agency, keyholder: Panel) -> None:
    tender = submitted(agency, keyholder, M3, given())
    row = jcs([tender.seeds, tender.box]).decode() + "".join(tender.khkeys("price").values())
    assert not any(str(won) in row for won in given())


@pytest.mark.parametrize(
    "prices",
    [
        given()[:14],
        [*given()[:14], BASE * 102 // 100 + 101],
        [BASE * 98 // 100 - 1, *given()[1:]],
    ],
)
def test_given_prices_that_are_not_fifteen_or_out_of_range_are_refused(
    agency: Agency, keyholder: Panel, prices: list[int]
) -> None:
    with pytest.raises(InvalidInput):
        submitted(agency, keyholder, M3, prices)


def test_prices_at_the_very_edges_are_taken(agency: Agency, keyholder: Panel) -> None:
    edges = [BASE * 98 // 100, *given()[1:14], BASE * 102 // 100 + 100]
    assert submitted(agency, keyholder, M3, edges).state == TenderState.IN_REVIEW


def test_prices_are_given_in_mode_three_only(agency: Agency, keyholder: Panel) -> None:
    with pytest.raises(InvalidInput):
        submitted(agency, keyholder, PLAN, given())
