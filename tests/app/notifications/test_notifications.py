"""Notifications: who gets them, in which words, and that mail really arrives, once."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app import time
from app.auth import Role, people, system
from app.db import db, transaction
from app.embedded.process import free_port
from app.jobs import Job, run_due
from app.notifications import notify, notify_all, register_notification, sending
from app.notifications.kinds import text_of
from app.notifications.models import Notification
from tests.builders import make_organisation, make_person, sign_in

NOON = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)

register_notification(
    "test.opened", "“%(title)s” was opened", "%(count)s bids, lowest %(lowest_won)s won, at %(opened_at)s."
)
register_notification("test.alarm", "Alarm", "Look at it.", is_always_mailed=True)


def tell(recipient, kind: str = "test.opened", href: str = "/tenders/1", **more):  # type: ignore[no-untyped-def]
    with transaction():
        return notify(recipient, kind, time.now(), href=href, **{"title": "사무용 의자"} | more)


def test_a_person_hears_what_is_told_to_them(app: Flask, client: FlaskClient) -> None:
    person, other = make_person(), make_person()
    tell(person.id, count=3, lowest_won=1_234_567, opened_at=NOON)
    sign_in(client, person)
    page = client.get("/notifications").text
    assert "“사무용 의자” was opened" in page
    assert "3 bids, lowest 1,234,567 won, at 2026-11-23 12:00:00 (UTC+9)." in page
    sign_in(client, other)
    assert "사무용 의자" not in client.get("/notifications").text


def test_an_organisation_is_its_active_people_and_where_roles_are_named_those_who_have_one(app: Flask) -> None:
    agency = make_organisation()
    officer = make_person([Role.OFFICER], organisation=agency)
    approver = make_person([Role.APPROVER, Role.EVALUATOR], organisation=agency)
    gone = make_person([Role.OFFICER], organisation=agency)
    make_person([Role.OFFICER])
    with transaction():
        people.deactivate(gone, system(), time.now())
    tell(agency.id)
    assert {row.person_id for row in db.session.query(Notification)} == {officer.id, approver.id}
    assert len(tell(agency.id, roles=[Role.APPROVER, Role.EVALUATOR])) == 1
    assert tell(uuid4()) == []


def test_a_kind_that_nobody_registered_is_a_fault(app: Flask) -> None:
    with pytest.raises(LookupError, match=r"test\.unheard"):
        tell(make_person().id, "test.unheard")


def test_nothing_is_told_by_a_transaction_that_fails(app: Flask) -> None:
    person = make_person()
    with pytest.raises(RuntimeError), transaction():
        notify(person.id, "test.opened", time.now(), href="/", title="x")
        raise RuntimeError
    assert db.session.query(Notification).count() == 0
    assert db.session.query(Job).count() == 0


def test_a_missing_fact_is_a_dash_and_an_unknown_kind_its_name(app: Flask) -> None:
    with force_locale("en"):
        assert text_of("test.opened", {})[0] == "“–” was opened"
        assert text_of("long.gone", {"a": 1}) == ("long.gone", "")


def test_mail_arrives_in_the_persons_language_with_a_link(app: Flask, mailbox: list[EmailMessage]) -> None:
    korean, english = make_person(), make_person()
    with transaction():
        people.change_own_details(english, "Kim", "en", system(), time.now())
    for person in (korean, english):
        tell(person.id, href="/tenders/R26BK00000001-000")
    assert run_due(time.now()) >= 2
    by_address = {mail["To"]: mail for mail in mailbox}
    assert by_address[korean.email]["Subject"] == "[나루] “사무용 의자” was opened"
    assert by_address[english.email]["Subject"] == "[Naru] “사무용 의자” was opened"
    assert "http://localhost/tenders/R26BK00000001-000" in by_address[korean.email].get_content()
    assert "메일 수신을 끌 수 있습니다" in by_address[korean.email].get_content()
    assert by_address[english.email]["From"] == app.config["MAIL_DEFAULT_SENDER"]


def test_running_the_job_again_mails_nothing_again(app: Flask, mailbox: list[EmailMessage]) -> None:
    (made,) = tell(make_person().id)
    sending.mail_notification(str(made))
    sending.mail_notification(str(made))
    assert len(mailbox) == 1
    assert str(made) in mailbox[0]["Message-ID"]


def test_mail_is_tried_again_after_the_server_was_away(app: Flask, mailbox: list[EmailMessage]) -> None:
    tell(make_person().id)
    mailman = app.extensions["mailman"]
    port, mailman.port = mailman.port, free_port()
    try:
        run_due(time.now())
    finally:
        mailman.port = port
    job = db.session.query(Job).filter_by(kind="notifications.mail").one()
    assert (len(mailbox), job.attempts, job.state) == (0, 1, "waiting")
    run_due(job.due_at)
    with transaction():
        db.session.execute(text("UPDATE jobs SET due_at = now() - interval '1 second' WHERE state = 'waiting'"))
    run_due(time.now())
    assert len(mailbox) == 1


def test_who_switched_mail_off_gets_only_alarms_by_mail_but_sees_all(
    app: Flask, client: FlaskClient, mailbox: list[EmailMessage]
) -> None:
    person = make_person()
    sign_in(client, person)
    assert client.post("/me", data={"name": "김", "locale": "ko"}).status_code == 303  # the box is not ticked
    tell(person.id)
    tell(person.id, "test.alarm")
    run_due(time.now())
    assert [mail["Subject"] for mail in mailbox] == ["[나루] Alarm"]
    assert db.session.query(Notification).count() == 2
    client.post("/me", data={"name": "김", "locale": "ko", "wants_mail": "true"})
    tell(person.id)
    run_due(time.now())
    assert len(mailbox) == 2


def test_a_line_break_in_a_title_makes_no_second_header(app: Flask, mailbox: list[EmailMessage]) -> None:
    tell(make_person().id, title="의자\r\nBcc: everyone@example.kr")
    run_due(time.now())
    assert mailbox[0]["Bcc"] is None
    assert "의자 Bcc: everyone@example.kr" in mailbox[0]["Subject"]


def test_the_badge_counts_the_unread_and_stops_at_a_hundred(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    tell(person.id)
    assert sending.count_unread(person.id) == 1
    sign_in(client, person)
    assert '<span class="count">' in client.get("/me").text
    with transaction():
        for _ in range(110):
            notify(person.id, "test.opened", time.now(), href="/", title="x")
    assert sending.count_unread(person.id) == 100


def test_opening_one_marks_it_read_and_leads_to_its_page(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    first, _second = tell(person.id)[0], tell(person.id)[0]
    sign_in(client, person)
    answer = client.post(f"/notifications/{first}/open")
    assert (answer.status_code, answer.location) == (303, "/tenders/1")
    assert sending.count_unread(person.id) == 1
    assert client.post("/notifications/read").status_code == 303
    assert sending.count_unread(person.id) == 0
    assert "사무용 의자" not in client.get("/notifications?show=unread").text


def test_nobody_opens_or_reads_another_persons(app: Flask, client: FlaskClient) -> None:
    person, stranger = make_person(), make_person()
    (made,) = tell(person.id)
    sign_in(client, stranger)
    assert client.post(f"/notifications/{made}/open").status_code == 404
    client.post("/notifications/read")
    assert sending.count_unread(person.id) == 1


@pytest.mark.parametrize("href", ["https://evil.example", "//evil.example", "javascript:x", ""])
def test_a_notification_leads_only_to_our_own_pages(app: Flask, href: str) -> None:
    with pytest.raises(IntegrityError, match="href_is_local"):
        tell(make_person().id, href=href)


def test_a_closed_account_gets_no_more_mail(app: Flask, mailbox: list[EmailMessage]) -> None:
    person = make_person()
    tell(person.id)
    with transaction():
        people.deactivate(person, system(), time.now())
    run_due(time.now())
    assert mailbox == []


def test_many_notifications_are_paged(app: Flask, client: FlaskClient) -> None:
    person = make_person()
    with transaction():
        for number in range(21):
            notify(person.id, "test.opened", time.now(), href="/", title=f"의자 {number:02d}")
    sign_in(client, person)
    assert "의자 00" not in client.get("/notifications").text
    assert "의자 00" in client.get("/notifications?page=2").text


def test_many_organisations_hear_at_once_each_active_person_once(app: Flask) -> None:
    told = [make_person(), make_person()]
    make_person()
    first, second = (person.organisation_id for person in told)
    now = time.now()
    with transaction():
        count = notify_all([first, second], "test.opened", now, href="/tenders/1", title="사무용 의자")
    rows = db.session.query(Notification).all()
    assert count == 2
    assert {row.person_id for row in rows} == {person.id for person in told}
    mails = db.session.query(Job).filter(Job.kind == "notifications.mail").all()
    assert {job.payload["notification_id"] for job in mails} == {str(row.id) for row in rows}
