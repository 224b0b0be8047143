"""Who may change whom: the operator, a firm's administrator, and nobody else; all of it on record."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import audit, time
from app.auth import Role, administration, passwords, people, system
from app.auth.models import Organisation, Person
from app.db import db, transaction
from app.errors import Forbidden, LastAdministrator, NotYourself
from tests.builders import actor_of, make_organisation, make_person, sign_in


@pytest.fixture
def operator(app: Flask, client: FlaskClient) -> Person:
    person = make_person([Role.OPERATOR])
    sign_in(client, person)
    return person


@pytest.fixture
def firm_admin(app: Flask, client: FlaskClient) -> Person:
    person = make_person([Role.SUPPLIER_ADMIN])
    sign_in(client, person)
    return person


def events(kind: str) -> list[audit.Event]:
    return db.session.query(audit.Event).filter_by(type=kind).order_by(audit.Event.id).all()


def test_the_operator_enters_an_agency_and_its_first_person_who_then_signs_in(
    app: Flask, client: FlaskClient, operator: Person
) -> None:
    entered = {"kind": "agency", "code": "B551234", "name_ko": "나루군청", "name_en": "Naru County"}
    place = client.post("/admin/organisations/new", data=entered).location
    person = {"name": "김담당", "email": "Kim@naru.go.kr", "roles": ["officer", "approver"]}
    page = client.post(f"{place}/people/new", data=person)
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){4}", page.text)
    assert found is not None
    newcomer = app.test_client()
    answer = newcomer.post("/sign-in", data={"email": "kim@naru.go.kr", "password": found[0]})
    assert answer.status_code == 303
    assert newcomer.get("/desk").location.startswith("/password")
    kim = people.find_by_email("kim@naru.go.kr")
    assert kim is not None
    assert sorted(kim.roles) == ["approver", "officer"]
    assert [entry.actor for entry in events("person.created")][-1] == operator.handle


def test_the_same_number_twice_keeps_what_was_typed(app: Flask, client: FlaskClient, operator: Person) -> None:
    make_organisation(code="B551234")
    entered = {"kind": "agency", "code": "B551234", "name_ko": "다른 군청", "name_en": "Other County"}
    answer = client.post("/admin/organisations/new", data=entered)
    assert answer.status_code == 422
    assert "다른 군청" in answer.text
    assert db.session.query(Organisation).filter_by(code="B551234").count() == 1


def test_firms_are_not_entered_by_the_operator(app: Flask, client: FlaskClient, operator: Person) -> None:
    entered = {"kind": "supplier", "code": "1234567890", "name_ko": "가", "name_en": "A"}
    assert client.post("/admin/organisations/new", data=entered).status_code == 422
    with pytest.raises(Forbidden):
        administration.add_organisation("supplier", "1", "가", "A", actor_of(operator), time.now())


def test_the_operator_gives_no_roles_in_a_firm_but_helps_its_people_back_in(
    app: Flask, client: FlaskClient, operator: Person
) -> None:
    bidder = make_person([Role.SUPPLIER_BIDDER])
    make_person([Role.SUPPLIER_ADMIN], organisation=bidder.organisation)
    base = f"/admin/people/{bidder.id}"
    assert client.post(f"{base}/roles", data={"roles": "supplier-admin"}).status_code == 403
    add = f"/admin/organisations/{bidder.organisation_id}/people/new"
    assert client.post(add, data={"name": "A", "email": "a@b.kr", "roles": "supplier-bidder"}).status_code == 403
    assert client.post(f"{base}/password").status_code == 200
    assert people.get_person(bidder.id).must_change_password
    assert client.post(f"{base}/deactivate").status_code == 303
    assert not people.get_person(bidder.id).is_active
    assert client.post(f"{base}/reactivate").status_code == 303
    assert people.get_person(bidder.id).is_active


def test_a_firms_administrator_sees_and_changes_only_the_firms_people(
    app: Flask, client: FlaskClient, firm_admin: Person
) -> None:
    own = make_person([Role.SUPPLIER_BIDDER], organisation=firm_admin.organisation, name="우리 직원")
    foreign = make_person([Role.SUPPLIER_BIDDER], name="남의 직원")
    page = client.get("/people").text
    assert "우리 직원" in page
    assert "남의 직원" not in page
    assert client.get(f"/people/{own.id}").status_code == 200
    assert client.get(f"/people/{foreign.id}").status_code == 404
    for act in ("roles", "deactivate", "reactivate", "password"):
        assert client.post(f"/people/{foreign.id}/{act}", data={"roles": "supplier-admin"}).status_code == 404
    assert people.get_person(foreign.id).roles == ["supplier-bidder"]
    assert client.post(f"/people/{own.id}/roles", data={"roles": ["supplier-admin"]}).status_code == 303
    assert people.get_person(own.id).roles == ["supplier-admin"]


@pytest.mark.parametrize("path", ["/admin/organisations", "/admin/people", "/admin/organisations/new"])
def test_a_firms_administrator_does_not_reach_the_operators_pages(
    app: Flask, client: FlaskClient, firm_admin: Person, path: str
) -> None:
    assert client.get(path).status_code == 403
    assert client.get(f"/admin/people/{firm_admin.id}").status_code == 403


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.AUDITOR, Role.REGISTRAR, Role.SUPPLIER_BIDDER])
def test_other_roles_administer_nobody(app: Flask, client: FlaskClient, role: Role) -> None:
    person = make_person([role])
    sign_in(client, person)
    for path in (
        "/admin/organisations",
        "/admin/people",
        "/people",
        f"/people/{person.id}",
        f"/admin/people/{person.id}",
    ):
        assert client.get(path).status_code == 403
    assert client.post(f"/admin/people/{person.id}/roles", data={"roles": "officer"}).status_code == 403


def test_a_role_of_another_kind_of_organisation_is_refused(app: Flask, client: FlaskClient, firm_admin: Person) -> None:
    own = make_person([Role.SUPPLIER_BIDDER], organisation=firm_admin.organisation)
    assert client.post(f"/people/{own.id}/roles", data={"roles": ["officer"]}).status_code == 422
    assert people.get_person(own.id).roles == ["supplier-bidder"]


def test_nobody_decides_on_their_own_account(app: Flask, client: FlaskClient, firm_admin: Person) -> None:
    make_person([Role.SUPPLIER_ADMIN], organisation=firm_admin.organisation)
    actor = actor_of(firm_admin)
    for act in (
        lambda: administration.change_roles(firm_admin, ["supplier-bidder"], actor, time.now()),
        lambda: administration.shut(firm_admin, actor, time.now()),
        lambda: administration.give_first_password(firm_admin, actor, time.now()),
    ):
        with pytest.raises(NotYourself), transaction():
            act()
    assert client.post(f"/people/{firm_admin.id}/deactivate").status_code == 409
    assert people.get_person(firm_admin.id).is_active


def test_the_last_administrator_stays_until_there_is_another(app: Flask, client: FlaskClient, operator: Person) -> None:
    admin = make_person([Role.SUPPLIER_ADMIN])
    with pytest.raises(LastAdministrator), transaction():
        administration.shut(admin, actor_of(operator), time.now())
    second = make_person([Role.SUPPLIER_ADMIN], organisation=admin.organisation)
    with transaction():
        people.deactivate(second, system(), time.now())  # a closed account does not count
    with pytest.raises(LastAdministrator), transaction():
        administration.shut(admin, actor_of(operator), time.now())
    with transaction():
        people.reactivate(second, system(), time.now())
    with transaction():
        administration.shut(admin, actor_of(operator), time.now())
    assert not admin.is_active
    third = replace(actor_of(second), person_id=None)  # somebody else with a right to it
    with pytest.raises(LastAdministrator), transaction():
        administration.change_roles(second, ["supplier-bidder"], third, time.now())


def test_a_new_first_password_ends_sessions_and_the_old_password(
    app: Flask, client: FlaskClient, firm_admin: Person
) -> None:
    own, theirs = make_person([Role.SUPPLIER_BIDDER], organisation=firm_admin.organisation), app.test_client()
    sign_in(theirs, own)
    page = client.post(f"/people/{own.id}/password")
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){4}", page.text)
    assert found is not None
    assert page.headers["Cache-Control"] == "no-store"
    assert theirs.get("/me").status_code == 302
    assert passwords.verify(people.get_person(own.id).password_hash, found[0])


def test_every_change_is_in_the_log_sealed_and_names_who_did_it(
    app: Flask, client: FlaskClient, firm_admin: Person
) -> None:
    own = make_person([Role.SUPPLIER_BIDDER], organisation=firm_admin.organisation)
    client.post(f"/people/{own.id}/roles", data={"roles": ["supplier-admin"]})
    for act in ("password", "deactivate", "reactivate"):
        client.post(f"/people/{own.id}/{act}")
    for kind in ("roles_changed", "password_reset", "deactivated", "reactivated"):
        (entry,) = events(f"person.{kind}")
        assert (entry.subject, entry.actor, entry.is_open) == (f"person:{own.id}", firm_admin.handle, False)


def test_reading_about_people_leaves_a_trace(app: Flask, client: FlaskClient, operator: Person) -> None:
    person = make_person()
    client.get("/admin/people")
    client.get(f"/admin/people/{person.id}")
    client.get(f"/admin/organisations/{person.organisation_id}")
    subjects = [entry.subject for entry in events("access.read")]
    assert subjects == ["people", f"person:{person.id}", f"organisation:{person.organisation_id}"]


def test_lists_are_searched_filtered_and_paged(app: Flask, client: FlaskClient, operator: Person) -> None:
    agency = make_organisation(name_ko="서귀포시 상하수도과", name_en="Seogwipo Water")
    for number in range(21):
        make_person([Role.OFFICER], organisation=agency, name=f"직원 {number:02d}")
    make_person([Role.AUDITOR], name="감사 100%_확인")
    assert "직원 20" not in client.get("/admin/people?q=직원").text
    assert "직원 20" in client.get("/admin/people?q=직원&page=2").text
    assert "감사 100%_확인" in client.get("/admin/people?role=auditor").text
    assert "직원 01" not in client.get("/admin/people?role=auditor").text
    assert "감사 100%_확인" in client.get("/admin/people?q=100%25_").text
    assert "직원" not in client.get("/admin/people?q=%25%25&role=officer").text.split("<tbody>")[-1]
    assert "서귀포시 상하수도과" in client.get("/admin/organisations?q=상하&kind=agency").text
    assert "서귀포시" not in client.get("/admin/organisations?q=상하&kind=audit").text


def test_a_list_of_people_takes_the_same_number_of_queries_however_long(
    app: Flask, client: FlaskClient, operator: Person
) -> None:
    from sqlalchemy import event

    def count() -> int:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        client.get("/admin/people")
        event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    make_person()
    few = count()
    for _ in range(10):
        make_person([Role.OFFICER, Role.APPROVER])
    assert count() == few


def test_unknown_ids_are_not_found(app: Flask, client: FlaskClient, operator: Person) -> None:
    nobody = UUID(int=0)
    assert client.get(f"/admin/people/{nobody}").status_code == 404
    assert client.get(f"/admin/organisations/{nobody}").status_code == 404
