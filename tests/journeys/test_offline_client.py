"""A bid sealed on a machine without a network: a file from the site, a page from disk, a file back, a receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from app.tlog.canon import jcs, parse
from bidding.audit_file import audit
from bidding.bid_file import open_bid_file, read_bid_file
from bidding.box_code import box_code
from bidding.builds import builds
from bidding.keyholder.panel import Panel
from bidding.models import Bid, SigningKey, Tender
from bidding.offline_client import offline_client
from bidding.payload import read_price
from bidding.seal import main
from bidding.sealing import open_with_key
from bidding.services.releases import release
from bidding.types import DrawRule
from tests.axe import look
from tests.bidding.conftest import holder, keyholder, later
from tests.bidding.staging import an_agency, bidders, published
from tests.journeys.test_bid import open_bid_page, received

__all__ = ["holder", "keyholder", "later"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]
PASSPHRASE = "four quiet herons wade"
AMOUNT = "91234567"


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return published(an_agency(), keyholder)


@pytest.fixture
def desk(new_page: NewPage, sign_in_page: SignIn, app: Flask) -> Page:
    """The bidder's machine with the network."""
    page = new_page()
    sign_in_page(page, db.session.get_one(Person, bidders(1)[0].actor.person_id))
    return page


@pytest.fixture
def vault(app: Flask, browser: Any, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """`vault()`: the machine without a network: the client from disk, in a browser that is switched off the net."""
    path = tmp_path / "client.html"
    path.write_bytes(offline_client()[0])
    contexts = []

    def open_(**options: Any) -> Page:
        context = browser.new_context(**({"locale": "ko-KR"} | options))
        contexts.append(context)
        context.set_offline(True)
        page: Page = context.new_page()
        page.goto(path.as_uri())
        expect(page.locator("#flow")).to_be_visible()
        return page

    yield open_
    for context in contexts:
        context.close()


def saved(page: Page, act: Callable[[], None], to: Path) -> Path:
    with page.expect_download() as download:
        act()
    download.value.save_as(to)
    return to


def make_key(desk: Page, vault: Page, folder: Path) -> Path:
    """Challenge, key, enrolment: the key never leaves the vault."""
    desk.goto("/my/signing-keys")
    desk.locator("#offline-key summary").click()
    challenge = saved(desk, desk.locator("#challenge-save").click, folder / "challenge.json")
    vault.locator("summary", has_text="새 키").or_(vault.locator("summary", has_text="new key")).click()
    vault.locator("#challenge-file").set_input_files(challenge)
    vault.locator("#new-label").fill("금고 노트북")
    vault.locator("#new-passphrase").fill(PASSPHRASE)
    files: list[Any] = []
    vault.on("download", lambda download: files.append(download))
    vault.locator("#make-key").click()
    expect(vault.locator("#key-said .notice--success")).to_be_visible()
    vault.wait_for_timeout(300)
    for download in files:
        download.save_as(folder / download.suggested_filename.split(".", 1)[1])
    desk.locator("#enrolment-file").set_input_files(folder / "enrolment.json")
    desk.locator("#enrolment-send").click()
    expect(desk.locator("tbody")).to_contain_text("금고 노트북")
    return folder / "key.json"


def seal(vault: Page, box: Path, key: Path, folder: Path) -> tuple[Path, Path]:
    vault.locator("#box-file").set_input_files(box)
    expect(vault.locator("#box-code-figure")).not_to_be_empty()
    vault.locator("#key-file").set_input_files(key)
    vault.locator("#key-passphrase").fill(PASSPHRASE)
    vault.locator("#open-key").click()
    expect(vault.locator("#price")).to_be_visible()
    vault.locator("#amount").fill(AMOUNT)
    for pick in (3, 11):
        vault.locator(f"[data-pick='{pick}']").click()
    vault.locator("#to-review").click()
    vault.locator("#bid-passphrase").fill(PASSPHRASE)
    vault.locator("#agree").check()
    vault.locator("#seal").click()
    expect(vault.locator("#done")).to_be_visible()
    submission = saved(vault, vault.locator("#save-submission").click, folder / "submission.json")
    return submission, saved(vault, vault.locator("#save-bid").click, folder / "bid.json")


def test_a_bid_is_sealed_off_the_network_and_submitted_from_its_file(
    desk: Page, vault: Callable[..., Page], tender: Tender, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with transaction():
        for one in builds():
            release(one, time.now())
    machine = vault()
    faults: list[str] = []
    machine.on("pageerror", lambda error: faults.append(str(error)))
    machine.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    asked: list[str] = []
    machine.on("request", lambda request: asked.append(request.url))

    key = make_key(desk, machine, tmp_path)
    desk.goto(f"/tenders/{tender.reference}?lang=ko")
    box = saved(desk, desk.get_by_role("link", name="투찰함 파일").click, tmp_path / "box.json")
    submission, bid_file = seal(machine, box, key, tmp_path)
    expect(machine.locator("#box-code-figure")).to_have_text(box_code(str(tender.box_id)))
    assert faults == []
    assert [url for url in asked if not url.startswith("blob:")] == []
    assert b'keys":null' in submission.read_bytes()  # what travels has no key in it

    open_bid_page(desk, tender)
    desk.locator("#from-file summary").click()
    desk.locator("#sealed-file").set_input_files(submission)
    expect(desk.locator("#sealed-file-said .notice--success")).to_be_visible()
    expect(desk.locator("#sealed-file-submit")).to_be_disabled()
    desk.locator("#sealed-file-agree").check()
    desk.locator("#sealed-file-submit").click()
    received(desk)

    bid = db.session.scalars(select(Bid)).one()
    opened = open_bid_file(read_bid_file(bid_file.read_bytes()), PASSPHRASE)
    assert (opened.amount_won, opened.picks) == (int(AMOUNT), (3, 11))
    assert tender.box is not None
    plain = open_with_key(parse(bid.envelope), opened.price_key)
    assert read_price(plain, DrawRule.from_json(tender.box["draw"]))[0] == int(AMOUNT)
    kid = db.session.scalar(select(SigningKey.id).where(SigningKey.label == "금고 노트북"))
    assert bid.signature["kid"] == str(kid)
    assert parse(bid.statement)["client"] == offline_client()[1]
    run_step()
    desk.goto(f"/bids/{bid.id}?lang=ko")
    expect(desk.locator("main")).to_contain_text("이 사이트가 배포한 프로그램")
    secret = tmp_path / "passphrase"
    secret.write_text(PASSPHRASE, "utf-8")
    assert main(["--open", str(bid_file), "--passphrase-file", str(secret)]) == 0
    assert "91,234,567 won" in capsys.readouterr().out


def test_the_same_key_file_and_box_serve_the_command(
    desk: Page, vault: Callable[..., Page], tender: Tender, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = make_key(desk, vault(), tmp_path)
    box = tmp_path / "box.json"
    desk.goto(f"/tenders/{tender.reference}?lang=ko")
    saved(desk, desk.get_by_role("link", name="투찰함 파일").click, box)
    secret, kept = tmp_path / "passphrase", tmp_path / "kept.json"
    secret.write_text(PASSPHRASE, "utf-8")
    arguments = [str(box), "--key", str(key), "--amount", AMOUNT, "--picks", "3,11", "--bid-file", str(kept)]
    assert main([*arguments, "--passphrase-file", str(secret)]) == 0
    capsys.readouterr()
    open_bid_page(desk, tender)
    desk.locator("#from-file summary").click()
    desk.locator("#sealed-file").set_input_files(kept)
    desk.locator("#sealed-file-agree").check()
    desk.locator("#sealed-file-submit").click()
    received(desk)
    bid = db.session.scalars(select(Bid)).one()
    desk.goto(f"/bids/{bid.id}?lang=ko")  # nothing was released here: it is said, and the bid counts
    expect(desk.locator("main")).to_contain_text("이 사이트가 배포하지 않은 프로그램")


def test_what_does_not_belong_here_is_not_taken(
    desk: Page, vault: Callable[..., Page], tender: Tender, tmp_path: Path
) -> None:
    machine = vault()
    key = make_key(desk, machine, tmp_path)
    desk.goto(f"/tenders/{tender.reference}?lang=ko")
    box = saved(desk, desk.get_by_role("link", name="투찰함 파일").click, tmp_path / "box.json")
    forged = parse(box.read_bytes().rstrip())
    forged["box"]["lanes"]["price"]["holders"][0]["pub"] = "A" * 43
    other = tmp_path / "forged.json"
    other.write_bytes(jcs(forged))
    machine.locator("#box-file").set_input_files(other)
    expect(machine.locator("#box-said .notice--danger")).to_be_visible()
    expect(machine.locator("#box-shown")).to_be_hidden()
    machine.locator("#box-file").set_input_files(box)
    expect(machine.locator("#box-shown")).to_be_visible()
    machine.locator("#agency").fill(parse(box.read_bytes().rstrip())["vkeys"]["log"])  # pinned to another key
    machine.locator("#agency").blur()
    expect(machine.locator("#box-said .notice--danger")).to_be_visible()
    machine.locator("#agency").fill("")
    machine.locator("#agency").blur()
    submission, _ = seal(machine, box, key, tmp_path)

    file = parse(submission.read_bytes().rstrip())
    open_bid_page(desk, tender)
    desk.locator("#from-file summary").click()
    cases: list[tuple[bytes, str]] = [
        (b"{}", "투찰 파일이 아니거나"),
        (jcs({**file, "signature": None}), "서명이 없습니다"),
        (jcs({**file, "statement": {**file["statement"], "tender": "R26BK00000009-000"}}), "봉투가 아닙니다"),
    ]
    for number, (data, said) in enumerate(cases):
        path = tmp_path / f"case{number}.json"
        path.write_bytes(data)
        desk.locator("#sealed-file").set_input_files(path)
        expect(desk.locator("#sealed-file-said")).to_contain_text(said)
        expect(desk.locator("#sealed-file-send")).to_be_hidden()
    assert db.session.scalars(select(Bid)).all() == []


@pytest.mark.parametrize(("locale", "width"), [("ko-KR", 390), ("en-US", 1280), ("ko-KR", 1280), ("en-US", 390)])
def test_the_pages_are_accessible_and_fit(
    new_page: NewPage,
    sign_in_page: SignIn,
    vault: Callable[..., Page],
    tender: Tender,
    tmp_path: Path,
    locale: str,
    width: int,
) -> None:
    size = {"width": width, "height": 844}
    desk = new_page(locale=locale, viewport=size, bypass_csp=True)
    sign_in_page(desk, db.session.get_one(Person, bidders(1)[0].actor.person_id))
    machine = vault(locale=locale, viewport=size, bypass_csp=True)
    key = make_key(desk, machine, tmp_path)
    desk.goto(f"/tenders/{tender.reference}?lang=ko")
    box = saved(desk, desk.get_by_role("link", name="투찰함 파일").click, tmp_path / "box.json")
    seal(machine, box, key, tmp_path)
    look(machine, "offline client")
    machine.locator("#audit-option summary").click()
    found = saved_audit(machine, tmp_path)
    assert found.holders == ("A",)
    machine.screenshot(path=tmp_path / "offline.png", full_page=True)
    look(machine, "offline client with audit")
    lang = locale[:2]
    desk.goto(f"/client?lang={lang}")
    look(desk, "client")
    desk.screenshot(path=tmp_path / "client.png", full_page=True)
    desk.goto(f"/my/signing-keys?lang={lang}")
    desk.locator("#offline-key summary").click()
    expect(desk.locator("#here")).to_be_visible()
    look(desk, "keys, with those of other machines")
    desk.screenshot(path=tmp_path / "keys.png", full_page=True)
    desk.goto(f"/tenders/{tender.reference}/bid?lang={lang}")
    desk.locator("#from-file summary").click()
    desk.locator("#sealed-file").set_input_files(tmp_path / "submission.json")
    expect(desk.locator("#sealed-file-send")).to_be_visible()
    look(desk, "a sealed bid from a file")
    desk.screenshot(path=tmp_path / "from_file.png", full_page=True)


def saved_audit(machine: Page, folder: Path) -> Any:
    machine.locator("#audit-make").click()
    expect(machine.locator("#audit-save")).to_be_visible()
    return audit(saved(machine, machine.locator("#audit-save").click, folder / "audit.json").read_bytes())
