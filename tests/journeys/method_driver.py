"""Takes a purchase by any method through the browser, from the empty form to the award that everybody reads."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from playwright.sync_api import Page, expect

from app import time
from app.db import db, transaction
from app.time import KST
from bidding.models import Bid, Tender
from bidding.rehearsal.auctioning import lower
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.documents import Document
from bidding.services import auctions
from tests.axe import look
from tests.bidding.evaluating import Evaluation, open_proposals, work
from tests.bidding.submitting import PDF
from tests.journeys.method_world import World

Typed = Mapping[str, str | bool]
# level, name, points
CRITERIA = (("1", "사업 이해도", "30"), ("1", "수행 방안", ""), ("2", "방법론", "30"), ("2", "투입 인력", "20"))
TECHNICAL: dict[str, str | bool] = {
    "threshold": "85", "least_evaluators": "3", "drop": "none", "rank_gap": "", "blind": True,
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A method, what the officer types for it, the bids, and what the result must say of each of them.

    `key` names the story. `amounts`: of the firm in the browser, then of its rivals. `lines`: firm and what stands in
    its line, in the order of the result. `shares`: percent of the technical points that each proposal is given.
    """

    key: str
    method: str
    amounts: tuple[int, ...]
    lines: tuple[tuple[str, ...], ...]
    kind: str = "services"
    base_won: int = 100_000_000
    floor: str = ""
    has_draw: bool = True
    terms: Typed = field(default_factory=dict)
    shares: tuple[int, ...] = ()
    quantities: tuple[int, ...] = ()

    @property
    def title(self) -> str:
        return f"나루시 {self.key} 사업"


def fill(page: Page, typed: Typed) -> None:
    """Each field by its name: texts, choices, boxes to tick."""
    for name, value in typed.items():
        fields = page.locator(f"main form [name='{name}']")
        kind = fields.first.evaluate("one => one.type ?? one.tagName")
        if isinstance(value, bool):
            fields.set_checked(value)
        elif kind == "radio":
            page.locator(f"main form [name='{name}'][value='{value}']").check()
        elif kind.startswith("select"):
            fields.select_option(value)
        else:
            fields.fill(value)


def proceed(page: Page, step: str) -> None:
    """Save, and be at the next step."""
    page.get_by_role("button", name="저장하고 계속").click()
    expect(page).to_have_url(re.compile(rf"/draft/{step}$"))


def confirm(page: Page, label: str) -> None:
    """The button behind which a question waits, and the one that answers it."""
    page.get_by_role("button", name=label, exact=True).first.click()
    page.locator("dialog[open]").get_by_role("button", name=label, exact=True).click()


def local(instant: datetime) -> str:
    return instant.astimezone(KST).strftime("%Y-%m-%dT%H:%M:%S")


def shot(page: Page, name: str) -> None:
    """For whoever wants to see the pages: NARU_SHOTS names a folder."""
    if folder := os.environ.get("NARU_SHOTS"):
        before, address = page.viewport_size, page.url.split("?")[0]
        for lang in ("ko", "en"):
            page.goto(f"{address}?lang={lang}")
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=Path(folder) / f"{name}-{lang}-{width}.png", full_page=True)
        page.set_viewport_size(before or {"width": 1280, "height": 900})
        page.goto(f"{address}?lang=ko")
        page.wait_for_load_state("load")


def draft(world: World, case: Case) -> UUID:
    """Every step of the draft, typed; sent to the second person."""
    page, now = world.page_of("officer"), time.now()
    page.goto("/agency/tenders/new")
    fill(page, {"title": case.title, "kind": case.kind, "is_practice": True})
    page.get_by_role("button", name="시작").click()
    tender_id = UUID(page.url.split("/")[-3])
    fill(page, {"description": "과업은 규격서와 같습니다."})
    proceed(page, "amount")
    won = f"{case.base_won:,}"
    fill(page, {"regime": "national", "estimated_value_won": f"{case.base_won * 10 // 11:,}", "base_amount_won": won})
    proceed(page, "method")
    fill(page, {"method": case.method, "floor_rate": case.floor, "draw_mode": "M2" if case.has_draw else "M0"})
    proceed(page, "scoring" if case.terms or case.shares else "who")
    if case.terms or case.shares:
        type_terms(page, case)
    proceed(page, "when")
    hours = {"bids_from_at": timedelta(minutes=-1), "closes_at": timedelta(hours=1)}
    hours["opens_at"] = timedelta(hours=1, minutes=1)
    fill(page, {name: local(now + ahead) for name, ahead in hours.items()})
    proceed(page, "documents")
    if case.shares:
        fill(page, {"name": "제안서", "required": True})
        page.get_by_role("button", name="이 서류 요구하기").click()
        expect(page.locator("ul.files b")).to_have_text("제안서")
    page.get_by_role("link", name="계속", exact=True).click()
    page.get_by_role("button", name="승인자에게 보내기").click()
    expect(page.get_by_text("다른 담당자를 기다립니다")).to_be_visible()
    return tender_id


def type_terms(page: Page, case: Case) -> None:
    """The method's own form. What was typed stands there again when one comes back."""
    if case.shares:
        for row, (level, name, points) in enumerate(CRITERIA):
            page.locator("[name=criterion_level]").nth(row).select_option(level)
            page.locator("[name=criterion_name]").nth(row).fill(name)
            page.locator("[name=criterion_points]").nth(row).fill(points)
    fill(page, case.terms)
    look(page, f"{case.key} terms")
    proceed(page, "who")
    if "NARU_SHOTS" in os.environ:
        page.goto(page.url.replace("/who", "/scoring"))
        shot(page, f"terms-{case.key}")
        page.goto(page.url.split("?")[0].replace("/scoring", "/who"))


def publish(world: World, tender_id: UUID) -> Tender:
    page = world.page_of("approver")
    page.goto(f"/agency/tenders/{tender_id}/review")
    confirm(page, "승인하고 공고")
    expect(page).to_have_url(re.compile(r"/tenders/[^/]+$"))
    db.session.expire_all()
    tender = db.session.get_one(Tender, tender_id)
    assert tender.state == "published"
    return tender


def hand_in(world: World, tender: Tender, case: Case) -> list[Bid]:
    """The first bid is sealed in the browser, the others by the bidders' programs."""
    seal_in_the_browser(world, tender, case)
    for number, (rival, amount) in enumerate(zip(world.rivals, case.amounts[1:], strict=False), start=1):
        paper = Document("제안서.pdf", PDF + f"% {number}\n".encode(), "application/pdf")
        picks = (1, 2) if case.has_draw else ()
        quantity = case.quantities[number] if case.quantities else None
        with transaction():
            bid(tender, rival, amount, picks, time.now(), (paper,) if case.shares else (), quantity)
    found = db.session.query(Bid).filter_by(tender_id=tender.id).order_by(Bid.received_at)
    return list(found)


def seal_in_the_browser(world: World, tender: Tender, case: Case) -> None:
    page = world.page_of("firm")
    page.goto(f"/tenders/{tender.reference}/bid")
    expect(page.locator("#checks [data-check=key]")).to_have_attribute("data-state", re.compile("ok|todo"))
    if page.locator("#make-key").is_visible():
        page.locator("#make-key").click()
    page.locator("#to-price").click()
    if case.shares:
        file: Any = {"name": "제안서.pdf", "mimeType": "application/pdf", "buffer": PDF}
        page.locator("#doc-1").set_input_files(file)
        expect(page.locator(".doc-list > li[data-state=stored]")).to_have_count(1)
        page.locator("#documents-next").click()
    page.locator("#amount").fill(f"{case.amounts[0]:,}")
    if case.quantities:
        page.locator("#quantity").fill(str(case.quantities[0]))
    if case.has_draw:
        page.locator("#draw-picks").click()
    page.locator("#to-review").click()
    page.locator("#agree").check()
    page.locator("#submit-bid").click()
    expect(page.locator("[data-section=received]")).to_be_visible()


def evaluate(world: World, made: Evaluation, case: Case) -> None:
    """The committee scores through the services; the result is fixed by two officers in the browser."""
    made.score(dict(enumerate(case.shares)))
    tender = made.tender
    steps = (("officer", "결과 올리기", "올렸습니다."), ("approver", "결과 확정", "확정해 기록했습니다."))
    for who, label, told in steps:
        page = world.page_of(who)
        page.goto(f"/tenders/{tender.reference}/evaluation")
        if case.method == "negotiation":
            look(page, f"technical result, {who}")
        confirm(page, label)
        expect(page.get_by_text(told)).to_be_visible()
    assert tender.opens_at is not None
    world.stage.later.set_to(tender.opens_at)
    work(world.stage)


def open_all(world: World, tender: Tender, bids: list[Bid], case: Case) -> None:
    """By the clock and the worker, as it is opened in life; proposals first where they are scored."""
    stage = world.stage
    if case.shares:
        made = Evaluation(world.agency, tender, world.evaluators, world.rivals, bids)
        open_proposals(stage, made)
        world.today()
        evaluate(world, made, case)
    else:
        stage.close(tender)
        stage.open(tender)
        if case.method == "reverse-auction":
            auction(world, tender, bids)
        stage.work()
    world.today()
    db.session.expire_all()


def auction(world: World, tender: Tender, bids: list[Bid]) -> None:
    """Both rivals go lower by their programs; the clock ends it."""
    later, row = world.stage.later, auctions.find_auction(tender.id)
    assert row is not None
    later.set_to(row.starts_at + timedelta(seconds=5))
    for number, won in ((2, 97_000_000), (1, 95_000_000)):
        with transaction():
            lower(tender, bids[number], world.rivals[number - 1], won, later)
    later.set_to(auctions.state_of(row).ends_at)
    with transaction():
        assert auctions.close(tender.id, later)


def read_result(page: Page, tender: Tender, case: Case, *, is_awarded: bool) -> None:
    """As anybody reads it: who comes where, for how much, and why."""
    page.goto(f"/tenders/{tender.reference}/result?lang=ko")
    if not is_awarded:
        look(page, f"{case.key} result")
        shot(page, f"result-{case.key}")
    rows = page.get_by_role("table").first.locator("tbody tr")
    expect(rows).to_have_count(len(case.lines))
    for row, told in zip(rows.all(), case.lines, strict=True):
        for text in told:
            expect(row).to_contain_text(text)


def award(world: World, tender: Tender) -> None:
    steps = (
        ("officer", "확인하고 낙찰 제안", "다른 담당자를 기다립니다"),
        ("approver", "낙찰 확정", "낙찰을 확정했습니다"),
    )
    for who, label, told in steps:
        page = world.page_of(who)
        page.goto(f"/tenders/{tender.reference}/award")
        confirm(page, label)
        expect(page.get_by_text(told).first).to_be_visible()
    world.stage.work()
