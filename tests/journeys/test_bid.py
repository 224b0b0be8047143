"""A bidder's story in a real browser: key, price, seal, receipt; late, interrupted and refused bids; and what the
server never gets to see."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Dialog, Page, Route, expect
from sqlalchemy import create_engine, select

from app import audit, keys, time
from app.audit.sequencer import run_step
from app.auth import sessions
from app.auth.models import Person
from app.db import db, transaction
from app.formats import kst_micro
from app.tlog.canon import digest, jcs, parse
from app.tlog.note import open_object
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.payload import read_price
from bidding.rehearsal.cast import Agency, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, draft
from bidding.sealing import Lane, combine, open_wrap
from bidding.types import DrawRule
from tests.axe import look
from tests.bidding.conftest import holder, keyholder, later

__all__ = ["holder", "keyholder", "later"]
PASSWORD = "four quiet herons wade"
CANARY = "8765432198761"  # the price: its digits stand nowhere else
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


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


def published(agency: Agency, keyholder: Panel, seconds: float = 3600, **more: Any) -> Tender:
    now = time.now()
    with transaction():
        plan = Plan("하천 수위 관측망 정비 용역", 9_000_000_000_000, more=more)
        tender = draft(agency, plan, now, closes_at=now + timedelta(seconds=seconds))
        announce(agency, tender, keyholder, now)
    return tender


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
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
    run_step()

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
        page.locator("[data-bid-file-at=received] [data-bid-file=save]").click()
    file = parse(Path(saved.value.path()).read_bytes().rstrip())
    assert jcs(file["statement"]) == bid.statement
    assert file["env_price"]["ctx"]["bid"] == str(bid.id)
    assert file["keys"] is None

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


def bids() -> list[Bid]:
    db.session.expire_all()
    return list(db.session.scalars(select(Bid)))


def events(kind: str) -> int:
    db.session.expire_all()
    return len(list(db.session.scalars(select(audit.Event).where(audit.Event.type == kind))))


POSTED = "**/api/tenders/*/bids"


def test_a_late_bid_is_refused_with_both_instants_and_a_signed_refusal(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, agency: Agency, keyholder: Panel
) -> None:
    page = new_page()
    sign_in_page(page, bidder)
    page.goto("/my/signing-keys")
    page.get_by_role("button", name="서명키 만들기").click()
    expect(page.locator("#here-said")).to_contain_text("이 키로 서명합니다")
    tender = published(agency, keyholder, seconds=15)
    open_bid_page(page, tender)
    to_review(page)
    expect(page.locator("#bid-clock[data-urgency=over]")).to_be_visible(timeout=20_000)
    submit(page)
    problem = page.locator("#send-problem")
    expect(problem).to_contain_text("투찰서가 접수되지 않았습니다")
    expect(problem).to_contain_text(kst_micro(tender.closes_at))  # type: ignore[arg-type]
    assert len(re.findall(r"\d\d:\d\d:\d\d\.\d{6} \(UTC\+9\)", problem.inner_text())) == 2
    with page.expect_download() as saved:
        page.get_by_role("button", name="서명된 거절 통지").click()
    refusal = open_object(Path(saved.value.path()).read_text("utf-8"), "refusal", [keys.vkey_of("receipt")])
    assert (refusal["tender"], refusal["reason"]) == (tender.reference, "late")
    assert bids() == []
    page.reload()
    expect(page.get_by_text("마감 시각이 지났습니다")).to_be_visible()


def test_a_bid_whose_answer_was_lost_is_received_once(at_price: Page) -> None:
    tries: list[str] = []

    def lose_the_first(route: Route) -> None:
        tries.append(route.request.post_data or "")
        if len(tries) == 1:
            route.fetch()  # it arrives …
            route.abort()  # … and nobody hears of it
        else:
            route.continue_()

    at_price.route(POSTED, lose_the_first)
    to_review(at_price)
    submit(at_price)
    received(at_price)
    assert len(tries) == 2
    assert tries[0] == tries[1]
    [bid] = bids()
    expect(at_price.locator("#received-stmt")).to_have_text(bid.stmt)
    assert events("bid.submitted") == 1


def test_a_sealed_bid_outlives_its_page(at_price: Page) -> None:
    at_price.route(POSTED, lambda route: route.abort())
    to_review(at_price)
    submit(at_price)
    expect(at_price.locator("#send-status")).to_contain_text("도착했는지 아직 알 수 없습니다")
    at_price.on("dialog", lambda dialog: dialog.accept())
    at_price.reload()
    at_price.unroute(POSTED)
    expect(at_price.locator("#unsent")).to_be_visible()
    expect(at_price.locator("#checks [data-check=key]")).to_have_attribute("data-state", "ok")
    at_price.locator("#unsent-send").click()
    received(at_price)
    assert len(bids()) == 1


def test_what_is_no_receipt_is_never_shown_as_one(at_price: Page) -> None:
    def forge(route: Route) -> None:
        answer = route.fetch()
        body = answer.json()
        route.fulfill(status=201, json=body | {"receipt": body["receipt"].replace('"ver":1', '"ver":2')})

    at_price.route(POSTED, forge)
    to_review(at_price)
    submit(at_price)
    expect(at_price.locator("#send-problem")).to_contain_text("올바른 접수증이 아닙니다")
    expect(at_price.locator("[data-section=received]")).to_be_hidden()
    at_price.unroute(POSTED)
    at_price.get_by_role("button", name="다시 보내기").click()
    received(at_price)
    assert len(bids()) == 1


def test_signing_in_again_in_another_tab_saves_the_sealed_bid(
    at_price: Page, sign_in_page: SignIn, bidder: Person
) -> None:
    to_review(at_price)
    at_price.context.clear_cookies()
    submit(at_price)
    expect(at_price.locator("#send-problem")).to_contain_text("본인 확인이 다시 필요합니다")
    sign_in_page(at_price, bidder)
    at_price.get_by_role("button", name="다시 보내기").click()
    received(at_price)
    assert len(bids()) == 1


def test_a_box_that_is_not_the_agencys_stops_the_bid(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender
) -> None:
    page = new_page()
    sign_in_page(page, bidder)

    def swap_the_key(route: Route) -> None:
        body = route.fetch().json()
        body["box"]["lanes"]["price"]["holders"][0]["pub"] = "A" * 43
        route.fulfill(json=body)

    page.route("**/api/tenders/*/box", swap_the_key)
    open_bid_page(page, tender)
    expect(page.locator("#checks [data-check=box]")).to_have_attribute("data-state", "bad")
    make_key(page)
    expect(page.locator("#to-price")).to_be_disabled()


def test_a_key_is_made_only_after_the_password(
    app: Flask, new_page: NewPage, live_server: Any, bidder: Person, tender: Tender
) -> None:
    page = new_page()
    sign_in_page_long_ago(app, page, bidder, live_server.url)
    open_bid_page(page, tender)
    page.locator("#key-label").fill("사무실 노트북")
    page.locator("#make-key").click()
    page.wait_for_url("**/step-up?**")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    expect(page.locator("#checks [data-check=key]")).to_have_attribute("data-state", "ok")
    expect(page.locator("#checks [data-check=key]")).to_contain_text("사무실 노트북")


def sign_in_page_long_ago(app: Flask, page: Page, person: Person, url: str) -> None:
    """Signed in an hour ago: no password since."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    with transaction():
        _, token = sessions.open_session(person, time.now() - timedelta(minutes=10), "test")
    value = serializer.dumps({"_user_id": token, "_fresh": True})
    page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": url}])


def test_the_whole_bid_works_by_keyboard(at_price: Page) -> None:
    keyboard = at_price.keyboard
    at_price.locator("#to-price").focus()
    keyboard.press("Enter")
    expect(at_price.locator("#h-price")).to_be_focused()
    keyboard.press("Tab")
    keyboard.type("8765432100000")
    expect(at_price.locator("#amount")).to_have_value("8,765,432,100,000")
    expect(at_price.locator("#amount-reading")).to_contain_text("8조 7,654억 3,210만원")
    keyboard.press("Tab")
    expect(at_price.locator("[data-pick='1']")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowDown")
    expect(at_price.locator("[data-pick='7']")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("ArrowRight")
    keyboard.press("Space")  # a third is not taken
    expect(at_price.locator("#picks-said")).to_contain_text("이미 다 골랐습니다")
    at_price.locator("#to-review").focus()
    keyboard.press("Enter")
    expect(at_price.locator("#h-review")).to_be_focused()
    at_price.locator("#submit-bid").focus()
    keyboard.press("Enter")
    expect(at_price.locator("#agree-error")).to_be_visible()
    expect(at_price.locator("#agree")).to_be_focused()
    keyboard.press("Space")
    at_price.locator("#submit-bid").focus()
    keyboard.press("Enter")
    received(at_price)
    expect(at_price.locator("#h-received")).to_be_focused()


def test_wrong_entries_are_named_and_nothing_is_lost(at_price: Page) -> None:
    at_price.locator("#to-price").click()
    at_price.locator("#amount").fill("1.5억")
    at_price.locator("#to-review").click()
    expect(at_price.locator("#price-errors")).to_be_focused()
    expect(at_price.locator("#amount-error")).to_contain_text("16자리")
    expect(at_price.locator("#picks-error")).to_contain_text("2개")
    expect(at_price.locator("#amount")).to_have_value("1.5억")
    at_price.locator("#draw-picks").click()
    expect(at_price.locator("#picks-error")).to_be_hidden()
    assert at_price.locator("[data-pick][aria-pressed=true]").count() == 2
    at_price.locator("#amount").fill("900000000000")
    expect(at_price.locator("#price-errors")).to_be_hidden()
    expect(at_price.locator("#amount-warning")).to_contain_text("30%")
    at_price.locator("#to-review").click()
    at_price.locator("[data-section=review] [data-back=price]").click()
    expect(at_price.locator("#amount")).to_have_value("900,000,000,000")


def test_the_price_is_in_no_form_and_leaving_with_it_warns(at_price: Page) -> None:
    at_price.locator("#to-price").click()
    amount = at_price.locator("#amount")
    assert amount.evaluate("field => [field.name, field.form, field.autocomplete]") == ["", None, "off"]
    assert at_price.locator("#bid form").count() == 0
    amount.fill("8765432198761")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    at_price.on("dialog", stay)
    with at_price.expect_event("dialog"):
        at_price.close(run_before_unload=True)
    assert asked == ["beforeunload"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("Object.defineProperty(globalThis, 'isSecureContext', {value: false})", "보안 연결에서만"),
        ("crypto.subtle.generateKey = () => Promise.reject(new Error('NotSupported'))", "브라우저가 오래되어"),
        ("indexedDB.open = () => { throw new Error('SecurityError') }", "저장을 허용하지 않아"),
    ],
)
def test_a_browser_that_cannot_seal_is_told_why(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender, script: str, said: str
) -> None:
    page = new_page()
    sign_in_page(page, bidder)
    page.add_init_script(script)
    page.goto(f"/tenders/{tender.reference}/bid")
    expect(page.locator("#bid-unable")).to_contain_text(said)
    expect(page.locator("#bid-flow")).to_be_hidden()


def test_without_javascript_the_page_says_why_it_cannot_work(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in_page(page, bidder)
    page.goto(f"/tenders/{tender.reference}/bid")
    expect(page.get_by_text("이 화면에는 자바스크립트가 필요합니다")).to_be_visible()
    expect(page.locator("#bid-flow")).to_be_hidden()


@pytest.mark.parametrize(("lang", "width"), [("ko", 390), ("en", 1280)])
def test_every_step_is_accessible_and_fits(
    new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender, lang: str, width: int
) -> None:
    # Axe is put into the page by hand, past the page's own policy.
    page = new_page(viewport={"width": width, "height": 844}, bypass_csp=True)
    sign_in_page(page, bidder)
    page.goto(f"/tenders/{tender.reference}/bid?lang={lang}")
    expect(page.locator("#checks [data-check=key]")).to_have_attribute("data-state", "todo")
    look(page, "check")
    page.locator("#make-key").click()
    expect(page.locator("#to-price")).to_be_enabled()
    page.locator("#to-price").click()
    page.locator("#to-review").click()
    look(page, "price with errors")
    page.locator("#amount").fill(CANARY)
    page.locator("#draw-picks").click()
    look(page, "price")
    page.locator("#to-review").click()
    look(page, "review")
    submit(page)
    received(page)
    look(page, "received")
    page.goto("/my/bids")
    look(page, "my bids")
    page.locator("td a").first.click()
    expect(page.locator("#check-note")).to_have_attribute("data-state", "ok")
    look(page, "receipt")
    page.goto("/my/signing-keys")
    expect(page.locator("#here")).to_be_visible()
    look(page, "keys")
