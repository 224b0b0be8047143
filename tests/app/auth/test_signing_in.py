"""The sign-in page as an attacker and as an honest person see it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from app import audit, time
from app.auth import Role, passwords, people, system
from app.auth.models import Session
from app.db import db, transaction
from tests.builders import PASSWORD, make_person, sign_in

WRONG = "not the right password"


def try_in(client: FlaskClient, email: str, password: str = PASSWORD, **more: str):  # type: ignore[no-untyped-def]
    return client.post("/sign-in", data={"email": email, "password": password} | more)


def kinds() -> list[str]:
    return [entry.type for entry in db.session.query(audit.Event) if entry.type.startswith("auth.")]


def test_the_right_password_signs_in(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    answer = try_in(client, person.email.upper())
    assert (answer.status_code, answer.location) == (303, "/desk")
    assert client.get("/me").status_code == 200
    assert kinds() == ["auth.signed_in"]
    assert db.session.query(audit.Event).filter_by(type="auth.signed_in").one().is_open is False


def test_wrong_password_unknown_address_and_closed_account_get_the_same_answer(app: Flask, client: FlaskClient) -> None:
    known, closed = make_person(email="known@example.kr"), make_person(email="close@example.kr")
    with transaction():
        people.deactivate(closed, system(), time.now())

    def shown(email: str, password: str) -> tuple[int, list[str], str]:
        answer = try_in(app.test_client(), email, password)
        page = answer.text.replace(email, "ADDRESS")
        page = re.sub(r'nonce="[^"]*"|name="csrf_token" value="[^"]*"|content="[^"]*"|[0-9a-f]{32}', "", page)
        return answer.status_code, sorted(answer.headers.keys()), page

    wrong, unknown = shown(known.email, WRONG), shown("nobody@example.kr", WRONG)
    assert wrong[0] == 422
    assert wrong == unknown == shown(closed.email, PASSWORD)
    assert kinds() == ["auth.failed"] * 3


def test_an_unknown_address_costs_one_password_check_like_a_known_one(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted instead of timed: the expensive part is argon2, and it runs once with the same parameters."""
    person, checked = make_person(), []

    class Counting:
        def verify(self, kept: str, typed: str) -> bool:
            checked.append(kept.rsplit("$", 2)[0])
            return hasher.verify(kept, typed)

        def __getattr__(self, name: str) -> object:
            return getattr(hasher, name)

    hasher = passwords._hasher
    monkeypatch.setattr(passwords, "_hasher", Counting())
    try_in(client, person.email, WRONG)
    try_in(client, "nobody@example.kr", WRONG)
    assert len(checked) == 2
    assert checked[0] == checked[1]


def test_unknown_addresses_are_throttled_like_known_ones(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    for email in (person.email, "nobody@example.kr"):
        codes = [try_in(client, email, WRONG).status_code for _ in range(7)]
        assert codes == [422] * 6 + [429]
    assert "auth.throttled" in kinds()


def test_while_throttled_even_the_right_password_waits_and_is_told_how_long(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    for _ in range(6):
        try_in(client, person.email, WRONG)
    answer = try_in(client, person.email)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) in (1, 2)
    assert person.email in answer.text  # what was typed stays
    assert db.session.query(Session).count() == 0


def test_strangers_failures_do_not_slow_a_browser_that_signed_this_person_in_before(app: Flask) -> None:
    person = make_person([Role.SUPPLIER_BIDDER])
    own, stranger = app.test_client(), app.test_client()
    try_in(own, person.email)
    own.post("/sign-out")
    assert [try_in(stranger, person.email, WRONG).status_code for _ in range(7)][-1] == 429
    assert try_in(own, person.email).status_code == 303


def test_a_device_known_for_one_person_is_a_stranger_to_another(app: Flask) -> None:
    person, other = make_person(), make_person()
    own, stranger = app.test_client(), app.test_client()
    try_in(own, person.email)
    for _ in range(6):
        try_in(stranger, other.email, WRONG)
    assert try_in(own, other.email).status_code == 429


def test_a_forged_device_cookie_is_no_device(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    for _ in range(6):
        try_in(app.test_client(), person.email, WRONG)
    client.set_cookie("naru-device", f'["x", "{person.id}"].signature')
    assert try_in(client, person.email).status_code == 429


def test_one_address_trying_many_accounts_is_slowed(app: Flask) -> None:
    codes = [try_in(app.test_client(), f"guess{number}@example.kr", WRONG).status_code for number in range(22)]
    assert codes == [422] * 21 + [429]


def test_without_redis_signing_in_works_and_is_throttled(app: Flask, client: FlaskClient) -> None:
    person, before = make_person(), app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=1)
    try:
        assert [try_in(client, person.email, WRONG).status_code for _ in range(7)] == [422] * 6 + [429]
        other = make_person()
        assert try_in(client, other.email).status_code == 303
    finally:
        app.extensions["redis"] = before


def test_a_token_planted_before_signing_in_is_worthless_after(app: Flask, client: FlaskClient) -> None:
    """Session fixation: what the browser carried before is thrown away."""
    person = make_person()
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["planted"] = "planted-token", "1"
    try_in(client, person.email)
    with client.session_transaction() as cookie:
        assert cookie["_user_id"] != "planted-token"
        assert "planted" not in cookie


def test_signing_in_anew_ends_the_session_the_browser_had(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    first = sign_in(client, person).id
    try_in(client, person.email)
    assert db.session.get_one(Session, first).revoked_at is not None
    assert db.session.query(Session).filter(Session.revoked_at.is_(None)).count() == 1


def test_signing_out_ends_the_session_itself_not_only_the_cookie(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    sign_in(client, person)
    with client.session_transaction() as cookie:
        stolen = dict(cookie)
    assert client.post("/sign-out").status_code == 303
    with client.session_transaction() as cookie:
        cookie.update(stolen)
    assert client.get("/me").status_code == 302
    assert client.post("/sign-out").status_code == 303  # again is no error
    assert kinds() == ["auth.signed_out"]


def test_signing_out_by_a_link_is_not_possible(app: Flask, client: FlaskClient) -> None:
    sign_in(client, make_person())
    assert client.get("/sign-out").status_code == 405


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "me",
        "/sign-out",
        "/sign-in?next=/sign-in",
        "/no/such/page",
        "http:/me",
        "/%0d%0aLocation:evil",
    ],
)
def test_nobody_is_sent_anywhere_else_after_signing_in(app: Flask, client: FlaskClient, target: str) -> None:
    answer = try_in(client, make_person().email, next=target)
    assert answer.location == "/desk"


@pytest.mark.parametrize("target", ["/me", "/notifications?show=unread", "/me#sessions"])
def test_after_signing_in_one_is_where_one_wanted_to_be(app: Flask, client: FlaskClient, target: str) -> None:
    assert try_in(client, make_person().email, next=target).location == target


def test_without_the_token_of_its_form_nothing_is_signed_in(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    app.config["WTF_CSRF_ENABLED"] = True
    try:
        assert try_in(client, person.email).status_code == 400
        page = client.get("/sign-in").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        assert try_in(client, person.email, csrf_token=token[1]).status_code == 303
    finally:
        app.config["WTF_CSRF_ENABLED"] = False
    assert db.session.query(Session).count() == 1


def test_an_old_hash_is_renewed_at_sign_in(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    with transaction():
        person.password_hash = passwords.STANDARD.hash(PASSWORD)
    try_in(client, person.email)
    assert not passwords.needs_rehash(people.get_person(person.id).password_hash)
    assert passwords.verify(person.password_hash, PASSWORD)


def test_the_cookie_is_out_of_reach_of_scripts_and_bound_to_the_host_over_https(app: Flask) -> None:
    from tests.conftest import Client
    from wsgi import create_app

    plain = try_in(app.test_client(), make_person().email).headers.getlist("Set-Cookie")
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in plain)
    names = ("DATABASE_URL", "REDIS_URL", "NARU_VAR", "MAIL_SERVER", "MAIL_PORT", "NARU_ENV", "WTF_CSRF_ENABLED")
    secure = create_app({name: app.config[name] for name in names} | {"NARU_BASE_URL": "https://naru.example"})
    secure.test_client_class = Client
    answer = try_in(secure.test_client(), make_person().email)
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-naru", "__Host-naru-device"}
    assert all("Secure" in cookie and "Path=/" in cookie and "Domain" not in cookie for cookie in cookies)
