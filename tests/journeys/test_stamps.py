"""The bid page has a bid's time stamped before it is sent, and sends it all the same where nobody answers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.auth.models import Person
from app.db import db
from bidding.bid_file import read_bid_file
from bidding.keyholder.panel import Panel
from bidding.models import Bid
from bidding.stamp import imprint_of
from tests.app.audit import tsa
from tests.axe import look
from tests.bidding.conftest import holder, keyholder, later
from tests.bidding.staging import an_agency, bidders, published
from tests.journeys.test_bid import make_key, open_bid_page, received, submit, to_review
from tests.journeys.test_bid_file import PASSPHRASE, save

SHOTS = os.environ.get("NARU_SCREENSHOTS")
__all__ = ["holder", "keyholder", "later"]


@pytest.fixture
def authority(app: Flask, tmp_path: Path) -> Iterator[tsa.Authority]:
    made = tsa.Authority(tmp_path / "tsa")
    with tsa.serving(made) as url:
        app.config.update(NARU_TSA_URL=url, NARU_TSA_CERTS=str(made.certs))
        yield made


@pytest.fixture
def at_review(
    app: Flask,
    authority: tsa.Authority,
    keyholder: Panel,
    new_page: Callable[..., Page],
    sign_in_page: Callable[[Page, Any], None],
) -> Page:
    tender = published(an_agency(), keyholder)
    page = new_page(bypass_csp=True)  # axe is put into the page by hand
    sign_in_page(page, db.session.get_one(Person, bidders(1)[0].actor.person_id))
    open_bid_page(page, tender)
    make_key(page)
    to_review(page, "91234567")
    return page


def test_the_stamp_goes_with_the_bid_file_and_openssl_checks_it(
    at_review: Page, new_page: Callable[..., Page], authority: tsa.Authority, tmp_path: Path
) -> None:
    page, kept, token = at_review, tmp_path / "kept.json", tmp_path / "bid.tsr"
    expect(page.locator("#stamp-wanted")).to_be_checked()
    look(page, "review with a time stamp")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/stamp-review.png", full_page=True)
    submit(page)
    received(page)
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/stamp-received.png", full_page=True)
    look(page, "received with a time stamp")
    place = page.locator("[data-bid-file-at=received]")
    stmt = db.session.scalars(select(Bid)).one().stmt
    expect(place.locator("[data-bid-file=command]")).to_contain_text(f"-digest {imprint_of(stmt)}")
    with page.expect_download() as saved:
        place.locator("[data-bid-file=tsr]").click()
    saved.value.save_as(token)
    command = ["openssl", "ts", "-verify", "-digest", imprint_of(stmt), "-in", str(token)]
    done = subprocess.run([*command, "-CAfile", str(authority.certs)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    save(page, "received", kept)
    assert read_bid_file(kept.read_bytes()).stamped_at is not None
    elsewhere = new_page()
    elsewhere.goto("/bid-file")
    elsewhere.locator("#file").set_input_files(kept)
    expect(elsewhere.locator("#file-facts")).to_contain_text("RFC 3161")
    assert PASSPHRASE not in kept.read_text("utf-8")


def test_an_authority_that_does_not_answer_is_not_in_the_way(app: Flask, at_review: Page) -> None:
    app.config["NARU_TSA_URL"] = "http://127.0.0.1:9/"
    submit(at_review)
    received(at_review)
    expect(at_review.locator("[data-send=stamp]")).to_have_attribute("data-state", "warn")
    expect(at_review.locator("[data-bid-file-at=received] [data-bid-file=stamped]")).to_be_hidden()


def test_a_bidder_who_does_not_want_one_asks_nobody(at_review: Page, authority: tsa.Authority) -> None:
    at_review.locator("#stamp-wanted").uncheck()
    submit(at_review)
    received(at_review)
    assert authority.asked == 0
