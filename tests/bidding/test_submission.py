"""Taking a bid in: the instant that counts, who may, what is refused, and what a refusal leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    BadEnvelope,
    BadSignature,
    DeadlinePassed,
    Forbidden,
    NotEligible,
    NotFound,
    NotOpenForBids,
)
from app.ids import new_id
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.models.signing_key import SigningKey
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.rehearsal.stages import Plan
from bidding.services.signing_keys import revoke_key
from bidding.services.submission import SealedBid, submit_bid
from tests.bidding.staging import an_agency, bidders, place, published

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def submit(tender: Tender, sealed: SealedBid, bidder: Bidder, clock: Callable[[], datetime] | None = None) -> Bid:
    with transaction():
        return submit_bid(str(tender.reference), sealed, bidder.actor, time.now(), clock or time.now).bid


def sealed_by(tender: Tender, bidder: Bidder, amount_won: int = 90_000_000) -> SealedBid:
    return seal(tender, bidder, amount_won, (1, 2), time.now())


def deadline(tender: Tender) -> datetime:
    assert tender.closes_at is not None
    return tender.closes_at


def begin(tender: Tender) -> datetime:
    assert tender.bids_from_at is not None
    return tender.bids_from_at


def bid_count() -> int:
    return db.session.scalar(select(func.count()).select_from(Bid)) or 0


def test_the_last_microsecond_before_the_deadline_is_in_time(tender: Tender) -> None:
    (bidder,) = bidders(1)
    last = deadline(tender) - MICROSECOND
    assert submit(tender, sealed_by(tender, bidder), bidder, at(last)).received_at == last


@pytest.mark.parametrize("late", [timedelta(0), MICROSECOND])
def test_the_deadline_itself_is_late_and_leaves_nothing(tender: Tender, late: timedelta) -> None:
    (bidder,) = bidders(1)
    with pytest.raises(DeadlinePassed) as refusal:
        submit(tender, sealed_by(tender, bidder), bidder, at(deadline(tender) + late))
    assert refusal.value.facts["deadline_at"] == deadline(tender)
    assert bid_count() == 0
    assert db.session.scalar(select(func.count()).where(Event.type == "bid.submitted")) == 0


def test_a_bid_before_bidding_begins_is_refused(tender: Tender) -> None:
    (bidder,) = bidders(1)
    with pytest.raises(NotOpenForBids):
        submit(tender, sealed_by(tender, bidder), bidder, at(begin(tender) - MICROSECOND))
    assert submit(tender, sealed_by(tender, bidder), bidder, at(begin(tender)))


def test_the_same_statement_again_gives_the_same_acceptance(tender: Tender) -> None:
    (bidder,) = bidders(1)
    sealed = sealed_by(tender, bidder)
    first = submit(tender, sealed, bidder)
    with transaction():
        again = submit_bid(str(tender.reference), sealed, bidder.actor, time.now(), at(deadline(tender)))
    assert (again.bid.id, again.is_new) == (first.id, False)  # even after the deadline: it was accepted
    assert bid_count() == 1


def test_a_second_bid_of_the_same_supplier_is_refused_because_the_first_is_final(tender: Tender) -> None:
    (bidder,) = bidders(1)
    place(tender, bidder, 90_000_000)
    with pytest.raises(AlreadyDone):
        submit(tender, sealed_by(tender, bidder, 89_000_000), bidder)
    assert bid_count() == 1
    assert db.session.scalar(select(func.count()).where(Event.type == "bid.submitted")) == 1


def test_the_database_itself_refuses_a_second_bid_of_a_supplier(tender: Tender) -> None:
    (bidder,) = bidders(1)
    standing = place(tender, bidder, 90_000_000)
    columns = {column.key: getattr(standing, column.key) for column in Bid.__table__.columns}
    other = {"id": new_id(), "stmt": "ab" * 32, "receipt_number": "x", "event_id": new_id()}
    with pytest.raises(IntegrityError, match="uq_bids_tender_id_lot_organisation_id"), transaction():
        db.session.add(Bid(**columns | other))


def test_another_suppliers_sealed_bid_cannot_be_handed_in_as_ones_own(tender: Tender) -> None:
    victim, thief = bidders(2)
    stolen = sealed_by(tender, victim)
    with pytest.raises(BadSignature):
        submit(tender, stolen, thief)
    assert bid_count() == 0


def test_a_statement_in_anothers_name_is_refused_even_when_signed_by_oneself(tender: Tender) -> None:
    victim, thief = bidders(2)
    named = replace(thief, business_number=victim.business_number)
    with pytest.raises(Forbidden):
        submit(tender, sealed_by(tender, named), thief)


def test_a_bid_for_one_tender_does_not_fit_another(tender: Tender, keyholder: Panel) -> None:
    (bidder,) = bidders(1)
    other = published(an_agency(2), keyholder)
    with pytest.raises(BadEnvelope):
        submit(other, sealed_by(tender, bidder), bidder)


def test_a_changed_envelope_is_refused(tender: Tender) -> None:
    (bidder,) = bidders(1)
    sealed = sealed_by(tender, bidder)
    other = sealed_by(tender, bidder)
    with pytest.raises(BadEnvelope):
        submit(tender, SealedBid(sealed.statement, sealed.signature, other.envelope), bidder)


def test_a_revoked_key_signs_no_bid(tender: Tender) -> None:
    (bidder,) = bidders(1)
    key = db.session.scalars(select(SigningKey)).one()
    with transaction():
        revoke_key(key.id, bidder.business_number, bidder.actor)
    with pytest.raises(BadSignature):
        submit(tender, sealed_by(tender, bidder), bidder)


def test_who_may_not_bid_is_told_why(keyholder: Panel) -> None:
    (bidder,) = bidders(1)
    busan_only = Plan("부산 업체만", 50_000_000, more={"regions": ["26"]})
    tender = published(an_agency(), keyholder, busan_only)
    with pytest.raises(NotEligible) as refusal:
        submit(tender, sealed_by(tender, bidder), bidder)
    assert refusal.value.facts["reason"] == "region"


def test_only_a_suppliers_bidder_bids(tender: Tender) -> None:
    (bidder,) = bidders(1)
    for permissions in (frozenset[str](), frozenset({"tender:draft"})):
        stranger = replace(bidder, actor=replace(bidder.actor, permissions=permissions))
        with pytest.raises(Forbidden):
            submit(tender, sealed_by(tender, bidder), stranger)


def test_a_draft_takes_no_bids_and_is_not_there(tender: Tender) -> None:
    (bidder,) = bidders(1)
    with pytest.raises(NotFound):
        submit_bid("R26BK99999999-000", sealed_by(tender, bidder), bidder.actor, time.now())


def test_before_the_opening_the_database_takes_no_price(tender: Tender) -> None:
    (bidder,) = bidders(1)
    standing = place(tender, bidder, 90_000_000)
    with pytest.raises(IntegrityError, match="ck_bids_price_known_once_opened"), transaction():
        db.session.get_one(Bid, standing.id).amount_won = 1
