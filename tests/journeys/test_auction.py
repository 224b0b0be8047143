"""A reverse auction in the browser: a bidder lowers its price, others watch it fall, and nobody loads a page again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.rehearsal.auctioning import lower
from bidding.rehearsal.stages import announce, draft
from bidding.services import auctions
from tests import axe
from tests.bidding.auctioning import FIRST, Sale, a_plan
from tests.bidding.conftest import Later, Stage, holder, keyholder, later, stage
from tests.bidding.staging import an_agency, bidders, place
from tests.journeys.test_deadlines import page_of

__all__ = ["holder", "keyholder", "later", "page_of", "stage"]


def soon(app: Flask, panel: Panel, stage: Stage) -> Sale:
    """An auction that begins some seconds from now, by the database's own clock."""
    app.config["NARU_AUCTION_LEAD"] = 2
    agency, people, now = an_agency(), bidders(3), time.now()
    closes_at = now + timedelta(seconds=4)
    with transaction():
        tender = draft(agency, a_plan(round_seconds=300), now, closes_at=closes_at)
        announce(agency, tender, panel, now)
    bids = [place(tender, bidder, won, ()) for bidder, won in zip(people, FIRST, strict=True)]
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return Sale(agency, tender, people, bids, stage)


def test_three_bidders_lower_their_prices_while_the_page_stays(
    app: Flask, keyholder: Panel, stage: Stage, later: Later, page_of: Callable[..., Page]
) -> None:
    sale = soon(app, keyholder, stage)
    bidder = page_of(db.session.get_one(Person, sale.bidders[2].actor.person_id))
    bidder.goto("/my/signing-keys")
    bidder.get_by_role("button", name="서명키 만들기").click()
    expect(bidder.locator("#here-said")).to_contain_text("이 키로 서명합니다")
    address, own = f"/tenders/{sale.tender.reference}/auction", sale.label(2)
    officer = page_of(db.session.get_one(Person, sale.agency.officer.person_id))
    officer.goto(address)
    bidder.goto(address)
    expect(bidder.locator("#lower")).to_be_visible(timeout=20_000)  # opens by itself when the first round begins
    expect(bidder.locator("#auction-phase")).to_have_text("3라운드 중 1라운드")
    assert "공급사" not in officer.content()

    bidder.locator("#lower-amount").fill("109500000")
    expect(bidder.locator("#lower-amount-error")).to_contain_text("109,000,000")
    bidder.get_by_role("button", name="한 단계 인하", exact=True).press("Enter")
    expect(bidder.locator("#lower-amount")).to_have_value("109,000,000")
    bidder.locator("#lower-amount").fill("99500000")
    bidder.locator("#lower-sure").check()
    bidder.locator("#lower-amount").press("Enter")
    expect(bidder.locator("#lower-done")).to_contain_text("99,500,000")
    expect(bidder.locator("#own-place")).to_have_text("1")
    expect(officer.locator("#auction-board tbody tr").first).to_contain_text("99,500,000", timeout=20_000)

    with transaction():
        lower(sale.tender, sale.bids[0], sale.bidders[0], 98_000_000)
        lower(sale.tender, sale.bids[1], sale.bidders[1], 97_000_000)
    expect(bidder.locator("#own-place")).to_have_text("3", timeout=20_000)
    expect(bidder.locator(f'tr[data-label="{own}"] .auction-you')).to_be_visible()
    expect(bidder.locator("#auction-said")).to_contain_text("97,000,000", timeout=20_000)
    axe.look(bidder, "auction-running")

    later.set_to(sale.auction.ends_at)
    with transaction():
        assert auctions.close(sale.tender.id, later)
    expect(officer.locator(".outcome-name")).to_contain_text("공급사 2", timeout=20_000)
    axe.look(officer, "auction-closed")
