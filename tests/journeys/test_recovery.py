"""The keyholders lose their keys: two officers decide, bidders give theirs from their bid files, inside the browser."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, expect
from sqlalchemy import select

from app import files, time
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from bidding.models import Bid, Bundle, SuppliedKey, Tender
from bidding.services import bundling
from bidding.services.opening import open_recovered
from tests.axe import look_everywhere as look
from tests.bidding.conftest import Later, later
from tests.bidding.holding import House, house
from tests.bidding.node import node
from tests.bidding.test_recovery import PASSPHRASE, UNTIL, Case
from tests.journeys.test_contract import confirm_dialog
from tests.journeys.test_deadlines import page_of

__all__ = ["later", "page_of"]
AMOUNTS = (90_000_000, 91_000_000, 92_000_000, 93_000_000)
CLI = Path(__file__).parent.parent.parent / "bidding" / "static" / "verify" / "cli.mjs"


@pytest.fixture
def three(app: Flask, tmp_path: Path, later: Later) -> Iterator[House]:
    with house(app, tmp_path / "keyholders", later) as built:
        yield built


def keep_body(bodies: list[str], request: Request) -> None:
    if request.post_data:
        bodies.append(request.post_data)


def test_three_of_four_bidders_give_their_keys_and_the_bundle_verifies(
    three: House, later: Later, page_of: Callable[..., Page], tmp_path: Path
) -> None:
    case = Case(three, later, AMOUNTS)

    def page_for(actor: Any) -> Page:
        return page_of(db.session.get_one(Person, actor.person_id))

    manage = f"/tenders/{case.tender.reference}/manage"
    officer, approver = page_for(case.agency.officer), page_for(case.agency.approver)
    officer.goto(manage)
    look(officer, "recovery-manage")
    case.ask()
    approver.goto(manage)
    look(approver, "recovery-approve")
    confirm_dialog(approver, "승인")

    for number in range(3):
        bidder, path = page_for(case.firms[number].actor), tmp_path / f"{number}.json"
        path.write_bytes(case.file(number))
        posted: list[str] = []
        bidder.on("request", partial(keep_body, posted))
        bidder.goto(f"/bids/{case.bids[number].id}")
        expect(bidder.locator("#recovery-from-file")).to_be_visible()
        if number == 0:
            look(bidder, "recovery-receipt")
            other = tmp_path / "other.json"
            other.write_bytes(case.file(1))
            for file, word, said in (
                (other, PASSPHRASE, "다른 입찰의 파일"),
                (path, "not the passphrase", "암호문구로 이 파일을 열 수 없습니다"),
            ):  # fmt: skip
                bidder.locator("#recovery-file").set_input_files(file)
                bidder.locator("#recovery-passphrase").fill(word)
                bidder.locator("#recovery-seal").click()
                expect(bidder.locator("#recovery-said")).to_contain_text(said)
            assert db.session.scalars(select(SuppliedKey)).all() == []
        bidder.locator("#recovery-file").set_input_files(path)
        bidder.locator("#recovery-passphrase").fill(PASSPHRASE)
        bidder.locator("#recovery-seal").click()
        expect(bidder.get_by_text("봉함된 키를 받았습니다", exact=True)).to_be_visible()
        (form,) = (parse_qs(body) for body in posted)  # one request with a body, and nothing but the sealed key in it
        assert (set(form), len(form["sealed"][0])) == ({"csrf_token", "sealed"}, 107)
        if number == 0:
            look(bidder, "recovery-given")

    later.ahead += UNTIL
    with transaction():
        assert open_recovered(case.tender.id, later)
    run_step()
    db.session.expire_all()
    found = {bid.id: (bid.state, bid.amount_won) for bid in db.session.scalars(select(Bid))}
    expected = [("opened", won) for won in AMOUNTS[:3]]
    assert [found[bid.id] for bid in case.bids] == [*expected, ("malformed", None)]
    later.ahead = timedelta()
    with transaction():
        bundling.publish_bundle(db.session.get_one(Tender, case.tender.id).id, "opening", time.now())
    bundle = tmp_path / "bundle.zip"
    bundle.write_bytes(files.load(db.session.get_one(Bundle, (case.tender.id, "opening")).sha256))
    for command in ([sys.executable, "-m", "bidding.verify", str(bundle)], [node(), str(CLI), str(bundle)]):
        checked = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr
