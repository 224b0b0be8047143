"""Contracts over HTTP: what everybody sees, who may do what, and what a form answers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from app import time
from app.auth import Role
from app.auth.models import Person
from app.db import db, transaction
from contracts.front import decline_contract, notify_delivery, terminate_contract
from contracts.models import Contract
from tests.builders import make_person, sign_in
from tests.contracts.building import (
    NOON,
    Parties,
    accept,
    agree,
    conclude,
    deliver,
    invoice,
    make_draft,
    make_parties,
    pay,
    send,
)


@pytest.fixture
def parties(app: Flask) -> Parties:
    return make_parties()


# ---- the public's pages ----


def test_the_register_holds_contracts_in_force_and_no_others(client: FlaskClient, parties: Parties) -> None:
    concluded = conclude(make_draft(parties, title="승강기 유지보수"), parties)
    drafted = make_draft(parties, title="아직 초안인 계약")
    practice = conclude(make_draft(parties, title="모의 계약", is_practice=True), parties)
    page = client.get("/contracts").text
    assert concluded.number in page
    assert drafted.number not in page
    assert practice.number in page
    assert practice.number not in client.get("/contracts?practice=without").text
    only = client.get("/contracts?practice=only").text
    assert practice.number in only
    assert concluded.number not in only
    assert client.get(f"/contracts/{drafted.number}").status_code == 404
    practice_page = client.get(f"/contracts/{practice.number}").text
    assert "practice-bar" in practice_page


def test_the_register_is_searched_filtered_sorted_and_exported(client: FlaskClient, parties: Parties) -> None:
    small = conclude(make_draft(parties, title="사무용 의자 구매", kind="goods", amount_won=20_000_000), parties)
    large = conclude(make_draft(parties, title="도로 포장 공사", kind="works", amount_won=900_000_000), parties)

    def found(**query: str) -> list[str]:
        page = client.get("/contracts", query_string=query).text
        places = [(page.find(contract.number), contract.number) for contract in (small, large)]
        return [number for place, number in sorted(places) if place >= 0]

    assert found(q="의자") == [small.number]
    assert found(q="포장 공사") == [large.number]
    assert found(q=large.number) == [large.number]
    assert found(q=small.tender_reference) == [small.number]
    assert found(q=parties.agency.name_ko) == [large.number, small.number]
    assert found(q="없는낱말") == []
    assert found(kind="goods") == [small.number]
    assert found(state="paid") == []
    assert found(least_won="20,000,001") == [large.number]
    assert found(most_won="20,000,000") == [small.number]
    assert found(from_on="2026-11-23", to_on="2026-11-23") == [large.number, small.number]
    assert found(to_on="2026-11-22") == []
    assert found(sort="amount") == [small.number, large.number]
    assert found(sort="-amount") == [large.number, small.number]
    assert found(kind="goods", least_won="많이") == [small.number]  # what does not fit filters nothing

    exported = client.get("/contracts.csv", query_string={"sort": "amount"})
    rows = list(csv.DictReader(io.StringIO(exported.text.removeprefix("\ufeff"))))
    assert [row["cntrctNo"] for row in rows] == [small.number, large.number]
    assert rows[0]["cntrctAmt"] == "20000000"
    assert rows[0]["cntrctInsttNm"] == parties.agency.name_ko


def test_a_list_takes_as_many_queries_for_ten_rows_as_for_one(client: FlaskClient, parties: Parties) -> None:
    def queries() -> int:
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listener)
        client.get("/contracts")
        event.remove(db.engine, "before_cursor_execute", listener)
        return len(seen)

    conclude(make_draft(parties), parties)
    one = queries()
    for _ in range(4):
        conclude(make_draft(parties), parties)
    assert queries() == one


def test_the_public_page_tells_the_whole_course_and_names_no_person(client: FlaskClient, parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with transaction():
        decline_contract(contract.number, "협상 중의 비밀", parties.seller_acts, NOON)
    other = conclude(make_draft(parties, title="공개되는 계약"), parties)
    pay(invoice(accept(deliver(other, parties), parties), parties), parties)
    for lang in ("ko", "en"):
        page = client.get(f"/contracts/{other.number}?lang={lang}").text
        assert str(other.document_sha256) in page
        for person in (parties.officer, parties.approver, parties.seller):
            assert person.name not in page
            assert person.email not in page
        assert other.bond_reference not in page
    assert "금 일억원정" in client.get(f"/contracts/{other.number}?lang=ko").text


def test_a_terminated_contract_says_why_and_a_late_one_shows_its_arithmetic(
    client: FlaskClient, parties: Parties
) -> None:
    ended = conclude(make_draft(parties), parties)
    with transaction():
        terminate_contract(ended.number, "이행 거절", parties.officer_acts, NOON)
    assert "이행 거절" in client.get(f"/contracts/{ended.number}").text
    late = NOON + timedelta(days=40)
    contract = conclude(make_draft(parties), parties)
    accept(deliver(contract, parties, late), parties, late)
    page = client.get(f"/contracts/{contract.number}").text
    assert "100,000,000 × 1.25/1000 × 10" in page
    assert "1,250,000" in page
    assert "국가계약법 시행규칙 제75조" in page


# ---- who may do what ----

# Each act, the state that it starts from, and who may do it.
ACTS = {
    "send": ("drafted", {"officer"}),
    "withdraw": ("sent", {"officer"}),
    "agree": ("sent", {"admin"}),
    "decline": ("sent", {"admin"}),
    "confirm": ("agreed", {"officer"}),
    "deliver": ("concluded", {"admin", "bidder"}),
    "inspect": ("delivered", {"officer", "approver"}),
    "invoice": ("inspected", {"admin", "bidder"}),
    "pay": ("invoiced", {"officer", "approver"}),
    "close": ("paid", {"officer", "approver"}),
    "terminate": ("concluded", {"officer"}),
}
WANTS_STEP_UP = {"send", "agree", "confirm", "inspect", "pay", "terminate"}


def everyone(parties: Parties) -> dict[str, Person]:
    agency, supplier = parties.agency, parties.supplier
    return {
        "officer": make_person([Role.OFFICER], organisation=agency),
        "approver": parties.approver,
        "evaluator": make_person([Role.EVALUATOR], organisation=agency),
        "admin": make_person([Role.SUPPLIER_ADMIN], organisation=supplier),
        "bidder": make_person([Role.SUPPLIER_BIDDER], organisation=supplier),
        "auditor": make_person([Role.AUDITOR]),
        "operator": make_person([Role.OPERATOR]),
        "other officer": make_person([Role.OFFICER]),
        "other supplier": make_person([Role.SUPPLIER_ADMIN]),
    }


def test_each_act_is_open_to_exactly_the_roles_of_its_side(client: FlaskClient, parties: Parties) -> None:
    """An act by somebody entitled fails on its empty form (422) or on the state (409); never as forbidden."""
    contract = make_draft(parties)
    people = everyone(parties)
    for role, person in people.items():
        sign_in(client, person)
        for act, (_state, entitled) in ACTS.items():
            status = client.post(f"/contracts/{contract.number}/{act}").status_code
            expected = {409, 422} if role in entitled else {403, 404}
            assert status in expected, (role, act, status)


def test_strangers_are_sent_to_sign_in_for_every_act_and_desk(client: FlaskClient, parties: Parties) -> None:
    contract = make_draft(parties)
    for act in (*ACTS, "redraft", "terms"):
        answer = client.post(f"/contracts/{contract.number}/{act}")
        assert answer.status_code == 302, act
        assert answer.location.startswith("/sign-in"), act
    for place in ("/contracts/desk", f"/contracts/{contract.number}/work", f"/contracts/{contract.number}/terms"):
        assert client.get(place).location.startswith("/sign-in")


def test_acts_that_bind_want_the_password_again(client: FlaskClient, parties: Parties) -> None:
    contract = make_draft(parties)
    long_ago = time.now() - timedelta(minutes=6)
    for role, acts in (("officer", ("send", "confirm", "inspect", "pay", "terminate")), ("admin", ("agree",))):
        sign_in(client, everyone(parties)[role], now=long_ago)
        for act in acts:
            assert act in WANTS_STEP_UP
            answer = client.post(f"/contracts/{contract.number}/{act}")
            assert answer.status_code == 403, act
            assert "비밀번호 다시 입력" in answer.text, act


# ---- forms ----


def test_three_steps_in_the_browserless_way(client: FlaskClient, parties: Parties) -> None:
    contract = make_draft(parties)
    sign_in(client, parties.officer)
    page = client.get(f"/contracts/{contract.number}/work").text
    digest = page.split('name="digest" value="')[1][:64]
    assert client.post(f"/contracts/{contract.number}/send", data={"digest": digest}).status_code == 302
    assert contract.state == "sent"

    sign_in(client, parties.seller)
    sha256 = contract.document_sha256 or ""
    unread = client.post(f"/contracts/{contract.number}/agree", data={"sha256": sha256, "bond_reference": "보증 7"})
    assert unread.status_code == 422
    assert "보증 7" in unread.text  # nothing typed is lost
    bondless = client.post(f"/contracts/{contract.number}/agree", data={"sha256": sha256, "is_read": "true"})
    assert bondless.status_code == 422
    assert "보증서 번호" in bondless.text
    stale = client.post(
        f"/contracts/{contract.number}/agree", data={"sha256": "0" * 64, "is_read": "true", "bond_reference": "보증 7"}
    )
    assert stale.status_code == 409
    fine = client.post(
        f"/contracts/{contract.number}/agree", data={"sha256": sha256, "is_read": "true", "bond_reference": "보증 7"}
    )
    assert fine.status_code == 302

    sign_in(client, parties.officer)
    confirmed = client.post(f"/contracts/{contract.number}/confirm", data={"sha256": sha256, "is_read": "true"})
    assert confirmed.status_code == 302
    assert contract.state == "concluded"


def test_the_terms_form_shows_what_a_rule_found_beside_the_field(client: FlaskClient, parties: Parties) -> None:
    contract = make_draft(parties)
    sign_in(client, parties.officer)
    place = f"/contracts/{contract.number}/terms"
    assert "종로구청 본관" in client.get(place).text
    typed = {
        "starts_on": "2026-12-01",
        "due_on": "2026-11-30",
        "delivery_place": "별관 3층",
        "payment_terms": "일시불",
        "delay_class": "services",
        "regime": "local",
        "lang": "ko",
    }
    wrong = client.post(place, data=typed)
    assert wrong.status_code == 422
    assert "마지막 날이 첫날보다 앞섭니다." in wrong.text
    assert "별관 3층" in wrong.text
    assert client.post(place, data=typed | {"due_on": "2026-12-01"}).status_code == 302
    assert (contract.delivery_place, contract.regime) == ("별관 3층", "local")
    send(contract, parties)
    assert client.get(place).status_code == 409


def test_the_one_who_confirmed_is_told_that_another_must_inspect(client: FlaskClient, parties: Parties) -> None:
    contract = deliver(conclude(make_draft(parties), parties), parties)
    sign_in(client, parties.officer)
    assert "다른 사람이 검사해야 합니다" in client.get(f"/contracts/{contract.number}/work").text
    answer = client.post(f"/contracts/{contract.number}/inspect", data={"result": "pass"})
    assert answer.status_code == 409
    sign_in(client, parties.approver)
    missing = client.post(f"/contracts/{contract.number}/inspect", data={"result": "fix"})
    assert missing.status_code == 422
    assert "무엇을 보완해야 하는지" in missing.text
    assert client.post(f"/contracts/{contract.number}/inspect", data={"result": "pass"}).status_code == 302


def test_the_desk_shows_ones_own_contracts_by_state(client: FlaskClient, parties: Parties) -> None:
    mine, others = make_draft(parties, title="우리 계약 하나"), make_draft(make_parties(), title="남의 계약")
    sign_in(client, parties.officer)
    desk = client.get("/contracts/desk").text
    assert mine.number in desk
    assert others.number not in desk
    assert mine.number in client.get("/contracts/desk?state=drafted").text
    assert mine.number not in client.get("/contracts/desk?state=paid").text
    assert client.get(f"/contracts/{others.number}/work").status_code == 404
    assert client.get("/desk").status_code == 200


def test_an_auditors_reading_is_recorded_and_an_officers_of_the_agency_is_not(
    client: FlaskClient, parties: Parties
) -> None:
    contract = make_draft(parties)
    count = text("SELECT count(*) FROM audit.event WHERE type = 'access.read'")
    for person, more in ((parties.officer, 0), (make_person([Role.AUDITOR]), 1)):
        before = db.session.execute(count).scalar_one()
        sign_in(client, person)
        assert client.get(f"/contracts/{contract.number}/work").status_code == 200
        assert db.session.execute(count).scalar_one() - before == more


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_state_has_a_page_of_work_for_both_sides(client: FlaskClient, parties: Parties, lang: str) -> None:
    contract = make_draft(parties)
    courses: list[Callable[[Contract, Parties], object]] = [send, agree, _confirm, deliver, accept, invoice, pay]
    for step in [_nothing, *courses]:
        step(contract, parties)
        for person in (parties.officer, parties.approver, parties.seller):
            sign_in(client, person)
            assert client.get(f"/contracts/{contract.number}/work?lang={lang}").status_code == 200, contract.state


def _nothing(_contract: Contract, _parties: Parties) -> None: ...


def _confirm(contract: Contract, parties: Parties) -> None:
    from contracts.front import confirm_contract

    with transaction():
        confirm_contract(contract.number, contract.document_sha256 or "", parties.officer_acts, NOON)


def test_what_is_to_be_corrected_is_shown_to_the_supplier(client: FlaskClient, parties: Parties) -> None:
    from contracts.front import Inspection, inspect_delivery

    contract = deliver(conclude(make_draft(parties), parties), parties)
    with transaction():
        inspect_delivery(contract.number, Inspection("fix", "누수 2곳"), parties.approver_acts, NOON)
    sign_in(client, parties.seller)
    assert "누수 2곳" in client.get(f"/contracts/{contract.number}/work").text
    with transaction():
        notify_delivery(contract.number, "고쳤습니다", parties.seller_acts, NOON)
    assert contract.state == "delivered"
