"""A bidder's story in a real browser: key, price, seal, receipt; late, interrupted and refused bids; and what the
server never gets to see."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.formats import kst_micro
from app.tlog.canon import digest, jcs, parse
from bidding.models import Bid, Tender
from bidding.payload import read_price
from bidding.rehearsal.cast import Agency, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, draft
from bidding.sealing import Lane, combine, open_wrap
from bidding.services.box import Keyholder
from bidding.types import DrawRule
from tests.bidding.conftest import holder, keyholder, tick

__all__ = ["holder", "keyholder", "tick"]
PASSWORD = "four quiet herons wade"
CANARY = "8765432198761"  # the price: its digits stand nowhere else
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]
Tick = Callable[[], None]


@pytest.fixture
def bidder(app: Flask) -> Person:
    with transaction():
        return make_supplier(
            7, "한나루정보", "Hannaru Information", PASSWORD, time.now(), email="bidder@hannaru.example"
        )


@pytest.fixture
def agency(app: Flask) -> Agency:
    with transaction():
        names = ("김담당", "이승인")
        return make_agency(
            "B552999", "나루시험청", "Naru Test Agency", PASSWORD, time.now(), mail="test.go.kr", names=names
        )


def published(agency: Agency, keyholder: Keyholder, seconds: float = 3600, **more: Any) -> Tender:
    now = time.now()
    with transaction():
        plan = Plan("하천 수위 관측망 정비 용역", 9_000_000_000_000, more=more)
        tender = draft(agency, plan, now, closes_at=now + timedelta(seconds=seconds))
        announce(agency, tender, keyholder, now)
    return tender


@pytest.fixture
def tender(agency: Agency, keyholder: Keyholder) -> Tender:
    return published(agency, keyholder)


def open_bid_page(page: Page, tender: Tender) -> None:
    page.goto(f"/tenders/{tender.reference}/bid")
    expect(page.locator("#bid-flow")).to_be_visible()


def make_key(page: Page) -> None:
    page.get_by_role("button", name="서명키 만들기").click()
    expect(page.locator("#checks [data-check=key]")).to_have_attribute("data-state", "ok")


def to_review(page: Page, amount: str = CANARY, picks: tuple[int, ...] = (3, 11)) -> None:
    page.locator("#to-price").click()
    page.locator("#amount").fill(amount)
    for pick in picks:
        page.locator(f"[data-pick='{pick}']").click()
    page.locator("#to-review").click()


def submit(page: Page) -> None:
    page.locator("#agree").check()
    page.locator("#submit-bid").click()


def received(page: Page) -> None:
    expect(page.locator("[data-section=received]")).to_be_visible(timeout=20_000)


@pytest.fixture
def at_price(new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender) -> Page:
    """A page whose bidder has a key; the next click leads to the price."""
    page = new_page()
    sign_in_page(page, bidder)
    open_bid_page(page, tender)
    make_key(page)
    return page


def spellings(secret: str) -> list[str]:
    """The ways in which a number shows up where it should not."""
    plain = [secret, f"{int(secret):,}", f"{int(secret):x}", secret.encode().hex(), secret[::-1]]
    # Inside base64 a text has three looks, by where it begins; the letters at its ends mix with the neighbours'.
    return plain + [base64.b64encode(b" " * shift + secret.encode()).decode()[4:-4] for shift in range(3)]


def test_from_no_key_to_the_receipt_and_the_price_stays_in_the_browser(
    app: Flask,
    new_page: NewPage,
    sign_in_page: SignIn,
    bidder: Person,
    tender: Tender,
    tick: Tick,
    holder: Any,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    page = new_page()
    sign_in_page(page, bidder)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url}\n{request.headers}\n{request.post_data or ''}"))
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)

    open_bid_page(page, tender)
    expect(page.locator("#to-price")).to_be_disabled()
    make_key(page)
    to_review(page)
    expect(page.locator("#review-amount")).to_have_text("8,765,432,198,761원")
    expect(page.locator("#review-words")).to_have_text("금 팔조칠천육백오십사억삼천이백일십구만팔천칠백육십일원정")
    expect(page.locator("#review-picks")).to_have_text("311")
    submit(page)
    received(page)
    tick()

    bid = db.session.scalars(select(Bid)).one()
    expect(page.locator("#received-number")).to_have_text(bid.receipt_number)
    expect(page.locator("#received-at")).to_have_text(kst_micro(bid.received_at))
    expect(page.locator("#received-stmt")).to_have_text(bid.stmt)
    expect(page.locator("#received-log")).to_have_attribute("data-state", "ok", timeout=20_000)
    assert bid.stmt == digest("bid", bid.statement).hex()
    assert faults == []

    with page.expect_download() as saved:
        page.locator("#save-receipt").click()
    assert Path(saved.value.path()).read_text("utf-8").startswith("koneps/v1/receipt\n")
    with page.expect_download() as saved:
        page.locator("#save-bid").click()
    file = parse(Path(saved.value.path()).read_bytes())
    assert jcs(file["statement"]) == bid.statement
    assert file["env_price"]["ctx"]["bid"] == str(bid.id)
    assert "key" not in file

    # Nobody but the keyholder can read it; with its key, this is what was typed.
    blob = open_as_holder(holder, bid)
    assert blob == (int(CANARY), (3, 11))
    output = caplog.text + "".join(capfd.readouterr())
    dump = dump_of(app)
    assert str(bid.id) in dump  # the dump is not empty
    for trace in spellings(CANARY):
        assert not [one for one in sent if trace in one], trace
        assert trace not in output, trace
        assert trace not in dump, trace


def open_as_holder(holder: Any, bid: Bid) -> tuple[int, tuple[int, ...]]:
    envelope = parse(bid.envelope)
    assert bid.tender.box is not None
    lane = Lane.from_json(bid.tender.box["lanes"]["price"])
    key = holder.store.find_key(bid.tender.reference, "price")[0]
    _, plain = combine(envelope, lane, 0, {"A": open_wrap(envelope, "A", key)})
    amount, picks, _ = read_price(plain, DrawRule.from_json(bid.tender.box["draw"]))
    return amount, picks


def dump_of(app: Flask) -> str:
    """Every row of every table, as text, read as the owner of the database."""
    engine = create_engine(app.config["DATABASE_OWNER_URL"])
    rows = []
    with engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT format('%%I.%%I', table_schema, table_name) FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND table_type = 'BASE TABLE'"
        ).scalars()
        for name in names.all():
            rows += [f"{name} {row}" for row in connection.exec_driver_sql(f"SELECT t::text FROM {name} t").scalars()]
    engine.dispose()
    return "\n".join(rows)
