"""From the probe's samples to moved deadlines: measured, held, proposed, confirmed by another, told."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import files, keys, time
from app.audit.models import Event
from app.audit.sequencer import run_step
from app.auth import Actor, Role, system
from app.db import db, transaction
from app.errors import Forbidden, IllegalTransition, InvalidInput, SamePerson, StaleConfirmation
from app.notifications.models import Notification
from app.time import wire
from app.tlog import note
from app.tlog.canon import parse
from bidding import jobs, queries
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, IntakeMinute, Outage, Postponement, Tender
from bidding.rehearsal.cast import Agency
from bidding.services import holding, intake, outages
from bidding.services.closing import begin_closing
from tests.bidding.conftest import Stage
from tests.bidding.real import real_tender, working_day
from tests.bidding.staging import an_agency, bidders, place, published
from tests.builders import make_person

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def sample(start: datetime, marks: str) -> datetime:
    """A probe every five seconds from `start`: one mark a minute (`.` well, `x` failing, `-` none). Returns the end."""
    for mark in marks:
        if mark != "-":
            for tick in range(12):
                with transaction():
                    intake.keep_sample("http" if mark == "x" else None, start + tick * 5 * SECOND)
        start += MINUTE
    return start


def well(start: datetime, end: datetime) -> None:
    """Minutes in which nothing failed, written at once."""
    count = (end - start) // MINUTE
    with transaction():
        for at in (start + n * MINUTE for n in range(count)):
            db.session.add(IntakeMinute(minute_at=at, tried=12, failed=0, last_at=at + 55 * SECOND))


def operators() -> tuple[Actor, Actor]:
    people = [make_person([Role.OPERATOR]) for _ in range(2)]
    may = frozenset({"outage:propose", "outage:approve"})
    first, second = (
        replace(system(), person_id=person.id, handle=f"person:{person.id}", permissions=may) for person in people
    )
    return first, second


def the_outage() -> Outage:
    return db.session.scalars(select(Outage)).one()


def events(kind: str) -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.type == kind).order_by(Event.at)))


@pytest.fixture
def noon(app: Flask) -> datetime:
    return working_day()


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def test_five_bad_minutes_make_an_outage_with_its_ends_and_counts(app: Flask, noon: datetime) -> None:
    end = sample(noon, "..xxxxxx.")
    with transaction():
        intake.find_outages(end + SECOND)
    found = the_outage()
    assert (found.began_at, found.ended_at) == (noon + 2 * MINUTE, noon + 8 * MINUTE)
    assert (found.tried, found.failed) == (72, 72)
    minute = db.session.get_one(IntakeMinute, noon + 2 * MINUTE)
    assert (minute.tried, minute.failed, minute.faults) == (12, 12, {"http": 12})


def test_four_make_none(app: Flask, noon: datetime) -> None:
    sample(noon, "..xxxx...")
    assert db.session.scalar(select(Outage)) is None


def test_a_dead_site_is_an_outage_found_by_its_first_sample_after(app: Flask, noon: datetime) -> None:
    sample(noon, "..------")
    with transaction():
        intake.keep_sample(None, noon + 8 * MINUTE)
    assert the_outage().ended_at is None  # nobody knows yet whether it is over
    sample(noon + 9 * MINUTE, "..")
    assert the_outage().ended_at == noon + 9 * MINUTE


def test_a_probe_that_never_got_through_measures_nothing_and_holds_nothing(app: Flask, noon: datetime) -> None:
    end = sample(noon, "xxxxxxxxxx")
    assert db.session.scalar(select(Outage)) is None
    assert holding.holds(end) == []


def test_minutes_older_than_forty_days_are_forgotten(app: Flask, noon: datetime) -> None:
    sample(noon - timedelta(days=41), "..")
    sample(noon, ".")
    assert db.session.scalars(select(IntakeMinute.minute_at)).all() == [noon]


def test_a_closing_in_an_outage_is_held_until_it_is_decided_and_then_comes_at_its_new_time(
    agency: Agency, keyholder: Panel, noon: datetime
) -> None:
    closes_at = noon + 4 * MINUTE
    tender = real_tender(agency, keyholder, closes_at)
    sample(noon, "..xxx")
    assert not closing(tender, closes_at)  # it goes on, however short yet
    end = sample(noon + 5 * MINUTE, "xxxx...")
    assert not closing(tender, end)
    assert tender not in queries.tenders_to_close(end)
    moved = decided(end)
    assert moved.state == "applied"
    now_closes = db.session.get_one(Tender, tender.id).closes_at
    assert now_closes is not None
    assert moved.announced_at is not None
    assert now_closes == moved.announced_at + 2 * HOUR
    well(end, now_closes)
    assert not closing(tender, now_closes - SECOND)
    assert closing(tender, now_closes)


def closing(tender: Tender, at: datetime) -> bool:
    with transaction():
        return begin_closing(tender.id, lambda: at)


def decided(now: datetime, proposal: str = "apply") -> Outage:
    first, second = operators()
    with transaction():
        proposed = outages.propose(the_outage().id, proposal, "정전", first, now)
    with transaction():
        return outages.confirm(proposed.id, str(proposed.plan_sha256), second, now + MINUTE)


def test_a_short_failure_lets_the_closing_go_on_when_it_is_over(
    agency: Agency, keyholder: Panel, noon: datetime
) -> None:
    tender = real_tender(agency, keyholder, noon + 3 * MINUTE)
    sample(noon, "..xx")
    assert not closing(tender, noon + 4 * MINUTE)
    end = sample(noon + 4 * MINUTE, "..")
    assert tender in queries.tenders_to_close(end)
    assert closing(tender, end)


def test_within_two_hours_after_it_closings_are_held_too_and_later_ones_are_not(
    agency: Agency, keyholder: Panel, noon: datetime
) -> None:
    ended = noon + 8 * MINUTE
    soon, later = (real_tender(agency, keyholder, ended + 2 * HOUR + off) for off in (-SECOND, timedelta()))
    with transaction():
        db.session.add(Outage(began_at=noon, ended_at=ended))
    at = ended + 2 * HOUR + MINUTE
    assert holding.why_held(soon, at) is not None
    assert holding.why_held(later, at) is None
    assert queries.tenders_to_close(at) == [later]


def test_the_hold_is_bounded_by_a_day_and_for_practice_by_ten_minutes(
    agency: Agency, keyholder: Panel, noon: datetime
) -> None:
    real = real_tender(agency, keyholder, noon + 4 * MINUTE)
    with transaction():
        db.session.add(Outage(began_at=noon, ended_at=noon + 8 * MINUTE))
    ended = noon + 8 * MINUTE
    assert holding.why_held(real, ended + timedelta(hours=24) - SECOND) is not None
    assert holding.why_held(real, ended + timedelta(hours=24)) is None
    (hold,) = holding.holds(ended)
    assert hold.bound_of(False) == ended + timedelta(hours=24)
    assert hold.bound_of(True) == ended + 10 * MINUTE
    assert not hold.covers(noon + 4 * MINUTE, True, ended + 10 * MINUTE)


def test_the_held_job_is_done_and_the_sweep_promises_it_anew(agency: Agency, keyholder: Panel, noon: datetime) -> None:
    now = time.now()
    tender = published(agency, keyholder)
    with transaction():
        db.session.execute(
            text("UPDATE tenders SET closes_at = :at, opens_at = :later, bids_from_at = :from WHERE id = :id"),
            {"at": now - SECOND, "later": now + HOUR, "from": now - HOUR, "id": tender.id},
        )
        db.session.add(Outage(began_at=now - MINUTE))
    jobs.close_tender(str(tender.id))  # no error: it waits for nothing
    assert db.session.get_one(Tender, tender.id, populate_existing=True).state == "published"
    assert list(jobs.due_closings(time.now())) == []
    with transaction():
        db.session.execute(text("DELETE FROM outages"))
    (promise,) = jobs.due_closings(time.now())
    assert promise.is_owed


def test_every_touched_tender_moves_by_one_signed_statement(agency: Agency, keyholder: Panel, noon: datetime) -> None:
    inside, after, beyond = (real_tender(agency, keyholder, noon + off) for off in (4 * MINUTE, 65 * MINUTE, 4 * HOUR))
    end = sample(noon, "..xxxxxx..")
    outage = decided(end)
    assert outage.note is not None
    told = note.open_object(outage.note, "outage", [keys.vkey_of("agency")])
    assert [one["tender"] for one in told["tenders"]] == [inside.reference, after.reference]
    assert (told["began"], told["ended"]) == (wire(noon + 2 * MINUTE), wire(noon + 8 * MINUTE))
    assert outage.announced_at is not None
    r = outage.announced_at
    assert told["tenders"][0]["new"] == wire(r + 2 * HOUR)
    assert told["tenders"][0]["opens_at"] == wire(r + 3 * HOUR)
    assert told["tenders"][1]["new"] == wire(noon + 65 * MINUTE + 2 * HOUR)
    db.session.expire_all()
    assert db.session.get_one(Tender, beyond.id).closes_at == noon + 4 * HOUR
    (declared,), changed, (applied,) = (
        events(kind) for kind in ("outage.declared", "tender.deadline_changed", "outage.applied")
    )
    assert [parse(event.body)["outage"] for event in changed] == [str(outage.id)] * 2
    assert len(set(parse(changed[0].body)["approvals"])) == 2
    assert all(event.is_open for event in (declared, *changed, applied))
    assert declared.at < changed[0].at < applied.at
    assert parse(applied.body)["note_sha256"] == outage.note_sha256
    assert db.session.query(Postponement).count() == 2


def test_nothing_happens_by_one_person(agency: Agency, keyholder: Panel, noon: datetime) -> None:
    real_tender(agency, keyholder, noon + 4 * MINUTE)
    end = sample(noon, "..xxxxxx..")
    first, _ = operators()
    with transaction():
        proposed = outages.propose(the_outage().id, "apply", "정전", first, end)
    with pytest.raises(SamePerson), transaction():
        outages.confirm(proposed.id, str(proposed.plan_sha256), first, end)
    with pytest.raises(SamePerson), transaction():
        outages.send_back(proposed.id, first, end)
    with pytest.raises(IntegrityError, match="two_persons"), transaction():
        db.session.execute(text("UPDATE outages SET decided_by_id = proposed_by_id, decided_at = now()"))


def test_officers_of_agencies_decide_on_no_outage(agency: Agency, noon: datetime) -> None:
    end = sample(noon, "..xxxxxx..")
    with pytest.raises(Forbidden), transaction():
        outages.propose(the_outage().id, "apply", "정전", agency.approver, end)


def test_the_second_confirms_before_the_announcement_and_only_what_was_shown(
    agency: Agency, keyholder: Panel, noon: datetime
) -> None:
    real_tender(agency, keyholder, noon + 4 * MINUTE)
    end = sample(noon, "..xxxxxx..")
    first, second = operators()
    with transaction():
        proposed = outages.propose(the_outage().id, "apply", "정전", first, end)
    outage_id, sha256, announced_at = proposed.id, str(proposed.plan_sha256), proposed.announced_at
    assert announced_at is not None
    with pytest.raises(StaleConfirmation), transaction():
        outages.confirm(outage_id, "0" * 64, second, end)
    with pytest.raises(StaleConfirmation), transaction():
        outages.confirm(outage_id, sha256, second, announced_at)
    real_tender(agency, keyholder, noon + 5 * MINUTE)
    with pytest.raises(StaleConfirmation), transaction():
        outages.confirm(outage_id, sha256, second, end)
    with transaction():
        again = outages.propose(outage_id, "apply", "정전", first, end)
    with transaction():
        assert len(outages.confirm(outage_id, str(again.plan_sha256), second, end).plan) == 2


def test_the_announcement_lies_ten_minutes_ahead_or_more_and_is_round(noon: datetime) -> None:
    for seconds in range(0, 900, 7):
        now = noon + seconds * SECOND
        announced_at = outages.announcement_after(now)
        assert 10 * MINUTE <= announced_at - now <= 15 * MINUTE
        assert (announced_at.minute % 5, announced_at.second, announced_at.microsecond) == (0, 0, 0)


def test_dismissed_by_two_nothing_moves_and_the_closing_comes(agency: Agency, keyholder: Panel, noon: datetime) -> None:
    tender = real_tender(agency, keyholder, noon + 4 * MINUTE)
    end = sample(noon, "..xxxxxx..")
    outage = decided(end, "dismiss")
    assert (outage.state, outage.note) == ("dismissed", None)
    (told,) = events("outage.dismissed")
    assert parse(told.body)["reason"] == "정전"
    assert closing(tender, end + MINUTE)


def test_an_outage_that_goes_on_or_is_decided_takes_no_proposal(noon: datetime) -> None:
    end = sample(noon, "..xxxxxx")
    first, _ = operators()
    with pytest.raises(IllegalTransition), transaction():
        outages.propose(the_outage().id, "apply", "정전", first, end)
    end = sample(end, "..")
    with pytest.raises(InvalidInput), transaction():
        outages.propose(the_outage().id, "apply", " ", first, end)
    decided(end, "dismiss")
    with pytest.raises(IllegalTransition), transaction():
        outages.propose(the_outage().id, "apply", "정전", first, end)


def test_agency_and_bidders_are_told_once(agency: Agency, keyholder: Panel, noon: datetime, stage: Stage) -> None:
    tender, (bidder,) = real_tender(agency, keyholder, noon + 4 * MINUTE), bidders(1)
    place(tender, bidder, 90_000_000)
    outage = decided(sample(noon, "..xxxxxx.."))
    for _ in range(2):
        jobs.tell_postponed(str(outage.id), str(tender.id))
    told = db.session.scalars(select(Notification).where(Notification.kind == "tender.postponed")).all()
    assert len(told) == 3  # two of the agency, one bidder
    assert db.session.scalars(select(Bid)).one().state == "submitted"  # what was sent stands


def test_the_bundle_of_a_postponed_tender_verifies(
    agency: Agency, keyholder: Panel, noon: datetime, stage: Stage, tmp_path: Path
) -> None:
    tender, crowd = real_tender(agency, keyholder, noon + 4 * MINUTE), bidders(2)
    for number, bidder in enumerate(crowd):
        place(tender, bidder, 90_000_000 + number)
    end = sample(noon, "..xxxxxx..")
    decided(end)
    moved = db.session.get_one(Tender, tender.id, populate_existing=True)
    assert moved.closes_at is not None
    well(end, moved.closes_at)
    stage.close(moved)
    stage.open(moved)
    run_step()
    jobs.publish_bundle(str(tender.id), "opening")
    path = tmp_path / "bundle.zip"
    path.write_bytes(files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256))
    command = [sys.executable, "-m", "bidding.verify", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "moved for an outage" in checked.stdout
