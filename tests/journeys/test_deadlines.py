"""Two stories in a real browser: a deadline moved by an outage, and a bid taken back before the opening."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, text

from app import keys, time
from app.auth import Role
from app.auth.models import Person
from app.clocks import Apart, Kernel
from app.db import db, transaction
from app.tlog import note
from bidding import jobs
from bidding.clock_guard import ClockState
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Outage, Tender
from bidding.rehearsal.cast import Agency, make_agency, make_supplier
from bidding.services import clock
from tests.axe import look_everywhere as look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import bidders, place, published
from tests.bidding.test_outages import sample
from tests.builders import make_person
from tests.journeys.test_bid import make_key, open_bid_page, received, submit, to_review
from tests.journeys.test_contract import confirm_dialog

__all__ = ["holder", "keyholder", "later", "stage"]
PASSWORD = "four quiet herons wade"
MINUTE = timedelta(minutes=1)
WHY = "입찰금액의 단위를 천 원으로 잘못 보고 적었습니다."
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


@pytest.fixture
def agency(app: Flask) -> Agency:
    with transaction():
        names = ("김담당", "이승인")
        return make_agency("B552997", "나루군", "Naru County", PASSWORD, time.now(), mail="county.go.kr", names=names)


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return published(agency, keyholder)


def person(email: str) -> Person:
    return db.session.scalars(select(Person).where(Person.email == email)).one()


@pytest.fixture
def page_of(new_page: NewPage, sign_in_page: SignIn) -> Callable[..., Page]:
    """A page of this person's own. Axe is put in by hand, past the page's policy."""

    def make(who: Person, **options: Any) -> Page:
        page = new_page(bypass_csp=True, **options)
        sign_in_page(page, who)
        return page

    return make


def outage_around(tender: Tender) -> datetime:
    """The probe's samples of the last half hour, eight minutes of them failing, the deadline among those."""
    end = time.now().replace(second=0, microsecond=0)
    closes_at = end - 7 * MINUTE
    with transaction():
        db.session.execute(
            text("UPDATE tenders SET bids_from_at = :a, closes_at = :b, opens_at = :c WHERE id = :id"),
            {"a": end - timedelta(hours=3), "b": closes_at, "c": closes_at + timedelta(hours=1), "id": tender.id},
        )
    sample(end - 25 * MINUTE, "." * 14 + "xxxxxxxx" + "...")
    return closes_at


def test_postponement_by_outage(
    app: Flask, agency: Agency, tender: Tender, stage: Stage, page_of: Callable[..., Page]
) -> None:
    first_bidder, second_bidder = bidders(2)
    place(tender, first_bidder, 90_000_000)
    old = outage_around(tender)
    with transaction():
        clock.keep_reading(Kernel(130, 8_000, True), Apart(25, 400), True, time.now())

    # The closing is held: the job finds nothing to do, and everybody sees why.
    jobs.close_tender(str(tender.id))
    assert db.session.get_one(Tender, tender.id, populate_existing=True).state == "published"
    bidder = page_of(db.session.get_one(Person, second_bidder.actor.person_id))
    bidder.goto(f"/tenders/{tender.reference}")
    expect(bidder.get_by_text("마감 처리가 보류되었습니다")).to_be_visible()
    look(bidder, "held")

    # One operator looks at the measurement and proposes; a second one confirms.
    operators = [make_person([Role.OPERATOR], name=name) for name in ("박운영", "최운영")]
    one, other = (page_of(operator) for operator in operators)
    one.goto("/desk")
    one.get_by_role("link", name="투찰 접수와 시계").first.click()
    look(one, "operations")
    one.get_by_role("table").get_by_role("link").first.click()
    look(one, "outage-measured")
    one.get_by_label("규정 적용: 위의 마감을 연기").check()
    one.get_by_label("무슨 일이 있었는지 한 문장으로").fill("상위 회선의 장비가 멈추었습니다.")
    one.get_by_role("button", name="제안하기").click()
    expect(one.get_by_text("다른 운영자가 확정합니다")).to_be_visible()
    look(one, "outage-proposed")
    other.goto(one.url)
    confirm_dialog(other, "결정 확정")
    expect(other.get_by_text("마감 1건이 연기되었고")).to_be_visible()

    # In public: the outage with its signed statement, and the bar on the tender.
    outage = db.session.scalars(select(Outage)).one()
    anybody = page_of(db.session.get_one(Person, first_bidder.actor.person_id))
    anybody.goto(f"/outages/{outage.id}")
    look(anybody, "outage-public")
    answer = anybody.request.get(f"/outages/{outage.id}/statement.note")
    told = note.open_object(answer.text(), "outage", [keys.vkey_of("agency")])
    assert [entry["tender"] for entry in told["tenders"]] == [tender.reference]
    anybody.goto("/outages")
    look(anybody, "outages")
    anybody.goto(f"/tenders/{tender.reference}")
    expect(anybody.get_by_text("장애로 이 마감이 연기되었습니다")).to_be_visible()
    look(anybody, "tender-postponed")

    # Bids are taken again.
    moved = db.session.get_one(Tender, tender.id, populate_existing=True)
    assert moved.closes_at is not None
    assert moved.closes_at >= old + timedelta(hours=2)
    open_bid_page(bidder, tender)
    make_key(bidder)
    to_review(bidder, "91000000")
    submit(bidder)
    received(bidder)
    assert len(db.session.scalars(select(Bid)).all()) == 2


def test_cancellation(app: Flask, agency: Agency, tender: Tender, stage: Stage, page_of: Callable[..., Page]) -> None:
    for other in bidders(2):
        place(tender, other, 90_000_000)
    with transaction():
        supplier = make_supplier(77, "가람설계", "Garam Design", PASSWORD, time.now(), email="bid@garam.example")
    bidder = page_of(supplier)
    open_bid_page(bidder, tender)
    make_key(bidder)
    to_review(bidder, "9100000")
    submit(bidder)
    received(bidder)

    # The bidder sees the error, reads what asking means, and signs the request.
    bid = db.session.scalars(select(Bid).where(Bid.organisation_id == supplier.organisation_id)).one()
    bidder.goto(f"/bids/{bid.id}")
    bidder.get_by_role("link", name="입찰 취소 신청").click()
    expect(bidder.locator("#cancel-form")).to_be_visible()
    look(bidder, "cancellation-form")
    expect(bidder.locator("#cancel-key")).not_to_be_empty()
    bidder.locator("#cancel-agree").check()
    bidder.locator("#cancel-reason").fill("짧다")
    bidder.locator("#cancel-send").click()
    expect(bidder.locator("#cancel-reason-error")).to_be_visible()
    bidder.locator("#cancel-reason").fill(WHY)
    bidder.locator("#cancel-send").click()
    expect(bidder.get_by_text("신청을 검토하고 있습니다")).to_be_visible()
    look(bidder, "cancellation-asked")

    # Two officers decide: one proposes, the other confirms.
    officer, approver = (page_of(person(f"{name}@county.go.kr")) for name in ("officer", "approver"))
    officer.goto(f"/tenders/{tender.reference}/manage")
    officer.get_by_role("link", name="보고 결정하기").click()
    look(officer, "cancellations")
    expect(officer.get_by_text(WHY)).to_be_visible()
    officer.get_by_label("입찰 취소", exact=True).check()
    officer.get_by_label("이유 (입찰자와 두 번째 담당자에게 보임)").fill("단위를 잘못 적은 것이 분명합니다.")
    officer.get_by_role("button", name="제안하기").click()
    expect(officer.get_by_text("기관의 다른 승인자가 확정해야 합니다.")).to_be_visible()
    approver.goto(f"/tenders/{tender.reference}/cancellations")
    look(approver, "cancellations-confirm")
    confirm_dialog(approver, "결정 확정")
    expect(approver.get_by_text("취소됨: 봉투를 열지 않습니다")).to_be_visible()
    bidder.reload()
    expect(bidder.get_by_text("취소됨: 봉투를 열지 않습니다")).to_be_visible()
    look(bidder, "cancellation-granted")

    # The opening leaves it out, and the result does not show it.
    stage.close(db.session.get_one(Tender, tender.id))
    stage.open(db.session.get_one(Tender, tender.id))
    db.session.expire_all()
    assert db.session.get_one(Bid, bid.id).state == "cancelled"
    bidder.goto(f"/tenders/{tender.reference}/result")
    expect(bidder.get_by_role("main").get_by_text("가람설계")).to_have_count(0)
    bidder.goto(f"/bids/{bid.id}")
    expect(bidder.get_by_text("이 입찰은 취소되었습니다")).to_be_visible()


def test_a_late_bid_finds_its_signed_refusal_with_both_times(
    app: Flask, tender: Tender, page_of: Callable[..., Page]
) -> None:
    with transaction():
        supplier = make_supplier(78, "마루설계", "Maru Design", PASSWORD, time.now(), email="bid@maru.example")
    bidder = page_of(supplier)
    open_bid_page(bidder, tender)
    make_key(bidder)
    to_review(bidder, "91000000")
    with transaction():
        now = time.now()
        db.session.execute(
            text("UPDATE tenders SET bids_from_at = :a, closes_at = :b WHERE id = :id"),
            {"a": now - timedelta(hours=1), "b": now, "id": tender.id},
        )
    submit(bidder)
    expect(bidder.locator("#send-problem .notice")).to_be_visible()
    bidder.goto(f"/tenders/{tender.reference}/bid")
    expect(bidder.get_by_text("마감 시각이 지난 뒤 도착하였습니다.")).to_be_visible()
    look(bidder, "refused")
    with bidder.expect_download() as saved:
        bidder.get_by_role("link", name="서명된 거절 통지").click()
    signed = Path(saved.value.path()).read_text("utf-8")
    told = note.open_object(signed, "refusal", [keys.vkey_of("receipt")])
    assert (told["reason"], told["tender"]) == ("late", tender.reference)


def test_a_clock_that_is_not_to_be_trusted_is_shown(app: Flask, page_of: Callable[..., Page]) -> None:
    with transaction():
        state = clock.keep_reading(None, Apart(5_000_000, 400), False, time.now())
    assert state == ClockState.HOLD
    operator = page_of(make_person([Role.OPERATOR]))
    operator.goto("/operations/deadlines")
    expect(operator.get_by_text("마감 처리가 보류되고 있습니다")).to_be_visible()
    look(operator, "clock-hold")
