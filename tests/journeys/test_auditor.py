"""The auditor in the browser: finds a case, follows it, recomputes it; a tampered bundle fails visibly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import files, time
from app.auth import Role
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Bundle, Tender
from bidding.rehearsal.stages import award
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import an_agency, bidders, place, published
from tests.bidding.test_audits import tampered
from tests.builders import make_person

__all__ = ["holder", "keyholder", "later", "stage"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


@pytest.fixture
def awarded(app: Flask, keyholder: Panel, stage: Stage) -> Tender:
    agency = an_agency()
    tender = published(agency, keyholder)
    for bidder, amount in zip(bidders(3), (91_000_000, 90_000_000, 80_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    with transaction():
        assert award(agency, tender.id, time.now())
    stage.work()
    db.session.expire_all()
    return tender


@pytest.fixture
def auditor(new_page: NewPage, sign_in_page: SignIn, awarded: Tender) -> Page:
    page = new_page()
    sign_in_page(page, make_person([Role.AUDITOR]))
    return page


def test_an_auditor_opens_a_case_and_recomputes_it(auditor: Page, awarded: Tender) -> None:
    auditor.goto("/desk")
    auditor.get_by_role("link", name="감사 사건", exact=True).click()
    look(auditor)
    auditor.get_by_label("공고명의 낱말 또는 공고번호").fill(str(awarded.number))
    auditor.get_by_role("main").get_by_role("button", name="검색").click()
    auditor.get_by_role("link", name=awarded.title).click()
    expect(auditor.get_by_text("이승인").first).to_be_visible()
    expect(auditor.get_by_role("link", name="기록 ").first).to_be_visible()
    look(auditor)
    auditor.get_by_role("button", name="다시 계산해 비교").click()
    expect(auditor.get_by_text("규정대로 계산한 결과가 같습니다")).to_be_visible()
    expect(auditor.get_by_text("불합격한 항목이 없습니다")).to_have_count(2)
    expect(auditor.get_by_text("FAIL", exact=True)).to_have_count(0)
    assert auditor.get_by_text("PASS", exact=True).count() > 30
    look(auditor)


def test_a_tampered_copy_and_a_changed_file_fail_visibly(auditor: Page, awarded: Tender, tmp_path: Path) -> None:
    sha256 = db.session.get_one(Bundle, (awarded.id, "award")).sha256
    copy = tmp_path / "bundle.zip"
    copy.write_bytes(tampered(files.load(sha256)))
    auditor.set_viewport_size({"width": 390, "height": 800})
    auditor.goto("/audit/check")
    auditor.locator("#bundle").set_input_files(copy)
    auditor.get_by_role("button", name="확인").click()
    expect(auditor.get_by_text("이 사이트가 공개한 검증 자료 가운데 이와 같은 파일은 없습니다.")).to_be_visible()
    expect(auditor.get_by_text("FAIL", exact=True).first).to_be_visible()
    look(auditor)
    stored = files._path(sha256)
    stored.chmod(0o640)
    stored.write_bytes(copy.read_bytes())
    auditor.goto(f"/audit/cases/{awarded.reference}")
    auditor.get_by_role("button", name="다시 계산해 비교").click()
    expect(auditor.get_by_text("이 검증 자료를 확인할 수 없습니다")).to_be_visible()
    expect(auditor.locator(".page-head .badge")).to_have_text("확인 필요")
