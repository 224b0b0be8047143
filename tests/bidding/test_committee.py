"""People as keyholders: who may do what, every group of a committee, wrong pieces, and another group."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import combinations
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import files, time
from app.audit.evidence import logged_of
from app.audit.models import Event
from app.audit.sequencer import run_step
from app.auth import Role
from app.auth.models import Organisation, Person
from app.db import db, transaction
from app.demo import Demo
from app.errors import (
    AlreadyDone,
    Forbidden,
    HoldersNotReady,
    IllegalTransition,
    InvalidInput,
    NotFound,
    RuleBroken,
    SamePerson,
)
from app.notifications.models import Notification
from app.tlog.canon import b64u
from bidding.committee_jobs import due_tellings, tell_committee
from bidding.keyfile import make_keys
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, Opening, Release, Tender
from bidding.rehearsal import bidding as program
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.committee import Member, give, khkey, pieces_note, prove, sign, sit_down
from bidding.rehearsal.committee_demo import committee_step
from bidding.sealing import Lane, combine, open_wrap, seal_envelope
from bidding.seats import Phase, Standing, Task, due_drill, next_task, phase_of
from bidding.services import room, sessions
from bidding.services.committee import Seat, candidates, get_seat, give_pieces, list_seats, name_members, waiting_parts
from bidding.services.holders import register_keys
from bidding.services.opening import open_bids
from bidding.services.publishing import publish, submit_for_review
from bidding.services.readiness import answer_test, start_test
from bidding.services.release import gather, parts_of, request_of
from bidding.states import BidState, TenderState
from bidding.verify import is_sound, verify
from tests.bidding.conftest import PATIENCE, Stage
from tests.bidding.seats import Committee, announced, drafted, keyholders, named, seated
from tests.bidding.staging import PLAN, an_agency, bidders, place
from tests.builders import actor_of, make_person, sign_in

BASE = PLAN.base_amount_won
AMOUNTS = (BASE * 89 // 100, BASE * 90 // 100, BASE * 91 // 100)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def committee(agency: Agency) -> Committee:
    return seated(agency, keyholders())


def closed(committee: Committee, stage: Stage, bids: int = 3) -> Tender:
    """Published, bid for and closed; the opening time has come."""
    tender = announced(committee, stage.keyholder)
    for bidder, amount in zip(bidders(bids), AMOUNTS, strict=False):
        place(tender, bidder, amount)
    stage.close(tender)
    assert tender.opens_at is not None
    stage.later.set_to(tender.opens_at)
    return tender


def come(committee: Committee, *holders: str) -> None:
    for member in committee.of(*holders):
        with transaction():
            room.attend(committee.tender_id, member.actor, time.now())


def begin(committee: Committee, stage: Stage, group: Sequence[str]) -> None:
    with transaction():
        room.start_session(committee.tender_id, group, committee.agency.officer, stage.later(), stage.later)
    run_step()


def opened(committee: Committee, stage: Stage) -> bool:
    with transaction():
        return open_bids(committee.tender_id, stage.later)


def entries(tender: Tender, kind: str) -> list[dict[str, Any]]:
    return [entry.event for entry in logged_of(str(tender.reference)) if entry.type == kind]


# ---- naming


def test_only_people_with_the_role_can_be_named_and_they_are_told(agency: Agency) -> None:
    tender, people = drafted(agency), keyholders(4)
    stranger = make_person([Role.OFFICER])
    with pytest.raises(InvalidInput), transaction():
        name_members(tender.id, "committee", [*(one.id for one in people), stranger.id], agency.officer, time.now())
    with transaction():
        name_members(tender.id, "committee", [one.id for one in people], agency.officer, time.now())
    told = set(db.session.scalars(select(Notification.person_id).where(Notification.kind == "keyholder.named")))
    assert told == {one.id for one in people}
    assert [(one.holder, one.person_id) for one in tender.holders] == [
        (f"M{place}", one.id) for place, one in enumerate(people, start=1)
    ]
    assert tender.reference  # the members' keys name it


def test_candidates_are_found_by_name_or_body_those_of_the_agency_first(agency: Agency) -> None:
    keyholders(4)
    own = make_person([Role.KEYHOLDER], organisation=agency_of(agency), name="나루터")
    found = candidates("", agency.organisation_id)
    assert found[0].id == own.id
    assert len(found) == 5
    assert [one.id for one in candidates("나루터", agency.organisation_id)] == [own.id]
    assert candidates("%", agency.organisation_id)  # no wildcard of the asker's
    assert not candidates("없는 사람", agency.organisation_id)


def agency_of(agency: Agency) -> Any:
    return db.session.get_one(Organisation, agency.organisation_id)


def test_a_committee_of_two_or_six_is_refused(agency: Agency) -> None:
    tender = drafted(agency)
    for count in (2, 6):
        with pytest.raises(InvalidInput), transaction():
            name_members(tender.id, "committee", [one.id for one in keyholders(count)], agency.officer, time.now())


# ---- keys and proofs


def test_only_a_member_registers_keys_and_only_its_own(agency: Agency) -> None:
    people = keyholders()
    tender = named(agency, people)
    about: Any = {"log": {}, "agency": "", "created": "2026-11-02T01:00:00.000000Z", "lanes": ("price",)}
    mine = make_keys(tender=str(tender.reference), holder="M1", **about)
    notes = {"price": khkey(mine, "price")}
    with pytest.raises(Forbidden), transaction():
        register_keys(tender.id, mine.vkey, notes, actor_of(make_person([Role.KEYHOLDER])), time.now())
    with pytest.raises(InvalidInput), transaction():  # M1's note in M2's seat
        register_keys(tender.id, mine.vkey, notes, actor_of(people[1]), time.now())
    other = make_keys(tender="R26BK99999999-000", holder="M1", **about)
    with pytest.raises(InvalidInput), transaction():
        register_keys(tender.id, other.vkey, {"price": khkey(other, "price")}, actor_of(people[0]), time.now())
    with transaction():
        register_keys(tender.id, mine.vkey, notes, actor_of(people[0]), time.now())


def test_a_member_is_ready_after_both_media_and_not_after_one(agency: Agency) -> None:
    people = keyholders(3)
    tender = named(agency, people)

    def seat() -> Seat:
        return get_seat(tender.id, actor_of(people[0]), time.now())

    assert seat().task == Task.MAKE_KEYS
    with transaction():
        member = sit_down(tender, actor_of(people[0]), time.now())
    assert seat().task == Task.PROVE
    with transaction():
        assert prove(member, "medium-1", time.now())
    assert seat().task == Task.PROVE
    assert seat().holder.ready_at is None
    with transaction():
        assert prove(member, "medium-2", time.now())
    assert seat().task is None
    assert seat().holder.ready_at is not None


def test_a_wrong_word_proves_nothing_and_takes_readiness_away(committee: Committee) -> None:
    member = committee.members[0]
    with transaction():
        test = start_test(committee.tender_id, "medium-2", member.actor, time.now())
        assert not answer_test(test.id, {"price": b"\0" * 32}, member.actor, time.now())
    assert get_seat(committee.tender_id, member.actor, time.now()).task == Task.PROVE
    with pytest.raises(Forbidden), transaction():
        answer_test(test.id, {"price": b"\0" * 32}, committee.members[1].actor, time.now())
    run_step()
    results = [entry["result"] for entry in entries(committee.tender, "keyholder.tested")]
    assert results[-1] != "opened"


def test_the_box_waits_for_every_members_keys_and_the_publication_for_every_contribution(
    agency: Agency, keyholder: Panel
) -> None:
    people = keyholders(3)
    bare = named(agency, people)
    with pytest.raises(RuleBroken), transaction():
        submit_for_review(bare.id, agency.officer, time.now(), panel=keyholder)
    committee = seated(agency, people)
    with transaction():
        submit_for_review(committee.tender_id, agency.officer, time.now(), panel=keyholder)
    assert get_seat(committee.tender_id, committee.members[0].actor, time.now()).task == Task.CONTRIBUTE
    with pytest.raises(HoldersNotReady), transaction():
        publish(committee.tender_id, str(committee.tender.box_id), agency.approver, time.now())


def test_nobody_but_the_member_sees_the_seat(committee: Committee) -> None:
    for other in (make_person([Role.KEYHOLDER]), make_person([Role.OFFICER])):
        with pytest.raises(NotFound):
            get_seat(committee.tender_id, actor_of(other), time.now())
    assert [seat.holder.holder for seat in list_seats(committee.members[2].actor, time.now())] == ["M3"]


# ---- the opening


def test_every_three_of_five_open_the_same_bids_and_no_two_do(committee: Committee, stage: Stage) -> None:
    """One opening for each group: the pieces differ, the result does not."""
    tender = closed(committee, stage)
    holders = [f"M{number}" for number in range(1, 6)]
    come(committee, *holders)
    assert tender.box is not None
    lane = Lane.from_json(tender.box["lanes"]["price"])
    assert set(lane.groups) == set(combinations(holders, 3))
    begin(committee, stage, ("M1", "M2", "M3"))
    found = set()
    for group in lane.groups:
        found.add(tuple(_plain(committee, tender, lane, group)))
    assert len(found) == 1
    for pair in combinations(holders, 2):
        assert not any(set(group) <= set(pair) for group in lane.groups)
    for member in committee.of("M1", "M2"):
        with transaction():
            give(member, stage.later())
        assert not opened(committee, stage)
    with transaction():
        give(committee.of("M3")[0], stage.later())
    assert opened(committee, stage)
    amounts = db.session.scalars(select(Bid.amount_won).where(Bid.tender_id == tender.id)).all()
    assert set(amounts) == set(AMOUNTS)


def _plain(committee: Committee, tender: Tender, lane: Lane, group: Sequence[str]) -> list[bytes]:
    chosen, keys = lane.groups.index(tuple(group)), {one.keys.holder: one.keys for one in committee.of(*group)}
    items = [item for part in parts_of(tender, "price") for item in part]
    return [
        combine(
            item["envelope"],
            lane,
            chosen,
            {holder: open_wrap(item["envelope"], holder, keys[holder].lanes["price"]) for holder in group},
        )[1]
        for item in items
    ]


def test_the_opening_begins_with_a_whole_group_and_two_witnesses_and_not_before_its_time(
    committee: Committee, stage: Stage
) -> None:
    tender = closed(committee, stage)
    come(committee, "M1")
    with pytest.raises(IllegalTransition):
        begin(committee, stage, ("M1", "M2", "M3"))  # one witness
    come(committee, "M2")
    with pytest.raises(InvalidInput):
        begin(committee, stage, ("M1", "M2", "M3"))  # M3 has not come
    come(committee, "M3")
    assert tender.opens_at is not None
    stage.later.set_to(tender.opens_at - timedelta(seconds=1))
    with pytest.raises(IllegalTransition):
        begin(committee, stage, ("M1", "M2", "M3"))
    stage.later.set_to(tender.opens_at)
    with pytest.raises(Forbidden), transaction():
        room.start_session(tender.id, ("M1", "M2", "M3"), an_agency(2).officer, stage.later(), stage.later)
    begin(committee, stage, ("M1", "M2", "M3"))
    (entry,) = entries(tender, "opening.group")
    assert entry["group"] == ["M1", "M2", "M3"]
    assert entry["approvals"] == [committee.agency.officer.handle, *(one.actor.handle for one in committee.members[:2])]
    assert tender.state == TenderState.OPENING
    roles = [one.role for one in sessions.attendance_of(tender.id)]
    assert sorted(roles) == ["member", "member", "member", "presiding"]


def test_nothing_is_given_before_the_group_is_fixed_nor_by_others_nor_twice(committee: Committee, stage: Stage) -> None:
    tender = closed(committee, stage)
    come(committee, "M1", "M2", "M3")
    first, fourth = committee.members[0], committee.members[3]
    with pytest.raises(IllegalTransition), transaction():
        give_pieces(tender.id, "price", 0, "x", first.actor, stage.later())
    begin(committee, stage, ("M1", "M2", "M3"))
    assert waiting_parts(tender, "M4") is None
    with pytest.raises(Forbidden), transaction():
        give_pieces(tender.id, "price", 0, _note(fourth, tender, 0), fourth.actor, stage.later())
    with pytest.raises(Forbidden), transaction():
        give_pieces(tender.id, "price", 0, "x", actor_of(make_person([Role.KEYHOLDER])), stage.later())
    with transaction():
        give_pieces(tender.id, "price", 0, _note(first, tender, 0), first.actor, stage.later())
    with pytest.raises(AlreadyDone), transaction():
        give_pieces(tender.id, "price", 0, _note(first, tender, 0), first.actor, stage.later())


def _note(member: Member, tender: Tender, part: int) -> str:
    items = list(parts_of(tender, "price"))[part]
    return pieces_note(member, "price", items, request_of(tender, "price")["closed"]["index"])


def test_wrong_pieces_name_the_member_and_are_not_kept(committee: Committee, stage: Stage) -> None:
    tender = closed(committee, stage)
    come(committee, "M1", "M2", "M3")
    begin(committee, stage, ("M1", "M2", "M3"))
    second, third = committee.of("M2", "M3")
    items = list(parts_of(tender, "price"))[1]
    index = request_of(tender, "price")["closed"]["index"]
    about = {"tender": second.keys.tender, "lane": "price", "holder": "M2", "closed_idx": index}
    wrong = {item["stmt"]: b64u(b"\7" * 192) for item in items}
    cases = {
        "piece-commitment": sign(second.keys, "pieces", {**about, "pieces": wrong}),
        "piece-missing": sign(second.keys, "pieces", {**about, "pieces": {}}),
        "shape": pieces_note(third, "price", items, index),  # another member's note and signature
    }
    for fault, signed in cases.items():
        with pytest.raises(InvalidInput) as refusal, transaction():
            give_pieces(tender.id, "price", 1, signed, second.actor, stage.later())
        assert refusal.value.facts["fault"] == fault
        assert "M2" in str(refusal.value)
    assert not db.session.scalars(select(Release).where(Release.tender_id == tender.id)).all()
    assert not opened(committee, stage)
    for member in committee.of("M1", "M2", "M3"):
        with transaction():
            give(member, stage.later())
    assert opened(committee, stage)


def test_a_malformed_envelope_names_its_bidder_and_the_others_are_opened(
    committee: Committee, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bidder's program that seals to the wrong key for one member: the members' word, and everybody can check it."""
    tender = announced(committee, stage.keyholder)
    good = bidders(3)
    for bidder, amount in zip(good, AMOUNTS, strict=True):
        place(tender, bidder, amount)
    (bad,) = bidders(1, first=90)

    def spoiled(ctx: Any, lane: Lane, plain: bytes) -> Any:
        cek, envelope = seal_envelope(ctx, lane, plain)
        _, other = seal_envelope(ctx, lane, plain)
        return cek, envelope | {"wraps": envelope["wraps"] | {"M2": other["wraps"]["M2"]}}

    monkeypatch.setattr(program, "seal_envelope", spoiled)
    place(tender, bad, AMOUNTS[0] - 1)
    monkeypatch.undo()
    stage.close(tender)
    assert tender.opens_at is not None
    stage.later.set_to(tender.opens_at)
    come(committee, "M1", "M2", "M3")
    begin(committee, stage, ("M1", "M2", "M3"))
    for member in committee.of("M1", "M2", "M3"):
        with transaction():
            give(member, stage.later())
    assert opened(committee, stage)
    rows = dict(db.session.execute(select(Bid.supplier, Bid.state).where(Bid.tender_id == tender.id)).all())
    assert rows.pop(bad.business_number) == BidState.MALFORMED
    assert set(rows.values()) == {BidState.OPENED}


def test_in_a_hybrid_neither_the_service_nor_the_people_open_alone(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    committee = seated(agency, keyholders(3), "hybrid")
    tender = closed(committee, stage)
    assert tender.box is not None
    groups = Lane.from_json(tender.box["lanes"]["price"]).groups
    assert set(groups) == {("A", "M1", "M2"), ("A", "M1", "M3"), ("A", "M2", "M3")}
    come(committee, "M1", "M3")
    begin(committee, stage, ("A", "M1", "M3"))
    for member in committee.of("M1", "M3"):
        with transaction():
            give(member, stage.later())
    assert not opened(committee, stage)
    with transaction():
        assert gather(tender.id, "price", keyholder, stage.later(), PATIENCE)
    assert opened(committee, stage)


# ---- another group


def test_two_persons_decide_on_another_group_and_the_log_says_who_was_missing_and_why(
    committee: Committee, stage: Stage
) -> None:
    agency, tender = committee.agency, closed(committee, stage)
    come(committee, "M1", "M2", "M3", "M5")
    begin(committee, stage, ("M1", "M2", "M3"))
    for member in committee.of("M1", "M2"):
        with transaction():
            give(member, stage.later())
    with pytest.raises(InvalidInput), transaction():  # needs the one who is missing
        room.ask_fallback(tender.id, ["M3"], ("M1", "M3", "M5"), "absent", agency.officer, stage.later())
    with transaction():
        ask = room.ask_fallback(tender.id, ["M3"], ("M1", "M2", "M5"), "absent", agency.officer, stage.later())
    with pytest.raises(AlreadyDone), transaction():
        room.ask_fallback(tender.id, ["M3"], ("M1", "M2", "M5"), "absent", agency.officer, stage.later())
    with pytest.raises(SamePerson), transaction():
        room.approve_fallback(ask.id, agency.officer, stage.later())
    with transaction():
        room.approve_fallback(ask.id, agency.approver, stage.later())
    run_step()
    (entry,) = entries(tender, "opening.fallback")
    assert (entry["group"], entry["missing"], entry["reason"]) == (["M1", "M2", "M5"], ["M3"], "absent")
    assert entry["approvals"] == [agency.officer.handle, agency.approver.handle]
    assert waiting_parts(tender, "M1") == []  # what they gave counts for the other group too
    assert waiting_parts(tender, "M3") is None
    with transaction():
        give(committee.of("M5")[0], stage.later())
    assert opened(committee, stage)


def test_a_wish_for_another_group_can_be_withdrawn_and_decided_once(committee: Committee, stage: Stage) -> None:
    agency, tender = committee.agency, closed(committee, stage)
    come(committee, "M1", "M2", "M3")
    begin(committee, stage, ("M1", "M2", "M3"))
    with transaction():
        ask = room.ask_fallback(tender.id, ["M3"], ("M1", "M2", "M4"), "absent", agency.officer, stage.later())
    with transaction():
        room.withdraw_fallback(ask.id, agency.approver, stage.later())
    with pytest.raises(AlreadyDone), transaction():
        room.approve_fallback(ask.id, agency.approver, stage.later())
    assert not entries(tender, "opening.fallback")


def test_the_bundle_of_a_committees_opening_verifies(committee: Committee, stage: Stage) -> None:
    tender = closed(committee, stage)
    come(committee, "M2", "M3", "M4", "M5")
    begin(committee, stage, ("M2", "M3", "M5"))
    with transaction():
        ask = room.ask_fallback(
            tender.id, ["M3"], ("M2", "M4", "M5"), "no-answer", committee.agency.officer, stage.later()
        )
    with transaction():
        room.approve_fallback(ask.id, committee.agency.approver, stage.later())
    run_step()
    for member in committee.of("M2", "M4", "M5"):
        with transaction():
            give(member, stage.later())
    assert opened(committee, stage)
    stage.work()
    made = db.session.get_one(Bundle, (tender.id, "opening"))
    lines = verify(files.load(made.sha256))
    assert is_sound(lines), [line for line in lines if line.result == "FAIL"]
    assert db.session.get(Opening, tender.id) is not None


# ---- what waits: pure


def test_what_waits_follows_the_state() -> None:
    now = time.now()
    day, hour = now + timedelta(hours=20), now + timedelta(minutes=50)
    cases = [
        (Standing("draft"), Task.MAKE_KEYS),
        (Standing("draft", has_keys=True, proved={"medium-1"}), Task.PROVE),
        (Standing("draft", has_keys=True, proved={"medium-1", "medium-2"}), None),
        (Standing("in-review", owes_seed=True), Task.CONTRIBUTE),
        (Standing("in-review"), None),
        (Standing("published", closes_at=now + timedelta(days=2)), None),
        (Standing("published", closes_at=day), Task.DRILL),
        (Standing("published", closes_at=day, proved={"T-24h"}), None),
        (Standing("published", closes_at=hour, proved={"T-24h"}), Task.DRILL),
        (Standing("published", closes_at=hour, proved={"T-1h"}), None),
        (Standing("published", closes_at=now), None),
        (Standing("closed"), Task.ATTEND),
        (Standing("closed", is_present=True), None),
        (Standing("opening", is_asked=True), Task.GIVE),
        (Standing("opening", is_asked=True, has_given=True), None),
        (Standing("opening"), None),
        (Standing("opened"), None),
        (Standing("failed"), None),
    ]
    for standing, task in cases:
        assert next_task(standing, now) == task, standing
    assert due_drill(None, now) is None
    assert {phase_of(str(state)) for state in TenderState} == set(Phase)


# ---- pages


def test_the_room_and_the_seat_show_every_stage(committee: Committee, stage: Stage, client: FlaskClient) -> None:
    agency, tender = committee.agency, closed(committee, stage)
    officer, member = (
        db.session.get_one(Person, actor.person_id) for actor in (agency.officer, committee.members[0].actor)
    )

    def shown(person: Person, place: str) -> str:
        sign_in(client, person)
        answer = client.get(place)
        assert answer.status_code == 200, place
        return answer.text

    room_place, seat_place = f"/tenders/{tender.reference}/room?lang=en", f"/committee/{tender.id}?lang=en"
    assert "Nobody has come yet." in shown(officer, room_place)
    assert "Are you here?" in shown(member, seat_place)
    come(committee, "M1", "M2", "M3", "M5")
    assert "You are recorded as present" in shown(member, seat_place)
    begin(committee, stage, ("M1", "M2", "M3"))
    assert "Somebody is missing" in shown(officer, room_place)
    assert "Load the file and check" in shown(member, seat_place)
    sign_in(client, member)
    told = client.get(f"/api/committee/{tender.id}/opening?seen=1").json
    assert told is not None
    (lane,) = told["lanes"]
    assert [part["envelopes"] for part in lane["parts"]] == [len(tender.seeds), 3]
    items = client.get(f"/api/committee/{tender.id}/items?lane=price&part=1").json
    assert items is not None
    assert len(items["items"]) == 3
    assert client.get(f"/api/committee/{tender.id}/items?lane=price&part=2").status_code == 404
    reads = db.session.scalars(select(Event.actor).where(Event.type == "access.read")).all()
    assert reads == [committee.members[0].actor.handle]  # who has bid is not public yet
    with transaction():
        ask = room.ask_fallback(tender.id, ["M3"], ("M1", "M2", "M5"), "absent", agency.officer, stage.later())
    assert "Another group waits for a second approval" in shown(officer, room_place)
    with transaction():
        room.approve_fallback(ask.id, agency.approver, stage.later())
    run_step()
    left = db.session.get_one(Person, committee.members[2].actor.person_id)
    assert "You are not in the group that is asked" in shown(left, seat_place)
    for one in committee.of("M1", "M2", "M5"):
        with transaction():
            give(one, stage.later())
    assert "Your pieces have been given" in shown(member, seat_place)
    assert "Everybody of the group has given." in shown(officer, room_place)
    assert opened(committee, stage)
    assert "This opening is over" in shown(member, seat_place)


def test_the_clock_tells_members_of_each_drill_once_and_of_the_room(committee: Committee, stage: Stage) -> None:
    tender = announced(committee, stage.keyholder)
    assert tender.closes_at is not None

    def told(kind: str) -> int:
        query = select(func.count()).where(Notification.kind == kind, Notification.href.contains(str(tender.id)))
        return db.session.scalar(query) or 0

    assert [promise.key.split(":")[1] for promise in due_tellings(tender.closes_at - timedelta(hours=20))] == ["T-24h"]
    (promise,) = due_tellings(tender.closes_at - timedelta(minutes=30))
    assert promise.key.split(":")[1] == "T-1h"
    assert not list(due_tellings(tender.closes_at - timedelta(days=2)))
    tell_committee(**promise.payload)
    assert told("keyholder.drill") == 5
    stage.close(tender)
    (promise,) = due_tellings(tender.closes_at)
    tell_committee(**promise.payload)
    assert told("keyholder.room") == 5
    assert told("keyholder.drill") == 5


def test_the_demonstration_has_five_keyholders_and_a_draft_that_waits_for_them(agency: Agency) -> None:
    make_person([Role.AUDITOR])
    demo = Demo(found={"agencies": [agency]})
    committee_step(demo)
    assert [login.role for login in demo.logins] == ["keyholder"] * 5
    tender = db.session.scalars(select(Tender).where(Tender.holder_policy == "committee")).one()
    assert [seat.holder for seat in tender.holders] == ["M1", "M2", "M3", "M4", "M5"]
    assert len({seat.operator for seat in tender.holders}) == 2
