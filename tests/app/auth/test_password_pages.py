"""Changing a password, being made to, and getting back in without one."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import time
from app.auth import passwords, people, recovery, sessions, system
from app.auth.models import MailedCode, Person, RecoveryCode, Session
from app.db import db, transaction
from app.jobs import Job, run_due
from tests.builders import PASSWORD, actor_of, make_person, sign_in

NEW = "seven slow rivers meet"
TICK = timedelta(microseconds=1)


def change(client: FlaskClient, **changes: str):  # type: ignore[no-untyped-def]
    return client.post("/password", data={"present": PASSWORD, "password": NEW, "again": NEW} | changes)


@pytest.mark.parametrize("path", ["/", "/me", "/desk", "/notifications", "/step-up", "/sign-in", "/time/none"])
def test_a_first_password_opens_no_page_but_its_own_change(app: Flask, client: FlaskClient, path: str) -> None:
    sign_in(client, make_person(must_change_password=True))
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/password?next=")
    assert client.get("/password").status_code == 200


def test_a_program_is_told_that_the_password_must_be_changed(app: Flask, client: FlaskClient) -> None:
    sign_in(client, make_person(must_change_password=True))
    answer = client.get("/me", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "password-change-required")


def test_signing_out_is_possible_with_a_first_password(app: Flask, client: FlaskClient) -> None:
    sign_in(client, make_person(must_change_password=True))
    client.post("/sign-out")
    assert client.get("/").status_code == 200


def test_after_the_change_everything_opens_and_the_old_password_is_dead(app: Flask, client: FlaskClient) -> None:
    person = make_person(must_change_password=True)
    sign_in(client, person)
    answer = change(client, next="/me")
    assert (answer.status_code, answer.location) == (303, "/me")
    assert client.get("/me").status_code == 200
    fresh = people.get_person(person.id)
    assert not fresh.must_change_password
    assert passwords.verify(fresh.password_hash, NEW)
    assert not passwords.verify(fresh.password_hash, PASSWORD)


def test_changing_the_password_ends_every_other_session_and_keeps_this_one(app: Flask, client: FlaskClient) -> None:
    person, other = make_person(), app.test_client()
    sign_in(client, person)
    sign_in(other, person)
    change(client)
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"present": "not my password at all"}, "present"),
        ({"again": "seven slow rivers part"}, "again"),
        ({"password": "too short", "again": "too short"}, "password"),
        ({"password": PASSWORD, "again": PASSWORD}, "password"),
        ({"password": "passwordpassword", "again": "passwordpassword"}, "password"),
    ],
)
def test_a_change_that_is_no_good_says_where_and_changes_nothing(
    app: Flask, client: FlaskClient, changes: dict[str, str], field: str
) -> None:
    person = make_person(must_change_password=True)
    sign_in(client, person)
    answer = change(client, **changes)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert NEW not in answer.text
    assert PASSWORD not in answer.text
    assert passwords.verify(people.get_person(person.id).password_hash, PASSWORD)


def codes_of(person: Person) -> list[str]:
    with transaction():
        return recovery.renew_recovery_codes(person, actor_of(person), time.now())


def mailed_code(mailbox: list[EmailMessage]) -> str:
    found = [re.search(r"\b[A-Z2-9]{4}(-[A-Z2-9]{4}){2}\b", mail.get_content()) for mail in mailbox]
    return [code[0] for code in found if code][-1]


def ask(client: FlaskClient, email: str):  # type: ignore[no-untyped-def]
    return client.post("/password/forgotten", data={"email": email})


def reset(client: FlaskClient, email: str, code: str, kept: str, password: str = NEW):  # type: ignore[no-untyped-def]
    data = {"email": email, "code": code, "recovery": kept, "password": password, "again": password}
    return client.post("/password/reset", data=data)


def test_mail_and_paper_together_set_a_new_password(
    app: Flask, client: FlaskClient, mailbox: list[EmailMessage]
) -> None:
    person = make_person()
    sign_in(app.test_client(), person)
    kept = codes_of(person)
    ask(client, person.email)
    run_due(time.now())
    assert mailbox[-1]["To"] == person.email
    answer = reset(client, person.email, mailed_code(mailbox).lower().replace("-", " "), kept[0])
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    fresh = people.get_person(person.id)
    assert passwords.verify(fresh.password_hash, NEW)
    assert fresh.email_verified_at is not None
    assert db.session.query(Session).filter(Session.revoked_at.is_(None)).count() == 0
    assert recovery.count_recovery_codes(person.id) == len(kept) - 1


def test_mail_alone_opens_nothing(app: Flask, client: FlaskClient, mailbox: list[EmailMessage]) -> None:
    person = make_person()
    kept = codes_of(person)
    ask(client, person.email)
    run_due(time.now())
    assert reset(client, person.email, mailed_code(mailbox), "AAAA-BBBB-CCCC-DDDD").status_code == 422
    other = codes_of(make_person())
    assert reset(client, person.email, mailed_code(mailbox), other[0]).status_code == 422
    assert passwords.verify(people.get_person(person.id).password_hash, PASSWORD)
    assert reset(client, person.email, mailed_code(mailbox), kept[0]).status_code == 303


def test_paper_alone_opens_nothing(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    kept = codes_of(person)
    assert reset(client, person.email, "AAAA-BBBB-CCCC", kept[0]).status_code == 422
    assert recovery.count_recovery_codes(person.id) == len(kept)


def test_both_codes_work_once(app: Flask, client: FlaskClient, mailbox: list[EmailMessage]) -> None:
    person = make_person()
    kept = codes_of(person)
    ask(client, person.email)
    run_due(time.now())
    first = mailed_code(mailbox)
    assert reset(client, person.email, first, kept[0]).status_code == 303
    assert reset(client, person.email, first, kept[1], "another new password").status_code == 422
    ask(client, person.email)
    run_due(time.now())
    assert reset(client, person.email, mailed_code(mailbox), kept[0], "another new password").status_code == 422


def test_a_mailed_code_is_good_for_thirty_minutes_to_the_instant(app: Flask) -> None:
    person = make_person()
    kept = codes_of(person)
    now = time.now()
    with transaction():
        _, code = recovery.make_mailed_code(person, now)
    limit = now + timedelta(minutes=30)
    with transaction():
        assert recovery.reset_password(person.email, code, kept[0], NEW, limit) is None
    with transaction():
        assert recovery.reset_password(person.email, code, kept[0], NEW, limit - TICK) is not None


def test_a_newer_code_replaces_the_older_and_only_hashes_are_kept(app: Flask) -> None:
    person = make_person()
    kept, now = codes_of(person), time.now()
    with transaction():
        _, older = recovery.make_mailed_code(person, now)
        _, newer = recovery.make_mailed_code(person, now)
    with transaction():
        assert recovery.reset_password(person.email, older, kept[0], NEW, now) is None
    stored = [*db.session.query(MailedCode).all(), *db.session.query(RecoveryCode).all()]
    assert not [code for code in (newer, *kept) if code in " ".join(str(vars(row)) for row in stored)]


def test_asking_answers_alike_for_known_and_unknown_and_mails_only_the_known(
    app: Flask, client: FlaskClient, mailbox: list[EmailMessage]
) -> None:
    person, closed = make_person(), make_person()
    with transaction():
        people.deactivate(closed, system(), time.now())
    answers = [ask(client, email) for email in (person.email, closed.email, "nobody@example.kr")]
    assert {answer.status_code for answer in answers} == {303}
    assert db.session.query(Job).filter_by(kind="auth.mail_code").count() == 3
    run_due(time.now())
    assert [mail["To"] for mail in mailbox] == [person.email]
    assert not [mail for mail in mailbox if PASSWORD in mail.get_content()]


def test_nobodys_mailbox_can_be_filled(app: Flask, client: FlaskClient) -> None:
    email = make_person().email
    assert [ask(client, email).status_code for _ in range(5)] == [303] * 4 + [429]
    assert db.session.query(Job).filter_by(kind="auth.mail_code").count() == 4


def test_codes_cannot_be_guessed_at_speed(app: Flask, client: FlaskClient) -> None:
    email = make_person().email
    codes = [reset(client, email, "AAAA-BBBB-CCCC", "AAAA-BBBB-CCCC-DDDD").status_code for _ in range(7)]
    assert codes == [422] * 6 + [429]


def test_recovery_codes_are_shown_once_and_need_the_password(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    sign_in(client, person, now=time.now() - timedelta(minutes=6))
    assert client.post("/me/recovery-codes").status_code == 403
    sign_in(client, person)
    shown = client.post("/me/recovery-codes")
    codes = re.findall(r"<code>([A-Z0-9-]{19})</code>", shown.text)
    assert len(set(codes)) == recovery.RECOVERY_CODES
    assert not [code for code in codes if code in client.get("/me").text]


def test_who_changes_ones_way_in_cannot_hide_it(app: Flask, client: FlaskClient, mailbox: list[EmailMessage]) -> None:
    person = make_person()
    sign_in(client, person)
    client.post("/me", data={"name": person.name, "locale": "en"})  # mail switched off: warnings come all the same
    change(client)
    codes_of(person)
    with transaction():
        people.set_roles(person, ["approver"], system(), time.now())
    run_due(time.now())
    told = {mail["Subject"].removeprefix("[Naru] ") for mail in mailbox if mail["To"] == person.email}
    assert told == {"Your password was changed", "New recovery codes were made", "Your roles were changed"}


def test_ones_own_page_shows_and_ends_ones_sessions_but_nobody_elses(app: Flask, client: FlaskClient) -> None:
    person, stranger = make_person(), make_person()
    sign_in(client, person)
    elsewhere = sign_in(app.test_client(), person).id
    foreign = sign_in(app.test_client(), stranger).id
    page = client.get("/me").text
    assert f"/me/sessions/{elsewhere}/end" in page
    assert str(foreign) not in page
    client.post(f"/me/sessions/{foreign}/end")
    assert db.session.get_one(Session, foreign).revoked_at is None
    client.post(f"/me/sessions/{elsewhere}/end")
    assert db.session.get_one(Session, elsewhere).revoked_at is not None
    assert len(sessions.list_open(person.id, time.now())) == 1


def test_ones_own_details_can_be_changed(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    sign_in(client, person)
    answer = client.post("/me", data={"name": "김나루", "locale": "en"})
    assert answer.status_code == 303
    assert (person.name, person.locale) == ("김나루", "en")
    assert "My account" in client.get("/me").text
    assert client.post("/me", data={"name": "", "locale": "en"}).status_code == 422
