"""People hold keys: named in the draft, ready from two media, each giving its own pieces."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.auth import Actor
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    Forbidden,
    HoldersNotReady,
    IllegalTransition,
    InvalidInput,
    NotFound,
    RuleBroken,
)
from app.ids import new_id
from app.tlog.canon import unb64u
from bidding.keyholder.checks import Refused
from bidding.keyholders import configured
from bidding.models import Release, Tender, TenderHolder
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.services import groups, holders, readiness, release
from bidding.services.opening import begin_opening, begin_session, open_bids
from bidding.services.publishing import publish, submit_for_review
from bidding.states import TenderState
from tests.bidding.conftest import Later, Stage
from tests.bidding.holding import Member, committee, events, fixed, house, people, person_of
from tests.bidding.staging import PLAN, an_agency, bidders, place

APPROVALS = ["person:1", "person:2"]


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def stage(app: Flask, tmp_path: Path, later: Later) -> Iterator[Stage]:
    with house(app, tmp_path / "services", later, ("S",)):
        yield Stage(configured(), later)


def a_draft(agency: Agency) -> Tender:
    now = time.now()
    with transaction():
        return draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))


def reviewed(agency: Agency, folder: Path, policy: str, count: int) -> tuple[Tender, list[Member]]:
    tender = a_draft(agency)
    members = committee(tender, people(agency, count), folder, agency.officer, policy)
    with transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=configured())
    for member in members:
        member.contribute(tender)
    return tender, members


def closed(agency: Agency, stage: Stage, folder: Path, policy: str = "committee", count: int = 3) -> tuple[
    Tender, list[Member]
]:  # fmt: skip
    tender, members = reviewed(agency, folder, policy, count)
    with transaction():
        publish(tender.id, str(tender.box_id), agency.approver, time.now())
    for firm, won in zip(bidders(2), (90_000_000, 91_000_000), strict=True):
        place(tender, firm, won)
    stage.close(tender)
    stage.later.set_to(tender.opens_at)  # type: ignore[arg-type]
    return tender, members


def session(tender: Tender, stage: Stage, *group: str) -> None:
    with transaction():
        assert begin_session(tender.id, group, APPROVALS, stage.later)
    run_step()


def is_opened(tender: Tender, stage: Stage) -> bool:
    with transaction():
        release.gather(tender.id, "price", configured(), stage.later(), timedelta(minutes=1))
    with transaction():
        return open_bids(tender.id, stage.later)


def test_three_of_five_people_open(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender, members = closed(agency, stage, tmp_path, count=5)
    assert tender.box is not None
    assert len(tender.box["lanes"]["price"]["groups"]) == 10
    with transaction():
        assert not begin_opening(tender.id, stage.later)  # nobody has come: the clock alone begins nothing
    session(tender, stage, "M1", "M3", "M5")
    for number in (4, 0, 2):  # in any order
        assert not is_opened(tender, stage)
        members[number].give(tender, stage.later)
    assert is_opened(tender, stage)
    db.session.expire_all()
    assert tender.state == TenderState.OPENED
    told = events(tender, "opening.group")[0]
    assert (told["group"], told["approvals"]) == (["M1", "M3", "M5"], APPROVALS)


@pytest.mark.parametrize("there", [set(one) for n in range(4) for one in combinations(("M1", "M2", "M3"), n)])
def test_the_operator_and_any_two_people_open_a_hybrid(
    agency: Agency, stage: Stage, tmp_path: Path, there: set[str]
) -> None:
    tender, members = closed(agency, stage, tmp_path, "hybrid")
    assert tender.box is not None
    assert tender.box["lanes"]["price"]["groups"] == [["S", "M1", "M2"], ["S", "M1", "M3"], ["S", "M2", "M3"]]
    group = sorted(there)[:2] if len(there) >= 2 else ["M1", "M2"]
    session(tender, stage, "S", *group)
    assert not is_opened(tender, stage)  # the service has given its pieces, and they are not enough
    for member in members:
        if member.device.name in set(group) & there:
            member.give(tender, stage.later)
    assert is_opened(tender, stage) == (len(there) >= 2)


def test_a_member_that_does_not_come_is_replaced_in_the_log(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender, members = closed(agency, stage, tmp_path)
    session(tender, stage, "M1", "M2")
    members[0].give(tender, stage.later)
    with transaction():
        at = stage.later()
        groups.fall_back(tender.id, "price", ["M2"], "absent", at, group=["M1", "M3"], approvals=APPROVALS)
    run_step()
    with pytest.raises(Refused, match="not in the group"):  # by its own device
        members[1].give(tender, stage.later)
    with pytest.raises(Forbidden), transaction():
        release.deposit(tender.id, "price", 0, "any note", members[1].actor, stage.later())
    members[2].give(tender, stage.later)
    assert is_opened(tender, stage)  # what M1 gave before counts
    fallback = events(tender, "opening.fallback")[0]
    assert (fallback["missing"], fallback["reason"], fallback["approvals"]) == (["M2"], "absent", APPROVALS)


@pytest.mark.parametrize("group", [["M2", "M3"], ["M1"], ["M1", "M9"]])
def test_a_fallback_to_no_group_or_to_somebody_who_is_gone_is_refused(
    agency: Agency, stage: Stage, tmp_path: Path, group: list[str]
) -> None:
    tender, _ = closed(agency, stage, tmp_path)
    session(tender, stage, "M1", "M2")
    with pytest.raises(InvalidInput), transaction():
        groups.fall_back(tender.id, "price", ["M2"], "absent", stage.later(), group=group)
    assert fixed(tender) == ["M1", "M2"]


def test_wrong_pieces_are_refused_at_once_and_name_the_member(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender, members = closed(agency, stage, tmp_path)
    session(tender, stage, "M1", "M2")
    common = release.request_of(tender, "price")
    items = [{"statement": one["statement"], "envelope": one["envelope"]} for one in tender.seeds]
    rightful = members[1].ask(stage.later(), **common, items=items)
    with pytest.raises(InvalidInput) as refusal, transaction():  # M2's note in the name of M1
        release.deposit(tender.id, "price", 0, rightful, members[0].actor, stage.later())
    assert "M1" in str(refusal.value)
    lie = members[0].device._sign(
        "pieces",
        {"v": 1, "type": "pieces", "tender": tender.reference, "lane": "price", "holder": "M1", "closed_idx": 1,
         "pieces": {seed["stmt"]: "AAAA" for seed in tender.seeds}},
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refusal, transaction():
        release.deposit(tender.id, "price", 0, lie, members[0].actor, stage.later())
    assert refusal.value.facts["fault"] == "piece-commitment"
    assert db.session.scalars(select(Release)).all() == []
    members[0].give(tender, stage.later)  # the right ones, later
    with pytest.raises(AlreadyDone):
        members[0].give(tender, stage.later)


def test_a_committee_is_published_when_all_have_proved_and_contributed(
    agency: Agency, stage: Stage, tmp_path: Path
) -> None:
    tender = a_draft(agency)
    members = committee(tender, people(agency, 3), tmp_path, agency.officer, "committee")
    with transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=configured())
    for member in members:
        with pytest.raises(HoldersNotReady), transaction():
            publish(tender.id, str(tender.box_id), agency.approver, time.now())
        member.contribute(tender)
        member.contribute(tender)  # the same again is the same
    assert [seed["statement"]["supplier"] for seed in tender.seeds] == ["@agency", "@M1", "@M2", "@M3"]
    with transaction():
        publish(tender.id, str(tender.box_id), agency.approver, time.now())
    assert events(tender, "tender.published")[0]["operators"] == dict.fromkeys(("M1", "M2", "M3"), "시험청 1")


def test_one_medium_is_not_two(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender = a_draft(agency)
    members = committee(tender, people(agency, 3), tmp_path, agency.officer, "committee")
    members[0].make_keys(tender)  # made anew: what was proved with the old ones counts no more
    members[0].prove(tender, "medium-1")
    with transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=configured())
    assert readiness.unready(tender) == ["M1", "M2", "M3"]  # M2 and M3 have not contributed
    for member in members:
        member.contribute(tender)
    assert readiness.unready(tender) == ["M1"]
    members[0].prove(tender, "medium-2")
    db.session.expire_all()
    assert readiness.unready(tender) == []


def test_a_wrong_answer_to_a_test_is_no_proof_and_is_given_once(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender = a_draft(agency)
    members = committee(tender, people(agency, 3), tmp_path, agency.officer, "committee")
    with transaction():
        test = readiness.start_test(tender.id, "medium-1", members[0].actor, time.now())
    with pytest.raises(Forbidden), transaction():
        readiness.answer_test(test.id, {"price": bytes(32)}, members[1].actor, time.now())
    with transaction():
        assert not readiness.answer_test(test.id, {"price": bytes(32)}, members[0].actor, time.now())
    with pytest.raises(AlreadyDone), transaction():
        readiness.answer_test(test.id, {"price": bytes(32)}, members[0].actor, time.now())
    assert db.session.get_one(TenderHolder, (tender.id, "M1")).ready_at is None


def test_a_box_is_not_made_while_a_member_has_no_keys(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender = a_draft(agency)
    with transaction():
        ids = [person_of(one) for one in people(agency, 3)]
        holders.choose_holders(tender.id, "committee", ids, agency.officer, time.now())
    with pytest.raises(RuleBroken) as refusal, transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=configured())
    assert [finding.code for finding in refusal.value.facts["findings"]] == ["members-without-keys"]


def test_keys_of_another_seat_or_tender_are_not_taken(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender = a_draft(agency)
    members = committee(tender, people(agency, 3), tmp_path, agency.officer, "committee")
    other = members[1]
    note = other.ask(ask="key", tender=tender.reference, lane="price")
    with pytest.raises(InvalidInput), transaction():
        holders.register_keys(tender.id, other.vkey, {"price": note}, members[0].actor, time.now())
    with pytest.raises(Forbidden), transaction():
        holders.register_keys(tender.id, other.vkey, {"price": note}, agency.approver, time.now())
    elsewhere = members[0].ask(ask="key", tender="R26BK99999999-000", lane="price")
    with pytest.raises(InvalidInput), transaction():
        holders.register_keys(tender.id, members[0].vkey, {"price": elsewhere}, members[0].actor, time.now())


@pytest.mark.parametrize("count", [2, 6])
def test_a_committee_has_three_to_five(agency: Agency, stage: Stage, count: int) -> None:
    tender = a_draft(agency)
    ids = [person_of(one) for one in people(agency, count)]
    with pytest.raises(InvalidInput), transaction():
        holders.choose_holders(tender.id, "committee", ids, agency.officer, time.now())
    with pytest.raises(NotFound), transaction():
        holders.choose_holders(tender.id, "committee", [new_id() for _ in range(3)], agency.officer, time.now())


def test_only_the_officer_chooses_and_only_in_the_draft(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender, members = reviewed(agency, tmp_path, "committee", 3)
    ids = [person_of(member.actor) for member in members]
    for actor, error in ((agency.approver, Forbidden), (agency.officer, IllegalTransition)):
        with pytest.raises(error), transaction():
            holders.choose_holders(tender.id, "services", ids, actor, time.now())


def test_a_contribution_of_another_box_or_member_is_refused(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender = a_draft(agency)
    members = committee(tender, people(agency, 3), tmp_path, agency.officer, "committee")
    with transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=configured())
    assert tender.box is not None
    for box in (tender.box | {"notice_sha256": "0" * 64}, tender.box | {"tender": "R26BK99999999-000"}):
        wrong = members[0].ask(ask="seed", box=box)
        with pytest.raises(InvalidInput), transaction():
            holders.add_seed(tender.id, wrong, members[0].actor, time.now())
    with pytest.raises(InvalidInput), transaction():
        holders.add_seed(tender.id, members[1].ask(ask="seed", box=tender.box), members[0].actor, time.now())
    assert holders.missing_seeds(tender) == ["M1", "M2", "M3"]


def test_a_test_envelope_is_no_way_to_open_a_bid(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender, members = reviewed(agency, tmp_path, "committee", 3)
    sealed = tender.seeds[0]["envelope"]
    dressed = {**sealed, "ctx": {**sealed["ctx"], "supplier": "@test"}}
    for envelope in (sealed, dressed):
        with pytest.raises(Refused):
            members[0].ask(ask="test", tender=tender.reference, medium="T-1h", envelopes={"price": envelope})
    assert unb64u(sealed["ct"])


def test_whose_seat_it_is(agency: Agency, stage: Stage, tmp_path: Path) -> None:
    tender, members = reviewed(agency, tmp_path, "committee", 3)
    actor: Actor = members[0].actor
    assert [(seat.holder, one.id) for seat, one in holders.seats_of(person_of(actor))] == [("M1", tender.id)]
    assert holders.find_seat(tender.id, agency.officer.person_id) is None
