"""The bidder's own files: a bid file saved and opened on a second device, and a throw-away envelope checked twice."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.auth.models import Person
from app.db import db
from app.tlog.canon import jcs, parse
from bidding.audit_file import audit
from bidding.bid_file import open_bid_file, read_bid_file
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.seal import main
from tests.axe import look
from tests.bidding.conftest import holder, keyholder, later
from tests.bidding.staging import an_agency, bidders, published
from tests.journeys.test_bid import make_key, open_bid_page, received, submit, to_review

__all__ = ["holder", "keyholder", "later"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]
PASSPHRASE = "나루 correct horse"
AMOUNT = "91234567"


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


@pytest.fixture
def at_review(app: Flask, new_page: NewPage, sign_in_page: SignIn, tender: Tender) -> Page:
    page = new_page()
    sign_in_page(page, db.session.get_one(Person, bidders(1)[0].actor.person_id))
    open_bid_page(page, tender)
    make_key(page)
    to_review(page, AMOUNT)
    return page


def save(page: Page, place: str, to: Path) -> None:
    page.locator(f"[data-bid-file-at={place}] [data-bid-file=passphrase]").fill(PASSPHRASE)
    with page.expect_download() as saved:
        page.locator(f"[data-bid-file-at={place}] [data-bid-file=save]").click()
    saved.value.save_as(to)


def test_a_bid_file_opens_on_a_second_device(
    at_review: Page, new_page: NewPage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, early, late = at_review, tmp_path / "early.json", tmp_path / "late.json"
    page.route("**/api/tenders/*/bids", lambda route: route.abort())
    submit(page)
    save(page, "sealed", early)  # before anybody has answered
    page.unroute("**/api/tenders/*/bids")
    page.get_by_role("button", name="지금 시도").click()
    received(page)
    page.locator("[data-bid-file-at=received] [data-bid-file=passphrase]").fill("too short")
    page.locator("[data-bid-file-at=received] [data-bid-file=save]").click()
    expect(page.locator("[data-bid-file-at=received] [data-bid-file=said]")).to_contain_text("12자")
    save(page, "received", late)
    bid = db.session.scalars(select(Bid)).one()
    for path in (early, late):
        file = read_bid_file(path.read_bytes())
        assert file.stmt == bid.stmt
        assert open_bid_file(file, PASSPHRASE).amount_won == int(AMOUNT)
    assert (read_bid_file(early.read_bytes()).receipt is None, read_bid_file(late.read_bytes()).receipt is None) == (
        True, False,
    )  # fmt: skip

    second = new_page()  # another device: nobody is signed in
    asked: list[str] = []
    second.goto("/bid-file")
    second.wait_for_load_state("networkidle")
    second.on("request", lambda request: asked.append(request.url))
    second.locator("#file").set_input_files(late)
    expect(second.locator("#file-facts")).to_contain_text("이 사이트가 서명함")
    second.locator("#passphrase").fill("나루 wrong horse")
    second.locator("#open").click()
    expect(second.locator("#file-said")).to_contain_text("암호문구로 이 파일을 열 수 없습니다")
    second.locator("#passphrase").fill(PASSPHRASE)
    second.locator("#open").click()
    expect(second.locator("#opened-amount")).to_have_text("91,234,567원")
    expect(second.locator("#opened-picks")).to_have_text("3, 11")
    changed = tmp_path / "changed.json"
    file = parse(late.read_bytes().rstrip())
    changed.write_bytes(jcs({**file, "statement": {**file["statement"], "tender": "R26BK00000009-000"}}))
    second.locator("#file").set_input_files(changed)
    expect(second.locator("#file-said")).to_contain_text("투찰서가 가리키는 봉투가 아닙니다")
    expect(second.locator("#opened")).to_be_hidden()
    assert asked == []  # nothing of it went anywhere

    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE, "utf-8")
    assert main(["--open", str(late), "--passphrase-file", str(secret)]) == 0
    assert "91,234,567 won" in capsys.readouterr().out


def test_a_throw_away_envelope_is_checked_here_and_elsewhere_and_never_submitted(
    at_review: Page, tmp_path: Path, tender: Tender
) -> None:
    page, path = at_review, tmp_path / "audit.json"
    page.locator("#audit-option summary").click()
    page.locator("#audit-amount").fill("1.5")
    page.locator("#audit-make").click()
    expect(page.locator("#audit-amount-error")).to_be_visible()
    for typed in ("", "77,777,777"):
        page.locator("#audit-amount").fill(typed)
        page.locator("#audit-make").click()
        expect(page.locator("#audit-said")).to_contain_text("마지막 바이트까지 같습니다")
        with page.expect_download() as saved:
            page.locator("#audit-save").click()
        saved.value.save_as(path)
        found = audit(path.read_bytes())
        assert (found.box_id, found.holders) == (tender.box_id, ("A",))
        assert typed == "" or found.amount_won == 77_777_777
        assert AMOUNT.encode() not in path.read_bytes()
    assert main(["--audit", str(path)]) == 0
    page.goto("/bid-file")
    page.locator("#file").set_input_files(path)
    expect(page.locator("#file-facts")).to_contain_text("77,777,777원")
    assert db.session.scalars(select(Bid)).all() == []


def test_the_tested_envelope_is_not_the_submitted_one(at_review: Page, tmp_path: Path) -> None:
    page, path = at_review, tmp_path / "audit.json"
    page.locator("#audit-option summary").click()
    page.locator("#audit-make").click()
    with page.expect_download() as saved:
        page.locator("#audit-save").click()
    saved.value.save_as(path)
    submit(page)
    received(page)
    tested = parse(path.read_bytes().rstrip())["envelope"]
    bid = db.session.scalars(select(Bid)).one()
    sealed = parse(bid.envelope)
    assert tested["ctx"]["bid"] != str(bid.id)
    assert tested["cek_commit"] != sealed["cek_commit"]
    assert base64.urlsafe_b64decode(tested["ct"] + "==")[:24] != base64.urlsafe_b64decode(sealed["ct"] + "==")[:24]


@pytest.mark.parametrize(("lang", "width"), [("ko", 390), ("en", 1280)])
def test_the_files_pages_are_accessible_and_fit(
    new_page: NewPage, sign_in_page: SignIn, tender: Tender, tmp_path: Path, lang: str, width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, bypass_csp=True)
    sign_in_page(page, db.session.get_one(Person, bidders(1)[0].actor.person_id))
    page.goto(f"/tenders/{tender.reference}/bid?lang={lang}")
    page.locator("#make-key").click()
    expect(page.locator("#to-price")).to_be_enabled()
    to_review(page, AMOUNT)
    page.locator("#audit-option summary").click()
    page.locator("#audit-make").click()
    expect(page.locator("#audit-save")).to_be_visible()
    look(page, "audit option")
    page.screenshot(path=tmp_path / "audit.png", full_page=True)
    submit(page)
    received(page)
    look(page, "received")
    page.screenshot(path=tmp_path / "received.png", full_page=True)
    save(page, "received", tmp_path / "bid.json")
    page.goto(f"/bid-file?lang={lang}")
    page.locator("#file").set_input_files(tmp_path / "bid.json")
    expect(page.locator("#unlock")).to_be_visible()
    page.locator("#passphrase").fill(PASSPHRASE)
    page.locator("#open").click()
    expect(page.locator("#opened")).to_be_visible()
    look(page, "bid file")
    page.screenshot(path=tmp_path / "file.png", full_page=True)
