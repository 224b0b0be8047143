"""The draw, step by step: without scripts, in pictures, and made again by the reader's own browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect

from app.db import db
from bidding.keyholder.panel import Panel
from bidding.models import Opening, Tender
from bidding.rehearsal.stages import Plan
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import PLAN, an_agency, bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]
MODES = {
    "M1": Plan(PLAN.title, PLAN.base_amount_won, more={"draw_mode": "M1", "range_low": 97_000, "range_high": 103_000}),
    "M2": PLAN,
    "M3": Plan(PLAN.title, PLAN.base_amount_won, more={"draw_mode": "M3"}),
}


@pytest.fixture
def opened(request: pytest.FixtureRequest, app: Flask, keyholder: Panel, stage: Stage) -> Tender:
    """Two equal bids among them: a lot decides between those."""
    tender = published(an_agency(), keyholder, MODES[getattr(request, "param", "M2")])
    for bidder, amount in zip(bidders(4), (91_000_000, 90_000_000, 90_000_000, 80_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


@pytest.mark.parametrize("opened", list(MODES), indirect=True)
def test_the_browser_makes_the_same_draw_again_in_every_mode(opened: Tender, page: Page) -> None:
    page.goto(f"/tenders/{opened.reference}/result")
    page.get_by_role("link", name="추첨 과정 한 단계씩 보기").click()
    page.get_by_role("button", name="이 브라우저에서 다시 추첨해 보기").click()
    expect(page.get_by_text("모든 단계가 같게 나왔습니다")).to_be_visible()
    shown = page.locator("[data-verdict]:visible")
    expect(shown).to_have_count(5 if opened.draw_mode == "M3" else 6)
    assert {one.strip() for one in shown.all_inner_texts()} == {"✓ 여기서도 같음"}
    look(page)


def test_a_draw_that_was_tampered_with_does_not_come_out_the_same(opened: Tender, page: Page) -> None:
    opening = db.session.get_one(Opening, opened.id)
    assert opening.draw is not None
    prices = opening.draw["prices"]
    opening.draw = {**opening.draw, "prices": [prices[1], prices[0], *prices[2:]]}
    db.session.commit()
    page.goto(f"/tenders/{opened.reference}/draw")
    page.get_by_role("button", name="이 브라우저에서 다시 추첨해 보기").click()
    expect(page.get_by_text("1개 단계가 다르게 나왔습니다")).to_be_visible()
    expect(page.locator("#step-prices").get_by_text("여기서는 다름")).to_be_visible()


def test_one_walks_through_it_one_step_at_a_time(opened: Tender, page: Page) -> None:
    page.goto(f"/tenders/{opened.reference}/draw?lang=en")
    page.get_by_role("button", name="One step at a time").click()
    steps = page.locator("[data-step]")
    expect(page.locator("[data-step]:visible")).to_have_count(1)
    for number in range(2, steps.count() + 1):
        page.get_by_role("button", name="Next step").click()
        expect(page.get_by_text(f"Step {number} of {steps.count()}")).to_be_visible()
    expect(page.get_by_role("button", name="Next step")).to_be_disabled()
    expect(page.get_by_text("Equal bids: the lot")).to_be_visible()
    page.get_by_role("button", name="One step at a time").click()
    expect(page.locator("[data-step]:visible")).to_have_count(steps.count())
    look(page)


def test_it_is_all_there_without_scripts(opened: Tender, client: FlaskClient) -> None:
    text = client.get(f"/tenders/{opened.reference}/draw", headers={"Accept-Language": "ko"}).get_data(as_text=True)
    opening = db.session.get_one(Opening, opened.id)
    assert opening.draw is not None
    assert opening.draw["seed_n"] in text
    assert opening.draw["seed_v"] in text
    assert all(f"{int(won):,}" in text for won in opening.draw["prices"])
    assert 'id="draw-controls" hidden' in text


def test_before_the_opening_there_is_nothing_to_see(app: Flask, keyholder: Panel, client: FlaskClient) -> None:
    tender = published(an_agency(), keyholder)
    answer = client.get(f"/tenders/{tender.reference}/draw", headers={"Accept-Language": "ko"})
    assert answer.status_code == 200
    assert "그전에는 아무도 모릅니다" in answer.get_data(as_text=True)
