"""Lots and a consortium in the browser: a draft divided, a firm that asks another, and each lot with its own result."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Consortium
from bidding.rehearsal import stages
from bidding.services.lots import boxes_digest, rows_of
from bidding.services.publishing import publish, submit_for_review
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import PLAN, an_agency, bidders, place

__all__ = ["holder", "keyholder", "later", "stage"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]


def confirm(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).first.click()
    inside = page.locator("dialog[open]").get_by_role("button", name=label, exact=True)
    if inside.count():
        inside.click()


def shot(page: Page, name: str) -> None:
    """For whoever wants to see the pages: NARU_SHOTS names a folder."""
    if folder := os.environ.get("NARU_SHOTS"):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1280, "height": 900})


def test_two_lots_and_a_consortium_on_one_of_them(
    app: Flask, new_page: NewPage, sign_in_page: SignIn, keyholder: Panel, stage: Stage
) -> None:
    agency, (lead, member, rival), now = an_agency(), bidders(3), time.now()
    with transaction():
        plan = replace(PLAN, more={"joint": {"kinds": ["joint", "divided"], "max_members": 3, "min_share": 10_000}})
        tender = stages.draft(agency, plan, now, closes_at=now + timedelta(hours=1))
    officer, firm, other = new_page(), new_page(), new_page()
    for page, actor in ((officer, agency.officer), (firm, lead.actor), (other, member.actor)):
        sign_in_page(page, db.session.get_one(Person, actor.person_id))

    officer.goto(f"/agency/tenders/{tender.id}/lots")
    officer.get_by_label("분류 이름").fill("북부 지역")
    officer.get_by_label("추정가격").fill("45000000")
    officer.get_by_label("기초금액").fill("50000000")
    officer.get_by_role("button", name="분류 추가하기").click()
    expect(officer.get_by_role("link", name="북부 지역")).to_be_visible()
    look(officer)
    shot(officer, "draft-lots")
    with transaction():
        submit_for_review(tender.id, agency.officer, now, panel=keyholder)
        publish(tender.id, str(boxes_digest(rows_of(tender))), agency.approver, now)
    first, north = rows_of(tender)

    firm.goto(f"/tenders/{first.reference}")
    look(firm)
    shot(firm, "tender-with-lots")
    firm.get_by_role("link", name="북부 지역").first.click()
    firm.get_by_role("link", name="공동수급", exact=True).click()
    for label, values in (("사업자등록번호", [None, member.business_number]), ("출자비율", ["60", "40"])):
        for box, value in zip(firm.get_by_label(label).all(), values, strict=False):
            if value:
                box.fill(value)
    firm.get_by_role("button", name="구성원에게 제안").click()
    expect(firm.get_by_role("heading", name="귀사의 공동수급체")).to_be_visible()
    look(firm)
    shot(firm, "consortium")
    confirm(firm, "동의")
    expect(firm.get_by_text("귀사가 동의했습니다.")).to_be_visible()

    other.goto(f"/tenders/{north.reference}/consortium")
    confirm(other, "동의")
    expect(other.get_by_text("대표자가 귀사를 대신해 투찰하며")).to_be_visible()
    look(other)
    assert db.session.scalars(select(Consortium.state)).all() == ["concluded"]

    place(north, lead, 45_000_000)
    place(north, rival, 45_500_000)
    place(first, rival, 90_000_000)  # alone: this lot fails
    for row in (first, north):
        stage.close(row)
    for row in (first, north):
        stage.open(row)
    with transaction():
        assert stages.award(agency, north.id, time.now())
    firm.goto(f"/tenders/{north.reference}/result")
    expect(firm.get_by_role("heading", name="공동수급체")).to_be_visible()
    expect(firm.get_by_text("60%")).to_be_visible()
    look(firm)
    shot(firm, "result")
    firm.goto("/tenders")
    expect(firm.get_by_text("2개 분류")).to_be_visible()
    shot(firm, "board")
    firm.goto(f"/tenders/{north.reference}/result?lang=en")
    shot(firm, "result-en")
    firm.goto(f"/tenders/{north.reference}/consortium")
    shot(firm, "consortium-en")
