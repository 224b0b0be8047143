"""A bidder's documents in a real browser: chosen, encrypted, broken off, gone on with, handed in, opened, read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.jobs import run_due
from bidding.keyholder.panel import Panel
from bidding.models import Bid, BidDocument, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, make_supplier
from bidding.rehearsal.documents import Document
from bidding.rehearsal.stages import draft
from bidding.services import asking
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.hostile import hwp
from tests.bidding.staging import PASSWORD, PLAN, an_agency, bidders
from tests.bidding.submitting import PDF, asking_for_documents

__all__ = ["holder", "keyholder", "later", "stage"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]
PARTS = "**/api/blobs/*"
MEGABYTE = 1024 * 1024


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return asking_for_documents(agency, keyholder)


@pytest.fixture
def bidder(app: Flask) -> Person:
    with transaction():
        return make_supplier(7, "한나루정보", "Hannaru", PASSWORD, time.now(), email="bidder@hannaru.example")


def a_pdf(folder: Path, name: str, size: int) -> Path:
    """A PDF as far as its first bytes say, random after them."""
    path = folder / name
    with path.open("wb") as file:
        file.write(PDF)
        for _ in range(size // MEGABYTE):
            file.write(os.urandom(MEGABYTE))
    return path


@pytest.fixture
def at_documents(new_page: NewPage, sign_in_page: SignIn, bidder: Person, tender: Tender) -> Iterator[Page]:
    page = new_page()
    sign_in_page(page, bidder)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"/tenders/{tender.reference}/bid")
    page.get_by_role("button", name="서명키 만들기").click()
    expect(page.locator("#checks [data-check=key]")).to_have_attribute("data-state", "ok")
    page.locator("#to-price").click()
    expect(page.locator("#h-documents")).to_be_focused()
    yield page
    assert faults == []


def submit(page: Page, amount: str = "90000000") -> None:
    page.locator("#documents-next").click()
    page.locator("#amount").fill(amount)
    for pick in (3, 11):
        page.locator(f"[data-pick='{pick}'][aria-pressed=false]").click()
    send(page)


def send(page: Page) -> None:
    page.locator("#to-review").click()
    page.locator("#agree").check()
    page.locator("#submit-bid").click()
    expect(page.locator("[data-section=received]")).to_be_visible(timeout=30_000)


def states(page: Page) -> list[str | None]:
    return [line.get_attribute("data-state") for line in page.locator(".doc-list > li").all()]


def stored(page: Page, count: int, timeout: int = 60_000) -> None:
    expect(page.locator(".doc-list > li[data-state=stored]")).to_have_count(count, timeout=timeout)


def whole_story(
    app: Flask, page: Page, tender: Tender, stage: Stage, files: list[Path], officer: Page, timeout: int
) -> None:
    """Uploaded with the connection lost and the page closed in the middle, handed in, opened, got back to the byte."""
    sent = {"parts": 0, "lost": 0}

    def lose_some(route: Route) -> None:
        if route.request.method == "PUT":
            sent["parts"] += 1
            if sent["parts"] == 2 and not sent["lost"]:
                sent["lost"] = 1
                route.abort()
                return
        route.continue_()

    page.route(PARTS, lose_some)
    page.locator("#doc-1").set_input_files(files)
    expect(page.locator(".doc-list > li[data-state=lost]")).to_have_count(1, timeout=timeout)
    expect(page.locator(".doc-list > li[data-state=sending]")).to_have_count(1, timeout=timeout)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.locator("#to-price").click()
    expect(page.locator(".doc-list > li[data-state=missing]").first).to_be_visible()
    for path in files:
        line = page.locator(".doc-list > li[data-state=missing]").filter(has_text=path.name)
        if line.count():
            line.locator("input[type=file]").set_input_files(path)
    # Lines whose file had not been read to the end before the reload begin anew.
    stored(page, len(files), timeout)
    submit(page)
    mine = db.session.scalars(select(Bid)).one()
    assert mine.docs_envelope is not None
    assert db.session.scalar(select(func.count()).select_from(BidDocument)) == len(files) + 1
    with transaction():
        tender = db.session.get_one(Tender, tender.id)
    bid(tender, bidders(1)[0], 91_000_000, (1, 2), time.now(), [Document("b.pdf", PDF)])
    stage.close(tender)
    stage.open(tender)
    stage.work()
    run_due(time.now())
    officer.goto(f"/tenders/{tender.reference}/documents")
    for path in files:
        with officer.expect_download(timeout=timeout) as saved:
            officer.get_by_role("link", name=path.name).first.click()
        assert saved.value.suggested_filename == path.name
        assert Path(saved.value.path()).read_bytes() == path.read_bytes()


def test_documents_of_thirty_megabytes_outlive_a_lost_connection_and_a_closed_page(
    app: Flask,
    at_documents: Page,
    new_page: NewPage,
    sign_in_page: SignIn,
    agency: Agency,
    tender: Tender,
    stage: Stage,
    tmp_path: Path,
) -> None:
    officer = new_page()
    sign_in_page(officer, db.session.get_one(Person, agency.officer.person_id))
    files = [
        a_pdf(tmp_path, "제안서.pdf", 20 * MEGABYTE),
        a_pdf(tmp_path, "부록 가.pdf", 9 * MEGABYTE),
        a_pdf(tmp_path, "표지.pdf", 0),
    ]
    whole_story(app, at_documents, tender, stage, files, officer, 60_000)


def test_a_file_can_be_paused_gone_on_with_and_taken_away(at_documents: Page, tmp_path: Path) -> None:
    page = at_documents
    page.route(PARTS, lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    page.locator("#doc-1").set_input_files([a_pdf(tmp_path, "a.pdf", 0), a_pdf(tmp_path, "b.pdf", 0)])
    expect(page.locator(".doc-list > li[data-state=lost]")).to_have_count(1)
    page.locator("#documents-pause").click()
    expect(page.locator(".doc-list > li[data-state=paused]")).to_have_count(2)
    page.unroute(PARTS)
    page.locator(".doc-list > li").last.get_by_role("button", name="이어서 올리기").click()
    stored(page, 1)
    page.locator(".doc-list > li[data-state=stored]").get_by_role("button", name="삭제").click()
    expect(page.locator(".doc-list > li")).to_have_count(1)
    page.locator("#documents-resume").click()
    stored(page, 1)


def test_what_cannot_be_read_or_is_missing_is_said_before_it_is_sent(at_documents: Page, tmp_path: Path) -> None:
    page = at_documents
    page.locator("#documents-next").click()
    expect(page.locator("#documents-errors")).to_be_focused()
    expect(page.locator("#documents-errors")).to_contain_text("필수 서류 ‘기술제안서’")
    empty, program, large = tmp_path / "빈.pdf", tmp_path / "a.exe", tmp_path / "큰.pdf"
    empty.write_bytes(b"")
    program.write_bytes(b"MZ" + bytes(100))
    page.locator("#doc-1").set_input_files([empty, program])
    expect(page.locator(".doc-slot").first).to_contain_text("빈 파일입니다")
    expect(page.locator(".doc-slot").first).to_contain_text("받을 수 있는 형식")
    a_pdf(tmp_path, large.name, 21 * MEGABYTE)
    page.locator("#doc-2").set_input_files([large])
    expect(page.locator(".doc-slot").last).to_contain_text("너무 큽니다")
    expect(page.locator(".doc-list > li")).to_have_count(0)
    page.locator("#doc-1").set_input_files([a_pdf(tmp_path, "제안서.pdf", 0)])
    stored(page, 1)


def test_files_that_were_cleared_away_lead_back_to_the_documents(
    app: Flask, at_documents: Page, tmp_path: Path, tender: Tender
) -> None:
    page = at_documents
    page.locator("#doc-1").set_input_files([a_pdf(tmp_path, "제안서.pdf", 0)])
    stored(page, 1)
    for path in (Path(app.config["NARU_VAR"]) / "blobs").rglob("*"):
        if path.is_file():
            path.unlink()
    page.locator("#documents-next").click()
    page.locator("#amount").fill("90000000")
    for pick in (3, 11):
        page.locator(f"[data-pick='{pick}']").click()
    page.locator("#to-review").click()
    expect(page.locator("#review-documents")).to_contain_text("제안서.pdf")
    page.locator("#agree").check()
    page.locator("#submit-bid").click()
    expect(page.locator("#send-problem")).to_contain_text("서류가 빠져 있습니다", timeout=20_000)
    page.get_by_role("button", name="서류로 돌아가기").click()
    page.locator(".doc-list > li").get_by_role("button", name="이어서 올리기").click()
    stored(page, 1)
    page.locator("#documents-next").click()
    send(page)


@pytest.mark.parametrize(("lang", "width"), [("ko", 390), ("en", 1280)])
def test_every_page_of_documents_is_accessible_and_fits(
    new_page: NewPage,
    sign_in_page: SignIn,
    agency: Agency,
    bidder: Person,
    tender: Tender,
    stage: Stage,
    tmp_path: Path,
    lang: str,
    width: int,
) -> None:
    page, officer = (new_page(viewport={"width": width, "height": 844}, bypass_csp=True) for _ in range(2))
    sign_in_page(officer, db.session.get_one(Person, agency.officer.person_id))
    with transaction():
        edited = draft(agency, PLAN, time.now(), closes_at=time.now() + timedelta(hours=1))
        asking.ask_document(
            edited.id, {"name": "기술제안서", "hint": "100쪽 이내", "required": True, "max_mb": 50}, agency.officer
        )
    officer.goto(f"/agency/tenders/{edited.id}/draft/documents?lang={lang}")
    look(officer, "draft")
    sign_in_page(page, bidder)
    page.goto(f"/tenders/{tender.reference}?lang={lang}")
    look(page, "tender")
    page.goto(f"/tenders/{tender.reference}/bid")
    page.locator("#make-key").click()
    page.locator("#to-price").click()
    page.locator("#documents-next").click()
    look(page, "documents with errors")
    page.locator("#doc-1").set_input_files(
        [a_pdf(tmp_path, "제안서.pdf", 0), a_pdf(tmp_path, "아주 긴 이름의 부속 서류 (최종 수정본 3).pdf", 0)]
    )
    stored(page, 2)
    program = tmp_path / "setup.pdf"
    program.write_bytes(b"MZ" + bytes(100))
    page.locator("#doc-2").set_input_files([program])
    page.route(PARTS, lambda route: route.abort())
    page.locator("#doc-2").set_input_files([a_pdf(tmp_path, "실적.pdf", 0)])
    expect(page.locator(".doc-list > li[data-state=lost]")).to_have_count(1)
    look(page, "documents")
    page.locator(".doc-list > li[data-state=lost]").get_by_role("button").last.click()
    page.unroute(PARTS)
    submit(page)
    page.goto("/my/bids")
    hostile_file = Document("\u202e견적.exe", b"<html>", asked=2)
    bid(tender, bidders(1)[0], 91_000_000, (1, 2), time.now(), [Document("제안서.hwp", hwp()), hostile_file])
    stage.close(tender)
    stage.open(tender)
    stage.work()
    run_due(time.now())
    page.locator("td a").first.click()
    look(page, "receipt")
    officer.goto(f"/tenders/{tender.reference}/documents")
    look(officer, "the agency's documents")
