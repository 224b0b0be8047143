"""Changes of a published notice: two persons, a deadline only later, texts only, no cancellation once it opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    DeadlinePassed,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    RuleBroken,
    SamePerson,
)
from app.jobs import Job
from app.time import wire
from bidding.keyholder.panel import Panel
from bidding.models import Revision, Tender
from bidding.rehearsal.cast import Agency
from bidding.services.access import person_id
from bidding.services.revisions import approve_revision, ask_revision, refuse_revision
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return published(agency, keyholder)


def later(tender: Tender, by: timedelta = HOUR) -> dict[str, Any]:
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    return {"closes_at": tender.closes_at + by, "opens_at": tender.opens_at + by}


def ask(tender: Tender, agency: Agency, kind: str, changes: dict[str, Any] | None = None, **about: Any) -> Revision:
    with transaction():
        at, reason = about.get("now", time.now()), about.get("reason", "공고문 보완")
        return ask_revision(tender.id, kind, reason, changes or {}, about.get("actor", agency.officer), at)


def approve(revision: Revision, agency: Agency, **about: Any) -> Tender:
    with transaction():
        return approve_revision(revision.id, about.get("actor", agency.approver), about.get("now", time.now()))


def test_an_extension_is_in_force_once_a_second_person_approves_it(tender: Tender, agency: Agency) -> None:
    asked_for, before = later(tender), tender.closes_at
    revision = ask(tender, agency, "extension", asked_for)
    assert tender.closes_at == before
    approve(revision, agency)
    assert (tender.closes_at, tender.opens_at) == (asked_for["closes_at"], asked_for["opens_at"])
    assert (tender.ord, revision.ord) == (1, 1)
    assert str(tender.reference).endswith("-000")  # what bids are sealed to stays
    key = f"{tender.id}:{wire(asked_for['closes_at'])}"
    assert db.session.scalar(select(Job.due_at).where(Job.key == key)) == asked_for["closes_at"]


@pytest.mark.parametrize("by", [timedelta(0), -SECOND, -HOUR])
def test_a_deadline_never_moves_earlier_nor_stays(tender: Tender, agency: Agency, by: timedelta) -> None:
    with pytest.raises(RuleBroken):
        ask(tender, agency, "extension", later(tender, by))


def test_an_opening_not_after_the_deadline_is_refused(tender: Tender, agency: Agency) -> None:
    changes = later(tender)
    with pytest.raises(RuleBroken):
        ask(tender, agency, "extension", changes | {"opens_at": changes["closes_at"]})


@pytest.mark.parametrize("kind", ["extension", "correction"])
def test_after_the_deadline_nothing_is_asked_for_or_approved(tender: Tender, agency: Agency, kind: str) -> None:
    changes = later(tender) if kind == "extension" else {"description": "다른 설명"}
    assert tender.closes_at is not None
    with pytest.raises(DeadlinePassed):
        ask(tender, agency, kind, changes, now=tender.closes_at)
    revision = ask(tender, agency, kind, changes, now=tender.closes_at - SECOND)
    with pytest.raises(DeadlinePassed):
        approve(revision, agency, now=tender.closes_at)


def test_a_correction_changes_texts_and_the_present_ord(tender: Tender, agency: Agency) -> None:
    approve(ask(tender, agency, "correction", {"description": "고친 설명", "delivery_place": ""}), agency)
    assert (tender.description, tender.ord) == ("고친 설명", 1)
    assert tender.state == TenderState.PUBLISHED


def test_a_correction_of_the_longest_texts_fits_the_log(tender: Tender, agency: Agency) -> None:
    for letter in "가나":
        approve(ask(tender, agency, "correction", {"description": letter * 20_000}), agency)
    assert tender.ord == 2


@pytest.mark.parametrize("name", ["base_amount_won", "title", "closes_at", "floor_rate", "state"])
def test_nothing_but_texts_is_corrected(tender: Tender, agency: Agency, name: str) -> None:
    with pytest.raises(InvalidInput):
        ask(tender, agency, "correction", {name: "x"})


def test_a_change_that_changes_nothing_has_no_reason_or_is_unknown_is_refused(tender: Tender, agency: Agency) -> None:
    with pytest.raises(InvalidInput):
        ask(tender, agency, "correction", {"description": tender.description})
    with pytest.raises(InvalidInput):
        ask(tender, agency, "correction", {"description": "다른 설명"}, reason="  ")
    with pytest.raises(InvalidInput):
        ask(tender, agency, "withdrawal", {})


def test_the_asker_does_not_approve(tender: Tender, agency: Agency) -> None:
    revision = ask(tender, agency, "cancellation")
    with transaction():
        revision.asked_by_id = person_id(agency.approver)  # who holds both roles
    with pytest.raises(SamePerson):
        approve(revision, agency)


def test_the_database_itself_wants_two_persons(tender: Tender, agency: Agency) -> None:
    revision = ask(tender, agency, "cancellation")
    with pytest.raises(IntegrityError, match="ck_tender_revisions_two_persons"), transaction():
        revision.approved_by_id, revision.approved_at = revision.asked_by_id, time.now()


def test_each_act_wants_its_role_and_its_agency(tender: Tender, agency: Agency) -> None:
    other = an_agency(2)
    for actor in (agency.approver, other.officer):
        with pytest.raises(Forbidden):
            ask(tender, agency, "cancellation", actor=actor)
    revision = ask(tender, agency, "cancellation")
    for actor in (other.approver, other.officer):
        with pytest.raises(Forbidden):
            approve(revision, agency, actor=actor)
        with pytest.raises(Forbidden), transaction():
            refuse_revision(revision.id, actor, time.now())
    with pytest.raises(Forbidden), transaction():
        refuse_revision(revision.id, agency.officer, time.now())


def test_one_change_waits_at_a_time_and_is_decided_once(tender: Tender, agency: Agency) -> None:
    revision = ask(tender, agency, "correction", {"description": "다른 설명"})
    with pytest.raises(AlreadyDone):
        ask(tender, agency, "cancellation")
    with transaction():
        refuse_revision(revision.id, agency.approver, time.now())
    with pytest.raises(AlreadyDone):
        approve(revision, agency)
    assert tender.description != "다른 설명"
    assert ask(tender, agency, "cancellation")
    logged = set(db.session.scalars(select(Event.type)))
    assert {"tender.revision_asked", "tender.revision_refused"} <= logged


def test_before_the_opening_a_tender_can_be_cancelled_and_its_bids_stay_sealed(
    tender: Tender, agency: Agency, stage: Stage
) -> None:
    bid = place(tender, bidders(1)[0], 90_000_000)
    stage.close(tender)
    approve(ask(tender, agency, "cancellation", reason="사업 취소"), agency)
    assert (tender.state, tender.cancel_reason) == (TenderState.CANCELLED, "사업 취소")
    stage.open(tender)
    assert (db.session.get_one(Tender, tender.id).state, bid.state) == (TenderState.CANCELLED, "submitted")


def test_once_the_opening_has_begun_nothing_is_cancelled(tender: Tender, agency: Agency, stage: Stage) -> None:
    for bidder, won in zip(bidders(2), (90_000_000, 91_000_000), strict=True):
        place(tender, bidder, won)
    stage.close(tender)
    revision = ask(tender, agency, "cancellation")
    stage.open(tender)
    with pytest.raises(IllegalTransition):
        approve(revision, agency)
    with pytest.raises(IllegalTransition):
        ask(tender, agency, "cancellation")
