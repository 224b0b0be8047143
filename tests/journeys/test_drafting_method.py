"""An officer drafts a negotiated tender in a browser: criteria, price formula, dry run, and off to the approver."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.stages import draft
from bidding.services.drafting import save_draft
from bidding.states import TenderState
from tests.axe import look
from tests.bidding.conftest import holder, keyholder, later
from tests.bidding.staging import PLAN, an_agency

__all__ = ["holder", "keyholder", "later"]
PROPOSAL = {"name": "제안서", "hint": "", "required": True, "max_bytes": 50_000_000}


def test_a_negotiated_tender_is_drafted_tried_and_sent(
    app: Flask, new_page: Callable[..., Page], sign_in_page: Callable[[Page, Any], None], keyholder: Panel
) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        save_draft(tender.id, {"asked_documents": [PROPOSAL]}, agency.officer)
        tender_id = tender.id
    page = new_page(bypass_csp=True, locale="en-US")
    sign_in_page(page, db.session.get_one(Person, agency.officer.person_id))
    page.goto(f"/agency/tenders/{tender_id}/draft/method?lang=en")
    look(page)
    page.get_by_label("Negotiated contract: proposals and price").check()
    page.get_by_label("No reserve prices: the notice itself names what it pays").check()
    page.get_by_role("button", name="Save and continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Terms of the method")
    for row, (level, name, points) in enumerate(
        [("1", "수행 계획", ""), ("2", "이해도", "30"), ("2", "방법론", "20"), ("1", "수행 인력", "30")], start=1
    ):
        page.get_by_label(f"Level of row {row}").select_option(level)
        page.get_by_label(f"Name of row {row}").fill(name)
        page.get_by_label(f"Points of row {row}").fill(points)
    expect(page.locator("[data-criteria-sum]")).to_have_text("80 technical points; 20 are left for the price.")
    look(page)
    # A mistake is told, and nothing that was typed is lost.
    page.get_by_label("Points of row 2").fill("lots")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Criterion in row 2")
    expect(page.get_by_label("Name of row 4")).to_have_value("수행 인력")
    page.get_by_label("Points of row 2").fill("30")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who may bid")

    page.goto(f"/agency/tenders/{tender_id}/dry-run")
    expect(page.locator("#outcome")).to_have_text("Who would win")
    page.get_by_label("One bid a line: name; amount; technical points").fill(
        "갑; 98,000,000; 78\n을; 84,000,000; 72.5\n병; 80,000,000; 60"
    )
    page.get_by_role("button", name="Work it out").click()
    expect(page.locator(".dry-run")).to_contain_text("갑 would negotiate first with ₩98,000,000: 95.1429 points")
    expect(page.locator(".dry-run")).to_contain_text("so that the price is never opened: 병.")
    look(page)

    page.goto(f"/agency/tenders/{tender_id}/draft/check")
    expect(page.get_by_text("1.2 방법론")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Send to the approver").click()
    expect(page.get_by_text("Sent to the approver.", exact=False)).to_be_visible()
    db.session.expire_all()
    made = db.session.get_one(Tender, tender_id)
    assert made.state == TenderState.IN_REVIEW
    assert made.scoring is not None
    assert made.scoring["price"]["full"] == 20
    assert made.box is not None
    assert made.box["draw"]["mode"] == "M0"


def test_public_pages_of_methods_and_the_calculator_can_be_used_by_everybody(
    app: Flask, new_page: Callable[..., Page]
) -> None:
    page = new_page(bypass_csp=True)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for address in ("/methods", "/methods/qualification", "/methods/negotiation", "/calculator"):
            page.goto(address)
            look(page, address)
    page.locator("#f-base_amount_won").fill("135,898,725")
    page.locator("#f-floor_rate").fill("89.745")
    page.get_by_role("button", name="계산하기").click()
    expect(page.get_by_role("region", name="결과")).to_contain_text("121,962,311")
    look(page, "result")
