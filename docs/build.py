"""`make docs`: draws the pictures of the documentation from the running system, on throw-away stores.

A practice tender is published, bid on, closed, opened and awarded through the real services; then Chromium looks at the
pages. Pictures are 1280 pixels wide and written to docs/pictures as PNG with a palette, each well below 300 kB.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from flask_migrate import upgrade
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from werkzeug.serving import make_server

from app import keys, time
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from app.jobs import run_due
from bidding.keyholder.holder import Holder
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store
from bidding.keyholders import configured
from bidding.models import Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder, enrol, make_agency, make_supplier
from bidding.rehearsal.demo import FIRMS, deadline
from bidding.rehearsal.openings import OWN
from bidding.rehearsal.stages import Plan, announce, award, draft
from bidding.replay import read_openings
from bidding.services.closing import begin_closing, freeze
from bidding.services.opening import begin_opening, open_bids
from bidding.services.release import gather
from tests import stores
from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.signing_in import sign_in_page
from wsgi import create_app

PICTURES = Path(__file__).parent / "pictures"
WIDTH, COLOURS, LARGEST = 1280, 64, 300_000
PASSWORD = "five boats at dawn"  # noqa: S105 - of a system that ends with this program
SHARES = (88_310, 88_750, 89_200, 87_500, 91_000, 88_950)  # thousandths of a percent of the base amount
PICKS = ((2, 7), (7, 11), (2, 14), (5, 7), (3, 11), (2, 5))


class Clock:
    """A clock that can be set ahead, so that nobody waits for a deadline."""

    ahead = timedelta()

    def __call__(self) -> Any:
        return time.now() + self.ahead


@contextmanager
def serving(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.port}"
    server.shutdown()
    thread.join(10)


@contextmanager
def system(clock: Clock) -> Iterator[tuple[Any, str]]:
    """The application with stores, a keyholder and an address of its own; its context is pushed."""
    with stores.started() as (cluster, valkey), tempfile.TemporaryDirectory() as folder:
        stores.make_empty(cluster, stores.DATABASE)
        settings = stores.urls(cluster, stores.DATABASE) | {
            "NARU_ENV": "development",
            "NARU_LOG_LEVEL": "error",
            "SECRET_KEY": "only for pictures",
            "REDIS_URL": valkey.url,
            "NARU_VAR": folder,
            "NARU_KEYS_DIR": f"{folder}/keys",
            "NARU_BASE_URL": "http://localhost",
            "NARU_LOG_ORIGIN": "naru.example/log",
        }
        app = create_app(settings)
        with app.app_context():
            upgrade()
            holder = Holder(
                name="A",
                store=Store(Path(folder) / "keyholder", Path(folder) / "keyholder-backup"),
                log_vkey=keys.vkey_of("log"),
                origin=app.config["NARU_LOG_ORIGIN"],
                app_vkey=keys.vkey_of("agency"),
            )
            with serving(make_service(holder, clock)) as keyholder, serving(app) as url:
                app.config |= {"NARU_KEYHOLDER_URL": keyholder, "NARU_BASE_URL": url}
                yield app, url
            db.session.remove()
            db.engine.dispose()


def content(clock: Clock) -> tuple[str, str]:
    """The references of an awarded tender and of one that is open for bids."""
    now = time.now()
    with transaction():
        names = ("김도현", "이서연")
        agency = make_agency("AG0001", "가온시", "Gaon-si", PASSWORD, now, mail="gaon.example", names=names)
    bidders = []
    for serial, (name_ko, name_en) in enumerate(FIRMS, start=1):
        with transaction():
            person = make_supplier(serial, name_ko, name_en, PASSWORD, now, email=f"firm{serial}@naru.example")
            bidders.append(enrol(person, now))
    first, *others = [Plan(one.title, one.base_amount_won) for one in read_openings(OWN)][:9]
    awarded = _publish(agency, first, now + timedelta(hours=1))
    _bid(awarded, bidders)
    _finish(agency, awarded, clock)
    real = [replace(plan, method="qualification", is_practice=False) for plan in others]
    open_ones = [_publish(agency, plan, deadline(now, 14 + day)) for day, plan in enumerate(real)]
    return str(awarded.reference), str(open_ones[0].reference)


def _publish(agency: Agency, plan: Plan, closes_at: datetime) -> Tender:
    now = time.now()
    with transaction():
        tender = draft(agency, plan, now, closes_at=closes_at, opens_at=closes_at + timedelta(hours=1))
        return announce(agency, tender, configured(), now)


def _bid(tender: Tender, bidders: list[Bidder]) -> None:
    base = tender.base_amount_won or 0
    for bidder, share, picks in zip(bidders, SHARES, PICKS, strict=False):
        with transaction():
            bid(tender, bidder, base * share // 100_000, picks, time.now())


def _finish(agency: Agency, tender: Tender, clock: Clock) -> None:
    """Past its deadline and its opening by a clock set ahead, then awarded by two persons, its bundle published."""
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    clock.ahead = tender.closes_at - time.now()
    run_step()
    with transaction():
        begin_closing(tender.id, clock)
    run_step()
    with transaction():
        freeze(tender.id, clock)
    clock.ahead = tender.opens_at - time.now()
    run_step()
    with transaction():
        begin_opening(tender.id, clock)
    run_step()
    with transaction():
        gather(tender.id, "price", configured(), clock(), timedelta(minutes=1))
    with transaction():
        open_bids(tender.id, clock)
    with transaction():
        award(agency, tender.id, time.now())
    for _round in range(3):
        run_step()
        run_due(time.now())
    run_step()


def draw(browser: Browser, app: Any, url: str, awarded: str, running: str) -> None:
    """Every picture. The bid page is a bidder's, who has signed in; the others are everybody's."""
    anybody = _page(browser, url)
    for name, path, height in (
        ("home", "/", 900),
        ("board", "/tenders", 900),
        ("result", f"/tenders/{awarded}/result", 1500),
        ("log", "/log", 900),
    ):
        anybody.goto(f"{path}?lang=ko")
        _save(anybody, name, height)
    bidder = _page(browser, url)
    person = db.session.scalars(select(Person).where(Person.email == "firm7@naru.example")).one()
    sign_in_page(app, bidder, person, url)
    bidder.goto(f"/tenders/{running}/bid?lang=ko")
    bidder.wait_for_timeout(1500)  # its checks run in the browser
    _save(bidder, "bid", 1000)


def _page(browser: Browser, url: str) -> Page:
    size = {"width": WIDTH, "height": 900}
    context = browser.new_context(base_url=url, locale="ko-KR", timezone_id="Asia/Seoul", viewport=size)  # type: ignore[arg-type]
    return context.new_page()


def _save(page: Page, name: str, height: int) -> None:
    """The upper `height` pixels of the page. SystemExit where it cannot be made small enough."""
    page.wait_for_load_state("networkidle")
    taken = Image.open(BytesIO(page.screenshot(full_page=True)))
    picture = taken.convert("RGB").crop((0, 0, WIDTH, min(height, taken.height)))
    target = PICTURES / f"{name}.png"
    picture.quantize(COLOURS).save(target, optimize=True)
    if target.stat().st_size >= LARGEST:
        sys.exit(f"{target} is larger than {LARGEST} bytes")
    print(f"  {target.relative_to(PICTURES.parent.parent)}  {target.stat().st_size // 1024} kB")  # noqa: T201


def main() -> None:
    path = chromium_path()
    if path is None:
        sys.exit("Chromium is missing. On Debian: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    clock = Clock()
    flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with system(clock) as (app, url), sync_playwright() as playwright:
        awarded, running = content(clock)
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        draw(browser, app, url, awarded, running)
        browser.close()


if __name__ == "__main__":
    main()
