"""What happens by itself: twice is once, a lost row comes back, an emptied Valkey loses nothing."""

from __future__ import annotations

from datetime import timedelta
from itertools import count as count_from
from time import monotonic

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app import audit, time
from app.audit.models import Event
from app.audit.sequencer import run_step
from app.auth import system
from app.auth.models import Person
from app.db import db, transaction
from app.documents.models import IssuedDocument
from app.errors import TemporarilyUnavailable
from app.jobs import Job, JobState, queue, run_due, sweep
from bidding import jobs
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, Opening, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import award
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published
from tests.builders import actor_of

AMOUNTS = (90_000_000, 91_000_000)


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    """Published, with two bids in it."""
    tender = published(an_agency(), keyholder)
    for bidder, won in zip(bidders(2), AMOUNTS, strict=True):
        place(tender, bidder, won)
    return tender


def count(model: type, *where: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def overdue(tender: Tender, *, opens_in: timedelta = timedelta(seconds=-1)) -> None:
    """As if the times of the tender had come: its instants, moved into the past."""
    now = time.now()
    with transaction():
        tender.bids_from_at, tender.closes_at = now - timedelta(hours=1), now - timedelta(seconds=2)
        tender.opens_at = now + opens_in


def state_of(tender: Tender) -> str:
    db.session.expire_all()
    return db.session.get_one(Tender, tender.id).state


def test_each_step_done_twice_is_done_once(tender: Tender, stage: Stage) -> None:
    overdue(tender)
    stage.later.ahead = timedelta(hours=2)  # the log holds the times that were published
    for _ in range(2):
        with pytest.raises(TemporarilyUnavailable):
            jobs.close_tender(str(tender.id))  # a bid still waits for its place in the log
    run_step()
    for _ in range(2):
        jobs.close_tender(str(tender.id))
    run_step()
    with pytest.raises(TemporarilyUnavailable):
        jobs.open_tender(str(tender.id))  # the group is not in the log yet
    run_step()
    for _ in range(2):
        jobs.open_tender(str(tender.id))
    run_step()
    for _ in range(2):
        jobs.publish_bundle(str(tender.id), "opening")
        jobs.issue_notice(str(tender.id))
        jobs.issue_opening_record(str(tender.id))
    assert state_of(tender) == TenderState.OPENED
    once = ("tender.closing", "tender.closed", "opening.group", "opening.opened", "draw.made", "evaluation.made")
    assert [count(Event, Event.type == kind) for kind in once] == [1] * len(once)
    assert (count(Bundle), count(Opening)) == (1, 1)
    kinds = list(db.session.scalars(select(IssuedDocument.kind)))
    assert len(kinds) == len(set(kinds)) == 2


def test_a_job_that_comes_before_the_databases_clock_says_so_comes_again(
    tender: Tender, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = time.now() + timedelta(hours=3)
    monkeypatch.setattr("app.time.now", lambda: ahead)  # this machine's clock runs ahead
    with pytest.raises(TemporarilyUnavailable):
        jobs.close_tender(str(tender.id))
    monkeypatch.undo()
    overdue(tender, opens_in=timedelta(hours=1))
    run_step()
    jobs.close_tender(str(tender.id))
    monkeypatch.setattr("app.time.now", lambda: ahead)
    with pytest.raises(TemporarilyUnavailable):
        jobs.open_tender(str(tender.id))
    assert state_of(tender) == TenderState.CLOSED


def test_a_job_of_a_deadline_that_has_moved_does_nothing(tender: Tender) -> None:
    jobs.close_tender(str(tender.id))
    assert state_of(tender) == TenderState.PUBLISHED


def test_late_comers_whose_refusals_wait_for_the_log_do_not_hold_the_closing_up(tender: Tender) -> None:
    overdue(tender, opens_in=timedelta(hours=1))
    run_step()
    with transaction():
        audit.emit("bid.refused", system(), time.now(), subject="stmt:x", tender=tender.reference, is_open=False)
    jobs.close_tender(str(tender.id))
    assert state_of(tender) == TenderState.CLOSED


def test_deleted_job_rows_come_back_from_the_state_of_the_tender(tender: Tender, stage: Stage) -> None:
    overdue(tender)
    for step in (TenderState.CLOSED, TenderState.OPENED):
        with transaction():
            db.session.execute(delete(Job))
        for turn in range(1, 13):  # each turn finds the log further on, and a job that was put off due again
            run_step()
            stage.later.ahead = timedelta(hours=2)  # the log holds the times that were published
            run_due(time.now() + timedelta(seconds=turn))
            if state_of(tender) == step:
                break
        else:
            if state_of(tender) != TenderState.OPENED:
                pytest.fail(f"still {state_of(tender)}")
    with transaction():
        db.session.execute(delete(Job))
    run_step()
    run_due(time.now() + timedelta(seconds=1))
    assert count(Bundle) == 1


def test_an_emptied_valkey_in_the_middle_loses_nothing(app: Flask, tender: Tender, stage: Stage) -> None:
    redis = app.extensions["redis"]
    overdue(tender)
    patience, turns = monotonic() + 120, count_from(1)
    while not (state_of(tender) == TenderState.OPENED and count(Bundle)):
        assert monotonic() < patience, db.session.scalars(select(Job.last_error)).all()
        run_step()
        stage.later.ahead = timedelta(hours=2)  # the log holds the times that were published
        sweep(time.now())
        redis.flushall()
        run_due(time.now() + timedelta(seconds=next(turns)))
        redis.flushall()
    assert (state_of(tender), count(Bundle)) == (TenderState.OPENED, 1)
    assert sorted(db.session.scalars(select(Bid.amount_won))) == list(AMOUNTS)  # type: ignore[type-var]
    assert queue().count == 0
    sweep(time.now())
    assert count(Job, Job.state == JobState.GIVEN_UP) == 0


def test_an_award_brings_its_second_bundle_and_its_paper_once(tender: Tender, stage: Stage) -> None:
    agency_id = tender.agency_id
    stage.close(tender)
    stage.open(tender)
    people = db.session.scalars(select(Person).where(Person.organisation_id == agency_id)).all()
    actors = {role: actor_of(person) for person in people for role in actor_of(person).roles}
    with transaction():
        assert award(Agency(agency_id, actors["officer"], actors["approver"]), tender.id, time.now())
    run_step()
    for _ in range(2):
        jobs.publish_bundle(str(tender.id), "award")
        jobs.issue_award_notice(str(tender.id))
    assert count(Bundle, Bundle.stage == "award") == 1
    assert count(IssuedDocument, IssuedDocument.kind == "award-notice") == 1
