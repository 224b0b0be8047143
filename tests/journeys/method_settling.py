"""What comes between the opening and the award of a purchase in the browser: a review or a negotiation."""

from __future__ import annotations

from playwright.sync_api import expect

from app import time
from app.db import transaction
from bidding.models import Tender
from bidding.rules.scoring_fields import score_field
from bidding.services.review_papers import add_file, submit_documents
from bidding.services.reviewing import propose_points
from tests.axe import look
from tests.bidding import reviewing
from tests.bidding.submitting import PDF
from tests.journeys.method_driver import Case, confirm
from tests.journeys.method_world import World


def settle(world: World, tender: Tender, case: Case) -> None:
    """By the method: most have nothing to do here."""
    if case.method == "qualification":
        review(world, tender)
    elif case.method == "negotiation":
        negotiate(world, tender)


def review(world: World, tender: Tender) -> None:
    """적격심사 of the first in line: asked for its papers, and passed by two officers."""
    case = reviewing.ask(tender, reviewing.bid_ranked(tender, 1), world.agency)
    with transaction():
        add_file(case.id, "실적증명서.pdf", PDF, world.own, time.now())
    with transaction():
        submit_documents(case.id, 180_000, "", world.own, time.now())
    with transaction():
        propose_points(case.id, [score_field("실적", "20")], "항목별 점수", world.agency.officer, time.now())
    reviewing.agree(case, world.agency)


def negotiate(world: World, tender: Tender) -> None:
    """The first in line agrees: entered by one officer, confirmed by the other."""
    page = world.page_of("officer")
    page.goto(f"/tenders/{tender.reference}/reviews")
    page.get_by_role("button", name="협상 결과 입력").click()
    page.locator("[name=result][value=pass]").check()
    look(page, "negotiation")
    page.get_by_role("button", name="제안하기", exact=True).click()
    expect(page.get_by_text("다른 담당자를 기다립니다").first).to_be_visible()
    second = world.page_of("approver")
    second.goto(page.url)
    confirm(second, "결정 확정")
    expect(second.get_by_text("확정되어 기록되었습니다")).to_be_visible()
