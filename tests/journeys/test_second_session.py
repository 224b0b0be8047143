"""A keyholder at the second session: the page says what is opened and what never is, checks the log, gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from app import time
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyfile import write_key_file
from bidding.rehearsal.committee import give
from bidding.services import room
from tests import axe
from tests.bidding import seats
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.evaluating import plan, time_to_open, work
from tests.bidding.staging import an_agency

__all__ = ["holder", "keyholder", "later", "stage"]
GROUP = ("M1", "M2")
PASSPHRASE = "다섯 사람이 나루터에서"


def begin(committee: seats.Committee, stage: Stage) -> None:
    for member in committee.of(*GROUP):
        with transaction():
            room.attend(committee.tender_id, member.actor, time.now())
    with transaction():
        room.start_session(committee.tender_id, GROUP, committee.agency.officer, stage.later(), stage.later)
    work(stage)


def test_a_member_gives_the_prices_of_those_who_qualify(
    stage: Stage, new_page: Callable[..., Page], sign_in_page: Callable[[Page, Any], None], tmp_path: Path
) -> None:
    committee = seats.seated(an_agency(), seats.keyholders(3), plan=plan())
    made = time_to_open(committee, stage)
    begin(committee, stage)
    for member in committee.of(*GROUP):
        with transaction():
            give(member, time.now())
    work(stage)
    made.score({0: 95, 1: 84, 2: 90})
    made.fix(stage)
    begin(committee, stage)

    member = committee.members[0]
    key_file = tmp_path / "naru-key.json"
    key_file.write_text(write_key_file(member.keys, PASSPHRASE), "utf-8")
    page = new_page()
    assert made.tender.opens_at is not None
    page.clock.set_system_time(made.tender.opens_at + timedelta(minutes=1))  # the member looks at a clock of its own
    sign_in_page(page, committee.people[0])
    page.goto(f"/committee/{committee.tender_id}")
    expect(page.get_by_text("가격 2건을 엽니다. 부적격 입찰 1건의 가격은 봉인된 채로 둡니다.")).to_be_visible()
    page.locator("#opening-file").set_input_files(key_file)
    page.locator("#opening-passphrase").fill(PASSPHRASE)
    page.locator("#check-opening").click()
    for line in ("log", "story", "box", "technical", "time", "list"):
        expect(page.locator(f"#checks [data-check={line}]")).to_have_attribute("data-state", "ok")
    axe.look(page, "second session, checked")
    page.locator("#give").click()
    expect(page.locator("#opening-said .notice--success")).to_be_visible()

    officer = new_page()
    sign_in_page(officer, db.session.get_one(Person, committee.agency.officer.person_id))
    officer.goto(f"/tenders/{made.tender.reference}/room?lang=en")
    expect(officer.get_by_role("heading", name="Second session: the prices")).to_be_visible()
    axe.look(officer, "room of the second session")
    with transaction():
        give(committee.members[1], time.now())
    work(stage)
    assert [one.state for one in made.bids] == ["opened", "unqualified", "opened"]
