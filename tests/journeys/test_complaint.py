"""A complaint about a line of the result: filed in one short form, upheld by two, and everything placed anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Complaint
from bidding.review import Kind
from bidding.services.reviewing import Ground, record
from bidding.services.standings import standing_of
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import an_agency, bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]


def test_a_line_is_disputed_and_the_bid_comes_back(
    app: Flask,
    keyholder: Panel,
    stage: Stage,
    new_page: Callable[..., Any],
    sign_in_page: Callable[[Any, Any], None],
) -> None:
    agency, crowd = an_agency(), bidders(2)
    tender = published(agency, keyholder)
    for n, bidder in enumerate(crowd):
        place(tender, bidder, 90_000_000 + n * 1_000_000)
    stage.close(tender)
    stage.open(tender)
    with transaction():  # the clock of the stage ran ahead; people look at it today
        tender.opened_at = time.now()
    mine = db.session.scalars(select(Bid).where(Bid.tender_id == tender.id, Bid.rank == 1)).one()
    ground = Ground("not-eligible", "국가계약법 시행규칙 제44조", "면허가 없음")
    assert agency.officer.person_id is not None
    with transaction():
        record(tender, mine.id, Kind.DISQUALIFICATION, ground, (agency.officer.person_id, agency.approver), time.now())

    def page_of(actor: Any) -> Any:
        page = new_page(bypass_csp=True)
        sign_in_page(page, db.session.get_one(Person, actor.person_id))
        return page

    supplier, officer, approver = (page_of(one) for one in (crowd[0].actor, agency.officer, agency.approver))
    supplier.goto(f"/tenders/{tender.reference}/result?lang=ko")
    row = supplier.locator(f"a[href*='line=bid.{mine.stmt}']")
    row.last.click()
    supplier.locator("[name=reason]").fill("우리 회사는 면허를 가지고 있습니다.")
    supplier.locator("[name=wish]").fill("입찰을 되살려 주십시오.")
    look(supplier)
    supplier.get_by_role("button", name="이의신청 제출").click()
    supplier.get_by_text("이의신청을 접수했습니다").wait_for()
    made = db.session.scalars(select(Complaint)).one()

    officer.goto(f"/complaints/{made.number}?lang=ko")
    officer.get_by_role("button", name="수리하고 내용을 심사").click()
    officer.locator("[name=decision][value=upheld]").check()
    officer.locator("[name=remedy]").select_option("reinstate")
    officer.locator("[name=text]").fill("면허 등록을 확인하였습니다.")
    look(officer)
    officer.get_by_role("button", name="제안하기").click()
    officer.get_by_role("heading", name="결정안").wait_for()

    approver.goto(f"/complaints/{made.number}?lang=ko")
    approver.get_by_role("button", name="결정 확정").first.click()
    approver.locator("dialog[open]").get_by_role("button", name="결정 확정").click()
    approver.get_by_role("heading", name="결정", exact=True).wait_for()
    look(approver)
    db.session.expire_all()
    standing = standing_of(tender)
    assert standing is not None
    assert [winner.stmt for winner in standing.winners] == [mine.stmt]
