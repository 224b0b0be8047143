"""이의신청: in time or with the computed days, decided by two, its remedy by the same engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    RuleBroken,
    SamePerson,
    StaleConfirmation,
    Standstill,
)
from app.tlog.canon import parse
from bidding import complaint_queries
from bidding.complaint_lines import find_line
from bidding.front import refuse_early_signing, signing_block
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Complaint, Opening, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import Plan
from bidding.review import Kind, Review
from bidding.rules.bonds import bond_until
from bidding.rules.complaints import filing_limit, last_day, standstill_end
from bidding.rules.data import find_complaint_periods
from bidding.services import complaining
from bidding.services import complaint_decisions as deciding
from bidding.services.awarding import confirm_award, propose_award, shown_digest
from bidding.services.bonding import give_bond
from bidding.services.complaining import Filing, appeal, file_complaint, withdraw
from bidding.services.complaint_decisions import Decision, proposal_digest
from bidding.services.reviewing import Ground, record
from bidding.services.standings import line_up, standing_of
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published

WHY, WISH = "투찰률이 잘못 계산되었습니다.", "다시 평가하여 주십시오."


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def opened(agency: Agency, keyholder: Panel, stage: Stage, **more: Any) -> tuple[Tender, list[Bidder]]:
    tender = published(agency, keyholder, Plan("도로 정비 설계 용역", 100_000_000, more=more))
    crowd = bidders(3)
    for n, bidder in enumerate(crowd):
        place(tender, bidder, 90_000_000 + n * 1_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert tender.state == TenderState.OPENED
    return tender, crowd


@pytest.fixture
def case(agency: Agency, keyholder: Panel, stage: Stage) -> tuple[Tender, list[Bidder]]:
    return opened(agency, keyholder, stage)


def at_the_opening(tender: Tender) -> datetime:
    """The stage's clock runs ahead: complaints are made after the opening."""
    assert tender.opened_at is not None
    return tender.opened_at + timedelta(minutes=1)


def complain(tender: Tender, bidder: Bidder, now: datetime | None = None, **more: Any) -> Complaint:
    filing = Filing(**{"act": "evaluation", "reason": WHY, "wish": WISH} | more)
    with transaction():
        return file_complaint(tender.id, filing, bidder.actor, now or at_the_opening(tender))


def decide(complaint: Complaint, agency: Agency, decision: str, remedy: str = "none") -> Complaint:
    now = complaint.filed_at + timedelta(minutes=5)
    if complaint.state == "filed":
        with transaction():
            deciding.accept(complaint.number, agency.officer, now)
    with transaction():
        deciding.propose(complaint.number, Decision(decision, "기록을 확인하였습니다.", remedy), agency.officer, now)
    with transaction():
        return deciding.confirm(complaint.number, proposal_digest(complaint), agency.approver, now)


def logged(kind: str) -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.type == kind).order_by(Event.at)))


def own_bid(tender: Tender, bidder: Bidder) -> Bid:
    mine = Bid.tender_id == tender.id, Bid.organisation_id == bidder.actor.organisation_id
    return db.session.scalars(select(Bid).where(*mine)).one()


def award(agency: Agency, tender_id: UUID, now: datetime) -> None:
    """By two, by whatever their page shows."""
    tender = db.session.get_one(Tender, tender_id)
    digest = shown_digest(db.session.get_one(Opening, tender_id), standing_of(tender))
    propose_award(tender_id, digest, agency.officer, now)
    confirm_award(tender_id, digest, agency.approver, now)


def take_out(tender: Tender, bid: Bid, agency: Agency) -> None:
    """A disqualification by two, wrong as it will turn out."""
    assert agency.officer.person_id is not None
    ground = Ground("not-eligible", "국가계약법 시행규칙 제44조", "면허가 없음")
    with transaction():
        record(tender, bid.id, Kind.DISQUALIFICATION, ground, (agency.officer.person_id, agency.approver), time.now())


# -- days, purely ------------------------------------------------------------------------------------------------------


def test_the_nearer_of_the_two_last_days_counts_and_a_holiday_gives_way() -> None:
    periods = find_complaint_periods("national", date(2026, 11, 2))
    limit = filing_limit(periods, date(2026, 11, 2), date(2026, 11, 2))
    assert limit.from_act_on == date(2026, 12, 2)
    assert limit.from_knowing_on == date(2026, 11, 27)
    assert limit.last_on == date(2026, 11, 27)
    assert [limit.allows(day) for day in (date(2026, 11, 27), date(2026, 11, 28))] == [True, False]
    assert last_day(date(2026, 11, 20), 15) == date(2026, 12, 7)  # the 5th is a Saturday
    assert find_complaint_periods("local", date(2026, 11, 2)).days_from_knowing == 15


def test_nobody_knows_before_the_act() -> None:
    with pytest.raises(ValueError, match="before it is done"):
        filing_limit(find_complaint_periods("local", date(2026, 11, 2)), date(2026, 11, 2), date(2026, 11, 1))


def test_a_standstill_ends_with_its_last_day_in_korea() -> None:
    awarded_at = datetime.fromisoformat("2026-11-23T16:00:00+00:00")  # already the 24th in Korea
    assert standstill_end(awarded_at, 3).isoformat() == "2026-11-27T15:00:00+00:00"


def test_lines_are_found_by_their_keys_and_nothing_else_is() -> None:
    step = {"label": "bid-rate", "expression": "9 / 10", "value": "90.000%"}
    placing = {"stmt": "ab", "supplier": "1", "rank": 1, "reason": "valid", "arithmetic": [step]}
    out = {"stmt": "cd", "reason": "sanctioned", "legal_basis": "제76조"}
    evaluation = {"arithmetic": [step], "placings": [placing], "exclusions": [out]}
    review = {"sha256": "ef", "stmt": "ab", "kind": "refusal", "reason": "contract-refused", "result": "fail"}

    def found(key: str) -> Any:
        return find_line(evaluation, [review], key)

    assert found("bid.ab.0") == {"key": "bid.ab.0", "stmt": "ab", "supplier": "1", **step}
    assert (found("bid.ab")["label"], found("out.cd")["expression"]) == ("place", "sanctioned")
    assert (found("price.0")["value"], found("review.ef")["value"]) == ("90.000%", "fail")
    for key in ("", "bid.ab.1", "bid.xy", "price.-1", "price.²", "out.ab", "review.x", "else.1"):
        assert found(key) is None


# -- filing ------------------------------------------------------------------------------------------------------------


def test_a_complaint_keeps_a_copy_of_the_disputed_line_and_is_sealed(case: tuple[Tender, list[Bidder]]) -> None:
    tender, (first, *_) = case
    stmt = own_bid(tender, first).stmt
    made = complain(tender, first, line=f"bid.{stmt}.0", files=[("증빙.txt", b"proof")])
    assert made.line is not None
    assert made.line["label"] == "bid-rate"
    assert [one.name for one in made.files] == ["증빙.txt"]
    assert made.decide_by_on == last_day(time.kst_date(made.filed_at), 15)
    (event,) = logged("complaint.filed")
    assert not event.is_open
    assert parse(event.body)["actor"] == f"complainant:{made.number}"
    assert str(first.actor.person_id) not in event.body.decode()


def test_too_late_is_refused_with_the_computed_days(case: tuple[Tender, list[Bidder]]) -> None:
    tender, (first, *_) = case
    act_on = time.kst_date(at_the_opening(tender))
    last_on = filing_limit(find_complaint_periods(tender.regime, act_on), act_on, act_on).last_on
    with pytest.raises(RuleBroken) as refusal:
        complain(tender, first, now=at_the_opening(tender) + timedelta(days=26 + 10))
    (finding,) = refusal.value.facts["findings"]
    assert (finding.code, finding.facts["last_on"]) == ("complaint-too-late", last_on.isoformat())
    assert finding.legal_basis


def test_who_did_not_bid_complains_of_the_notice_only(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, _ = case
    (stranger,) = bidders(1, first=7)
    with pytest.raises(InvalidInput) as refusal:
        complain(tender, stranger)
    assert refusal.value.facts["fault"] == "no-bidder"
    assert complain(tender, stranger, act="notice").act == "notice"
    with pytest.raises(Forbidden):
        complain(tender, Bidder(agency.officer, "", "", stranger.key), act="notice")


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"act": "award"}, "act"),
        ({"act": "other"}, "known_on"),
        ({"known_on": date(2999, 1, 1)}, "known_on"),
        ({"line": "bid.nothing"}, "line"),
        ({"files": [("a.exe", b"MZ")]}, "file"),
    ],
)
def test_what_does_not_fit_is_named(case: tuple[Tender, list[Bidder]], more: dict[str, Any], field: str) -> None:
    tender, (first, *_) = case
    with pytest.raises(InvalidInput) as refusal:
        complain(tender, first, **more)
    assert refusal.value.facts["field"] == field


def test_one_undecided_complaint_a_firm_and_another_after_it_is_withdrawn(case: tuple[Tender, list[Bidder]]) -> None:
    tender, (first, second, _) = case
    made = complain(tender, first)
    with pytest.raises(AlreadyDone):
        complain(tender, first)
    with pytest.raises(NotFound), transaction():
        withdraw(made.number, second.actor, time.now())
    with transaction():
        withdraw(made.number, first.actor, at_the_opening(tender))
    assert complain(tender, first).number != made.number


# -- deciding ----------------------------------------------------------------------------------------------------------


def test_two_decide_by_the_digest_and_what_is_public_names_nobody(
    case: tuple[Tender, list[Bidder]], agency: Agency
) -> None:
    tender, (first, *_) = case
    made, now = complain(tender, first), at_the_opening(tender)
    with pytest.raises(IllegalTransition), transaction():  # nobody has looked whether it is admissible
        deciding.propose(made.number, Decision("dismissed", "이유"), agency.officer, now)
    with transaction():
        deciding.accept(made.number, agency.officer, now)
    with transaction():
        deciding.propose(made.number, Decision("dismissed", "계산이 맞습니다."), agency.officer, now)
    digest = proposal_digest(made)
    both = replace(agency.officer, permissions=agency.officer.permissions | agency.approver.permissions)
    with pytest.raises(SamePerson), transaction():
        deciding.confirm(made.number, digest, both, now)
    with pytest.raises(StaleConfirmation), transaction():
        deciding.confirm(made.number, "0" * 64, agency.approver, now)
    with transaction():
        deciding.confirm(made.number, digest, agency.approver, now)
    assert made.state == "dismissed"
    (event,) = logged("complaint.decided")
    said = parse(event.body)
    assert event.is_open
    assert (said["decision"], said["remedy"], said["filing_sha256"]) == ("dismissed", "none", made.filing_sha256)
    assert said["approvals"] == [agency.officer.handle, agency.approver.handle]
    assert first.business_number not in event.body.decode()


def test_a_proposal_sent_back_is_gone(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, (first, *_) = case
    made, now = complain(tender, first), at_the_opening(tender)
    with transaction():
        deciding.propose(made.number, Decision("inadmissible", "기간이 지남"), agency.officer, now)
    with pytest.raises(InvalidInput), transaction():
        deciding.send_back(made.number, " \n", agency.approver, now)
    assert made.proposal == "inadmissible"
    with transaction():
        deciding.send_back(made.number, "다시 보십시오", agency.approver, now)
    with pytest.raises(IllegalTransition), transaction():
        deciding.confirm(made.number, proposal_digest(made), agency.approver, now)


def test_the_database_holds_to_two_persons(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, (first, *_) = case
    decide(complain(tender, first), agency, "dismissed")
    with pytest.raises(IntegrityError, match="two_persons"), transaction():
        db.session.execute(text("UPDATE complaints SET decided_by_id = proposed_by_id"))


def test_another_agency_decides_nothing(case: tuple[Tender, list[Bidder]]) -> None:
    tender, (first, *_) = case
    made, other = complain(tender, first), an_agency(2)
    with pytest.raises(Forbidden), transaction():
        deciding.accept(made.number, other.officer, time.now())


# -- remedies ----------------------------------------------------------------------------------------------------------


def test_a_bid_wrongly_taken_out_comes_back_and_the_award_is_undone(
    case: tuple[Tender, list[Bidder]], agency: Agency
) -> None:
    tender, (first, second, _) = case
    mine = own_bid(tender, first)
    take_out(tender, mine, agency)
    with transaction():
        award(agency, tender.id, time.now())
    assert db.session.scalars(select(Award)).one().organisation_id == second.actor.organisation_id
    made = complain(tender, first, act="disqualification", line=f"bid.{mine.stmt}")
    assert decide(made, agency, "upheld", "reinstate").state == "upheld"
    assert tender.state == TenderState.OPENED
    assert db.session.scalar(select(Award)) is None
    standing = standing_of(tender)
    assert standing is not None
    assert [winner.stmt for winner in standing.winners] == [mine.stmt]
    (undone,) = logged("award.reopened")
    assert parse(undone.body)["stmt"] == own_bid(tender, second).stmt
    with transaction():
        award(agency, tender.id, time.now())
    assert db.session.scalars(select(Award)).one().organisation_id == first.actor.organisation_id


def test_the_disputed_bid_of_another_is_taken_out(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, (first, second, _) = case
    winner = own_bid(tender, first)
    made = complain(tender, second, line=f"bid.{winner.stmt}")
    decide(made, agency, "upheld", "disqualify")
    standing = line_up(tender)
    assert standing is not None
    assert [one.stmt for one in standing.winners] == [own_bid(tender, second).stmt]
    place_of = {one.stmt: one for one in standing.placings}
    assert (place_of[winner.stmt].place, place_of[winner.stmt].reason) == (None, "complaint-upheld")


def test_nobody_is_put_back_who_is_not_out(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, (first, *_) = case
    made, now = complain(tender, first), at_the_opening(tender)
    with transaction():
        deciding.accept(made.number, agency.officer, now)
    for remedy in ("reinstate", "disqualify"):
        with pytest.raises(InvalidInput), transaction():
            deciding.propose(made.number, Decision("upheld", "이유 있음", remedy), agency.officer, now)
    with pytest.raises(InvalidInput), transaction():
        deciding.propose(made.number, Decision("dismissed", "이유 없음", "cancel"), agency.officer, now)


def test_an_upheld_complaint_can_cancel_the_tender(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, (first, *_) = case
    with transaction():
        award(agency, tender.id, time.now())
    decide(complain(tender, first, act="award"), agency, "upheld", "cancel")
    assert (tender.state, db.session.scalar(select(Award))) == (TenderState.CANCELLED, None)


# -- standstill --------------------------------------------------------------------------------------------------------


def test_nothing_is_signed_in_the_standstill_nor_while_a_complaint_of_it_is_undecided(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    tender, (_, second, _) = opened(agency, keyholder, stage, standstill_days=5)
    now = at_the_opening(tender)
    with transaction():
        award(agency, tender.id, now)
    until_at = tender.standstill_until_at
    assert until_at == standstill_end(now, 5)
    with pytest.raises(Standstill) as refusal, transaction():
        refuse_early_signing(tender.id, until_at - timedelta(microseconds=1))
    assert refusal.value.facts == {"until_at": until_at, "complaints": 0}
    assert signing_block(tender.id, until_at) is None
    made = complain(tender, second, act="award")
    with pytest.raises(Standstill) as refusal, transaction():
        refuse_early_signing(tender.id, until_at + timedelta(days=90))
    assert refusal.value.facts == {"until_at": None, "complaints": 1}
    decide(made, agency, "dismissed")
    assert signing_block(tender.id, until_at) is None


def test_without_a_standstill_a_complaint_holds_nothing_up(case: tuple[Tender, list[Bidder]], agency: Agency) -> None:
    tender, (first, *_) = case
    with transaction():
        award(agency, tender.id, time.now())
    complain(tender, first, act="award")
    assert tender.standstill_until_at is None
    assert signing_block(tender.id, time.now()) is None


# -- the second stage --------------------------------------------------------------------------------------------------


def test_the_committee_may_suspend_and_its_proposal_closes_the_matter(
    case: tuple[Tender, list[Bidder]], agency: Agency
) -> None:
    tender, (first, *_) = case
    made = decide(complain(tender, first), agency, "dismissed")
    now = made.filed_at + timedelta(hours=1)
    with pytest.raises(RuleBroken), transaction():
        appeal(made.number, "받아들일 수 없습니다.", first.actor, now + timedelta(days=60))
    with transaction():
        appeal(made.number, "받아들일 수 없습니다.", first.actor, now)
    assert made.committee_by_on == last_day(time.kst_date(now), 50)
    with transaction():
        deciding.suspend(made.number, True, agency.officer, now)
    assert signing_block(tender.id, now) is not None
    with transaction():
        deciding.recommend(made.number, "partly", "일부 조정", time.kst_date(now), agency.officer, now)
    assert made.object_by_on == last_day(time.kst_date(now), 15)
    with transaction():
        deciding.close(made.number, agency.officer, now)
    assert (made.state, made.blocks_signing) == ("closed", False)
    kinds = ("complaint.appealed", "complaint.suspended", "complaint.recommended", "complaint.closed")
    assert [event.is_open for kind in kinds for event in logged(kind)] == [True] * 4


@pytest.mark.parametrize(("value_won", "is_statutory"), [(80_000_000, True), (79_999_999, False)])
def test_of_works_the_lowest_threshold_of_their_classes_counts(app: Flask, value_won: int, is_statutory: bool) -> None:
    works = Tender(regime="national", kind="works", estimated_value_won=value_won)
    assert complaining._is_statutory(works, date(2026, 11, 24)) is is_statutory


def test_below_the_threshold_the_agency_decides_and_nobody_after_it(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    tender, (first, *_) = opened(agency, keyholder, stage, estimated_value_won=49_999_999)
    made = decide(complain(tender, first), agency, "dismissed")
    assert not made.is_statutory
    with pytest.raises(RuleBroken), transaction():
        appeal(made.number, "받아들일 수 없습니다.", first.actor, made.filed_at + timedelta(hours=1))


# -- pages -------------------------------------------------------------------------------------------------------------


def person_of(actor: Any) -> Person:
    return db.session.get_one(Person, actor.person_id)


def test_the_public_reads_it_once_it_is_decided_and_never_who_complained(
    case: tuple[Tender, list[Bidder]], agency: Agency, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    tender, (first, *_) = case
    made = complain(tender, first)
    before = client.get(f"/complaints/{made.number}?lang=en").text
    assert WHY not in before
    assert "becomes public with the decision" in before
    assert made.number in client.get("/complaints?lang=en").text
    assert made.number in client.get(f"/tenders/{tender.reference}?lang=en").text
    sign_in(client, person_of(agency.officer))
    assert WHY in client.get(f"/complaints/{made.number}?lang=en").text
    assert [parse(event.body)["what"] for event in logged("access.read")] == ["complaint"]
    decide(made, agency, "dismissed")
    public = client.application.test_client()
    for address in (f"/complaints/{made.number}?lang=ko", "/complaints?lang=ko"):
        page = public.get(address).text
        assert "공급사 1" not in page
        assert first.business_number not in page
    assert WHY in public.get(f"/complaints/{made.number}?lang=ko").text
    assert complaint_queries.figures()["all"] == 0  # practice counts nowhere


def test_an_approver_who_gives_no_reason_is_told_so_and_nothing_goes_back(
    case: tuple[Tender, list[Bidder]], agency: Agency, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    tender, (first, *_) = case
    made = complain(tender, first)
    with transaction():
        deciding.propose(made.number, Decision("inadmissible", "기간이 지남"), agency.officer, at_the_opening(tender))
    sign_in(client, person_of(agency.approver))
    address = f"/complaints/{made.number}/send-back?lang=en"
    assert client.post(address, data={"reason": "  "}).status_code == 302
    told = client.get(f"/complaints/{made.number}?lang=en").text
    assert "Say why, so that the officer knows what to change." in told
    db.session.expire_all()
    assert made.proposal == "inadmissible"
    client.post(address, data={"reason": "근거 조항을 더 밝혀 주십시오"})
    db.session.expire_all()
    assert made.proposal is None
    assert [parse(one.body)["reason"] for one in logged("complaint.sent_back")] == ["근거 조항을 더 밝혀 주십시오"]


def test_a_supplier_disputes_a_line_from_the_result_page(
    case: tuple[Tender, list[Bidder]], client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    tender, (first, *_) = case
    sign_in(client, person_of(first.actor))
    stmt = own_bid(tender, first).stmt
    link = f"/tenders/{tender.reference}/complaints/new?act=evaluation&amp;line=bid.{stmt}.0"
    assert link in client.get(f"/tenders/{tender.reference}/result?lang=en").text
    form = client.get(link.replace("&amp;", "&") + "&lang=en").text
    assert "You dispute this line" in form
    typed = {"act": "evaluation", "line": f"bid.{stmt}.0", "reason": "짧다", "wish": WISH}
    wrong = client.post(f"/tenders/{tender.reference}/complaints?lang=en", data=typed)
    assert wrong.status_code == 422
    assert WISH in wrong.text
    digest = db.session.get_one(Opening, tender.id).evaluation_digest
    answer = client.post(f"/tenders/{tender.reference}/complaints", data=typed | {"reason": WHY})
    made = db.session.scalars(select(Complaint)).one()
    assert answer.location.endswith(f"/complaints/{made.number}")
    assert digest == db.session.get_one(Opening, tender.id).evaluation_digest
    assert client.get(f"/complaints/{made.number}").status_code == 200


def test_decisions_and_exclusions_have_their_own_links_and_a_stranger_has_none(
    agency: Agency, keyholder: Panel, stage: Stage, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    tender, (first, second, _) = opened(agency, keyholder, stage)
    mine = own_bid(tender, first)
    with transaction():
        by = person_of(agency.officer).id, agency.approver
        ground = Ground("not-eligible", "국가계약법 시행규칙 제44조", "면허 없음")
        taken = record(tender, mine.id, Kind.DISQUALIFICATION, ground, by, time.now())
    assert taken.item is not None
    key = f"review.{Review.from_json(taken.item).sha256}"
    page = f"/tenders/{tender.reference}/result?lang=en"
    assert f"line={key}" not in client.get(page).text
    sign_in(client, person_of(first.actor))
    assert f"act=disqualification&amp;line={key}" in client.get(page).text
    assert (
        "You dispute this line"
        in client.get(f"/tenders/{tender.reference}/complaints/new?act=disqualification&line={key}&lang=en").text
    )
    assert own_bid(tender, second).stmt in client.get(page).text


def test_an_exclusion_by_a_missing_bond_is_disputed_as_such(
    agency: Agency, keyholder: Panel, stage: Stage, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    more = {"bid_bond_rate": 5_000}
    tender = published(agency, keyholder, Plan("도로 정비 설계 용역", 100_000_000, more=more))
    crowd = bidders(3)
    assert tender.closes_at is not None
    before = bond_until(tender.closes_at, 1) - timedelta(seconds=1)
    for n, bidder in enumerate(crowd):
        if n:
            with transaction():
                give_bond(tender, "undertaking", None, "", bidder.actor, before)
        place(tender, bidder, 90_000_000 + n * 1_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    stmt = own_bid(tender, crowd[0]).stmt
    assert [one["stmt"] for one in db.session.get_one(Opening, tender.id).evaluation["exclusions"]] == [stmt]
    sign_in(client, person_of(crowd[0].actor))
    assert f"line=out.{stmt}" in client.get(f"/tenders/{tender.reference}/result?lang=en").text
