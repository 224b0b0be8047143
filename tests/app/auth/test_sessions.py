"""Sessions end when they should: by time, by hand, by what happens to the person; to the instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import time
from app.auth import Role, people, sessions, system
from app.auth.models import Person, Session
from app.db import db, transaction
from tests.builders import make_person, sign_in

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTES = {Role.OFFICER: (15, 8 * 60), Role.AUDITOR: (15, 8 * 60), Role.SUPPLIER_BIDDER: (30, 12 * 60)}


def open_at(person: Person, now: datetime) -> str:
    with transaction():
        _, token = sessions.open_session(person, now)
    return token


@pytest.mark.parametrize("role", list(MINUTES))
def test_a_session_ends_at_the_instant_of_its_idle_limit(app: Flask, role: Role) -> None:
    token = open_at(make_person([role], now=NOON), NOON)
    limit = NOON + timedelta(minutes=MINUTES[role][0])
    assert sessions.find_signed_in(token, limit - TICK) is not None
    assert sessions.find_signed_in(token, limit) is None


@pytest.mark.parametrize("role", list(MINUTES))
def test_a_session_in_use_ends_at_the_instant_of_its_absolute_limit(app: Flask, role: Role) -> None:
    token = open_at(make_person([role], now=NOON), NOON)
    idle, absolute = (timedelta(minutes=minutes) for minutes in MINUTES[role])
    instant, limit = NOON, NOON + absolute
    while instant + idle < limit:
        instant += idle - TICK
        found = sessions.find_signed_in(token, instant)
        assert found is not None
        with transaction():
            sessions.touch(found, instant)
    assert sessions.find_signed_in(token, limit - TICK) is not None
    assert sessions.find_signed_in(token, limit) is None


def test_the_page_is_told_the_nearer_of_the_two_ends(app: Flask) -> None:
    token = open_at(make_person(now=NOON), NOON)
    found = sessions.find_signed_in(token, NOON)
    assert found is not None
    assert found.ends_at(NOON) == NOON + timedelta(minutes=15)
    late = NOON + timedelta(hours=7, minutes=50)
    assert found.ends_at(late) == NOON + timedelta(hours=8)


def test_use_is_written_once_a_minute_and_not_sooner(app: Flask) -> None:
    token = open_at(make_person(now=NOON), NOON)

    def touch_at(instant: datetime) -> datetime:
        found = sessions.find_signed_in(token, instant)
        assert found is not None
        with transaction():
            sessions.touch(found, instant)
        db.session.expire_all()
        return db.session.query(Session).one().last_seen_at

    assert touch_at(NOON + timedelta(minutes=1) - TICK) == NOON
    assert touch_at(NOON + timedelta(minutes=1)) == NOON + timedelta(minutes=1)


def test_a_request_under_way_does_not_bring_an_ended_session_back(app: Flask) -> None:
    person = make_person(now=NOON)
    token = open_at(person, NOON)
    later = NOON + timedelta(minutes=5)
    under_way = sessions.find_signed_in(token, later)
    assert under_way is not None
    with transaction():
        sessions.revoke_all(person.id, later)
    with transaction():
        sessions.touch(under_way, later)
    assert db.session.query(Session).one().last_seen_at == NOON
    assert sessions.find_signed_in(token, later) is None


def test_the_password_counts_as_entered_for_five_minutes_to_the_instant(app: Flask) -> None:
    token = open_at(make_person(now=NOON), NOON)
    limit = NOON + timedelta(minutes=5)
    before, at = sessions.find_signed_in(token, limit - TICK), sessions.find_signed_in(token, limit)
    assert before is not None
    assert at is not None
    assert before.actor.is_stepped_up
    assert not at.actor.is_stepped_up


def test_stepping_up_gives_a_new_token_and_kills_the_old(app: Flask) -> None:
    old = open_at(make_person(now=NOON), NOON)
    later = NOON + timedelta(minutes=10)
    with transaction():
        new = sessions.step_up(db.session.query(Session).one().id, later)
    assert sessions.find_signed_in(old, later) is None
    found = sessions.find_signed_in(new, later)
    assert found is not None
    assert found.actor.is_stepped_up


def test_the_table_of_sessions_holds_no_token(app: Flask) -> None:
    token = open_at(make_person(now=NOON), NOON)
    row = db.session.query(Session).one()
    assert token not in str(vars(row))
    assert row.token_hash == sessions.hash_token(token)


@pytest.mark.parametrize(
    "act",
    [
        lambda person: people.deactivate(person, system(), time.now()),
        lambda person: people.set_roles(person, [Role.APPROVER], system(), time.now()),
        lambda person: people.set_password(person, "five louder cranes", system(), time.now(), must_change=True),
        lambda person: sessions.revoke_all(person.id, time.now()),
    ],
    ids=["deactivated", "other roles", "other password", "signed out everywhere"],
)
def test_the_very_next_request_after_it_is_nobodys(app: Flask, client: FlaskClient, act: object) -> None:
    person = make_person()
    sign_in(client, person)
    assert client.get("/me").status_code == 200
    with transaction():
        act(person)  # type: ignore[operator]
    refused = client.get("/me")
    assert (refused.status_code, refused.location) == (302, "/sign-in?next=%2Fme")


def test_a_permission_taken_from_the_roles_is_gone_with_the_next_request(app: Flask, client: FlaskClient) -> None:
    person = make_person([Role.OPERATOR, Role.REGISTRAR])
    sign_in(client, person)
    assert client.get("/admin/organisations").status_code == 200
    with transaction():  # behind the service's back, so that the session itself lives on
        for row in list(person.role_rows):
            if row.role == "operator":
                person.role_rows.remove(row)
    assert client.get("/me").status_code == 200
    assert client.get("/admin/organisations").status_code == 403


def test_one_query_tells_who_calls(app: Flask) -> None:
    token = open_at(make_person([Role.OFFICER, Role.APPROVER], now=NOON), NOON)
    db.session.remove()
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        found = sessions.find_signed_in(token, NOON)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(seen) == 1
    assert found is not None
    assert found.actor.roles == {"officer", "approver"}


def test_a_deactivated_person_has_no_session_even_if_its_row_lives(app: Flask) -> None:
    person = make_person(now=NOON)
    token = open_at(person, NOON)
    with transaction():
        person.deactivated_at = NOON
    assert sessions.find_signed_in(token, NOON) is None


def test_old_sessions_are_forgotten_after_ninety_days_and_no_sooner(app: Flask) -> None:
    person = make_person(now=NOON)
    open_at(person, NOON)
    gone = NOON + timedelta(hours=8) + timedelta(days=90)
    with transaction():
        assert sessions.forget_old(gone) == 0
        assert sessions.forget_old(gone + TICK) == 1
