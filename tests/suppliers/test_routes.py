"""The registry over HTTP: what is kept of wrong input, who gets in, what the public sees."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app import audit, time
from app.auth import OrganisationKind, Role
from app.auth.people import actor_for
from app.db import db, transaction
from app.documents.models import IssuedDocument
from app.jobs import run_due
from suppliers.front import Line, Section, register_supplier_section
from suppliers.models import EmailLink, Sanction, Supplier
from suppliers.services import sanctions as acts
from suppliers.types import Representative
from tests.builders import PASSWORD
from tests.suppliers.building import (
    fresh_number,
    make_applicant,
    make_official,
    make_registrar,
    make_supplier,
    make_two_of_an_agency,
    open_review_of,
    person_of,
)
from tests.suppliers.test_sanctions import entry_for

SignIn = Callable[[FlaskClient, Any], None]


def firm(**changes: str) -> dict[str, str]:
    typed = {
        "business_number": fresh_number(),
        "name_ko": "한나루정보",
        "name_en": "Hannaru",
        "legal_form": "corporation",
        "size": "small",
    }
    return typed | changes


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True)


class TestApplying:
    def test_nothing_is_stored_before_a_step_is_good(self, client: FlaskClient) -> None:
        assert client.get("/register").status_code == 200
        assert client.get("/register/firm").status_code == 200
        answer = client.post("/register/firm", data=firm(business_number="123-45-67890"))
        assert answer.status_code == 422
        assert db.session.scalar(select(func.count(Supplier.id))) == 0

    def test_wrong_input_keeps_what_was_typed(self, client: FlaskClient) -> None:
        page = text_of(
            client.post("/register/firm?lang=en", data=firm(business_number="123-45-67890", name_ko="독도상사 <b>"))
        )
        assert 'value="123-45-67890"' in page
        assert 'value="독도상사 &lt;b&gt;"' in page
        assert "its last digit does not fit" in page
        assert 'aria-invalid="true"' in page

    def test_a_resident_number_is_refused_with_a_word_why(self, client: FlaskClient) -> None:
        answer = client.post("/register/firm?lang=en", data=firm(name_ko="홍길동 900101-1234567"))
        assert answer.status_code == 422
        assert "resident registration number" in text_of(answer)

    def test_other_steps_wait_for_the_first(self, client: FlaskClient) -> None:
        assert client.get("/register/place").headers["Location"] == "/register"
        assert client.get("/register/check").headers["Location"] == "/register"

    def test_each_step_is_saved_as_one_goes(self, client: FlaskClient) -> None:
        assert client.post("/register/firm", data=firm()).headers["Location"] == "/register/person"
        answer = client.post("/register/person", data={"name": "정신청", "email": "First@Firm.example"})
        assert answer.headers["Location"] == "/register/representatives"
        supplier = db.session.scalars(select(Supplier)).one()
        assert supplier.working_profile.name_ko == "한나루정보"
        assert supplier.applicant_email == "first@firm.example"
        assert 'value="한나루정보"' in text_of(client.get("/register/firm"))

    def test_another_browser_does_not_see_the_draft(self, client: FlaskClient, app: Flask) -> None:
        client.post("/register/firm", data=firm())
        assert app.test_client().get("/register/place").headers["Location"] == "/register"

    def test_lists_grow_and_shrink_without_scripts(self, client: FlaskClient) -> None:
        client.post("/register/firm", data=firm())
        for name in ("김하나", "이두리"):
            assert client.post("/register/representatives", data={"name": name, "add": "1"}).status_code == 302
        page = text_of(client.get("/register/representatives"))
        values = re.findall(r'name="remove" value="([^"]+)"', page)
        assert len(values) == 2
        client.post("/register/representatives", data={"remove": values[0]})
        supplier = db.session.scalars(select(Supplier)).one()
        assert [each.name for each in supplier.working_profile.representatives] == ["이두리"]
        client.post("/register/representatives", data={"remove": values[0]})  # a second click takes nobody else out
        assert len(db.session.scalars(select(Supplier)).one().working_profile.representatives) == 1

    def test_what_is_typed_is_not_lost_by_going_on(self, client: FlaskClient) -> None:
        client.post("/register/firm", data=firm())
        answer = client.post("/register/representatives", data={"name": "김하나", "go-on": "1"})
        assert answer.headers["Location"] == "/register/place"
        assert len(db.session.scalars(select(Supplier)).one().working_profile.representatives) == 1

    def test_an_empty_list_of_representatives_does_not_go_on(self, client: FlaskClient) -> None:
        client.post("/register/firm", data=firm())
        assert client.post("/register/representatives", data={"name": "", "go-on": "1"}).status_code == 422

    def test_the_same_entry_twice_is_refused(self, client: FlaskClient) -> None:
        client.post("/register/firm", data=firm())
        product = {"code": "43211503", "name": "노트북컴퓨터", "add": "1"}
        assert client.post("/register/products", data=product).status_code == 302
        assert client.post("/register/products", data=product).status_code == 422

    @pytest.mark.parametrize(
        ("section", "typed", "wrong"),
        [
            ("place", {"region": "99", "address": "x", "phone": "02-1234-5678"}, "region"),
            ("place", {"region": "11", "address": "x", "phone": "abc"}, "phone"),
            ("place", {"region": "11", "address": "x", "phone": "02-1234-5678", "postal_code": "123"}, "postal_code"),
            (
                "place",
                {"region": "11", "address": "x", "phone": "02-1234-5678", "homepage": "javascript:alert(1)"},
                "homepage",
            ),
            ("business", {}, "kinds"),
            (
                "licences",
                {"code": "1468", "number": "1", "valid_from": "2026-02-02", "valid_to": "2026-02-01"},
                "valid_to",
            ),
            (
                "licences",
                {"code": "other", "number": "1", "valid_from": "2026-02-02", "other_code": "12"},
                "other_code",
            ),
            (
                "licences",
                {"code": "other", "number": "1", "valid_from": "2026-02-02", "other_code": "1468"},
                "other_code",
            ),
            (
                "licences",
                {"code": "other", "number": "1", "valid_from": "2026-02-02", "other_code": "7777"},
                "other_name_ko",
            ),
            ("products", {"code": "123456789", "name": "x"}, "code"),
            ("person", {"name": "정신청", "email": "nobody"}, "email"),
        ],
    )
    def test_each_wrong_field_is_named(
        self, client: FlaskClient, section: str, typed: dict[str, str], wrong: str
    ) -> None:
        client.post("/register/firm", data=firm())
        answer = client.post(f"/register/{section}", data=typed | {"add": "1"})
        assert answer.status_code == 422
        assert f'id="f-{wrong}-error"' in text_of(answer)

    def test_the_link_is_mailed_and_opening_it_alone_changes_nothing(self, client: FlaskClient, mailbox: Any) -> None:
        client.post("/register/firm", data=firm())
        client.post("/register/person", data={"name": "정신청", "email": "link@firm.example"})
        run_due(time.now())
        (mail,) = mailbox.to("link@firm.example")
        path = re.search(r"http://localhost(/register/verify/\S+)", mail.get_content())
        assert path is not None
        assert client.get(path[1]).status_code == 200
        assert db.session.scalars(select(EmailLink)).one().used_at is None
        assert client.post(path[1], data={"password": "short", "password_again": "short"}).status_code == 422
        answer = client.post(path[1], data={"password": PASSWORD, "password_again": PASSWORD})
        assert answer.headers["Location"] == "/my/supplier"
        assert client.get("/my/supplier").status_code == 200  # signed in
        assert client.get(path[1]).status_code == 410

    def test_who_has_an_account_is_told_by_mail_and_not_on_the_page(self, client: FlaskClient, mailbox: Any) -> None:
        taken = person_of(make_supplier()).email
        client.post("/register/firm", data=firm())
        answer = client.post("/register/person", data={"name": "정신청", "email": taken})
        assert answer.status_code == 302
        run_due(time.now())
        (mail,) = mailbox.to(taken)
        assert "/register/verify/" not in mail.get_content()
        assert "/sign-in" in mail.get_content()

    def test_a_link_that_we_did_not_sign_is_gone(self, client: FlaskClient) -> None:
        assert client.get("/register/verify/ImFiYyI.forged").status_code == 410


class TestOwnPage:
    def test_a_bidder_may_look_and_not_edit(self, client: FlaskClient, app: Flask, sign_in: SignIn) -> None:
        supplier = make_supplier(roles=(Role.SUPPLIER_BIDDER,))
        sign_in(client, person_of(supplier))
        assert client.get("/my/supplier").status_code == 200
        assert client.get("/my/supplier/edit/place").status_code == 403
        assert client.post("/my/supplier/check", data={}).status_code == 403

    def test_sending_changing_and_taking_back(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier = make_applicant(is_sent=False)
        sign_in(client, person_of(supplier))
        assert client.post("/my/supplier/check", data={"answer": "잘 부탁드립니다"}).status_code == 302
        assert supplier.state == "submitted"
        assert client.get("/my/supplier/edit/place").headers["Location"] == "/my/supplier"
        assert client.post("/my/supplier/take-back").status_code == 302
        assert supplier.state == "returned"
        assert client.get("/my/supplier").status_code == 200

    def test_an_incomplete_application_is_not_sent_and_says_why(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier = make_applicant(is_sent=False, phone="")
        sign_in(client, person_of(supplier))
        answer = client.post("/my/supplier/check?lang=en", data={})
        assert answer.status_code == 422
        assert "Telephone" in text_of(answer)

    def test_a_certificate_is_issued_to_the_owner_alone(self, client: FlaskClient, app: Flask, sign_in: SignIn) -> None:
        supplier = make_supplier()
        sign_in(client, person_of(supplier))
        assert client.post("/my/supplier/certificate").status_code == 302
        issued = db.session.scalars(select(IssuedDocument)).one()
        assert (issued.kind, issued.is_public, issued.owner_id) == (
            "supplier-certificate",
            False,
            supplier.organisation_id,
        )
        assert client.get(f"/documents/{issued.code}.pdf").data.startswith(b"%PDF")
        assert app.test_client().get(f"/documents/{issued.code}.pdf").status_code in (302, 401, 403)

    def test_no_certificate_without_a_registration(self, client: FlaskClient, sign_in: SignIn) -> None:
        sign_in(client, person_of(make_applicant()))
        assert client.post("/my/supplier/certificate").status_code == 409

    def test_the_business_number_on_the_form_of_a_registered_firm_is_ignored(
        self, client: FlaskClient, sign_in: SignIn
    ) -> None:
        supplier = make_supplier()
        number = supplier.business_number
        sign_in(client, person_of(supplier))
        assert client.post("/my/supplier/edit/firm", data=firm(name_ko="새이름")).status_code == 302
        assert (supplier.working_profile.business_number, supplier.working_profile.name_ko) == (number, "새이름")
        assert supplier.name_ko == "한나루정보"


class TestDeciding:
    def test_every_look_at_an_application_is_recorded(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier, registrar = make_applicant(), make_registrar()
        sign_in(client, registrar)
        for _ in range(2):
            assert client.get(f"/registrar/suppliers/{supplier.id}").status_code == 200
        query = select(audit.Event).where(
            audit.Event.type == "access.read", audit.Event.subject == supplier.audit_subject
        )
        seen = db.session.scalars(query).all()
        assert len(seen) == 2
        assert not any(event.is_open for event in seen)

    def test_nothing_is_decided_before_it_is_confirmed(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier = make_applicant()
        sign_in(client, make_registrar())
        address, typed = (
            f"/registrar/suppliers/{supplier.id}",
            {"review": str(open_review_of(supplier).id), "decision": "approve"},
        )
        page = client.post(address, data=typed)
        assert page.status_code == 200
        assert supplier.state == "submitted"
        assert 'name="confirmed" value="1"' in text_of(page)
        assert client.post(address, data=typed | {"confirmed": "1"}).headers["Location"] == "/registrar/suppliers"
        assert supplier.state == "active"
        assert client.post(address, data=typed | {"confirmed": "1"}).status_code == 409  # twice is once

    @pytest.mark.parametrize("decision", ["return", "refuse"])
    def test_an_adverse_decision_without_a_word_keeps_the_form(
        self, client: FlaskClient, sign_in: SignIn, decision: str
    ) -> None:
        supplier = make_applicant()
        sign_in(client, make_registrar())
        typed = {"review": str(open_review_of(supplier).id), "decision": decision, "confirmed": "1"}
        answer = client.post(f"/registrar/suppliers/{supplier.id}", data=typed)
        assert answer.status_code == 422
        assert supplier.state == "submitted"
        assert re.search(rf'value="{decision}"[^>]* checked', text_of(answer))

    def test_comments_travel_through_the_confirmation(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier = make_applicant()
        sign_in(client, make_registrar())
        typed = {"review": str(open_review_of(supplier).id), "decision": "return", "comment.place": '주소를 "확인"'}
        page = text_of(client.post(f"/registrar/suppliers/{supplier.id}", data=typed))
        assert "주소를 &#34;확인&#34;" in page
        client.post(f"/registrar/suppliers/{supplier.id}", data=typed | {"confirmed": "1"})
        assert supplier.state == "returned"
        sign_in(client, person_of(supplier))
        assert "주소를 &#34;확인&#34;" in text_of(client.get("/my/supplier/edit/place"))

    def test_doubts_are_shown(self, client: FlaskClient, sign_in: SignIn) -> None:
        number = fresh_number()
        supplier = make_applicant(name_ko="쌍둥이 상사", business_number=number)
        make_supplier(name_ko="쌍둥이상사", business_number=number)
        sign_in(client, make_registrar())
        page = text_of(client.get(f"/registrar/suppliers/{supplier.id}?lang=en"))
        for words in (
            "registered with this business number",
            "has the same name",
            "the same telephone",
            "the same address",
        ):
            assert words in page
        typed = {"review": str(open_review_of(supplier).id), "decision": "approve", "confirmed": "1"}
        assert client.post(f"/registrar/suppliers/{supplier.id}", data=typed).status_code == 409

    def test_the_queue_shows_what_waits_longest_first(self, client: FlaskClient, sign_in: SignIn) -> None:
        now = time.now()
        make_applicant(now - timedelta(days=1), name_ko="나중상사")
        make_applicant(now - timedelta(days=3), name_ko="먼저상사")
        sign_in(client, make_registrar())
        page = text_of(client.get("/registrar/suppliers"))
        assert page.index("먼저상사") < page.index("나중상사")
        assert client.get("/registrar/suppliers?show=decided").status_code == 200


class TestPublic:
    def test_a_supplier_page_holds_no_personal_data(self, client: FlaskClient) -> None:
        supplier = make_supplier(representatives=(Representative("남궁비밀", "대표이사"),), phone="02-4444-1111")
        page = text_of(client.get(f"/suppliers/{supplier.business_number}"))
        assert "한나루정보" in page
        assert "소프트웨어사업자" in page
        for secret in ("남궁비밀", "02-4444-1111", "세종대로", person_of(supplier).name, person_of(supplier).email):
            assert secret not in page

    def test_the_printed_number_leads_to_the_page(self, client: FlaskClient) -> None:
        number = make_supplier().business_number or ""
        answer = client.get(f"/suppliers/{number[:3]}-{number[3:5]}-{number[5:]}")
        assert (answer.status_code, answer.headers["Location"]) == (301, f"/suppliers/{number}")

    def test_who_is_not_registered_has_no_page(self, client: FlaskClient) -> None:
        number = make_applicant().working_profile.business_number
        assert client.get(f"/suppliers/{number}").status_code == 404
        assert client.get("/suppliers/nonsense").status_code == 404

    @pytest.mark.parametrize("words", ["나루", "루건", "hannaru", "한나루 건설", "NARU con"])
    def test_two_syllables_of_a_name_find_it(self, client: FlaskClient, words: str) -> None:
        make_supplier(name_ko="(주)한나루건설", name_en="Hannaru Construction")
        make_supplier(name_ko="푸른강상사", name_en="Blue River")
        page = text_of(client.get("/suppliers", query_string={"q": words}))
        assert "한나루건설" in page
        assert "푸른강상사" not in page

    @pytest.mark.parametrize("words", ["%%", "_나", "나_", "\\", "'; --"])
    def test_signs_of_patterns_are_only_signs(self, client: FlaskClient, words: str) -> None:
        make_supplier(name_ko="가나다상사")
        page = text_of(client.get("/suppliers", query_string={"q": words}))
        assert "가나다상사" not in page

    def test_a_business_number_is_found_as_printed(self, client: FlaskClient) -> None:
        supplier = make_supplier(name_ko="번호상사")
        printed = f"{supplier.business_number[:3]}-{supplier.business_number[3:5]}-{supplier.business_number[5:]}"  # type: ignore[index]
        assert "번호상사" in text_of(client.get("/suppliers", query_string={"q": printed}))

    def test_filters_narrow_and_nonsense_is_left_out(self, client: FlaskClient) -> None:
        make_supplier(name_ko="서울용역")
        make_supplier(name_ko="부산물품", region="26", kinds=("goods",), licences=())
        for query, found, other in (
            ("region=26", "부산물품", "서울용역"),
            ("kind=services", "서울용역", "부산물품"),
            ("licence=1468", "서울용역", "부산물품"),
        ):
            page = text_of(client.get(f"/suppliers?{query}"))
            assert found in page
            assert other not in page
        page = text_of(client.get("/suppliers?region=zz&kind=x&licence=abc&sort=drop&page=-3"))
        assert "서울용역" in page
        assert "부산물품" in page

    def test_the_list_is_sorted_both_ways(self, client: FlaskClient) -> None:
        for name in ("나상사", "가상사"):
            make_supplier(name_ko=name)
        up, down = (text_of(client.get(f"/suppliers?sort={key}")) for key in ("name", "-name"))
        assert up.index("가상사") < up.index("나상사")
        assert down.index("나상사") < down.index("가상사")

    def test_empty_lists_say_what_to_do(self, client: FlaskClient) -> None:
        assert "Nobody is registered yet" in text_of(client.get("/suppliers?lang=en"))
        assert "No supplier fits" in text_of(client.get("/suppliers?q=없는말&lang=en"))

    def test_no_cell_of_the_export_is_a_formula(self, client: FlaskClient) -> None:
        make_supplier(name_ko='=HYPERLINK("x")', name_en="+1 Trading")
        answer = client.get("/suppliers.csv")
        assert answer.mimetype == "text/csv"
        rows = list(csv.reader(io.StringIO(text_of(answer).removeprefix("\ufeff"))))
        assert len(rows) == 2
        assert rows[1][1:3] == ['\'=HYPERLINK("x")', "'+1 Trading"]

    def test_other_features_add_sections(self, client: FlaskClient) -> None:
        supplier = make_supplier()
        shown = Section("Awards-for-test", "none", [Line("도로 포장", "/tenders/x", amount_won=1_234_000)], 1)
        register_supplier_section(
            "test", lambda organisation_id, now: shown if organisation_id == supplier.organisation_id else None
        )
        try:
            page = text_of(client.get(f"/suppliers/{supplier.business_number}"))
            assert "Awards-for-test" in page
            assert "1,234,000" in page
        finally:
            register_supplier_section("test", lambda organisation_id, now: None)

    def test_a_sanction_is_public_once_decided(self, client: FlaskClient) -> None:
        supplier, now = make_supplier(), time.now()
        officer, approver = make_two_of_an_agency()
        first = time.kst_date(now) + timedelta(days=2)
        with transaction():
            sanction = acts.propose_sanction(
                entry_for(supplier, first, first + timedelta(days=60)), actor_for(officer), now
            )
        assert "계약 불이행" not in text_of(client.get("/sanctions"))
        with transaction():
            acts.decide_sanction(sanction.id, actor_for(approver), now)
        for address in ("/sanctions", "/sanctions?when=coming&q=나루", f"/suppliers/{supplier.business_number}"):
            assert "계약 불이행" in text_of(client.get(address))
        assert "계약 불이행" not in text_of(client.get("/sanctions?when=in-force"))


class TestSanctionPages:
    def test_entered_by_one_decided_by_another(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier, (officer, approver) = make_supplier(), make_two_of_an_agency()
        first = time.kst_date(time.now()) + timedelta(days=3)
        sign_in(client, officer)
        typed = {
            "business_number": supplier.business_number or "", "law": "state", "article": "제27조 제1항 제1호",
            "reason": "부실 시공", "begins_on": first.isoformat(), "ends_on": (first + timedelta(days=100)).isoformat(),
        }  # fmt: skip
        wrong = client.post("/agency/sanctions/new", data=typed | {"ends_on": first.isoformat()})
        assert wrong.status_code == 422
        assert "부실 시공" in text_of(wrong)
        place = client.post("/agency/sanctions/new", data=typed).headers["Location"]
        assert client.get(place).status_code == 200
        assert client.get("/agency/sanctions").status_code == 200
        assert client.post(f"{place}/decide").status_code == 403
        sign_in(client, approver)
        assert client.post(f"{place}/decide").status_code == 302
        sanction = db.session.scalars(select(Sanction)).one()
        assert sanction.state == "decided"
        assert client.post(f"{place}/lift", data={"free_from": "2000-01-01", "reason": "x"}).status_code == 422
        assert (
            client.post(
                f"{place}/stay", data={"begins_on": first.isoformat(), "order_reference": "2026아1"}
            ).status_code
            == 302
        )
        stay = sanction.stays[0]
        assert client.post(f"{place}/stays/{stay.id}/end", data={"last_day": first.isoformat()}).status_code == 302
        assert (
            client.post(
                f"{place}/lift", data={"free_from": (first + timedelta(days=9)).isoformat(), "reason": "취소"}
            ).status_code
            == 302
        )
        assert sanction.state == "lifted"
        assert client.get(place).status_code == 200

    def test_another_agency_sees_nothing_of_it(self, client: FlaskClient, sign_in: SignIn) -> None:
        supplier, (officer, _) = make_supplier(), make_two_of_an_agency()
        now = time.now()
        first = time.kst_date(now) + timedelta(days=3)
        with transaction():
            sanction = acts.propose_sanction(
                entry_for(supplier, first, first + timedelta(days=60)), actor_for(officer), now
            )
        sign_in(client, make_two_of_an_agency()[1])
        assert client.get(f"/agency/sanctions/{sanction.id}").status_code == 404
        assert client.post(f"/agency/sanctions/{sanction.id}/decide").status_code == 404


PUBLIC = {
    "suppliers.begin",
    "suppliers.directory",
    "suppliers.directory_csv",
    "suppliers.mail_again",
    "suppliers.register",
    "suppliers.register_check",
    "suppliers.register_step",
    "suppliers.sanctions",
    "suppliers.supplier_page",
    "suppliers.verify",
}
GUARDS = {
    "suppliers.mine": "supplier:read-own",
    "suppliers.my_history": "supplier:read-own",
    "suppliers.issue_certificate": "supplier:read-own",
    "suppliers.my_step": "supplier:edit",
    "suppliers.my_check": "supplier:edit",
    "suppliers.take_back": "supplier:edit",
    "suppliers.discard": "supplier:edit",
    "suppliers.reopen": "supplier:edit",
    "suppliers.queue": "supplier:review",
    "suppliers.application": "supplier:review",
    "suppliers.decide": "supplier:review",
    "suppliers.agency_sanctions": "sanction:read-own",
    "suppliers.agency_sanction": "sanction:read-own",
    "suppliers.reject_sanction": "sanction:read-own",
    "suppliers.new_sanction": "sanction:propose",
    "suppliers.decide_sanction": "sanction:decide",
    "suppliers.lift_sanction": "sanction:decide",
    "suppliers.stay_sanction": "sanction:decide",
    "suppliers.end_stay": "sanction:decide",
}
STEPPED_UP = {"suppliers.decide_sanction", "suppliers.lift_sanction", "suppliers.stay_sanction", "suppliers.end_stay"}
HOLDERS = {
    "supplier:read-own": {"supplier-admin", "supplier-bidder"},
    "supplier:edit": {"supplier-admin"},
    "supplier:review": {"registrar"},
    "sanction:read-own": {"officer", "approver"},
    "sanction:propose": {"officer"},
    "sanction:decide": {"approver"},
}


def test_every_route_of_the_registry_has_the_guard_that_it_should(app: Flask) -> None:
    mine = {name: view for name, view in app.view_functions.items() if name.startswith("suppliers.")}
    guards = {name: getattr(view, "guarded_by", None) for name, view in mine.items()}
    assert guards == GUARDS | dict.fromkeys(PUBLIC, "public")
    assert {name for name, view in mine.items() if getattr(view, "wants_step_up", False)} == STEPPED_UP


KIND_OF = {
    "officer": OrganisationKind.AGENCY, "approver": OrganisationKind.AGENCY, "evaluator": OrganisationKind.AGENCY,
    "keyholder": OrganisationKind.AGENCY, "auditor": OrganisationKind.AUDIT, "operator": OrganisationKind.OPERATOR,
    "registrar": OrganisationKind.OPERATOR,
}  # fmt: skip


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_each_role_gets_only_into_its_own_rooms(app: Flask, sign_in: SignIn, role: str) -> None:
    if role in KIND_OF:
        person = make_official(KIND_OF[role], Role(role))
    else:
        person = person_of(make_supplier(roles=(Role(role),)))
    supplier = make_applicant()
    client = app.test_client()
    sign_in(client, person)
    values = {"section": "place", "supplier_id": supplier.id, "sanction_id": supplier.id, "stay_id": supplier.id}
    for rule in app.url_map.iter_rules():
        permission = GUARDS.get(rule.endpoint)
        if permission is None:
            continue
        _, path = rule.build({name: values[name] for name in rule.arguments}, append_unknown=False) or ("", "")
        method = "GET" if "GET" in (rule.methods or ()) else "POST"
        status = client.open(path, method=method).status_code
        assert (status == 403) is (role not in HOLDERS[permission]), (rule.endpoint, status)


def test_strangers_are_sent_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/my/supplier")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")
