"""The pages of a bidder: who may bid now and why not, receipts for nobody else, the client by its digest."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import audit, keys, time
from app.audit.sequencer import run_step
from app.auth import Role
from app.auth.models import Person
from app.db import db, transaction
from app.documents.models import IssuedDocument
from app.formats import kst, kst_micro
from app.tlog import proof
from app.tlog.canon import jcs
from bidding import client_build
from bidding.eligibility import requirements_of, told_ineligible
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder, enrol, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, draft
from suppliers.front import Ineligible, Reason
from tests.builders import make_person

PASSWORD = "four quiet herons wade"
SignIn = Callable[..., Any]


@pytest.fixture
def person(app: Flask) -> Person:
    with transaction():
        return make_supplier(
            7, "한나루정보", "Hannaru Information", PASSWORD, time.now(), email="bidder@hannaru.example"
        )


@pytest.fixture
def agency(app: Flask) -> Agency:
    with transaction():
        names = ("김담당", "이승인")
        return make_agency(
            "B552999", "나루시험청", "Naru Test Agency", PASSWORD, time.now(), mail="test.go.kr", names=names
        )


@pytest.fixture
def publish(agency: Agency, keyholder: Panel) -> Callable[..., Tender]:
    def make(seconds: float = 3600, **more: Any) -> Tender:
        now = time.now()
        with transaction():
            plan = Plan("하천 수위 관측망 정비 용역", 100_000_000, more=more)
            tender = draft(agency, plan, now, closes_at=now + timedelta(seconds=seconds))
            announce(agency, tender, keyholder, now)
        return tender

    return make


@pytest.fixture
def me(client: FlaskClient, person: Person, sign_in: SignIn) -> FlaskClient:
    sign_in(client, person)
    return client


def page_of(client: FlaskClient, tender: Tender) -> str:
    answer = client.get(f"/tenders/{tender.reference}/bid")
    assert answer.status_code == 200
    return str(answer.text)


def submitted(tender: Tender, person: Person, amount_won: int = 91_000_000) -> Bid:
    with transaction():
        bidder: Bidder = enrol(person, time.now())
    with transaction():
        return bid(tender, bidder, amount_won, (3, 11), time.now())


def test_an_open_tender_gives_the_bid_page_and_its_scripts(me: FlaskClient, publish: Callable[..., Tender]) -> None:
    text = page_of(me, publish())
    assert 'id="bid-flow"' in text
    assert "bidding/bid.js" in text
    assert "100-80-00073" in text
    assert 'name="amount"' not in text


def test_before_the_first_day_the_page_says_when_bids_are_taken(
    me: FlaskClient, publish: Callable[..., Tender]
) -> None:
    tender = publish(bids_from_at=time.now() + timedelta(minutes=30))
    text = page_of(me, tender)
    assert tender.bids_from_at is not None
    assert kst(tender.bids_from_at) in text
    assert 'id="bid-flow"' not in text


def test_after_the_deadline_the_page_says_so_with_both_times(me: FlaskClient, publish: Callable[..., Tender]) -> None:
    tender = publish()
    with transaction():
        tender.closes_at = time.now() - timedelta(seconds=1)
        tender.bids_from_at = time.now() - timedelta(days=3)
    text = page_of(me, tender)
    assert "마감 시각이 지났습니다" in text
    assert kst(tender.closes_at) in text
    assert 'id="bid-flow"' not in text


def test_a_company_from_elsewhere_is_told_where_bidders_must_be(
    me: FlaskClient, publish: Callable[..., Tender]
) -> None:
    text = page_of(me, publish(regions=["50"]))
    assert "귀사는 이 입찰에 참가할 수 없습니다" in text
    assert "제주특별자치도" in text
    assert "서울특별시" in text
    assert 'id="bid-flow"' not in text


def test_who_has_bid_is_led_to_the_receipt(me: FlaskClient, publish: Callable[..., Tender], person: Person) -> None:
    tender = publish()
    made = submitted(tender, person)
    text = page_of(me, tender)
    assert f"/bids/{made.id}" in text
    assert kst_micro(made.received_at) in text
    assert 'id="bid-flow"' not in text


def test_an_officer_has_no_bid_page(client: FlaskClient, publish: Callable[..., Tender], sign_in: SignIn) -> None:
    tender = publish()
    sign_in(client, make_person([Role.OFFICER]))
    assert client.get(f"/tenders/{tender.reference}/bid").status_code == 403
    assert client.get("/my/bids").status_code == 403


def test_my_bids_lists_mine_with_its_receipt_and_no_price_while_sealed(
    me: FlaskClient, publish: Callable[..., Tender], person: Person
) -> None:
    assert "아직 투찰이 없습니다" in me.get("/my/bids").text
    made = submitted(publish(), person, 87_654_321)
    text = me.get("/my/bids").text
    assert made.receipt_number in text
    assert kst_micro(made.received_at) in text
    assert "87,654,321" not in text


def test_a_receipt_is_its_own_companys_alone(
    app: Flask, me: FlaskClient, publish: Callable[..., Tender], person: Person, sign_in: SignIn
) -> None:
    made = submitted(publish(), person)
    with transaction():
        other = make_supplier(8, "두나루", "Dunaru", PASSWORD, time.now(), email="bidder@dunaru.example")
    stranger = app.test_client()
    sign_in(stranger, other)
    for part in ("", "/receipt.pdf", "/proof"):
        assert stranger.get(f"/bids/{made.id}{part}").status_code == 404
        assert me.get(f"/bids/{made.id}{part}").status_code in (200, 202, 302)
    assert stranger.get("/my/bids").text.count(made.receipt_number) == 0


def test_the_receipts_pdf_is_issued_once_and_the_log_does_not_tell_for_whom(
    me: FlaskClient, publish: Callable[..., Tender], person: Person
) -> None:
    made = submitted(publish(), person)
    places = {me.get(f"/bids/{made.id}/receipt.pdf").location for _ in range(2)}
    assert len(places) == 1
    answer = me.get(places.pop())
    assert answer.data.startswith(b"%PDF")
    issued = db.session.scalars(select(IssuedDocument).where(IssuedDocument.kind == "bid-receipt")).one()
    assert not issued.is_public
    events = db.session.scalars(select(audit.Event).where(audit.Event.type == "document.issued"))
    bodies = [event.body.decode() for event in events if str(issued.sha256) in event.body.decode()]
    assert len(bodies) == 1
    for trace in (str(made.id), str(person.id), made.supplier, str(made.tender.reference)):
        assert trace not in bodies[0]


def test_the_proof_of_a_bid_holds_as_soon_as_its_entry_is_in_the_log(
    me: FlaskClient, publish: Callable[..., Tender], person: Person
) -> None:
    made = submitted(publish(), person)
    assert me.get(f"/bids/{made.id}/proof").status_code == 202
    run_step()
    answer = me.get(f"/bids/{made.id}/proof")
    assert answer.status_code == 200
    shown = proof.parse(answer.text)
    assert shown.extra == made.salt
    leaf = jcs({"c": made.commitment.hex(), "v": 1})
    proof.verify(shown, leaf, keys.name_of("log"), [keys.vkey_of("log")])


def test_a_page_that_stayed_open_gets_a_fresh_token(me: FlaskClient, client: FlaskClient) -> None:
    answer = me.get("/api/my/csrf-token")
    assert len((answer.json or {})["csrf_token"]) > 20


# ---- eligibility in words


def test_every_reason_of_the_registry_has_its_own_words(app: Flask) -> None:
    facts = {"asked": ["11"], "has": "26", "until_on": "2027-01-01", "valid_until_on": "2026-01-01"}
    with app.test_request_context("/?lang=en"):
        told = {reason: told_ineligible(Ineligible(reason, facts)) for reason in Reason}
        other = told_ineligible(Ineligible("something-new"))
    assert len(set(told.values())) == len(Reason)
    assert other not in told.values()
    assert all("%(" not in part for pair in told.values() for part in pair)
    assert "Seoul" in told[Reason.REGION][0]


def test_missing_facts_leave_a_dash_and_no_error(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert "–" in told_ineligible(Ineligible(Reason.REGION))[0]


def test_registration_must_be_older_than_the_deadlines_day_but_not_in_practice(publish: Callable[..., Tender]) -> None:
    tender = publish()
    assert requirements_of(tender).registered_before_on is None
    real = Tender(
        kind="goods", regions=["11"], licence_codes=[], sizes=["small"], closes_at=tender.closes_at, is_practice=False
    )
    assert real.closes_at is not None
    assert requirements_of(real).registered_before_on is not None
    assert requirements_of(real).sizes == ("small",)


# ---- which client it was


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in client_build.client_files():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(client_build.__file__).parent.parent / name, tmp_path / name)
    return tmp_path


def test_the_clients_digest_covers_every_script_of_the_page(tree: Path) -> None:
    before = client_build.hash_client(tree)
    assert before == client_build.client_hash()
    for name in client_build.client_files(tree):
        content = (tree / name).read_bytes()
        (tree / name).write_bytes(content + b"\n")
        assert client_build.hash_client(tree) != before, name
        (tree / name).write_bytes(content)
    assert client_build.hash_client(tree) == before
    (tree / "bidding/static/bidding/new.js").touch()
    assert client_build.hash_client(tree) != before


def test_no_byte_moves_from_one_file_to_the_next_unseen(tree: Path) -> None:
    first, second = (tree / name for name in client_build.client_files(tree)[:2])
    before = client_build.hash_client(tree)
    second.write_bytes(first.read_bytes()[-1:] + second.read_bytes())
    first.write_bytes(first.read_bytes()[:-1])
    assert client_build.hash_client(tree) != before


def test_without_the_hpke_library_there_is_no_client(tree: Path) -> None:
    (tree / client_build.HPKE).unlink()
    with pytest.raises(FileNotFoundError):
        client_build.hash_client(tree)
