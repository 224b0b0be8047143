"""From the opening to the winner: reviews, periods, disqualification, a winner that does not sign, nobody left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import files, time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    DeadlinePassed,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    SamePerson,
    StaleConfirmation,
)
from app.notifications.models import Notification
from bidding.keyholder.panel import Panel
from bidding.models import Award, BidReview, Bundle, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import Plan
from bidding.review import Kind
from bidding.rules.scoring_fields import score_field
from bidding.services.review_asking import ask_for_documents, ask_supplement
from bidding.services.review_papers import add_file, remove_file, submit_documents
from bidding.services.reviewing import (
    confirm,
    end_without_winner,
    open_case,
    proposal_digest,
    propose_points,
    propose_result,
    send_back,
)
from bidding.services.standings import line_up, standing_of
from bidding.states import TenderState
from bidding.verify import verdict_of, verify
from contracts.front import of_tender
from tests.bidding.conftest import Stage
from tests.bidding.reviewing import REFUSED, VOID, agree, ask, award, bid_ranked, hand_in, shown, take_out
from tests.bidding.second_verifier import assert_agreed
from tests.bidding.staging import an_agency, bidders, place, published

REVIEWED = Plan("건물 청소 용역", 100_000_000, method="qualification")
QUOTED = Plan("도로 정비 설계 용역", 100_000_000)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def cast(app: Flask) -> list[Bidder]:
    """Bidding 90, 91 and 92 million won, in this order."""
    return bidders(3)


def opened(agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage, plan: Plan = REVIEWED) -> Tender:
    tender = published(agency, keyholder, plan)
    for number, bidder in enumerate(cast):
        place(tender, bidder, 90_000_000 + number * 1_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


@pytest.fixture
def tender(agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage) -> Tender:
    return opened(agency, cast, keyholder, stage)


def verdict(tender: Tender, stage_of: str) -> tuple[str | None, str]:
    """What the offline verifier finds in a published bundle, and what it says of the standing."""
    bundle = db.session.get_one(Bundle, (tender.id, stage_of))
    assert_agreed(files.load(bundle.sha256))
    report = verify(files.load(bundle.sha256))
    found = next(check for check in report if check.code == "V26")
    return verdict_of(report), str(found.result)


def told(bidder: Bidder) -> list[str]:
    mine = select(Notification.kind).where(Notification.person_id == bidder.actor.person_id)
    return list(db.session.scalars(mine.order_by(Notification.created_at)))


def test_the_first_is_asked_fails_and_the_next_one_is_awarded(
    tender: Tender, agency: Agency, cast: list[Bidder], stage: Stage
) -> None:
    first, second = bid_ranked(tender, 1), bid_ranked(tender, 2)
    asked = ask(tender, first, agency)
    hand_in(asked, cast[0])
    with transaction():
        propose_result(asked.id, VOID, "실적이 모자랍니다.", agency.officer, time.now())
    agree(asked, agency)
    standing = standing_of(tender)
    assert standing is not None
    assert (standing.due, standing.placings[0].reason) == (second.stmt, VOID.reason)
    following = ask(tender, second, agency)
    hand_in(following, cast[1], b"%PDF-1.7 others")
    with transaction():
        propose_result(following.id, None, "", agency.officer, time.now())
    agree(following, agency)
    awarded = award(tender, agency)
    assert (awarded.bid_id, awarded.review_count, awarded.stage) == (second.id, 2, "award")
    stage.work()
    assert verdict(tender, "opening") == (None, "SKIP")
    assert verdict(tender, "award") == (None, "PASS")
    assert {"review.requested", "review.failed"} <= set(told(cast[0]))
    evidence = following.item["evidence"] if following.item else None
    assert evidence == [following.files[0].sha256]


def test_points_decide_and_the_verifier_counts_them_again(
    agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage
) -> None:
    """80 points for the price at most, 95 pass: with 8.1 others the lowest fails, with 20 the next one passes."""
    table = {"full": 80, "slope": "20", "base": 90, "pass_mark": 95, "plateau": 90_250}
    scored = Plan("청사 방수 공사", 100_000_000, kind="works", method="qualification", floor_rate=85_000,
                  more={"scoring": {"table": table, "net_cost": None}})  # fmt: skip
    tender = published(agency, keyholder, scored)
    for number, bidder in enumerate(cast):
        place(tender, bidder, 94_000_000 + number)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    for rank, typed in ((1, ("5", "3.0911")), (2, ("12.341", "7.66"))):
        asked = ask(tender, bid_ranked(tender, rank), agency)
        hand_in(asked, cast[rank - 1], f"%PDF-1.7 {rank}".encode())
        with transaction():
            fields = [score_field(f"항목 {number}", text) for number, text in enumerate(typed)]
            propose_points(asked.id, fields, "항목별 점수와 같습니다.", agency.officer, time.now())
        agree(asked, agency)
    standing = standing_of(tender)
    assert standing is not None
    first, second = standing.placings[:2]
    assert (first.reason, first.points and first.points["others"]) == ("below-pass-mark", 81_000)
    assert (second.place, second.points and second.points["others"]) == (1, 200_000)  # 20.01, held at what is left
    award(tender, agency)
    stage.work()
    assert verdict(tender, "award") == (None, "PASS")


def test_nobody_but_the_first_in_line_is_asked_and_that_once(tender: Tender, agency: Agency) -> None:
    with pytest.raises(IllegalTransition):
        ask(tender, bid_ranked(tender, 2), agency)
    ask(tender, bid_ranked(tender, 1), agency)
    with pytest.raises(AlreadyDone):
        ask(tender, bid_ranked(tender, 1), agency)


def test_documents_have_seven_days_ten_with_the_state_of_the_business(tender: Tender, agency: Agency) -> None:
    now = time.now()
    with transaction():
        asked = ask_for_documents(
            tender.id, bid_ranked(tender, 1).id, "실적증명서", agency.officer, now, with_finances=False
        )
    assert asked.documents_due_at is not None
    assert timedelta(days=7) < asked.documents_due_at - now <= timedelta(days=7 + 12)
    assert asked.documents_due_at.astimezone(time.KST).strftime("%H:%M") == "00:00"


def test_what_comes_too_late_or_from_another_is_not_taken(tender: Tender, agency: Agency, cast: list[Bidder]) -> None:
    asked = ask(tender, bid_ranked(tender, 1), agency)
    assert asked.documents_due_at is not None
    with pytest.raises(DeadlinePassed), transaction():
        add_file(asked.id, "a.pdf", b"%PDF-1.7", cast[0].actor, asked.documents_due_at)
    with pytest.raises(NotFound), transaction():
        add_file(asked.id, "a.pdf", b"%PDF-1.7", cast[1].actor, time.now())
    with pytest.raises(InvalidInput), transaction():
        submit_documents(asked.id, None, "", cast[0].actor, time.now())
    with pytest.raises(InvalidInput), transaction():
        add_file(asked.id, "a.exe", b"MZ program", cast[0].actor, time.now())


def test_a_supplement_is_asked_for_once_and_what_was_submitted_stays(
    tender: Tender, agency: Agency, cast: list[Bidder]
) -> None:
    asked = ask(tender, bid_ranked(tender, 1), agency)
    hand_in(asked, cast[0])
    with pytest.raises(IllegalTransition), transaction():
        add_file(asked.id, "b.pdf", b"%PDF-1.7 b", cast[0].actor, time.now())
    now = time.now()
    with transaction():
        ask_supplement(asked.id, "직인이 빠졌습니다.", agency.officer, now)
    assert asked.supplement_due_at is not None
    assert timedelta(days=3) < asked.supplement_due_at - now <= timedelta(days=3 + 12)
    with pytest.raises(IllegalTransition), transaction():
        remove_file(asked.id, asked.files[0].id, cast[0].actor, time.now())
    hand_in(asked, cast[0], b"%PDF-1.7 with the seal")
    with pytest.raises(AlreadyDone), transaction():
        ask_supplement(asked.id, "또 빠졌습니다.", agency.officer, time.now())
    db.session.expire_all()
    assert len(asked.files) == 2


def test_whoever_gives_nothing_fails_for_want_of_documents(tender: Tender, agency: Agency) -> None:
    asked = ask(tender, bid_ranked(tender, 1), agency)
    missing = VOID.__class__("documents-missing", "조달청 적격심사세부기준 제4조", "기한까지 서류가 없습니다.")
    with transaction():
        propose_result(asked.id, missing, missing.explanation, agency.officer, time.now())
    agree(asked, agency)
    standing = standing_of(tender)
    assert standing is not None
    assert standing.due == bid_ranked(tender, 2).stmt


def test_two_persons_and_what_they_were_shown(tender: Tender, agency: Agency) -> None:
    with transaction():
        case = open_case(tender.id, bid_ranked(tender, 1).id, Kind.DISQUALIFICATION, agency.officer, time.now())
        propose_result(case.id, VOID, VOID.explanation, agency.officer, time.now())
    shown_before = proposal_digest(case)
    for actor in (agency.officer, an_agency(2).approver):
        with pytest.raises((Forbidden, SamePerson)), transaction():
            confirm(case.id, shown_before, actor, time.now())
    with pytest.raises(StaleConfirmation), transaction():
        confirm(case.id, "0" * 64, agency.approver, time.now())
    with pytest.raises(IntegrityError, match="decided_is_complete"), transaction():
        case.number, case.item = 7, {"v": 1}
    with pytest.raises(IntegrityError, match="two_persons"), transaction():
        db.session.execute(
            update(BidReview)
            .where(BidReview.id == case.id)
            .values(state="decided", decided_by_id=case.proposed_by_id, decided_at=time.now(), number=7, item={})
        )
    agree(case, agency)
    entry = db.session.scalars(select(Event).where(Event.type == "review.decided")).one()
    assert case.number == 1
    assert entry.is_open


def test_what_the_second_person_does_not_agree_to_changes_nothing(tender: Tender, agency: Agency) -> None:
    with transaction():
        case = open_case(tender.id, bid_ranked(tender, 1).id, Kind.DISQUALIFICATION, agency.officer, time.now())
        propose_result(case.id, VOID, VOID.explanation, agency.officer, time.now())
    before = shown(tender)
    with transaction():
        send_back(case.id, "근거가 부족합니다.", agency.approver, time.now())
    assert (case.state, shown(tender)) == ("dropped", before)
    with pytest.raises(IllegalTransition):
        agree(case, agency)


def test_a_bid_is_taken_out_with_reason_law_and_words_or_not_at_all(tender: Tender, agency: Agency) -> None:
    with transaction():
        case = open_case(tender.id, bid_ranked(tender, 1).id, Kind.DISQUALIFICATION, agency.officer, time.now())
    for ground, words in (
        (VOID.__class__("", "법", "x"), "x"),
        (VOID.__class__("sanctioned", " ", "x"), "x"),
        (VOID, " "),
    ):
        with pytest.raises(InvalidInput), transaction():
            propose_result(case.id, ground, words, agency.officer, time.now())


def test_a_winner_that_does_not_sign_loses_the_award_and_the_next_one_has_it(
    agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage
) -> None:
    tender = opened(agency, cast, keyholder, stage, QUOTED)
    first = bid_ranked(tender, 1)
    award(tender, agency)
    stage.work()
    (contract,) = of_tender(tender.id)
    take_out(tender, 1, agency, Kind.REFUSAL, REFUSED)
    assert (tender.state, tender.awarded_at, db.session.get(Award, first.id)) == (TenderState.OPENED, None, None)
    again = award(tender, agency)
    assert (again.bid_id, again.stage) == (bid_ranked(tender, 2).id, "award-2")
    stage.work()
    db.session.expire_all()
    assert contract.state == "lapsed"
    assert verdict(tender, "award") == (None, "SKIP")
    assert verdict(tender, "award-2") == (None, "PASS")


def test_without_an_award_nobody_refuses_to_sign(tender: Tender, agency: Agency) -> None:
    with pytest.raises(IllegalTransition):
        take_out(tender, 1, agency, Kind.REFUSAL, REFUSED)


def test_where_nobody_is_left_the_tender_fails_with_what_is_possible_next(
    agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage
) -> None:
    tender = opened(agency, cast, keyholder, stage, QUOTED)
    for rank in (1, 2, 3):
        with pytest.raises(IllegalTransition), transaction():
            end_without_winner(tender.id, agency.approver, time.now())
        take_out(tender, rank, agency)
    standing = line_up(tender)
    assert standing is not None
    assert (standing.outcome, [step.action for step in standing.next_steps]) == ("exhausted", ["rebid", "renotice"])
    with pytest.raises(IllegalTransition):
        award(tender, agency)
    with transaction():
        end_without_winner(tender.id, agency.approver, time.now())
    stage.work()
    assert (tender.state, tender.failure) == (TenderState.FAILED, "none-left")
    assert verdict(tender, "failure") == (None, "PASS")


def test_while_a_review_is_due_nobody_is_proposed(tender: Tender, agency: Agency) -> None:
    take_out(tender, 1, agency)  # from now on the award goes by the standing
    asked = ask(tender, bid_ranked(tender, 2), agency)
    missing = VOID.__class__("documents-missing", "조달청 적격심사세부기준 제4조", "기한까지 서류가 없습니다.")
    with transaction():
        propose_result(asked.id, missing, missing.explanation, agency.officer, time.now())
    agree(asked, agency)  # now qualifications are needed, and the third has none
    with pytest.raises(IllegalTransition):
        award(tender, agency)
    assert db.session.scalars(select(BidReview).where(BidReview.tender_id == tender.id)).all()
