"""From the award to the last won in a browser: three steps, delivery, inspection, invoice, payment, both sides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.models import Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, enrol, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, award, draft
from contracts.models import Contract
from tests import axe
from tests.bidding.conftest import Stage, holder, keyholder, later, stage

__all__ = ["holder", "keyholder", "later", "stage"]
PASSWORD = "four quiet herons wade"
BASE_WON = 200_000_000
NewPage = Callable[..., Any]


@pytest.fixture
def agency(app: Flask) -> Agency:
    with transaction():
        names = ("김담당", "이승인")
        return make_agency(
            "B552999", "나루시험청", "Naru Test Agency", PASSWORD, time.now(), mail="test.go.kr", names=names
        )


@pytest.fixture
def sellers(app: Flask) -> list[Person]:
    with transaction():
        return [
            make_supplier(n, f"업체{n}", f"Firm {n}", PASSWORD, time.now(), email=f"seller{n}@firm.example")
            for n in (1, 2)
        ]


def awarded(agency: Agency, sellers: list[Person], stage: Stage) -> Tender:
    """A practice tender, bid for by both firms and won by the first."""
    now = time.now()
    with transaction():
        bidders = [enrol(person, now) for person in sellers]
    more = {"delivery_place": "나루시험청 본관", "delivery_on": time.kst_date(now) + timedelta(days=30)}
    plan = Plan("승강기 유지보수 용역", BASE_WON, method="lowest", floor_rate=None, more=more)
    with transaction():
        tender = draft(agency, plan, now, closes_at=now + timedelta(hours=1))
        announce(agency, tender, stage.keyholder, now)
    for place, bidder in enumerate(bidders):
        with transaction():
            bid(tender, bidder, BASE_WON * 8 // 10 + place, (1, 2), time.now())
    stage.close(tender)
    stage.open(tender)
    with transaction():
        assert award(agency, tender.id, time.now())
    stage.work()
    return tender


def sign_in(page: Page, email: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("전자우편 주소").fill(email)
    page.get_by_label("비밀번호", exact=False).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="로그인").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def confirm_dialog(page: Page, label: str) -> None:
    """The act behind a dialog: its button opens it, the one inside does it."""
    page.wait_for_load_state("load")  # until the script has run the form stands open on the page
    page.get_by_role("button", name=label).first.click()
    page.get_by_role("dialog").get_by_role("button", name=label).click()


def test_from_award_to_the_last_payment(agency: Agency, sellers: list[Person], stage: Stage, new_page: NewPage) -> None:
    tender = awarded(agency, sellers, stage)
    contract = db.session.query(Contract).filter_by(tender_id=tender.id).one()
    officer, approver, seller = new_page(), new_page(), new_page()
    sign_in(officer, "officer@test.go.kr")
    sign_in(approver, "approver@test.go.kr")
    sign_in(seller, "seller1@firm.example")
    work = f"/contracts/{contract.number}/work"

    # Step 1: the officer finds the draft on the desk, changes a term, sends.
    officer.goto("/contracts/desk")
    officer.get_by_role("link", name="승강기 유지보수 용역").click()
    officer.get_by_role("link", name="조건 고치기").click()
    officer.get_by_label("납품·이행 장소").fill("나루시험청 별관")
    officer.get_by_role("button", name="조건 저장").click()
    expect(officer.get_by_text("나루시험청 별관")).to_be_visible()
    officer.get_by_role("button", name="계약상대자에게 송부하기").click()
    expect(officer.get_by_text("계약서를 계약상대자에게 송부했습니다.")).to_be_visible()

    # Step 2: the supplier reads the document and agrees to its hash.
    seller.goto(work)
    with seller.expect_download() as download:
        seller.get_by_role("link", name="문서 읽기 (PDF)").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")
    seller.get_by_label("계약보증서 번호").fill("보증 2026-11-1")
    seller.get_by_role("button", name="동의", exact=True).click()
    expect(seller.get_by_text("문서를 읽었음을 확인하십시오.").first).to_be_visible()
    expect(seller.get_by_label("계약보증서 번호")).to_have_value("보증 2026-11-1")
    seller.get_by_label("문서를 읽었으며").check()
    seller.get_by_role("button", name="동의", exact=True).click()
    expect(seller.get_by_text("동의했습니다. 이제 발주기관이")).to_be_visible()

    # Step 3: the officer confirms; the contract is public.
    officer.goto(work)
    officer.get_by_label("문서를 확인했으며").check()
    officer.get_by_role("button", name="계약 확정").click()
    expect(officer.get_by_text("계약이 체결되었습니다.")).to_be_visible()
    visitor = new_page()
    visitor.goto(f"/contracts/{contract.number}")
    expect(visitor.get_by_role("heading", name="승강기 유지보수 용역")).to_be_visible()

    # Performance: delivery, inspection by another person, invoice, payment.
    seller.goto(work)
    seller.get_by_role("button", name="납품·완료 통지").click()
    expect(seller.get_by_text("발주기관에 통지했습니다.")).to_be_visible()
    officer.goto(work)
    expect(officer.get_by_text("다른 사람이 검사해야 합니다")).to_be_visible()
    approver.goto(work)
    approver.get_by_label("검사 합격").check()
    approver.get_by_role("button", name="결과 기록").click()
    expect(approver.get_by_text("검사 결과를 기록했습니다.")).to_be_visible()
    seller.goto(work)
    confirm_dialog(seller, "대금 청구")
    expect(seller.get_by_text("대금을 청구했습니다.")).to_be_visible()
    officer.goto(work)
    officer.get_by_role("button", name="지급 기록").click()
    expect(officer.get_by_text("지급을 기록했습니다.")).to_be_visible()
    confirm_dialog(officer, "종결하기")
    expect(officer.get_by_text("계약을 종결했습니다.")).to_be_visible()
    db.session.expire_all()
    assert (contract.state, contract.paid_won) == ("closed", BASE_WON * 8 // 10)

    stage.work()
    for lang in ("ko", "en"):
        for place in (f"/contracts/{contract.number}", "/contracts", "/documents"):
            visitor.goto(f"{place}?lang={lang}")
            assert axe.violations(visitor) == [], place
        officer.goto(f"{work}?lang={lang}")
        assert axe.violations(officer) == [], work


def test_the_hash_of_a_file_is_computed_in_the_browser(app: Flask, new_page: NewPage, tmp_path: Path) -> None:
    from app.auth import system
    from app.documents import Document, Paragraph, issue
    from app.documents.models import DocumentFile

    with transaction():
        document = Document("notice", "R26BK00000001-000", "입찰공고", "ko", (Paragraph("본문"),))
        issued = issue(document, subject="tender:x", now=time.now(), actor=system(), is_public=True)
    mine, changed = tmp_path / "mine.pdf", tmp_path / "changed.pdf"
    content = db.session.get_one(DocumentFile, issued.sha256).content
    mine.write_bytes(content)
    changed.write_bytes(content + b" ")
    page = new_page()
    page.goto(f"/documents/{issued.code}")
    page.set_input_files("input[type=file]", mine)
    expect(page.get_by_text("같습니다. 가지고 계신 파일은")).to_be_visible()
    page.set_input_files("input[type=file]", changed)
    expect(page.get_by_text("다릅니다. 가지고 계신 파일은")).to_be_visible()
    assert axe.violations(page) == []
