"""A negotiated tender in the browser: interests declared, proposals scored, signed, the result fixed, then prices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from app import time
from app.auth.models import Person
from app.db import db
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.evaluating import Evaluation, evaluating, work

__all__ = ["holder", "keyholder", "later", "stage"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


def test_from_the_declaration_to_prices_of_those_who_pass(
    app: Flask, stage: Stage, new_page: NewPage, sign_in_page: SignIn
) -> None:
    made = evaluating(stage)
    first, *others = made.seated
    page = new_page(bypass_csp=True, accept_downloads=True)
    sign_in_page(page, first)
    page.goto("/evaluations")
    look(page, "desk")
    page.get_by_role("link", name=made.tender.title).first.click()
    look(page, "declaration")
    page.get_by_label("아니요, 없습니다").check()
    page.get_by_role("button", name="확인서 제출").click()  # without the promise: refused, and nothing is lost
    expect(page.get_by_text("이 서약 없이는 평가할 수 없습니다.").first).to_be_visible()
    page.get_by_label("여기서 본 것을 비밀로 하고").check()
    page.get_by_role("button", name="확인서 제출").click()
    expect(page.get_by_role("link", name="제안서 A")).to_be_visible()
    score_in_the_browser(page, made)
    look(page, "complete")
    page.get_by_role("button", name="모든 평가표에 서명").first.click()
    page.get_by_role("dialog").get_by_role("button", name="모든 평가표에 서명").click()
    expect(page.get_by_text("서명했습니다. 점수는")).to_be_visible()
    made.declare(others)
    for person in others:
        made.save(person, {0: 95, 1: 84, 2: 90})
        made.sign(person)
    fix_in_the_browser(stage, made, new_page, sign_in_page)
    page.goto(f"/tenders/{made.tender.reference}/technical")
    expect(page.get_by_text("E1").first).to_be_visible()
    look(page, "result")
    page.goto(f"/tenders/{made.tender.reference}/result")
    look(page, "opened")
    assert [one.rank for one in made.bids] == [1, None, 2]
    assert made.bids[1].state == "unqualified"


def score_in_the_browser(page: Page, made: Evaluation) -> None:
    """The same shares as the others; the last sheet is kept by the script alone."""
    shares = {made.letter_of(0): 95, made.letter_of(1): 84, made.letter_of(2): 90}
    for letter, share in shares.items():
        page.goto(f"/evaluations/{made.tender.id}/proposals/{letter}")
        for code, full in (("1", 30), ("2.1", 30), ("2.2", 20)):
            page.locator(f"[name='score-{code}']").fill(str(full * share / 100))
        page.locator("[name='comment-']").fill("구체적입니다.")
        if letter == list(shares)[-1]:
            expect(page.get_by_text("자동 저장됨 (3 / 3)")).to_be_visible()
            look(page, "sheet")
        else:
            page.get_by_role("button", name="저장", exact=True).click()
            expect(page.get_by_text("저장했습니다.")).to_be_visible()
    page.get_by_role("link", name="목록으로").click()


def fix_in_the_browser(stage: Stage, made: Evaluation, new_page: NewPage, sign_in_page: SignIn) -> None:
    stage.later.ahead -= stage.later.ahead  # what the browser does happens now
    place = f"/tenders/{made.tender.reference}/evaluation"
    officer, approver = (
        db.session.get_one(Person, one.person_id) for one in (made.agency.officer, made.agency.approver)
    )
    page = new_page(bypass_csp=True)
    sign_in_page(page, officer)
    page.goto(place)
    expect(page.get_by_text("76.0000").first).to_be_visible()
    look(page, "manage")
    page.get_by_role("button", name="결과 올리기").first.click()
    page.get_by_role("dialog").get_by_role("button", name="결과 올리기").click()
    expect(page.get_by_text("올렸습니다.")).to_be_visible()
    second = new_page(bypass_csp=True)
    sign_in_page(second, approver)
    second.goto(place)
    second.get_by_role("button", name="결과 확정").first.click()
    look(second, "fix")
    second.get_by_role("dialog").get_by_role("button", name="결과 확정").click()
    expect(second.get_by_text("확정해 기록했습니다.")).to_be_visible()
    stage.later.set_to(made.tender.opens_at or time.now())
    work(stage)
    db.session.expire_all()
