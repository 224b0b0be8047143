"""A firm registers, is approved and takes its certificate: in a real browser, with scripts and without."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from pypdf import PdfReader

from app import time
from app.auth.people import actor_for
from app.db import db, transaction
from app.jobs import run_due
from suppliers.models import Supplier
from suppliers.rules import format_business_number
from suppliers.services import registration, reviewing
from suppliers.services import sanctions as acts
from tests import axe
from tests.builders import PASSWORD
from tests.signing_in import sign_in_page
from tests.suppliers.building import (
    fresh_number,
    make_applicant,
    make_registrar,
    make_supplier,
    make_two_of_an_agency,
    open_review_of,
    person_of,
)
from tests.suppliers.test_sanctions import entry_for

NewPage = Callable[..., Any]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_firm_registers_is_approved_and_takes_its_certificate(
    app: Flask, new_page: NewPage, live_server: Any, mailbox: Any, scripts: bool
) -> None:
    page, number = new_page(java_script_enabled=scripts), fresh_number()
    page.goto("/register?lang=ko")
    page.get_by_role("button", name="등록 시작").click()

    # A slip in the number keeps everything that was typed.
    page.get_by_label("사업자등록번호").fill(number[:9] + str((int(number[9]) + 1) % 10))
    page.get_by_label("상호(국문)").fill("한나루정보기술")
    page.get_by_label("상호(영문)").fill("Hannaru Information Technology")
    page.get_by_label("법인사업자").check()
    page.get_by_label("소기업").check()
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page.get_by_role("alert")).to_contain_text("마지막 자리가 맞지 않으니")
    expect(page.get_by_label("상호(국문)")).to_have_value("한나루정보기술")
    page.get_by_label("사업자등록번호").fill(format_business_number(number))
    page.get_by_role("button", name="저장하고 계속").click()

    page.get_by_label("이름(관리자)").fill("정신청")
    page.get_by_label("전자우편 주소(관리자)").fill("first@hannaru.example")
    page.get_by_role("button", name="저장하고 계속").click()
    for name in ("김하나", "이두리"):
        page.get_by_label("이름").fill(name)
        page.get_by_role("button", name="목록에 추가").click()
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("button", name=re.compile("삭제 김하나")).click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="저장하고 계속").click()
    page.get_by_label("본점 소재 지역").select_option("47")
    page.get_by_label("주소", exact=False).nth(0).fill("경상북도 경주시 양정로 260")
    page.get_by_label("전화번호").fill("054-777-1234")
    page.get_by_role("button", name="저장하고 계속").click()
    page.get_by_label("용역").check()
    page.get_by_role("button", name="저장하고 계속").click()
    page.locator("#f-code").select_option("1468")
    page.get_by_label("등록(면허) 번호").fill("SW-2024-0099")
    page.get_by_label("유효기간 시작일").fill("2024-01-01")
    page.get_by_role("button", name="저장하고 계속").click()
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page.get_by_text("소프트웨어사업자(컴퓨터관련서비스사업) (1468)")).to_be_visible()
    expect(page.get_by_text("first@hannaru.example")).to_be_visible()

    # The mailed link makes the account, in whichever browser it is opened.
    run_due(time.now())
    (mail,) = mailbox.to("first@hannaru.example")
    link = re.search(r"http\S+/register/verify/\S+", mail.get_content())
    assert link is not None
    page.goto(link[0])
    page.get_by_label("비밀번호", exact=False).nth(0).fill(PASSWORD)
    page.get_by_label("비밀번호 다시 입력").fill(PASSWORD)
    page.get_by_role("button", name="비밀번호 저장").click()
    expect(page.get_by_text("전자우편 주소를 확인했고 계정을 만들었습니다.")).to_be_visible()
    page.get_by_role("link", name="확인과 제출").click()
    page.get_by_label("담당자에게 남길 말").fill("잘 부탁드립니다.")
    page.get_by_role("button", name="심사 요청").click()
    expect(page.get_by_text("담당자가 신청서를 심사하고 있습니다")).to_be_visible()

    _approve(app, new_page(java_script_enabled=scripts), live_server.url)
    page.goto("/my/supplier")
    expect(page.get_by_text("등록", exact=True).first).to_be_visible()
    run_due(time.now())
    page.reload()
    with page.expect_download() as download:
        page.locator("#certificates a").first.click()
    text = "".join(
        sheet.extract_text() for sheet in PdfReader(io.BytesIO(Path(download.value.path()).read_bytes())).pages
    )
    assert "경쟁입찰참가자격등록증" in text.replace(" ", "")
    assert format_business_number(number) in text
    assert "이두리" in text

    # What the public sees.
    stranger = new_page(java_script_enabled=scripts)
    stranger.goto("/suppliers?q=나루정보")
    stranger.get_by_role("link", name="한나루정보기술").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("한나루정보기술")
    expect(stranger.get_by_text("경상북도").first).to_be_visible()
    assert "이두리" not in stranger.content()


def _approve(app: Flask, page: Any, url: str) -> None:
    sign_in_page(app, page, make_registrar(), url)
    page.goto("/registrar/suppliers?lang=ko")
    page.get_by_role("link", name="한나루정보기술").click()
    expect(page.get_by_text("잘 부탁드립니다.").first).to_be_visible()
    page.get_by_label("승인").check()
    page.get_by_role("button", name="확인 단계로").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("이 등록을 승인할까요?")
    page.get_by_role("button", name="승인").click()
    expect(page.get_by_text("승인했습니다.")).to_be_visible()


def _populate() -> dict[str, Any]:
    """Something on every page: registered, sanctioned, returned and waiting suppliers."""
    now = time.now()
    first = time.kst_date(now) + timedelta(days=2)
    supplier, (officer, approver), registrar = make_supplier(now), make_two_of_an_agency(), make_registrar()
    with transaction():
        decided = acts.propose_sanction(entry_for(supplier, first, first + timedelta(days=60)), actor_for(officer), now)
        acts.decide_sanction(decided.id, actor_for(approver), now)
        later = first + timedelta(days=100)
        waiting = acts.propose_sanction(entry_for(supplier, later, later + timedelta(days=60)), actor_for(officer), now)
        registration.save_section(supplier, "firm", {"name_ko": "새이름정보"})
    applicant, returned = make_applicant(now), make_applicant(now)
    with transaction():
        comments = {"firm": "영문 상호를 확인하십시오."}
        reviewing.ask_for_changes(returned, open_review_of(returned).id, comments, "", actor_for(registrar), now)
    public = ["/register", "/register/firm", "/suppliers", f"/suppliers/{supplier.business_number}", "/sanctions"]
    steps = [
        f"/my/supplier/edit/{step}" for step in ("firm", "representatives", "place", "business", "licences", "products")
    ]
    return {
        "nobody": (None, public),
        "supplier": (person_of(supplier), ["/my/supplier", "/my/supplier/check", "/my/supplier/history"]),
        "applicant": (person_of(returned), ["/my/supplier", "/my/supplier/check", *steps]),
        "registrar": (registrar, ["/registrar/suppliers", f"/registrar/suppliers/{applicant.id}"]),
        "officer": (officer, ["/agency/sanctions", "/agency/sanctions/new"]),
        "approver": (approver, [f"/agency/sanctions/{waiting.id}", f"/agency/sanctions/{decided.id}"]),
    }


@pytest.mark.parametrize(("width", "lang"), [(1280, "ko"), (390, "en")])
def test_everybody_can_use_the_pages(app: Flask, new_page: NewPage, live_server: Any, width: int, lang: str) -> None:
    page = new_page(bypass_csp=True, viewport={"width": width, "height": 900})
    for person, addresses in _populate().values():
        if person is not None:
            sign_in_page(app, page, person, live_server.url)
        for address in addresses:
            answer = page.goto(f"{address}?lang={lang}")
            assert answer.status == 200, address
            assert axe.violations(page) == [], address
            assert axe.fits(page), address


def test_the_public_register_reads_without_scripts(new_page: NewPage, app: Flask) -> None:
    for index in range(23):
        make_supplier(time.now() - timedelta(days=index), name_ko=f"차례상사{index:02d}", people=0)
    page = new_page(java_script_enabled=False)
    page.goto("/suppliers?lang=ko")
    expect(page.get_by_role("row")).to_have_count(21)
    page.get_by_role("link", name="다음").click()
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_label("상호 또는 사업자등록번호").fill("상사07")
    page.get_by_role("button", name="검색").last.click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name=re.compile("^상사07")).click()
    expect(page.get_by_role("row")).to_have_count(21)
    assert db.session.query(Supplier).count() == 23
