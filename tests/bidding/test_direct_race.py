"""Several people at once on what follows a failed tender: one road is taken, and the others are told so."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from sqlalchemy import func, select

from app import time
from app.auth import Actor, Role
from app.auth.models import Organisation
from app.db import db, transaction
from app.errors import AlreadyDone, DomainError, IllegalTransition
from bidding.models import Complaint, DirectAward, Revision, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.services import complaint_decisions as deciding
from bidding.services.complaining import Filing, file_complaint
from bidding.services.complaint_decisions import Decision
from bidding.services.direct import approve_direct, ask_direct, refuse_direct
from bidding.services.renotice import renotice
from bidding.services.revisions import approve_revision, ask_revision
from bidding.states import LIVE_DIRECT, TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, failed_of_one
from tests.builders import actor_of, make_person

Act = Callable[[], object]
SLOW = """
    CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
    CREATE TRIGGER a_take_time BEFORE INSERT OR UPDATE ON direct_awards FOR EACH ROW EXECUTE FUNCTION take_time();
    CREATE TRIGGER a_take_time BEFORE INSERT ON tenders FOR EACH ROW EXECUTE FUNCTION take_time();
    CREATE TRIGGER a_take_time BEFORE INSERT ON tender_revisions FOR EACH ROW EXECUTE FUNCTION take_time()"""


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


@pytest.fixture
def failed(app: Flask, agency: Agency, bidder: Bidder, stage: Stage) -> Tender:
    """A single bid, never opened; whoever writes takes a while, so that whoever looks meanwhile looks too early."""
    tender = failed_of_one(agency, bidder, stage)
    with psycopg.connect(app.config["DATABASE_OWNER_URL"].replace("+psycopg", ""), autocommit=True) as owner:
        owner.execute(SLOW)
    return tender


def at_once(app: Flask, *acts: Act) -> list[type[DomainError] | None]:
    """What came of each: None, or what it was refused with; anything else that is raised comes out here."""
    gate = Barrier(len(acts))

    def run(act: Act) -> type[DomainError] | None:
        with app.app_context():
            gate.wait(30)
            try:
                with transaction():
                    act()
            except DomainError as refusal:
                return type(refusal)
            finally:
                db.session.remove()
            return None

    db.session.remove()
    with ThreadPoolExecutor(len(acts)) as hands:
        return list(hands.map(run, acts))


def live(tender_id: UUID) -> int:
    wanted = DirectAward.tender_id == tender_id, DirectAward.state.in_(LIVE_DIRECT)
    return db.session.scalar(select(func.count()).select_from(DirectAward).where(*wanted)) or 0


def colleague(agency: Agency, role: Role) -> Actor:
    return actor_of(make_person([role], organisation=db.session.get_one(Organisation, agency.organisation_id)))


def ask(tender_id: UUID, actor: Actor) -> DirectAward:
    return ask_direct(tender_id, 90_000_000, "다른 입찰자가 없음", actor, time.now())


def test_of_officers_who_ask_at_once_one_has_asked(app: Flask, failed: Tender, agency: Agency) -> None:
    tender, officers = failed.id, [agency.officer, *(colleague(agency, Role.OFFICER) for _ in range(3))]
    told = at_once(app, *(partial(ask, tender, who) for who in officers))
    assert sorted(map(str, told)) == sorted(map(str, [None, *[AlreadyDone] * 3]))
    assert live(tender) == 1


def test_asked_for_announced_again_and_given_up_at_once_one_happens(app: Flask, failed: Tender, agency: Agency) -> None:
    tender, second, third = failed.id, *(colleague(agency, Role.OFFICER) for _ in range(2))
    told = at_once(
        app,
        lambda: ask(tender, agency.officer),
        lambda: renotice(tender, second, time.now()),
        lambda: ask_revision(tender, "cancellation", "필요 없음", {}, third, time.now()),
    )
    direct, again = live(tender), db.session.scalars(select(Tender).where(Tender.previous_id == tender)).all()
    given_up = db.session.scalars(select(Revision)).all()
    assert told.count(None) == direct + len(again) + len(given_up) == 1
    assert {one for one in told if one} <= {AlreadyDone, IllegalTransition}


def test_of_two_who_decide_at_once_one_has_decided(app: Flask, failed: Tender, agency: Agency) -> None:
    with transaction():
        direct = ask(failed.id, agency.officer).id
    other = colleague(agency, Role.APPROVER)
    told = at_once(
        app,
        lambda: approve_direct(direct, agency.approver, time.now()),
        lambda: refuse_direct(direct, other, time.now()),
    )
    assert sorted(map(str, told)) == sorted(map(str, [None, IllegalTransition]))
    kept = db.session.get_one(DirectAward, direct)
    assert kept.state == ("approved" if told[0] is None else "refused")
    assert kept.decided_by_id == (agency.approver if told[0] is None else other).person_id


def upheld(tender: Tender, agency: Agency, bidder: Bidder) -> Complaint:
    """Proposed by the officer: the failed tender is to end."""
    now = time.now()
    with transaction():
        filed = file_complaint(tender.id, Filing("failure", "유찰이 아닙니다.", "취소"), bidder.actor, now)
    with transaction():
        deciding.accept(filed.number, agency.officer, now)
    with transaction():
        deciding.propose(filed.number, Decision("upheld", "이유 있음", "cancel"), agency.officer, now)
    return filed


def test_agreed_to_while_a_complaint_ends_the_tender_nothing_comes_of_it(
    app: Flask, failed: Tender, agency: Agency, bidder: Bidder
) -> None:
    tender = failed.id
    with transaction():
        direct = ask(tender, agency.officer).id
    filed = upheld(failed, agency, bidder)
    number, digest, other = filed.number, deciding.proposal_digest(filed), colleague(agency, Role.APPROVER)
    told = at_once(
        app,
        lambda: approve_direct(direct, other, time.now()),
        lambda: deciding.confirm(number, digest, agency.approver, time.now()),
    )
    assert told[1] is None
    assert told[0] in (None, IllegalTransition)
    assert db.session.get_one(Tender, tender).state == TenderState.CANCELLED
    kept = db.session.get_one(DirectAward, direct)
    assert kept.state == ("lapsed" if told[0] is None else "refused")
    assert kept.decided_by_id != kept.asked_by_id


def test_a_cancellation_that_was_asked_for_before_another_notice_followed_is_not_put_in_force(
    failed: Tender, agency: Agency
) -> None:
    with transaction():
        renotice(failed.id, agency.officer, time.now())
        left = Revision(
            tender_id=failed.id, kind="cancellation", reason="필요 없음", changes={},
            asked_by_id=agency.officer.person_id, asked_at=time.now(),
        )  # fmt: skip
        db.session.add(left)
    with pytest.raises(AlreadyDone), transaction():
        approve_revision(left.id, agency.approver, time.now())
    assert db.session.get_one(Tender, failed.id).state == TenderState.FAILED
