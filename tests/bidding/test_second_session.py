"""Five people hold the keys of a tender whose proposals are scored first: they come twice, and give twice."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import files, time
from app.audit.evidence import logged_of
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput
from app.notifications.models import Notification
from bidding.models import Bundle, Release, Tender
from bidding.rehearsal.committee import give, pieces_note
from bidding.seats import Phase, Sitting, Standing, Task, next_task, phase_of, sitting_of
from bidding.services import room
from bidding.services.committee import get_seat, give_pieces, waiting_parts
from bidding.services.release import parts_of, request_of
from bidding.services.room import room_of
from bidding.session_views import absent_members, session_steps
from bidding.verify import is_sound, verify
from tests.bidding import seats
from tests.bidding.conftest import Stage
from tests.bidding.evaluating import Evaluation, plan, time_to_open, work
from tests.bidding.second_verifier import assert_agreed
from tests.bidding.staging import an_agency
from tests.signing_in import sign_in

FIRST, SECOND = ("M1", "M2", "M4"), ("M2", "M3", "M5")


@pytest.fixture
def committee(stage: Stage) -> seats.Committee:
    return seats.seated(an_agency(), seats.keyholders(), plan=plan())


@pytest.fixture
def made(committee: seats.Committee, stage: Stage) -> Evaluation:
    return time_to_open(committee, stage)


def come(committee: seats.Committee, *holders: str) -> None:
    for member in committee.of(*holders):
        with transaction():
            room.attend(committee.tender_id, member.actor, time.now())


def begin(committee: seats.Committee, stage: Stage, group: tuple[str, ...]) -> None:
    with transaction():
        room.start_session(committee.tender_id, group, committee.agency.officer, stage.later(), stage.later)
    run_step()


def give_all(committee: seats.Committee, *holders: str) -> None:
    for member in committee.of(*holders):
        with transaction():
            give(member, time.now())


def open_proposals(committee: seats.Committee, stage: Stage) -> None:
    come(committee, *FIRST)
    begin(committee, stage, FIRST)
    give_all(committee, *FIRST)
    work(stage)


def ask_another(made: Evaluation, missing: str, group: tuple[str, ...]) -> None:
    """Two persons of the agency ask another group."""
    with transaction():
        ask = room.ask_fallback(made.tender.id, [missing], group, "absent", made.agency.officer, time.now())
    with transaction():
        room.approve_fallback(ask.id, made.agency.approver, time.now())
    run_step()


def entries(tender: Tender, kind: str) -> list[dict[str, Any]]:
    return [entry.event for entry in logged_of(str(tender.reference)) if entry.type == kind]


def task_of(committee: seats.Committee, holder: str) -> Task | None:
    (member,) = committee.of(holder)
    return get_seat(committee.tender_id, member.actor, time.now()).task


def test_two_groups_in_two_sessions_open_proposals_then_the_prices_of_those_who_qualify(
    committee: seats.Committee, made: Evaluation, stage: Stage, client: FlaskClient
) -> None:
    room_page, seat_page = f"/tenders/{made.tender.reference}/room", f"/committee/{committee.tender_id}"
    open_proposals(committee, stage)
    assert made.tender.state == "evaluating"
    between = room_of(made.tender)
    assert (between.session, between.sitting) == (1, Sitting.SCORING)
    assert task_of(committee, "M1") is None
    with pytest.raises(IllegalTransition, match="no session"):
        come(committee, "M3")
    made.score({0: 95, 1: 84, 2: 90})
    with pytest.raises(IllegalTransition):
        begin(committee, stage, FIRST)
    made.fix(stage)

    told = select(Notification.person_id).where(Notification.kind == "keyholder.prices")
    assert set(db.session.scalars(told)) == {person.id for person in committee.people}
    waiting = room_of(made.tender)
    assert (waiting.session, waiting.sitting, waiting.attendance) == (2, Sitting.GATHERING, [])
    assert task_of(committee, "M1") == task_of(committee, "M3") == Task.ATTEND
    with pytest.raises(IllegalTransition, match="two witnesses"):  # who came to the first session is not here
        begin(committee, stage, FIRST)
    come(committee, "M2", "M3")
    with pytest.raises(InvalidInput):
        begin(committee, stage, SECOND)  # M5 is not here
    sign_in(client, db.session.get_one(Person, made.agency.officer.person_id))
    assert absent_members(room_of(made.tender)) == ["M1", "M4", "M5"]
    come(committee, "M5")
    assert "가격 개봉" in client.get(room_page).text

    begin(committee, stage, SECOND)
    assert made.tender.state == "opening"
    assert (task_of(committee, "M1"), task_of(committee, "M3")) == (None, Task.GIVE)
    asked = waiting_parts(made.tender, "M3")
    assert asked == [("price", 0, len(made.tender.seeds)), ("price", 1, 2)]  # the unqualified one is not asked for
    sign_in(client, committee.people[2])
    assert 'data-check="technical"' in client.get(seat_page).text
    (lane,) = client.get(f"/api{seat_page}/opening").get_json()["lanes"]
    assert lane["request"]["unqualified"]["event"]["stmts"] == [made.bids[1].stmt]
    give_all(committee, "M5", "M2")
    by_holder = {seat.holder.holder: seat for seat in room_of(made.tender).seats}
    assert (by_holder["M2"].parts, by_holder["M3"].parts, by_holder["M1"].parts) == ((2, 2), (0, 2), None)
    give_all(committee, "M3")
    work(stage)

    assert made.tender.state == "opened"
    assert [(one.state, one.amount_won) for one in made.bids] == [
        ("opened", 90_000_000), ("unqualified", None), ("opened", 95_000_000),
    ]  # fmt: skip
    first, second = entries(made.tender, "opening.group")
    assert (first["lane"], first["group"], second["lane"], second["group"]) == ("docs", [*FIRST], "price", [*SECOND])
    assert (second["unqualified"], len(first["approvals"]), len(second["approvals"])) == (1, 3, 3)
    came = entries(made.tender, "opening.attended")
    assert [one.get("session", 1) for one in came] == [1] * 4 + [2] * 4  # three members and who presides, twice
    shown = room_of(made.tender)
    assert shown.two is not None
    assert [[holder for holder, _at in one.given] for one in (shown.two.first, shown.two.second)] == [
        [*FIRST], ["M5", "M2", "M3"],
    ]  # fmt: skip
    assert [step["state"] for step in session_steps(shown)] == ["done", "done", "done"]
    bundle = files.load(db.session.get_one(Bundle, (made.tender.id, "opening")).sha256)
    report = verify(bundle)
    assert is_sound(report), [str(check) for check in report if check.result == "FAIL"]
    assert {check.code: str(check.result) for check in report}["V27"] == "PASS"
    assert_agreed(bundle)


def test_wrong_pieces_of_the_prices_are_refused_and_another_group_opens_where_a_member_falls_away(
    committee: seats.Committee, made: Evaluation, stage: Stage
) -> None:
    open_proposals(committee, stage)
    made.score({0: 95, 1: 84, 2: 90})
    made.fix(stage)
    come(committee, *SECOND)
    begin(committee, stage, SECOND)
    (outsider,), (right,) = committee.of("M1"), committee.of("M2")
    tender = made.tender
    closed_index = request_of(tender, "price")["closed"]["index"]
    seeds, prices = parts_of(tender, "price")
    with pytest.raises(Forbidden), transaction():
        note = pieces_note(outsider, "price", seeds, closed_index)
        give_pieces(tender.id, "price", 0, note, outsider.actor, time.now())
    with pytest.raises(InvalidInput) as refused, transaction():
        note = pieces_note(right, "price", prices[:1], closed_index)
        give_pieces(tender.id, "price", 1, note, right.actor, time.now())
    assert refused.value.facts["fault"] == "piece-missing"
    with pytest.raises(IllegalTransition), transaction():  # the first session is over
        give_pieces(tender.id, "docs", 0, note, right.actor, time.now())
    assert db.session.scalars(select(Release).where(Release.lane == "price")).all() == []
    with transaction():
        give(right, time.now())
    with pytest.raises(AlreadyDone), transaction():
        note = pieces_note(right, "price", prices, closed_index)
        give_pieces(tender.id, "price", 1, note, right.actor, time.now())

    ask_another(made, "M5", FIRST)
    give_all(committee, "M1", "M4")  # M2 has given already
    work(stage)
    assert made.tender.state == "opened"
    fallback = entries(made.tender, "opening.fallback")
    assert [(one["lane"], one["missing"]) for one in fallback] == [("price", ["M5"])]
    bundle = files.load(db.session.get_one(Bundle, (made.tender.id, "opening")).sha256)
    assert is_sound(verify(bundle))


def test_another_group_opens_the_proposals_where_a_member_falls_away(
    committee: seats.Committee, made: Evaluation, stage: Stage
) -> None:
    come(committee, *FIRST)
    begin(committee, stage, FIRST)
    give_all(committee, "M1", "M2")
    ask_another(made, "M4", ("M1", "M2", "M3"))
    give_all(committee, "M3")
    work(stage)
    assert made.tender.docs_opened_at is not None


@pytest.mark.parametrize(
    ("state", "has_proposals", "is_fixed", "sitting"),
    [
        ("published", False, False, None),
        ("closed", False, False, Sitting.GATHERING),
        ("evaluating", False, False, Sitting.GIVING),
        ("evaluating", True, False, Sitting.SCORING),
        ("evaluating", True, True, Sitting.GATHERING),
        ("opening", True, True, Sitting.GIVING),
        ("auction", False, False, None),
        ("opened", True, True, None),
    ],
)
def test_where_an_opening_stands(state: str, has_proposals: bool, is_fixed: bool, sitting: Sitting | None) -> None:
    assert sitting_of(state, has_proposals=has_proposals, is_fixed=is_fixed) is sitting


def test_what_waits_between_the_sessions() -> None:
    now = time.now()
    assert phase_of("evaluating") is Phase.OPENING
    assert phase_of("auction") is Phase.OVER
    asked = Standing("evaluating", is_asked=True)
    assert next_task(asked, now) is Task.GIVE
    assert next_task(Standing("evaluating", has_proposals=True, is_present=True), now) is None
    assert next_task(Standing("evaluating", has_proposals=True, is_fixed=True), now) is Task.ATTEND
