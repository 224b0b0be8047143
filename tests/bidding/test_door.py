"""The side door for bids says yes to what the front door says yes to, and to nothing else.

Each guard is tried with everything else in order: the door must hand on, so that the front door's own refusal comes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update
from werkzeug.test import TestResponse

from app import keys, time
from app.audit import Event
from app.auth import sessions
from app.auth.models import Person, PersonRole, Session
from app.db import db, transaction
from app.web.limits import limiter
from benchmarks.crowd import body_of, headers_of
from bidding import door
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.services.submission import SealedBid
from bidding.statement import open_receipt
from suppliers.models import Supplier
from tests.bidding.staging import an_agency, bidders, published

Change = Callable[[], Any]
Changed = Mapping[str, str | None]


class AtTheDoor:
    """A signed-in bidder with a sealed bid, and how often the door itself has answered."""

    def __init__(self, app: Flask, tender: Tender, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.tender = app, tender
        (self.bidder,) = bidders(1)
        self.person = db.session.get_one(Person, self.bidder.actor.person_id)
        with transaction():
            _, self.token = sessions.open_session(self.person, time.now(), "test")
        self.headers = headers_of(app, self.token)
        self.sealed = self.seal()
        self.client: FlaskClient = app.test_client(use_cookies=False)
        self.answers: list[bool] = []
        routes = app.extensions["naru-door"].routes
        ((pattern, rule, handler),) = [route for route in routes if route[1] == door.RULE]

        def watched(asked: Any) -> Any:
            answer = handler(asked)
            self.answers.append(answer is not None)
            return answer

        monkeypatch.setattr(app.extensions["naru-door"], "routes", [(pattern, rule, watched)])

    def seal(self, bidder: Bidder | None = None) -> SealedBid:
        return seal(self.tender, bidder or self.bidder, 90_000_000, (1, 2), time.now())

    def send(self, body: bytes | None = None, changed: Changed | None = None) -> TestResponse:
        headers = {name: value for name, value in {**self.headers, **(changed or {})}.items() if value is not None}
        path = f"/api/tenders/{self.tender.reference}/bids"
        data = body_of(self.sealed) if body is None else body
        return self.client.post(path, data=data, headers=headers, content_type="application/json")

    @property
    def was_let_in(self) -> bool:
        return any(self.answers)


@pytest.fixture
def at_the_door(app: Flask, keyholder: Panel, monkeypatch: pytest.MonkeyPatch) -> AtTheDoor:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return AtTheDoor(app, published(an_agency(), keyholder), monkeypatch)


def test_a_good_bid_is_taken_in_with_its_receipt(at_the_door: AtTheDoor) -> None:
    answer = at_the_door.send()
    assert answer.status_code == 201
    assert at_the_door.answers == [True]
    told = answer.get_json()
    stmt = at_the_door.sealed.stmt
    receipt = open_receipt(told["receipt"], stmt, [keys.vkey_of("receipt")])
    bid = db.session.scalars(select(Bid)).one()
    assert (bid.stmt, str(bid.id), time.wire(bid.received_at)) == (stmt, told["bid"], receipt["received"])
    event = db.session.scalars(select(Event).where(Event.type == "bid.submitted")).one()
    assert event.commitment == bid.commitment


def test_the_same_again_gives_the_same_receipt_at_either_door(at_the_door: AtTheDoor) -> None:
    first, second = at_the_door.send(), at_the_door.send()
    front = at_the_door.send(changed={"Sec-Fetch-Site": None})
    assert [one.status_code for one in (first, second, front)] == [201, 200, 200]
    assert first.get_json() == second.get_json() == front.get_json()
    assert at_the_door.answers == [True, True]


def test_the_answer_carries_the_headers_of_every_answer(at_the_door: AtTheDoor) -> None:
    at_the_door.send()
    side, front = at_the_door.send(), at_the_door.send(changed={"Sec-Fetch-Site": None})
    of_each_alone = {"Content-Security-Policy", "X-Request-ID", "Vary", "Content-Length"}
    alike = {name: value for name, value in front.headers.items() if name not in of_each_alone}
    assert {name: value for name, value in side.headers.items() if name not in of_each_alone} == alike
    assert "script-src 'nonce-" in side.headers["Content-Security-Policy"]
    assert side.headers["X-Request-ID"]


HANDED_ON: dict[str, tuple[Changed, int]] = {
    "no cookie": ({"Cookie": None}, 400),
    "a cookie of nobody": ({"Cookie": "naru=abc"}, 400),
    "no token": ({"X-CSRFToken": None}, 400),
    "another token": ({"X-CSRFToken": "abc"}, 400),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a sibling site": ({"Sec-Fetch-Site": "same-site"}, 403),
    "another bid's key": ({"Idempotency-Key": "0" * 64}, 422),
}


@pytest.mark.parametrize("why", HANDED_ON)
def test_a_request_out_of_the_ordinary_is_handed_on(at_the_door: AtTheDoor, why: str) -> None:
    changed, status = HANDED_ON[why]
    assert at_the_door.send(changed=changed).status_code == status
    assert not at_the_door.was_let_in
    assert db.session.scalars(select(Bid)).all() == []


def test_the_token_of_another_session_does_not_open(at_the_door: AtTheDoor) -> None:
    other = headers_of(at_the_door.app, at_the_door.token)["X-CSRFToken"]  # made for another cookie
    assert at_the_door.send(changed={"X-CSRFToken": other}).status_code == 400
    assert not at_the_door.was_let_in


def person_changes(at: AtTheDoor) -> dict[str, Change]:
    mine = Session.person_id == at.person.id
    now = time.now()

    def ago(hours: int) -> datetime:
        return now - timedelta(hours=hours)

    return {
        "revoked": lambda: update(Session).where(mine).values(revoked_at=now),
        "expired": lambda: (
            update(Session).where(mine).values(created_at=ago(3), last_seen_at=ago(2), expires_at=ago(1))
        ),
        "idle": lambda: update(Session).where(mine).values(created_at=ago(2), last_seen_at=ago(1)),
        "deactivated": lambda: update(Person).where(Person.id == at.person.id).values(deactivated_at=now),
        "without its role": lambda: delete(PersonRole).where(PersonRole.person_id == at.person.id),
        "with a password that is due": lambda: (
            update(Person).where(Person.id == at.person.id).values(must_change_password=True)
        ),
        "of an expired firm": lambda: update(Supplier).values(valid_until_on=time.kst_date(now) - timedelta(days=1)),
    }


REFUSED = {
    "revoked": 401,
    "expired": 401,
    "idle": 401,
    "deactivated": 401,
    "without its role": 403,
    "with a password that is due": 403,
    "of an expired firm": 403,
}


@pytest.mark.parametrize("who", REFUSED)
def test_who_may_not_bid_any_more_may_not_from_the_next_request_on(at_the_door: AtTheDoor, who: str) -> None:
    with transaction():
        db.session.execute(person_changes(at_the_door)[who]())
    assert at_the_door.send().status_code == REFUSED[who]
    assert not at_the_door.was_let_in
    assert db.session.scalars(select(Bid)).all() == []


def test_a_session_whose_sign_of_life_is_due_is_noted_by_the_front_door(at_the_door: AtTheDoor) -> None:
    before = time.now() - timedelta(minutes=2)
    with transaction():
        changed = {"created_at": before, "last_seen_at": before}
        db.session.execute(update(Session).where(Session.person_id == at_the_door.person.id).values(**changed))
    assert at_the_door.send().status_code == 201
    assert not at_the_door.was_let_in
    assert db.session.scalars(select(Session.last_seen_at)).one() > before


def test_a_late_bid_is_refused_in_full(at_the_door: AtTheDoor) -> None:
    now = time.now()
    with transaction():
        early = {"bids_from_at": now - timedelta(hours=2), "closes_at": now - timedelta(seconds=1)}
        db.session.execute(update(Tender).values(**early))
    answer = at_the_door.send()
    assert answer.status_code == 409
    assert answer.get_json()["code"] == "deadline-passed"
    assert "late" in answer.get_json()["refusal"]
    assert not at_the_door.was_let_in


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"env_docs":null}', b"\xff", b'{"a":1.5}'])
def test_what_is_no_bid_is_refused_in_full(at_the_door: AtTheDoor, body: bytes) -> None:
    assert at_the_door.send(body).status_code == 422
    assert not at_the_door.was_let_in


def test_another_firm_s_bid_is_refused(at_the_door: AtTheDoor) -> None:
    (other,) = bidders(1, first=2)
    assert at_the_door.send(body_of(at_the_door.seal(other))).status_code in (403, 422)
    assert not at_the_door.was_let_in


def test_who_asks_too_often_is_refused(at_the_door: AtTheDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(at_the_door.app.config, "NARU_RATE_LIMIT", "2 per hour")
    monkeypatch.setattr(limiter, "enabled", True)
    assert [at_the_door.send().status_code for _ in range(3)] == [201, 200, 429]


def test_nothing_else_goes_through_the_door(at_the_door: AtTheDoor) -> None:
    path = f"/api/tenders/{at_the_door.tender.reference}/bids"
    assert at_the_door.client.get(path, headers=at_the_door.headers).status_code == 405
    assert at_the_door.client.post(path + "/more", headers=at_the_door.headers).status_code == 404
    assert at_the_door.client.post(path.lower(), headers=at_the_door.headers).status_code != 201
    assert at_the_door.answers == []
