"""적격심사 in a real browser: the lowest is asked, gives documents, fails; the next one passes and is awarded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.auth.models import Person
from app.db import db
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import Plan
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.reviewing import bid_ranked
from tests.bidding.staging import an_agency, bidders, place, published
from tests.journeys.test_contract import confirm_dialog
from tests.journeys.test_deadlines import page_of

__all__ = ["holder", "keyholder", "later", "page_of", "stage"]
TABLE = {"full": 80, "slope": "20", "base": 90, "pass_mark": 95, "plateau": 90_250}
PLAN = Plan(
    "청사 방수 공사", 100_000_000, kind="works", method="qualification", floor_rate=85_000,
    more={"scoring": {"table": TABLE, "net_cost": None}},
)  # fmt: skip


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def cast(app: Flask) -> list[Bidder]:
    return bidders(2)


@pytest.fixture
def tender(agency: Agency, cast: list[Bidder], keyholder: Panel, stage: Stage) -> Tender:
    """Two bids that pass with all other points, whatever the draw (91 to 97 % of any estimated price)."""
    tender = published(agency, keyholder, PLAN)
    for number, bidder in enumerate(cast):
        place(tender, bidder, 94_000_000 + number * 10_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


def enter_points(page: Page, points: tuple[str, ...]) -> None:
    for number, typed in enumerate(points, start=1):
        page.get_by_label(f"항목 {number} 점수").fill(typed)
    form = page.locator("form", has=page.get_by_role("button", name="이 점수로 제안"))
    form.get_by_label("입찰자에게 알릴 설명").fill("항목별 점수는 표와 같습니다.")
    page.get_by_role("button", name="이 점수로 제안").click()


def hand_in(page: Page, bid_id: Any, file: Path, name: str) -> None:
    page.goto(f"/bids/{bid_id}/review")
    page.get_by_label("서류 (파일당 20MB까지)").set_input_files(file)
    page.get_by_role("button", name="추가").click()
    expect(page.get_by_text(file.name).first).to_be_visible()
    page.get_by_label("가격 외 점수 자기평가").fill("18.5")
    if name:
        look(page, name)
    page.get_by_role("button", name="모두 올렸습니다: 제출").click()
    expect(page.get_by_text("서류가 발주기관에 제출되었습니다")).to_be_visible()


def test_the_lowest_fails_its_review_and_the_next_one_is_awarded(
    tender: Tender, agency: Agency, cast: list[Bidder], page_of: Callable[..., Page], tmp_path: Path
) -> None:
    people = [agency.officer, agency.approver, cast[0].actor, cast[1].actor]
    officer, approver, first, second = (page_of(db.session.get_one(Person, one.person_id)) for one in people)
    file = tmp_path / "실적증명서.pdf"
    file.write_bytes(b"%PDF-1.7 record")
    line_up = f"/tenders/{tender.reference}/reviews"
    officer.goto(line_up)
    look(officer, "reviews-line-up")
    for place_of, (page, points, name) in enumerate(((first, ("5", "3.1"), "x"), (second, ("12.345", "7.66"), ""))):
        bid = bid_ranked(tender, place_of + 1)
        officer.goto(line_up)
        officer.get_by_role("button", name="서류 요청", exact=True).click()
        hand_in(page, bid.id, file, name and "reviews-bidder")
        officer.reload()
        if name:
            look(officer, "reviews-case")
        enter_points(officer, points)
        approver.goto(officer.url)
        if name:
            look(approver, "reviews-confirm")
        confirm_dialog(approver, "결정 확정")
        expect(approver.get_by_text("확정되어 기록되었습니다")).to_be_visible()
    first.goto(f"/bids/{bid_ranked(tender, 1).id}/review")
    expect(first.get_by_text("적격심사 통과점수 미달")).to_be_visible()
    look(first, "reviews-failed")
    approver.goto(line_up)
    look(approver, "reviews-after")
    approver.goto(f"/tenders/{tender.reference}/bids/{bid_ranked(tender, 1).id}/checks")
    look(approver, "reviews-checks")
    approver.goto(f"/tenders/{tender.reference}/result")
    look(approver, "reviews-result")
    officer.goto(f"/tenders/{tender.reference}/award")
    confirm_dialog(officer, "확인하고 낙찰 제안")
    approver.goto(f"/tenders/{tender.reference}/award")
    confirm_dialog(approver, "낙찰 확정")
    expect(approver.get_by_text("낙찰을 확정했습니다")).to_be_visible()
    db.session.expire_all()
    assert tender.state == "awarded"
