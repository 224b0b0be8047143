"""Every kind of refusal is signed, logged, kept and given out again; a receipt is the same to the byte, always."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from app import keys, time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from app.errors import DeadlinePassed
from app.time import from_wire
from app.tlog import note
from app.tlog.canon import jcs
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Refusal, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.rehearsal.stages import Plan
from bidding.services.signing_keys import revoke_key
from bidding.services.submission import SealedBid, submit_bid
from tests.bidding.staging import PLAN, an_agency, bidders, published
from tests.builders import sign_in

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


def body_of(sealed: SealedBid) -> bytes:
    parts = {"statement": sealed.statement, "signature": sealed.signature}
    return jcs({**parts, "env_price": sealed.envelope, "env_docs": None})


def sealed_by(tender: Tender, bidder: Bidder) -> SealedBid:
    return seal(tender, bidder, 90_000_000, (1, 2), time.now())


def enter(client: FlaskClient, bidder: Bidder) -> None:
    sign_in(client, db.session.get_one(Person, bidder.actor.person_id))


def post(client: FlaskClient, tender: Tender, body: bytes, **headers: str) -> Any:
    return client.post(
        f"/api/tenders/{tender.reference}/bids", data=body, content_type="application/json", headers=headers
    )


def move(tender: Tender, **instants: datetime) -> None:
    sets = ", ".join(f"{name} = :{name}" for name in instants)
    with transaction():
        db.session.execute(text(f"UPDATE tenders SET {sets} WHERE id = :id"), {**instants, "id": tender.id})


def check_refused(client: FlaskClient, answer: Any, reason: str, stmt: str | None) -> Refusal:
    """Signed, logged once, kept, and downloadable to the byte."""
    signed = answer.json["refusal"]
    told = note.open_object(signed, "refusal", [keys.vkey_of("receipt")])
    assert (told["reason"], told["stmt"], told["type"]) == (reason, stmt, "refusal")
    (event,) = db.session.scalars(select(Event).where(Event.type == "bid.refused"))
    assert not event.is_open
    kept = db.session.scalars(select(Refusal)).one()
    assert (kept.reason, kept.stmt, kept.note) == (reason, stmt, signed)
    assert kept.refused_at == from_wire(told["at"]) == event.at
    assert client.get(f"/refusals/{kept.id}/refusal.note").text == signed
    assert db.session.scalar(select(func.count()).select_from(Bid)) == 0
    return kept


def test_late(client: FlaskClient, tender: Tender) -> None:
    (bidder,), now = bidders(1), time.now()
    sealed = sealed_by(tender, bidder)
    move(tender, bids_from_at=now - timedelta(hours=1), closes_at=now)
    enter(client, bidder)
    answer = post(client, tender, body_of(sealed), **{"Idempotency-Key": sealed.stmt})
    assert answer.status_code == 409
    kept = check_refused(client, answer, "late", sealed.stmt)
    assert kept.deadline_at == now
    assert kept.refused_at >= now
    page = client.get(f"/tenders/{tender.reference}/bid").text
    assert f"/refusals/{kept.id}/refusal.note" in page


def test_closed(client: FlaskClient, tender: Tender) -> None:
    (bidder,) = bidders(1)
    sealed = sealed_by(tender, bidder)
    move(tender, bids_from_at=time.now() + timedelta(minutes=30))
    enter(client, bidder)
    check_refused(client, post(client, tender, body_of(sealed)), "closed", sealed.stmt)


def test_schema_of_a_body_that_is_none(client: FlaskClient, tender: Tender) -> None:
    (bidder,) = bidders(1)
    enter(client, bidder)
    check_refused(client, post(client, tender, b"{}"), "schema", None)


def test_schema_of_a_statement_for_another_box(client: FlaskClient, tender: Tender) -> None:
    (bidder,) = bidders(1)
    sealed = sealed_by(tender, bidder)
    wrong = SealedBid({**sealed.statement, "box": "0" * 64}, sealed.signature, sealed.envelope)
    enter(client, bidder)
    check_refused(client, post(client, tender, body_of(wrong)), "schema", wrong.stmt)


def test_signature(client: FlaskClient, tender: Tender) -> None:
    first, second = bidders(2)
    sealed = sealed_by(tender, replace(first, key=second.key))
    enter(client, first)
    check_refused(client, post(client, tender, body_of(sealed)), "signature", sealed.stmt)


def test_signature_of_a_key_that_was_revoked(client: FlaskClient, tender: Tender) -> None:
    (bidder,) = bidders(1)
    sealed = sealed_by(tender, bidder)
    with transaction():
        revoke_key(UUID(bidder.kid), bidder.business_number, bidder.actor)
    enter(client, bidder)
    check_refused(client, post(client, tender, body_of(sealed)), "signature", sealed.stmt)


def test_eligibility(client: FlaskClient, keyholder: Panel, app: Flask) -> None:
    plan = Plan(PLAN.title, PLAN.base_amount_won, more={"regions": ["50"]})
    tender, (bidder,) = published(an_agency(), keyholder, plan), bidders(1)
    sealed = sealed_by(tender, bidder)
    enter(client, bidder)
    kept = check_refused(client, post(client, tender, body_of(sealed)), "eligibility", sealed.stmt)
    assert kept.facts["reason"] == "region"


def test_a_refusal_is_given_to_nobody_else(client: FlaskClient, tender: Tender) -> None:
    first, second = bidders(2)
    enter(client, first)
    post(client, tender, b"{}")
    refusal_id = db.session.scalars(select(Refusal.id)).one()
    enter(client, second)
    assert client.get(f"/refusals/{refusal_id}/refusal.note").status_code == 404


def test_the_same_statement_gets_the_same_receipt_to_the_byte_also_after_a_restart_and_the_deadline(
    client: FlaskClient, tender: Tender
) -> None:
    (bidder,) = bidders(1)
    body = body_of(sealed_by(tender, bidder))
    enter(client, bidder)
    first = post(client, tender, body)
    assert first.status_code == 201
    again = post(client, tender, body)
    assert (again.status_code, again.data) == (200, first.data)
    # What a process knows by heart is gone: the keys are read from their files, the bid from its row.
    keys._load.cache_clear()
    db.engine.dispose()
    move(tender, bids_from_at=time.now() - timedelta(hours=1), closes_at=time.now())
    late = post(client, tender, body)
    assert (late.status_code, late.data) == (200, first.data)
    assert client.get(f"/bids/{first.json['bid']}/receipt.note").text == first.json["receipt"]
    assert db.session.scalar(select(func.count()).select_from(Refusal)) == 0


def test_a_slow_body_that_spans_the_deadline_is_refused_with_a_signed_refusal(
    app: Flask, client: FlaskClient, tender: Tender, live_server: Any
) -> None:
    """D5. Sending had begun in time: that counts for nothing, only the instant of acceptance does."""
    (bidder,) = bidders(1)
    sealed = sealed_by(tender, bidder)
    body = body_of(sealed)
    enter(client, bidder)
    told: Any = client.get("/api/my/csrf-token").json
    cookie, token = client.get_cookie(app.config["SESSION_COOKIE_NAME"]), told["csrf_token"]
    assert cookie is not None
    closes_at = time.now() + 2 * SECOND
    move(tender, bids_from_at=closes_at - timedelta(hours=1), closes_at=closes_at)
    head = (
        f"POST /api/tenders/{tender.reference}/bids HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nX-CSRFToken: {token}\r\nCookie: {cookie.key}={cookie.value}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(live_server.url.rsplit(":", 1)[1])), 20) as line:
        line.sendall(head.encode() + body[:-100])
        for sent in range(100, 0, -25):  # a few bytes at a time
            sleep(0.6)
            line.sendall(body[len(body) - sent : len(body) - sent + 25])
        answer = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 409"), answer[:300]
    kept = db.session.scalars(select(Refusal)).one()
    assert kept.reason == "late"
    assert kept.deadline_at == closes_at
    assert kept.refused_at > closes_at
    assert note.open_object(kept.note, "refusal", [keys.vkey_of("receipt")])["stmt"] == sealed.stmt
    assert db.session.scalar(select(func.count()).select_from(Bid)) == 0


# Korea has no summer time: what could trip a clock are the ends of years, months and days, and the hours in which leap
# seconds were smeared.
INSTANTS = [
    datetime(2026, 12, 31, 15, 0, tzinfo=UTC),  # the new year in Korea
    datetime(2027, 1, 1, 0, 0, tzinfo=UTC),  # and in UTC
    datetime(2027, 2, 28, 15, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 11, 30, 14, 59, 59, 999999, tzinfo=UTC),
    datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),  # the last leap second came after this one
    datetime(2017, 1, 1, 0, 0, 0, tzinfo=UTC),
    datetime(2017, 1, 1, 12, 0, 0, tzinfo=UTC),  # and its smear ended here
    datetime(2027, 3, 28, 1, 0, tzinfo=UTC),  # elsewhere clocks change
]


@pytest.mark.parametrize("closes_at", INSTANTS, ids=str)
def test_a_microsecond_decides_at_whatever_instant_bidding_closes(tender: Tender, closes_at: datetime) -> None:
    """D1. Half open: the microsecond before is in time, the instant itself is late."""
    before, at, after = bidders(3)
    move(tender, bids_from_at=closes_at - timedelta(days=1), closes_at=closes_at, opens_at=closes_at + SECOND)

    def submit(bidder: Bidder, instant: datetime) -> datetime:
        clock: Callable[[], datetime] = lambda: instant  # noqa: E731
        return submit_bid(str(tender.reference), sealed_by(tender, bidder), bidder.actor, time.now(), clock).received_at

    assert submit(before, closes_at - MICROSECOND) == closes_at - MICROSECOND
    for bidder, instant in ((at, closes_at), (after, closes_at + MICROSECOND)):
        with pytest.raises(DeadlinePassed) as refusal:
            submit(bidder, instant)
        assert refusal.value.facts["deadline_at"] == closes_at
        assert refusal.value.facts["arrived_at"] == instant
    assert db.session.scalar(select(func.count()).select_from(Bid)) == 1
