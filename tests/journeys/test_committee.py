"""Five people hold the keys of a tender, each in a browser of their own: keys, two media, the opening, one missing.

The story of the issue: "committee opening with five people, one missing". Nothing of it is done by our Python but what
bidders and the clock do.
"""

from __future__ import annotations

import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app import files, time
from app.audit.sequencer import run_step
from app.auth import Role
from app.auth.models import Person
from app.db import database_now, db, transaction
from app.jobs import run_due
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.services.closing import begin_closing, freeze
from bidding.services.drafting import save_draft
from bidding.services.opening import open_bids
from bidding.states import TenderState
from bidding.verify import is_sound, verify
from tests import axe
from tests.bidding.conftest import holder, keyholder, later
from tests.bidding.seats import keyholders
from tests.bidding.staging import PLAN, an_agency, bidders, place
from tests.builders import make_person

__all__ = ["holder", "keyholder", "later"]
NewPage = Callable[..., Page]
SignIn = Callable[[Page, Any], None]
BASE = PLAN.base_amount_won
SIZES = ((1280, 900), (390, 844))


@dataclass
class Seat:
    """A member at their own machine: the browser, two media (folders), and the passphrase in their head."""

    person: Person
    page: Page
    media: tuple[Path, Path]
    passphrase: str
    holder: str = ""  # M1 to M5, once the officer has named the committee

    def file(self, medium: int) -> Path:
        return self.media[medium - 1] / "naru-key.json"

    def choose(self, field: str, medium: int, passphrase: str | None = None) -> None:
        self.page.locator(f"#{field}-file").set_input_files(self.file(medium))
        self.page.locator(f"#{field}-passphrase").fill(self.passphrase if passphrase is None else passphrase)


def look(page: Page, name: str) -> None:
    """Nothing serious by axe, nothing wider than the window, at both widths; pictures for whoever wants to see."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        axe.look(page, f"{name} {width}")
        axe.shoot(page, f"{name}-{width}")
    page.set_viewport_size({"width": 1280, "height": 900})


def confirm(page: Page, label: str) -> None:
    """Press the button behind which the confirmation waits, then the one inside it."""
    page.get_by_role("button", name=label, exact=True).first.click()
    inside = page.locator("dialog[open]").get_by_role("button", name=label, exact=True)
    if inside.count():
        inside.click()


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def officer(new_page: NewPage, sign_in_page: SignIn, agency: Agency) -> Page:
    page = new_page()
    sign_in_page(page, db.session.get_one(Person, agency.officer.person_id))
    return page


@pytest.fixture
def approver(new_page: NewPage, sign_in_page: SignIn, agency: Agency) -> Page:
    page = new_page()
    sign_in_page(page, db.session.get_one(Person, agency.approver.person_id))
    page.goto("/agency/tenders?lang=en")
    return page


@pytest.fixture
def seats(new_page: NewPage, sign_in_page: SignIn, agency: Agency, tmp_path: Path) -> list[Seat]:
    """Five people, signed in."""
    made = []
    for number, person in enumerate(keyholders(5), start=1):
        page = new_page(accept_downloads=True)
        sign_in_page(page, person)
        media = tuple(tmp_path / f"person{number}-{place}" for place in ("stick", "safe"))
        for medium in media:
            medium.mkdir()
        made.append(Seat(person, page, (media[0], media[1]), f"나루터의 다섯 사람 {number}"))
    return made


def name_them(officer: Page, tender: Tender, people: list[Person]) -> None:
    officer.goto(f"/agency/tenders/{tender.id}/draft/check")
    officer.get_by_role("link", name="개찰할 사람").click()
    officer.get_by_label("위원회: 각자").check()
    for person in people:
        officer.locator(f"input[name=members][value='{person.id}']").check()
    look(officer, "holders")
    officer.get_by_role("button", name="저장", exact=True).click()
    expect(officer.get_by_text("새 위원에게 알렸고")).to_be_visible()


def make_keys(seat: Seat) -> None:
    """From the list of what waits, through the three steps, to ready."""
    page = seat.page
    page.goto("/committee")
    page.get_by_role("link", name=PLAN.title).click()
    expect(page.locator("#committee")).to_be_visible()
    page.locator("#new-passphrase").fill(seat.passphrase)
    page.locator("#repeat-passphrase").fill(seat.passphrase)
    page.locator("#make-keys").click()
    expect(page.locator("#step-make")).to_have_attribute("data-state", "done", timeout=15_000)
    for medium in (1, 2):
        step = page.locator(f"#step-medium-{medium}")
        with page.expect_download() as saved:
            step.locator("[data-save]").click()
        saved.value.save_as(seat.file(medium))
        seat.choose(f"medium-{medium}", medium)
        page.locator(f"#prove-medium-{medium}").click()
        expect(step).to_have_attribute("data-state", "done", timeout=15_000)
    expect(page.locator("#ready")).to_be_visible()


def attend(seat: Seat, tender: Tender) -> None:
    seat.page.goto(f"/committee/{tender.id}")
    confirm(seat.page, "I am present" if seat.holder == "M5" else "참석합니다")
    expect(seat.page.locator(".notice--info")).to_be_visible()


def give(seat: Seat, tender: Tender, medium: int = 1) -> None:
    page = seat.page
    page.goto(f"/committee/{tender.id}")
    seat.choose("opening", medium)
    page.locator("#check-opening").click()
    expect(page.locator("#give")).to_be_visible()
    for line in ("log", "story", "box", "time", "list"):
        expect(page.locator(f"#checks [data-check={line}]")).to_have_attribute("data-state", "ok")
    look(page, f"checked-{seat.holder}")
    page.locator("#give").click()
    expect(page.locator("#opening-said .notice--success")).to_be_visible()


def wait_until(tender: Tender, name: str) -> None:
    """The deadline or the opening time, by the database's clock."""
    while database_now() < getattr(tender, name):
        clock.sleep(0.2)


def state_of(tender_id: UUID) -> str:
    db.session.expire_all()
    return db.session.get_one(Tender, tender_id).state


@pytest.mark.timeout(300)  # it waits for a real deadline
def test_five_people_one_missing(
    agency: Agency,
    officer: Page,
    approver: Page,
    seats: list[Seat],
    keyholder: Panel,
    tmp_path: Path,
) -> None:
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
    name_them(officer, tender, [seat.person for seat in seats])
    named = {row.person_id: row.holder for row in tender.holders}
    for seat in seats:
        seat.holder = named[seat.person.id]
    seats.sort(key=lambda seat: seat.holder)
    seats[4].page.goto("/committee?lang=en")
    run_step()

    # Keys, on two media each. Wrong files and passphrases get a clear word.
    first = seats[0]
    first.page.goto(f"/committee/{tender.id}")
    look(first.page, "keys-new")
    first.page.locator("#suggest").click()
    expect(first.page.locator("#suggested")).to_be_visible()
    began = clock.monotonic()
    for seat in seats:
        make_keys(seat)
        run_step()
    look(first.page, "keys-ready")
    look(seats[4].page, "keys-ready-en")
    said = first.page.locator("#medium-1-file-error")
    first.page.locator("#step-medium-1 summary").click()
    first.choose("medium-1", 1, "another passphrase")
    first.page.locator("#prove-medium-1").click()
    expect(first.page.locator("#medium-1-passphrase-error")).to_have_text("이 파일의 암호문구가 아닙니다.")
    whole = first.file(1).read_text("utf-8")
    for content, words in (
        (whole[:400], "파일이 잘려 있습니다"),
        (whole.replace('"iterations":6', '"iterations":7'), "파일이 손상되어"),
        (seats[1].file(1).read_text("utf-8"), "다른 위원의 키 파일입니다"),
        ("%PDF-1.4", "이 시스템의 키 파일이 아닙니다"),
    ):
        wrong = tmp_path / "wrong.json"
        wrong.write_text(content, "utf-8")
        first.page.locator("#medium-1-file").set_input_files(wrong)
        first.page.locator("#medium-1-passphrase").fill(first.passphrase)
        first.page.locator("#prove-medium-1").click()
        expect(said).to_contain_text(words)

    # The box is made; each member adds to the draw; a second person publishes. That takes this machine about as long
    # as the keys did, and then there is a deadline to wait for.
    with transaction():
        closes_at = time.now() + timedelta(seconds=max(20, clock.monotonic() - began))
        soon = {"closes_at": closes_at, "opens_at": closes_at + timedelta(seconds=5)}
        save_draft(tender.id, soon, agency.officer)
    officer.goto(f"/agency/tenders/{tender.id}/draft/check")
    officer.get_by_role("button", name="승인자에게 보내기").click()
    expect(officer.get_by_text("준비되지 않은 키 보관자가 있습니다")).to_be_visible()
    for seat in seats:
        seat.page.goto(f"/committee/{tender.id}")
        if seat.holder == "M5":
            look(seat.page, "contribution")
        seat.choose("seed", 2)
        seat.page.locator("#give-seed").click()
        expect(seat.page.locator(".notice--success")).to_be_visible()
    approver.goto(f"/agency/tenders/{tender.id}/review")
    look(approver, "review")
    confirm(approver, "Approve and publish")
    expect(approver.get_by_role("heading", level=1)).to_have_text(PLAN.title)
    tender = db.session.get_one(Tender, tender.id, populate_existing=True)
    assert tender.state == TenderState.PUBLISHED

    # The hour before the deadline has begun: a drill. Then bids, and the closing.
    drill = seats[1]
    drill.page.goto(f"/committee/{tender.id}")
    drill.choose("T-1h", 2)
    drill.page.locator("#prove-T-1h").click()
    expect(drill.page.locator("#T-1h-said .notice--success")).to_be_visible()
    look(drill.page, "drill")
    amounts = [BASE * rate // 100 for rate in (89, 90, 91)]
    for bidder, amount in zip(bidders(3), amounts, strict=True):
        place(tender, bidder, amount)
    run_step()
    wait_until(tender, "closes_at")
    with transaction():
        assert begin_closing(tender.id)
    run_step()
    with transaction():
        freeze(tender.id)
    run_step()

    # M3 does not come. The officer begins with M1, M2 and M4.
    for seat in seats:
        if seat.holder != "M3":
            attend(seat, tender)
    look(seats[4].page, "attended")
    wait_until(tender, "opens_at")
    officer.goto(f"/tenders/{tender.reference}/room")
    look(officer, "room-closed")
    officer.get_by_role("button", name="개찰 시작", exact=True).first.click()
    group = officer.locator("#f-start-group")
    group.select_option("M1,M2,M4")
    officer.locator("dialog[open]").get_by_role("button", name="개찰 시작", exact=True).click()
    expect(officer.get_by_text("개찰을 시작했습니다")).to_be_visible()
    run_step()
    assert state_of(tender.id) == TenderState.OPENING
    give(seats[0], tender)
    give(seats[1], tender, medium=2)

    # M4 has come, but cannot give: two persons ask M1, M2 and M5 instead.
    officer.goto(f"/tenders/{tender.reference}/room")
    officer.locator("input[name=missing][value=M4]").check()
    officer.locator("#f-group").select_option("M1,M2,M5")
    look(officer, "room-missing")
    officer.get_by_role("button", name="다른 조합에 요청", exact=True).click()
    expect(officer.get_by_text("다른 조합이 두 번째 승인을 기다립니다")).to_be_visible()
    approver.goto(f"/tenders/{tender.reference}/room")
    look(approver, "room-approve")
    confirm(approver, "Approve")
    expect(approver.get_by_text("The other group has been asked")).to_be_visible()
    run_step()
    seats[3].page.goto(f"/committee/{tender.id}")
    expect(seats[3].page.locator("#check-opening")).to_have_count(0)
    give(seats[4], tender)

    # The clockwork finds everything there: opened, published, sound.
    with transaction():
        assert open_bids(tender.id)
    for _ in range(3):
        run_step()
        run_due(time.now() + timedelta(hours=1))
    assert state_of(tender.id) == TenderState.OPENED
    found = db.session.scalars(select(Bid.amount_won).where(Bid.tender_id == tender.id)).all()
    assert set(found) == set(amounts)
    officer.goto(f"/tenders/{tender.reference}/result")
    expect(officer.locator("table td:visible", has_text=f"{amounts[0]:,}").first).to_be_visible()
    lines = verify(files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256))
    assert is_sound(lines), [str(line) for line in lines if line.result == "FAIL"]
    first.page.goto("/committee")
    look(first.page, "seats")


def test_a_stranger_and_a_page_without_scripts_find_nothing_to_do(
    new_page: NewPage, sign_in_page: SignIn, agency: Agency, officer: Page
) -> None:
    with transaction():
        tender = draft(agency, PLAN, time.now(), closes_at=time.now() + timedelta(hours=1))
    people = keyholders(3)
    name_them(officer, tender, people)
    stranger = new_page()
    sign_in_page(stranger, make_person([Role.KEYHOLDER]))
    stranger.goto("/committee")
    expect(stranger.get_by_text("아직 맡은 자리가 없습니다")).to_be_visible()
    answer = stranger.goto(f"/committee/{tender.id}")
    assert answer is not None
    assert answer.status == 404
    plain = new_page(java_script_enabled=False)
    sign_in_page(plain, people[0])
    plain.goto(f"/committee/{tender.id}")
    expect(plain.get_by_text("키는 브라우저 안에서만 만들고")).to_be_visible()
