"""A tender in the browser, as officer and approver: draft, review, publication, change, opening, award, result."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import time
from app.auth.models import Organisation, Person
from app.db import db, transaction
from app.time import KST
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency, make_agency
from bidding.states import TenderState
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]
TITLE = "시립도서관 냉난방기 정비 용역"
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


@pytest.fixture
def agency(app: Flask) -> Agency:
    with transaction():
        names = ("김담당", "이승인")
        password = "four quiet herons wade"
        return make_agency("B552998", "나루시", "Naru City", password, time.now(), mail="naru.go.kr", names=names)


def person(email: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == email)).one()


@pytest.fixture
def officer(new_page: NewPage, sign_in_page: SignIn, agency: Agency) -> Page:
    page = new_page()
    sign_in_page(page, person("officer@naru.go.kr"))
    return page


@pytest.fixture
def approver(new_page: NewPage, sign_in_page: SignIn, agency: Agency) -> Page:
    page = new_page()
    sign_in_page(page, person("approver@naru.go.kr"))
    return page


def local(instant: datetime) -> str:
    return instant.astimezone(KST).strftime("%Y-%m-%dT%H:%M:%S")


def proceed(page: Page) -> None:
    page.get_by_role("button", name="저장하고 계속").click()


def confirm(page: Page, label: str) -> None:
    """Press the button behind which the confirmation waits, then the one inside it."""
    page.get_by_role("button", name=label, exact=True).first.click()
    inside = page.locator("dialog[open]").get_by_role("button", name=label, exact=True)
    if inside.count():
        inside.click()


def test_an_officer_drafts_and_an_approver_publishes(
    officer: Page, approver: Page, keyholder: Panel, new_page: NewPage
) -> None:
    now = time.now()
    officer.goto("/agency/tenders/new")
    officer.get_by_label("공고명").fill(TITLE)
    officer.get_by_label("용역").check()
    officer.get_by_label("모의 입찰").check()
    officer.get_by_role("button", name="시작").click()
    officer.locator("#f-description").fill("냉난방기 12대를 점검하고 부품을 교체합니다.")
    proceed(officer)
    officer.get_by_label("지방계약법").check()
    officer.locator("#f-estimated_value_won").fill("80,000,000")
    officer.locator("#f-base_amount_won").fill("88,000,000")
    proceed(officer)
    officer.locator("#f-floor_rate").fill("88")
    proceed(officer)
    proceed(officer)
    expect(officer.get_by_role("heading", level=1)).to_contain_text("시각")
    officer.locator("#f-bids_from_at").fill(local(now - timedelta(minutes=1)))
    officer.locator("#f-closes_at").fill(local(now + timedelta(hours=1)))
    officer.locator("#f-opens_at").fill(local(now + timedelta(hours=1, minutes=1)))
    proceed(officer)
    officer.get_by_role("link", name="계속").click()
    look(officer)
    officer.get_by_role("button", name="승인자에게 보내기").click()
    expect(officer.get_by_text("다른 담당자를 기다립니다")).to_be_visible()
    tender = db.session.scalars(select(Tender).where(Tender.title == TITLE)).one()
    approver.goto(f"/agency/tenders/{tender.id}/review")
    look(approver)
    confirm(approver, "승인하고 공고")
    expect(approver).to_have_url(re.compile(f"/tenders/{tender.reference}$"))
    db.session.expire_all()
    assert db.session.get_one(Tender, tender.id).state == TenderState.PUBLISHED
    anybody = new_page(java_script_enabled=False)
    anybody.goto("/tenders?q=도서관")
    anybody.get_by_role("link", name=TITLE).click()
    expect(anybody.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(anybody.get_by_text("88,000,000원")).to_be_visible()


def test_what_was_typed_wrongly_is_kept_and_named(officer: Page) -> None:
    officer.goto("/agency/tenders/new")
    officer.get_by_label("공고명").fill("짧다")
    officer.get_by_role("button", name="시작").click()
    expect(officer.get_by_role("alert")).to_be_visible()
    expect(officer.get_by_label("공고명")).to_have_value("짧다")


def test_a_deadline_moves_later_only_with_two_persons(
    officer: Page, approver: Page, agency: Agency, keyholder: Panel
) -> None:
    tender = published(agency, keyholder)
    assert tender.closes_at is not None
    later_on = tender.closes_at + timedelta(hours=2)
    officer.goto(f"/tenders/{tender.reference}/manage")
    officer.get_by_text("마감 연기", exact=True).click()
    officer.locator("#f-closes_at").fill(local(later_on))
    officer.locator("#f-opens_at").fill(local(later_on + timedelta(minutes=1)))
    officer.locator("#f-reason").fill("자료 열람 기간을 늘립니다.")
    officer.get_by_role("button", name="승인 요청").first.click()
    expect(officer.get_by_text("승인 대기")).to_be_visible()
    approver.goto(f"/tenders/{tender.reference}/manage")
    confirm(approver, "승인")
    expect(approver.get_by_text("적용됨")).to_be_visible()
    db.session.expire_all()
    assert db.session.get_one(Tender, tender.id).display_number.endswith("-001")


def test_the_opening_the_award_and_the_public_result(
    officer: Page, approver: Page, agency: Agency, keyholder: Panel, stage: Stage, new_page: NewPage
) -> None:
    tender = published(agency, keyholder)
    for bidder, amount in zip(bidders(3), (91_000_000, 90_000_000, 80_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    officer.goto(f"/tenders/{tender.reference}/award")
    expect(officer.get_by_text("90,000,000원").first).to_be_visible()
    look(officer)
    confirm(officer, "확인하고 낙찰 제안")
    expect(officer.get_by_text("다른 담당자를 기다립니다")).to_be_visible()
    approver.goto(f"/tenders/{tender.reference}/award")
    confirm(approver, "낙찰 확정")
    expect(approver.get_by_text("두 번째 담당자가 낙찰을 확정")).to_be_visible()
    stage.work()
    narrow = new_page(viewport={"width": 390, "height": 800}, java_script_enabled=True)
    narrow.goto(f"/tenders/{tender.reference}/result")
    expect(narrow.get_by_text("낙찰하한 미만")).to_be_visible()
    look(narrow)
    reader = new_page(java_script_enabled=False, locale="en-US")
    reader.goto(f"/tenders/{tender.reference}/result?lang=en")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Result of the opening")
    assert reader.get_by_text("drawn", exact=True).count() >= 4
    with reader.expect_download() as download:
        reader.get_by_role("link", name="Download the bundle").click()
    assert str(download.value.suggested_filename).endswith("-award.zip")


def test_another_agencys_draft_is_not_there(new_page: NewPage, sign_in_page: SignIn, officer: Page) -> None:
    officer.goto("/agency/tenders/new")
    officer.get_by_label("공고명").fill(TITLE)
    officer.get_by_label("물품").check()
    officer.get_by_role("button", name="시작").click()
    with transaction():
        names = ("박담당", "최승인")
        make_agency(
            "B552997", "다른시", "Other City", "four quiet herons wade", time.now(), mail="other.kr", names=names
        )
    stranger = new_page()
    sign_in_page(stranger, person("officer@other.kr"))
    answer = stranger.goto(officer.url)
    assert answer is not None
    assert answer.status == 404
    assert db.session.scalars(select(Organisation.code).where(Organisation.code == "B552997")).one()
