"""Drills a day and an hour before the deadline: alarms, a postponement that two officers decide, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.jobs import Job, run_due
from app.notifications.models import Notification
from bidding import holder_jobs, queries
from bidding.keyholders import configured
from bidding.models import HolderTest, Tender
from bidding.policy import Medium
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import announce, draft
from bidding.services import drills, readiness
from bidding.services.publishing import publish, submit_for_review
from tests.bidding.conftest import Later
from tests.bidding.holding import House, committee, events, house, people
from tests.bidding.staging import PLAN, an_agency

DAY, HOUR = Medium.DAY_BEFORE, Medium.HOUR_BEFORE


@pytest.fixture
def three(app: Flask, tmp_path: Path, later: Later) -> Iterator[House]:
    with house(app, tmp_path / "keyholders", later) as built:
        yield built


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, three: House) -> Tender:
    """Published three days before its deadline."""
    now = time.now()
    with transaction():
        made = draft(agency, PLAN, now, closes_at=now + timedelta(days=3))
        announce(agency, made, configured(), now)
    return made


def drilled(tender: Tender, medium: Medium, minutes: int = 1) -> bool:
    """The drill's job, some minutes after its time."""
    assert tender.closes_at is not None
    at = tender.closes_at - drills.AHEAD[medium] + timedelta(minutes=minutes)
    with transaction():
        return drills.drill(tender.id, medium, configured(), at)


def told(kind: str) -> int:
    return len(db.session.scalars(select(Notification.id).where(Notification.kind == kind)).all())


def test_a_drill_that_all_pass_is_logged_and_alarms_nobody(tender: Tender, three: House) -> None:
    assert drilled(tender, DAY)
    results = [(one["holder"], one["result"]) for one in events(tender, "keyholder.tested") if one["medium"] == DAY]
    assert sorted(results) == [("A", "opened"), ("B", "opened"), ("C", "opened")]
    assert events(tender, "keyholder.alarm") == []
    assert told("keyholder.alarm") == 0


def test_a_drill_that_was_passed_is_not_held_again(tender: Tender, three: House) -> None:
    for minutes in (1, 2):
        assert drilled(tender, DAY, minutes)
    assert len(db.session.scalars(select(HolderTest).where(HolderTest.medium == DAY)).all()) == 3


@pytest.mark.parametrize(("gone", "is_well"), [([], True), (["C"], False), (["B", "C"], False)])
def test_a_day_before_one_more_than_needed_must_be_there(
    tender: Tender, three: House, gone: list[str], is_well: bool
) -> None:
    for name in gone:
        three.stop(name)
    assert drilled(tender, DAY) == is_well
    assert [one["missing"] for one in events(tender, "keyholder.alarm")] == ([] if is_well else [gone])
    assert (told("keyholder.alarm") > 0) == (not is_well)
    if gone:
        assert readiness.ready_holders(tender) == sorted({"A", "B", "C"} - set(gone))
        assert [one.id for one in queries.unready_tenders()] == [tender.id]


@pytest.mark.parametrize(("gone", "is_well"), [(["C"], True), (["B", "C"], False)])
def test_an_hour_before_enough_must_be_there_or_a_postponement_is_proposed(
    client: FlaskClient, sign_in: Any, tender: Tender, three: House, agency: Agency, gone: list[str], is_well: bool
) -> None:
    for name in gone:
        three.stop(name)
    assert drilled(tender, HOUR) == is_well
    assert tender.closes_at is not None
    at = tender.closes_at - timedelta(minutes=30)
    assert drills.is_postponement_proposed(tender, at) == (not is_well)
    assert not drills.is_postponement_proposed(tender, tender.closes_at)
    assert (told("keyholder.postpone") > 0) == (not is_well)


def test_the_proposal_is_on_the_agencys_page_with_the_next_working_day(
    client: FlaskClient, sign_in: Any, agency: Agency, three: House
) -> None:
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(minutes=50))
        announce(agency, tender, configured(), now)
    for name in ("B", "C"):
        three.stop(name)
    with transaction():
        assert not drills.drill(tender.id, HOUR, configured(), time.now())
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    page = client.get(f"/tenders/{tender.reference}/manage").text
    assert "응답하는 키 보관자가 부족합니다" in page
    assert "준비 안 됨" in page


def test_a_service_that_comes_back_is_ready_again(tender: Tender, three: House) -> None:
    port = three.stop("C")
    assert not drilled(tender, DAY)
    three.start("C", port)
    assert drilled(tender, DAY, 5)
    assert readiness.unready(tender) == []


def test_a_drill_comes_by_itself_once_for_a_deadline_and_again_for_another(tender: Tender, three: House) -> None:
    with transaction():  # the deadline is 23 hours away, and the notice three days old
        now = time.now()
        times = {"published_at": now - timedelta(days=3), "bids_from_at": now - timedelta(days=3)}
        times |= {"closes_at": now + timedelta(hours=23), "opens_at": now + timedelta(hours=24)}
        db.session.execute(update(Tender).values(times))
    for _ in range(2):
        run_due(time.now() + timedelta(seconds=2), ["bidding.drill_holders"])
    keys = list(db.session.scalars(select(Job.key).where(Job.kind == "bidding.drill_holders")))
    assert len(keys) == 1
    assert len(db.session.scalars(select(HolderTest).where(HolderTest.medium == DAY)).all()) == 3
    with transaction():
        db.session.execute(update(Tender).values(closes_at=now + timedelta(hours=22)))
    db.session.expire_all()
    assert [promise.key for promise in holder_jobs.due_drills(time.now())] != keys


def test_a_tender_published_within_the_hour_needs_no_drill(agency: Agency, three: House) -> None:
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(minutes=50))
        announce(agency, tender, configured(), now)
    assert list(holder_jobs.due_drills(time.now())) == []


def test_nothing_is_drilled_before_its_time_or_after_the_deadline(tender: Tender, three: House) -> None:
    assert drilled(tender, DAY, minutes=-5)
    assert tender.closes_at is not None
    with transaction():
        assert drills.drill(tender.id, HOUR, configured(), tender.closes_at)
    assert db.session.scalars(select(HolderTest).where(HolderTest.medium != Medium.RESTORED)).all() == []


def test_people_count_an_hour_before_only_if_they_opened_a_drill(
    app: Flask, agency: Agency, three: House, tmp_path: Path
) -> None:
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(days=3))
    members = committee(tender, people(agency, 3), tmp_path, agency.officer, "committee")
    with transaction():
        submit_for_review(tender.id, agency.officer, now, panel=configured())
    for member in members:
        member.contribute(tender)
    with transaction():
        publish(tender.id, str(tender.box_id), agency.approver, now)
    assert drilled(tender, DAY)  # all proved both media
    assert not drilled(tender, HOUR)
    assert members[0].prove(tender, "T-24h") + members[1].prove(tender, "T-1h") == [True, True]
    assert drilled(tender, HOUR, 2)
