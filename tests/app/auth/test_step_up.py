"""The password again: when it is asked, that it cannot be guessed there, and that nothing typed is lost."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from io import BytesIO

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import audit, time
from app.auth import Role
from app.auth.models import Organisation, Session
from app.db import db
from tests.builders import PASSWORD, make_person, sign_in

LONG_AGO = timedelta(minutes=5)
TYPED = {"kind": "agency", "code": "B990001", "name_ko": "나루 <군>청 & 읍", "name_en": 'Naru "County"'}


def fields_of(page: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {html.unescape(name): html.unescape(value) for name, value in found}


def operator_signed_in_a_while_ago(client: FlaskClient) -> None:
    sign_in(client, make_person([Role.OPERATOR]), now=time.now() - LONG_AGO)


def test_within_five_minutes_the_act_goes_through_and_after_them_it_does_not(app: Flask, client: FlaskClient) -> None:
    operator = make_person([Role.OPERATOR])
    sign_in(client, operator, now=time.now() - LONG_AGO + timedelta(seconds=30))
    assert client.post("/admin/organisations/new", data=TYPED).status_code == 303
    sign_in(client, operator, now=time.now() - LONG_AGO)
    assert client.post("/admin/organisations/new", data=TYPED | {"code": "B990002"}).status_code == 403
    assert db.session.query(Organisation).filter_by(code="B990002").count() == 0


def test_what_was_typed_comes_through_the_password_unchanged(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    asked = client.post("/admin/organisations/new", data=TYPED)
    assert asked.status_code == 403
    wrong = client.post("/step-up", data=fields_of(asked) | {"password": "wrong password here"})
    assert wrong.status_code == 422
    confirmed = client.post("/step-up", data=fields_of(wrong) | {"password": PASSWORD})
    assert confirmed.status_code == 200
    assert 'action="/admin/organisations/new"' in confirmed.text
    carried = fields_of(confirmed)
    assert {name: carried[name] for name in TYPED} == TYPED
    assert client.post("/admin/organisations/new", data=carried).status_code == 303
    made = db.session.query(Organisation).filter_by(code="B990001").one()
    assert (made.name_ko, made.name_en) == (TYPED["name_ko"], TYPED["name_en"])


def test_programs_are_told_by_code(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    answer = client.post("/admin/organisations/new", data=TYPED, headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert answer.get_json()["code"] == "step-up-required"


def test_reading_needs_no_second_password(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    assert client.get("/admin/organisations/new").status_code == 200


def test_the_password_cannot_be_guessed_from_a_borrowed_screen(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    codes = [client.post("/step-up", data={"password": f"wrong guess {n}"}).status_code for n in range(7)]
    assert codes == [422] * 6 + [429]
    assert client.post("/step-up", data={"password": PASSWORD}).status_code == 429
    entered_at = db.session.query(Session).one().stepped_up_at
    assert entered_at is not None
    assert entered_at < time.now() - timedelta(minutes=4)


def test_it_needs_a_session(app: Flask, client: FlaskClient) -> None:
    assert client.post("/step-up", data={"password": PASSWORD}).status_code == 302


def test_a_carried_form_goes_nowhere_else(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    for action in ("https://evil.example/", "//evil.example/x", "/no/such/page", "/me/nothing", "/\\evil.example"):
        data = {"password": PASSWORD, "action": action, "carried.x": "1", "next": "https://evil.example"}
        answer = client.post("/step-up", data=data)
        assert (answer.status_code, answer.location) == (303, "/desk")


def test_an_empty_file_box_does_not_cost_the_form_but_a_chosen_file_must_be_chosen_again(
    app: Flask, client: FlaskClient
) -> None:
    operator_signed_in_a_while_ago(client)
    empty = client.post("/admin/organisations/new", data=TYPED | {"file": (BytesIO(b""), "")})
    assert fields_of(empty)["carried.code"] == TYPED["code"]
    chosen = client.post("/admin/organisations/new", data=TYPED | {"file": (BytesIO(b"x"), "x.pdf")})
    assert (chosen.status_code, chosen.location.split("?")[0]) == (302, "/step-up")


def test_the_token_of_the_refused_form_is_not_carried_along(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    asked = client.post("/admin/organisations/new", data=TYPED | {"csrf_token": "old"})
    assert "carried.csrf_token" not in fields_of(asked)


def test_stepping_up_is_on_record_and_changes_the_cookies_token(app: Flask, client: FlaskClient) -> None:
    operator_signed_in_a_while_ago(client)
    with client.session_transaction() as cookie:
        before = dict(cookie)
    client.post("/step-up", data={"password": PASSWORD, "next": "/me"})
    kinds = [entry.type for entry in db.session.query(audit.Event)]
    assert kinds[-1] == "auth.stepped_up"
    other = app.test_client()
    with other.session_transaction() as cookie:
        cookie.update(before)
    assert other.get("/me").status_code == 302
    assert client.get("/me").status_code == 200
