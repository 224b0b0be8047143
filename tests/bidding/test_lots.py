"""Lots: one notice, several boxes. Drafted, published, changed and cancelled together; opened and awarded each by
itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import files, keys, time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from app.errors import IllegalTransition, InvalidInput, RuleBroken, StaleConfirmation
from bidding.keyholder.panel import Panel
from bidding.models import BidReview, Bundle, Tender
from bidding.rehearsal import stages
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.services import awarding, drafting, lot_drafting, lot_limits, reviewing, revisions
from bidding.services.cancelling import requests_of
from bidding.services.lots import boxes_digest, rows_of
from bidding.services.publishing import publish, send_back, submit_for_review
from bidding.services.renotice import renotice
from bidding.services.schedule import notice_findings
from bidding.services.standings import standing_of
from bidding.standing import digest_of
from bidding.states import TenderState
from bidding.verify import is_sound, verify
from tests.bidding.conftest import Stage
from tests.bidding.staging import PLAN, an_agency, bidders, place
from tests.builders import sign_in

NORTH: dict[str, Any] = {
    "lot_name": "북부",
    "lot_text": "북부 3개 동",
    "base_amount_won": 50_000_000,
    "estimated_value_won": 45_000_000,
}
SOUTH = NORTH | {"lot_name": "남부", "base_amount_won": 60_000_000, "estimated_value_won": 54_000_000}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def drafted(agency: Agency, *lots: dict[str, Any], **more: Any) -> Tender:
    """A draft whose first lot has the plan's amounts, and `lots` beside it."""
    now = time.now()
    with transaction():
        tender = draft(agency, replace(PLAN, more=more), now, closes_at=now + timedelta(hours=1))
        for lot in lots:
            lot_drafting.add_lot(tender.id, lot, agency.officer, now)
    return tender


def announced(agency: Agency, keyholder: Panel, *lots: dict[str, Any]) -> list[Tender]:
    tender, now = drafted(agency, *lots), time.now()
    with transaction():
        submit_for_review(tender.id, agency.officer, now, panel=keyholder)
        publish(tender.id, str(boxes_digest(rows_of(tender))), agency.approver, now)
    return rows_of(tender)


def notice_of(tender: Tender) -> dict[str, Any]:
    assert tender.notice_sha256
    found: dict[str, Any] = json.loads(files.load(tender.notice_sha256))
    return found


def test_each_lot_is_published_in_a_box_of_its_own_under_one_number(agency: Agency, keyholder: Panel) -> None:
    first, north, south = announced(agency, keyholder, NORTH, SOUTH)
    assert {row.number for row in (first, north, south)} == {first.number}
    assert [row.reference for row in (first, north, south)] == [
        f"{first.number}-000", f"{first.number}L02-000", f"{first.number}L03-000"
    ]  # fmt: skip
    assert len({row.box_id for row in (first, north, south)}) == 3
    assert {row.state for row in (first, north, south)} == {TenderState.PUBLISHED}
    assert north.title == f"{PLAN.title} – 북부"
    lots = notice_of(south)["lots"]
    assert (lots["bidClsfcNo"], lots["order"], lots["limit"]) == (3, [1, 2, 3], {})
    assert [(one["tender"], one["bssAmt"]) for one in lots["of"]] == [
        (first.reference, "100000000"), (north.reference, "50000000"), (south.reference, "60000000")
    ]  # fmt: skip
    logged = db.session.scalars(select(Event.tender).where(Event.type == "tender.published"))
    assert sorted(map(str, logged)) == sorted(str(row.reference) for row in (first, north, south))


def test_a_notice_without_lots_says_nothing_of_lots(agency: Agency, keyholder: Panel) -> None:
    (alone,) = announced(agency, keyholder)
    assert not {"lots", "framework", "joint"} & set(notice_of(alone))
    assert (alone.lot_group_id, alone.lot_no, alone.title) == (None, 1, PLAN.title)


def test_what_the_officer_writes_of_the_notice_holds_for_every_lot(agency: Agency) -> None:
    tender = drafted(agency, NORTH)
    with transaction():
        values = {"title": "관내 청소 용역", "regions": ["11"], "base_amount_won": 70_000_000}
        drafting.save_draft(tender.id, values, agency.officer)
    first, north = rows_of(tender)
    assert (first.title, north.title) == ("관내 청소 용역 – 1", "관내 청소 용역 – 북부")
    assert (first.regions, north.regions) == (["11"], ["11"])
    assert (first.base_amount_won, north.base_amount_won) == (70_000_000, 50_000_000)
    assert north.closes_at == first.closes_at
    with pytest.raises(IllegalTransition):
        drafting.save_draft(north.id, {"kind": "works"}, agency.officer)


def test_lots_are_renamed_and_removed_and_the_last_one_left_is_an_undivided_tender(agency: Agency) -> None:
    tender = drafted(agency, NORTH, SOUTH)
    with transaction():
        lot_drafting.save_lot(tender.id, 2, NORTH | {"lot_name": "동부"}, agency.officer)
        lot_drafting.set_limit(tender.id, 1, 90_000_000, [3, 1, 2], agency.officer)
        lot_drafting.remove_lot(tender.id, 3, agency.officer)
    first, east = rows_of(tender)
    assert first.lot_group
    assert (east.title, first.lot_group.award_order) == (f"{PLAN.title} – 동부", [1, 2])
    with pytest.raises(InvalidInput), transaction():
        lot_drafting.save_lot(tender.id, 1, NORTH | {"lot_name": "동부"}, agency.officer)
    with pytest.raises(IllegalTransition), transaction():
        lot_drafting.remove_lot(tender.id, 1, agency.officer)
    with transaction():
        lot_drafting.remove_lot(tender.id, 2, agency.officer)
    assert (tender.lot_group_id, tender.title, tender.is_first_lot) == (None, PLAN.title, True)


def test_a_lot_that_breaks_a_rule_keeps_the_whole_notice_back(agency: Agency, keyholder: Panel) -> None:
    tender = drafted(agency, NORTH | {"base_amount_won": None})
    with pytest.raises(RuleBroken), transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder)
    db.session.expire_all()
    assert {row.state for row in rows_of(tender)} == {TenderState.DRAFT}


def test_the_approver_confirms_all_boxes_or_none(agency: Agency, keyholder: Panel) -> None:
    tender, now = drafted(agency, NORTH), time.now()
    with transaction():
        submit_for_review(tender.id, agency.officer, now, panel=keyholder)
    with pytest.raises(StaleConfirmation), transaction():
        publish(tender.id, str(tender.box_id), agency.approver, now)
    with transaction():
        send_back(tender.id, "금액 확인", agency.approver, now)
    rows = rows_of(tender)
    assert {(row.state, row.box_id) for row in rows} == {(TenderState.DRAFT, None)}
    assert len({row.number for row in rows}) == 1


def test_a_deadline_moves_for_every_lot_and_a_cancellation_ends_them_all(agency: Agency, keyholder: Panel) -> None:
    rows, now = announced(agency, keyholder, NORTH), time.now()
    assert rows[0].closes_at
    later = rows[0].closes_at + timedelta(days=1)
    with transaction():
        changes = {"closes_at": later, "opens_at": later + timedelta(hours=1)}
        asked = revisions.ask_revision(rows[1].id, "extension", "도면 보완", changes, agency.officer, now)
        revisions.approve_revision(asked.id, agency.approver, now)
    assert [(row.closes_at, row.ord) for row in rows] == [(later, 1), (later, 1)]
    with transaction():
        asked = revisions.ask_revision(rows[0].id, "cancellation", "예산이 없어졌습니다", {}, agency.officer, now)
        revisions.approve_revision(asked.id, agency.approver, now)
    assert {row.state for row in rows} == {TenderState.CANCELLED}
    logged = select(func.count()).select_from(Event).where(Event.type == "tender.cancelled")
    assert db.session.scalar(logged) == 2


def test_one_lot_fails_and_the_others_go_on_each_with_its_own_bundle(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    rows = announced(agency, keyholder, NORTH)
    first, north = rows
    firms = bidders(2)
    place(first, firms[0], 90_000_000)
    place(first, firms[1], 91_000_000)
    place(north, firms[0], 45_000_000)  # alone
    for row in rows:
        stage.close(row)
    for row in rows:
        stage.open(row)
    assert (first.state, north.state, north.failure) == (TenderState.OPENED, TenderState.FAILED, "too-few-bids")
    with transaction():
        assert stages.award(agency, first.id, time.now())
    stage.work()
    db.session.expire_all()
    assert first.state == TenderState.AWARDED
    assert requests_of(north.id) == []
    made = db.session.get_one(Bundle, (first.id, "award"))
    assert is_sound(verify(files.load(made.sha256), log_vkey=keys.vkey_of("log")))


def test_the_lots_that_failed_are_announced_again_under_their_numbers(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    rows = announced(agency, keyholder, NORTH, SOUTH)
    for row in rows:
        stage.close(row)
    stage.open(rows[1])
    stage.open(rows[2])
    with transaction():
        again = renotice(rows[2].id, agency.officer, time.now())
    made = rows_of(again)
    assert [(row.lot_no, row.first_ord, row.number) for row in made] == [
        (2, 1, rows[0].number), (3, 1, rows[0].number)
    ]  # fmt: skip
    assert [row.is_first_lot for row in made] == [True, False]
    with pytest.raises(InvalidInput), transaction():
        lot_drafting.add_lot(again.id, NORTH, agency.officer, time.now())


def test_the_database_knows_one_first_lot_of_a_notice(agency: Agency) -> None:
    _, north = rows_of(drafted(agency, NORTH))
    with pytest.raises(IntegrityError, match="uq_tenders_first_lot"), transaction():
        north.is_first_lot = True


# -- pages -------------------------------------------------------------------------------------------------------------


def test_the_board_shows_a_notice_once_and_its_page_every_lot(
    agency: Agency, keyholder: Panel, client: FlaskClient
) -> None:
    first, north = announced(agency, keyholder, NORTH)
    board = client.get("/tenders?lang=en").text
    assert f"/tenders/{first.reference}" in board
    assert f"/tenders/{north.reference}" not in board
    assert "2 lots" in board
    page = client.get(f"/tenders/{north.reference}").text
    assert f'href="/tenders/{first.reference}"' in page
    assert f"{PLAN.title} – 북부" in page
    exported = client.get("/tenders.csv").text.splitlines()
    assert len(exported) == 3
    found = client.get(f"/tenders?q={north.reference}").text
    assert f"/tenders/{first.reference}" in found


def test_the_officer_divides_a_draft_on_its_page(agency: Agency, client: FlaskClient) -> None:
    tender = drafted(agency)
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    page = f"/agency/tenders/{tender.id}/lots"
    typed = {"lot_name": "북부", "estimated_value_won": "45,000,000", "base_amount_won": "50,000,000"}
    assert client.post(page, data=typed | {"base_amount_won": "x"}).status_code == 422
    assert client.post(page, data=typed).status_code == 302
    assert client.post(f"{page}/1", data=typed | {"lot_name": "북부"}).status_code == 422
    assert client.post(f"{page}/1", data=typed | {"lot_name": "중부"}).status_code == 302
    assert client.post(f"{page}/limit", data={"max_lots": "2"}).status_code == 422
    assert client.post(f"{page}/limit", data={"max_lots": "1", "award_order": "2, 1"}).status_code == 302
    shown = client.get(page).text
    assert "중부" in shown
    assert "북부" in shown
    north = rows_of(tender)[1]
    assert client.get(f"/agency/tenders/{north.id}/draft/check").status_code == 302
    assert "50,000,000" in client.get(f"/agency/tenders/{tender.id}/draft/check").text
    assert client.get("/agency/tenders").text.count(f"{PLAN.title}<") == 1


# -- the limit ---------------------------------------------------------------------------------------------------------


def test_a_bidder_at_the_limit_is_passed_over_and_the_next_wins(
    agency: Agency, keyholder: Panel, stage: Stage, client: FlaskClient
) -> None:
    tender, now = drafted(agency, NORTH), time.now()
    with transaction():
        lot_drafting.set_limit(tender.id, 1, None, [2, 1], agency.officer)
        submit_for_review(tender.id, agency.officer, now, panel=keyholder)
        publish(tender.id, str(boxes_digest(rows_of(tender))), agency.approver, now)
    first, north = rows_of(tender)
    best, second = bidders(2)
    for lot, amounts in ((first, (90_000_000, 91_000_000)), (north, (45_000_000, 45_500_000))):
        for firm, won in zip((best, second), amounts, strict=True):
            place(lot, firm, won)
    for row in (first, north):
        stage.close(row)
    for row in (first, north):
        stage.open(row)
    assert notice_of(first)["lots"]["limit"] == {"max_lots": 1}
    with pytest.raises(IllegalTransition), transaction():
        stages.award(agency, first.id, now)  # the notice awards lot 2 first
    with transaction():
        assert stages.award(agency, north.id, now)
    with pytest.raises(IllegalTransition), transaction():
        stages.award(agency, first.id, now)  # its first bid has reached the limit
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    page = f"/tenders/{first.reference}/award"
    assert "1 + 1 &gt; 1" in client.get(page).text
    (limited,) = lot_limits.limited_winners(first)
    assert client.post(f"{page}/pass-over/{limited.bid.id}").status_code == 302
    review = db.session.scalars(select(BidReview)).one()
    with transaction():
        reviewing.confirm(review.id, reviewing.proposal_digest(review), agency.approver, time.now())
    standing = standing_of(first)
    assert standing is not None
    assert [one.amount_won for one in standing.winners] == [91_000_000]
    with transaction():
        awarding.propose_award(first.id, digest_of(standing), agency.officer, now)
        awarding.confirm_award(first.id, digest_of(standing), agency.approver, now)
    assert first.state == TenderState.AWARDED
    assert lot_limits.limited_winners(first) == []


def test_figures_of_one_lot_have_no_place_in_what_holds_for_all(agency: Agency) -> None:
    tender = drafted(agency, NORTH)
    for scoring, is_refused in (
        ({"price": {"full": 20}, "ceiling_won": "90000000"}, True),
        ({"net_cost": {"won": "1", "rate": 98_000}}, True),
        ({"quantity": 5, "unit": "대"}, True),
        ({"net_cost": None, "price": {"reference_won": None}}, False),
    ):
        tender.scoring = scoring
        codes = [one.finding.code for one in notice_findings(tender, time.now())]
        assert ("figures-of-one-lot" in codes) is is_refused, scoring
    db.session.rollback()
