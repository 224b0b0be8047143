"""A bidder with a passkey: enrolled, used for a bid, revoked; and the bid still verifies offline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import files
from app.auth.models import Person
from app.db import db
from bidding.checks import Result
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, SigningKey, Tender
from bidding.verify import verify
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import an_agency, bidders, place, published
from tests.journeys.test_bid import open_bid_page, received, submit, to_review

__all__ = ["holder", "keyholder", "later", "stage"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


class Device:
    """Chromium's virtual authenticator, by the DevTools protocol: it confirms for the person unless told not to."""

    def __init__(self, page: Page) -> None:
        self.tools = page.context.new_cdp_session(page)
        self.tools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        self.id = self.tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def verifies(self, is_verified: bool) -> None:
        self.tools.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_verified})

    def passkeys(self) -> int:
        return len(self.tools.send("WebAuthn.getCredentials", {"authenticatorId": self.id})["credentials"])


@pytest.fixture
def bidder(app: Flask) -> Person:
    first = bidders(1)[0]
    return db.session.get_one(Person, first.actor.person_id)


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


def make_passkey(page: Page, name: str) -> None:
    page.locator("#key-label").fill(name)
    page.locator("#make-passkey").click()


def test_from_enrolment_to_the_receipt_and_offline_verification(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender, stage: Stage
) -> None:
    page = new_page()
    device = Device(page)
    sign_in_page(page, bidder)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    open_bid_page(page, tender)
    make_passkey(page, "업무용 휴대전화")
    line = page.locator("#checks [data-check=key]")
    expect(line).to_have_attribute("data-state", "ok")
    expect(line).to_contain_text("업무용 휴대전화")
    assert device.passkeys() == 1
    to_review(page, "90000000")
    expect(page.locator("#review-key")).to_have_text("업무용 휴대전화")
    submit(page)
    received(page)
    bid = db.session.scalars(select(Bid)).one()
    assert bid.signature["alg"] == "webauthn"
    assert faults == []

    place(tender, bidders(1, first=2)[0], 91_000_000)
    stage.close(tender)
    stage.open(tender)
    page.goto("/my/signing-keys")
    row = page.locator(f"[data-kid='{bid.signature['kid']}']")
    expect(row).to_contain_text("패스키")
    row.locator("summary").click()
    row.locator("form button").click()
    expect(row).to_contain_text("폐지됨")
    stage.work()
    data = files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256)
    report = verify(data)
    assert [str(check) for check in report if check.result is Result.FAIL] == []
    assert {check.code: check.result for check in report}["V10"] is Result.PASS


def test_a_declined_passkey_signs_nothing_and_the_bid_can_go_on(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender
) -> None:
    page = new_page()
    device = Device(page)
    sign_in_page(page, bidder)
    open_bid_page(page, tender)
    make_passkey(page, "열쇠")
    expect(page.locator("#to-price")).to_be_enabled()
    to_review(page, "90000000")
    device.verifies(False)
    submit(page)
    expect(page.locator("#send-problem")).to_contain_text("패스키가 사용되지 않았습니다")
    assert db.session.scalars(select(Bid)).all() == []
    device.verifies(True)
    page.locator("#send-actions button").first.click()
    submit(page)
    received(page)


def test_who_has_both_chooses(new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender) -> None:
    page = new_page()
    device = Device(page)
    sign_in_page(page, bidder)
    page.goto("/my/signing-keys")
    page.locator("#key-label").fill("사무실 노트북")
    page.locator("#make-key").click()
    expect(page.locator("#with-browser")).to_be_hidden()
    device.verifies(False)
    make_passkey(page, "열쇠")
    expect(page.locator("#key-problem")).to_contain_text("패스키가 사용되지 않았습니다")
    assert db.session.scalar(select(SigningKey).where(SigningKey.alg == "webauthn")) is None
    device.verifies(True)
    page.locator("#make-passkey").click()
    expect(page.locator("tbody tr").first).to_contain_text("열쇠")
    open_bid_page(page, tender)
    expect(page.locator("[data-key-choice] input")).to_have_count(2)
    page.get_by_label("이 브라우저의 키").check()
    to_review(page, "90000000")
    expect(page.locator("#review-key")).to_have_text("사무실 노트북")
    submit(page)
    received(page)
    assert db.session.scalars(select(Bid)).one().signature["alg"] == "Ed25519"


@pytest.mark.parametrize(("lang", "width"), [("ko", 390), ("en", 1280), ("ko", 1280), ("en", 390)])
def test_the_pages_with_both_kinds_are_accessible_and_fit(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender, lang: str, width: int, tmp_path: Path
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, bypass_csp=True)
    Device(page)
    sign_in_page(page, bidder)
    page.goto(f"/my/signing-keys?lang={lang}")
    expect(page.locator("#with-passkey")).to_be_visible()
    look(page, "keys: none here")
    make_passkey(page, "열쇠")
    expect(page.locator("tbody tr")).to_have_count(2)
    page.locator("#make-key").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.locator("#with-passkey")).to_be_visible()
    expect(page.locator("#with-browser")).to_be_hidden()
    page.screenshot(path=tmp_path / "keys.png", full_page=True)
    look(page, "keys: both")
    page.goto(f"/tenders/{tender.reference}/bid?lang={lang}")
    expect(page.locator("#to-price")).to_be_enabled()
    page.screenshot(path=tmp_path / "check.png", full_page=True)
    look(page, "check with a choice")
