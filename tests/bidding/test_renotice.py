"""재입찰 and 재공고: the failed notice again, the same terms, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, NotEligible, RuleBroken
from app.ids import new_id
from app.time import kst_date
from bidding import queries
from bidding.calendar import earliest_schedule, limits_from
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.cast import Agency, Bidder, enrol
from bidding.rehearsal.stages import announce, draft
from bidding.services.box import notice_of, terms_of
from bidding.services.drafting import RENOTICE_EDITABLE, add_attachment, discard_draft, save_draft
from bidding.services.renotice import KEPT, rebid, renotice
from bidding.services.revisions import approve_revision, ask_revision
from bidding.services.schedule import _timing
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import PLAN, an_agency, bidders, place, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def failed(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    """For want of bids."""
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        add_attachment(tender.id, "시방서.pdf", b"%PDF-1.4 spec", agency.officer, now)
        announce(agency, tender, keyholder, now)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


def again(failed: Tender, agency: Agency) -> Tender:
    with transaction():
        return renotice(failed.id, agency.officer, time.now())


def schedule() -> dict[str, object]:
    now = time.now()
    hour = timedelta(hours=1)
    return {"bids_from_at": now - hour, "closes_at": now + hour, "opens_at": now + 2 * hour}


def test_number_and_terms_stay_and_the_ord_is_the_next(failed: Tender, agency: Agency, keyholder: Panel) -> None:
    draft = again(failed, agency)
    assert {name: getattr(draft, name) for name in KEPT} == {name: getattr(failed, name) for name in KEPT}
    assert [one.name for one in queries.attachments(draft.id)] == ["시방서.pdf"]
    assert (draft.first_ord, draft.previous_id, draft.state) == (1, failed.id, TenderState.DRAFT)
    with transaction():
        save_draft(draft.id, schedule(), agency.officer)
        announce(agency, draft, keyholder, time.now())
    assert draft.reference == f"{failed.number}-001"
    assert terms_of(draft).is_rebid


def test_it_is_made_once(failed: Tender, agency: Agency) -> None:
    draft = again(failed, agency)
    with pytest.raises(AlreadyDone):
        again(failed, agency)
    with transaction():
        discard_draft(draft.id, agency.officer, time.now())
    assert again(failed, agency)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("base_amount_won", 1),
        ("floor_rate", 80_000),
        ("title", "다른 사업의 이름"),
        ("regions", ["26"]),
        ("kind", "goods"),
    ],
)
def test_price_and_conditions_cannot_be_changed_on_the_way(
    failed: Tender, agency: Agency, name: str, value: object
) -> None:
    draft = again(failed, agency)
    with pytest.raises(InvalidInput) as refusal, transaction():
        save_draft(draft.id, {name: value}, agency.officer)
    assert refusal.value.facts["field"] == name
    assert name not in RENOTICE_EDITABLE


def test_what_a_form_merely_spells_otherwise_is_no_change(failed: Tender, agency: Agency) -> None:
    with transaction():
        failed.description, failed.sizes = "첫째 줄\n둘째 줄", ["small", "micro"]
    draft = again(failed, agency)
    with transaction():
        save_draft(draft.id, {"description": "첫째 줄\r\n둘째 줄", "sizes": ["micro", "small"]}, agency.officer)


def test_only_what_failed_is_announced_again_and_only_by_its_officer(
    failed: Tender, agency: Agency, keyholder: Panel
) -> None:
    other = an_agency(2)
    for actor in (agency.approver, other.officer):
        with pytest.raises(Forbidden), transaction():
            renotice(failed.id, actor, time.now())
    running = published(agency, keyholder)
    with pytest.raises(IllegalTransition):
        again(running, agency)


# -- 재입찰 ------------------------------------------------------------------------------------------------------------


def rebid_of(failed: Tender, agency: Agency, who: str = "all") -> Tender:
    with transaction():
        now = time.now()
        hour = timedelta(hours=1)
        schedule = {"bids_from_at": now, "closes_at": now + hour, "opens_at": now + 2 * hour}
        return rebid(failed.id, agency.officer, now, bidders=who, **schedule)


@pytest.fixture
def too_dear(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    """Two bids, both above every possible estimated price."""
    tender = published(agency, keyholder)
    for bidder in bidders(2):
        place(tender, bidder, 150_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert tender.state == TenderState.FAILED
    return tender


def test_a_rebid_keeps_number_and_ord_and_is_opened_to_its_own_winner(
    too_dear: Tender, agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    again = rebid_of(too_dear, agency)
    assert {name: getattr(again, name) for name in KEPT} == {name: getattr(too_dear, name) for name in KEPT}
    with transaction():
        announce(agency, again, keyholder, time.now())
    assert (again.number, again.first_ord, again.rbid_no) == (too_dear.number, too_dear.first_ord, 1)
    assert again.reference == f"{too_dear.reference}-R01"
    assert not terms_of(again).is_rebid  # a word of the law for 재공고
    notice = notice_of(again, [again], [])
    assert (notice["rbidNo"], notice["rebid_bidders"], notice["bidNtceOrd"]) == ("001", "all", "000")
    assert "rbidNo" not in notice_of(too_dear, [too_dear], [])
    assert again.box_id != too_dear.box_id  # new keys, and reserve prices of its own
    for bidder in bidders(2, first=3):
        place(again, bidder, 90_000_000)
    stage.close(again)
    stage.open(again)
    db.session.expire_all()
    assert again.state == TenderState.OPENED
    assert [one.id for one in queries.family(again)] == [too_dear.id, again.id]


def test_a_rebid_among_those_of_the_first_round_shuts_out_everybody_else(
    too_dear: Tender, agency: Agency, keyholder: Panel
) -> None:
    again = rebid_of(too_dear, agency, "first-round")
    with transaction():
        announce(agency, again, keyholder, time.now())
    first, second = bidders_again(too_dear)
    (newcomer,) = bidders(1, first=3)
    with pytest.raises(NotEligible) as refusal:
        place(again, newcomer, 90_000_000)
    assert refusal.value.facts["reason"] == "first-round"
    assert newcomer.actor.organisation_id is not None
    assert queries.is_shut_out(again, newcomer.actor.organisation_id)
    place(again, first, 90_000_000)
    place(again, second, 91_000_000)


def bidders_again(tender: Tender) -> list[Bidder]:
    """Those who have bid in `tender`, with a further key each."""
    now = time.now()
    mine = select(Bid.person_id).where(Bid.tender_id == tender.id).order_by(Bid.received_at)
    with transaction():
        return [enrol(db.session.get_one(Person, person), now) for person in db.session.scalars(mine)]


def test_too_few_of_the_first_round_cannot_be_among_themselves(failed: Tender, agency: Agency) -> None:
    with pytest.raises(RuleBroken) as refusal:
        rebid_of(failed, agency, "first-round")
    (finding,) = refusal.value.facts["findings"]
    assert (finding.code, finding.facts) == ("too-few-to-be-among-themselves", {"bidders": 0, "needed": 2})


def test_what_failed_is_followed_once_and_again_where_that_was_cancelled(
    failed: Tender, agency: Agency, keyholder: Panel
) -> None:
    first = rebid_of(failed, agency)
    with pytest.raises(AlreadyDone):
        again(failed, agency)
    with pytest.raises(IntegrityError, match="uq_tenders_previous"), transaction():
        db.session.add(copy_of(first, rbid_no=2))
    with transaction():
        announce(agency, first, keyholder, time.now())
        revision = ask_revision(first.id, "cancellation", "착오로 공고함", {}, agency.officer, time.now())
        approve_revision(revision.id, agency.approver, time.now())
    assert rebid_of(failed, agency).rbid_no == 2


def copy_of(tender: Tender, **changes: object) -> Tender:
    fields = {name: getattr(tender, name) for name in (*KEPT, "agency_id", "author_id", "previous_id", "created_at")}
    return Tender(**fields, **changes)


def test_a_failed_tender_is_cancelled_by_two_and_followed_by_nothing(failed: Tender, agency: Agency) -> None:
    with pytest.raises(IllegalTransition), transaction():
        ask_revision(failed.id, "extension", "연장", schedule(), agency.officer, time.now())
    with transaction():
        revision = ask_revision(failed.id, "cancellation", "사업을 접습니다.", {}, agency.officer, time.now())
    with transaction():
        approve_revision(revision.id, agency.approver, time.now())
    assert (failed.state, failed.cancel_reason) == (TenderState.CANCELLED, "사업을 접습니다.")
    with pytest.raises(IllegalTransition):
        rebid_of(failed, agency)


def test_a_real_rebid_needs_two_days_and_no_notice_period(app: Flask, agency: Agency) -> None:
    now = time.now()
    waiting = {"is_practice": False, "is_urgent": False, "urgent_reason": "", "deadline_reason": ""}
    what = {"method": "quote", "kind": "services", "regime": "national", "estimated_value_won": 90_000_000}
    draft_ = Tender(rbid_no=1, previous_id=new_id(), bids_from_at=now, **waiting, **what)
    found = earliest_schedule(now, None, limits_from(None, "national", kst_date(now)))
    draft_.closes_at, draft_.opens_at = found.closes_at, found.opens_at
    assert _timing(draft_, now) == []
    draft_.closes_at, draft_.opens_at = (at - timedelta(days=1) for at in (found.closes_at, found.opens_at))
    assert "bidding-too-short" in {finding.code for finding in _timing(draft_, now)}
