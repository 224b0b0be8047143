"""A bid with 200 MB of documents: uploaded by Chromium through gunicorn, whose workers are killed and whose page is
closed in the middle; handed in, opened, looked into, downloaded to the byte. No process may hold more than 300 MB."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time as stopwatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from benchmarks.crowd import an_agency
from benchmarks.site import ROOT, Site, gunicorn, keyholder, master_of, site
from bidding.models import Bid, BidDocument, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, enrol, make_supplier
from bidding.rehearsal.documents import Document
from bidding.services.closing import begin_closing, freeze
from bidding.services.opening import begin_opening, open_bids
from bidding.services.release import gather
from tests.bidding.submitting import PDF, asking_for_documents
from tests.conftest import CHROMIUM_FLAGS, chromium_path
from tests.signing_in import sign_in_page

FILES, EACH = 4, 50 * 1024 * 1024
BLOCK = 1024 * 1024
LIMIT_KB = 300 * 1024
PATIENCE_MS = 600_000
WORK = """
from datetime import timedelta
from pathlib import Path
from app import time
from app.jobs import run_due
from wsgi import create_app
with create_app().app_context():
    later = time.now() + timedelta(hours=3)
    run_due(later, ("bidding.open_documents",))
    run_due(later, ("bidding.check_document",))
print("PEAK", next(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line))
"""


@dataclass(slots=True)
class Peaks:
    """The most memory (kB) that each kind of process was seen to hold."""

    web: int = 0
    worker: int = 0
    seen: set[str] = field(default_factory=set)

    def look(self, port: int) -> None:
        for child in _workers(port):
            with suppress(OSError):
                found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{child}/status").read_text())
                self.web = max(self.web, int(found.group(1)) if found else 0)
                self.seen.add(child)


def run(runs: int, each: int = EACH) -> str:
    figures = ""
    for _ in range(runs):
        with site() as place, keyholder(place) as holder, gunicorn(place) as port, _chromium() as new_page:
            figures = _story(place, holder, port, new_page, each)
    return figures


def _story(place: Site, holder: Any, port: int, new_page: Callable[[], Page], each: int) -> str:
    agency, peaks = an_agency(), Peaks()
    tender = asking_for_documents(agency, holder)
    with transaction():
        mine = make_supplier(1, "한나루정보", "Hannaru", "four quiet herons wade", time.now(), email="a@example.kr")
        other = make_supplier(2, "다온기술", "Daon", "four quiet herons wade", time.now(), email="b@example.kr")
        rival = enrol(other, time.now())
    files = [_random_pdf(place.home / f"제안서 {number}.pdf", each) for number in range(1, FILES + 1)]
    page = new_page()
    sign_in_page(place.app, page, mine, f"http://localhost:{port}")
    page.goto(f"http://localhost:{port}/tenders/{tender.reference}/bid")
    began = stopwatch.monotonic()
    _upload(page, port, files, peaks)
    seconds = stopwatch.monotonic() - began
    _hand_in(page)
    heap = page.evaluate("performance.memory?.usedJSHeapSize ?? 0")
    bid(tender, rival, 91_000_000, (1, 2), time.now(), [Document("b.pdf", PDF)])
    _open(place, holder, tender)
    peaks.worker = _work(place)
    _compare(place, port, agency, tender, files)
    peaks.look(port)
    assert peaks.web < LIMIT_KB, f"a web worker held {peaks.web // 1024} MB"
    assert peaks.worker < LIMIT_KB, f"the job worker held {peaks.worker // 1024} MB"
    total = sum(path.stat().st_size for path in files) // BLOCK
    return (
        f"{total} MB in {len(files)} files, up in {seconds:.0f} s workers killed, the page closed; most memory: "
        f"web worker {peaks.web // 1024} MB, job worker {peaks.worker // 1024} MB, page's heap {heap // BLOCK} MB"
    )


def _random_pdf(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.write(PDF)
        for _ in range(size // BLOCK):
            file.write(os.urandom(BLOCK))
    return path


def _upload(page: Page, port: int, files: list[Path], peaks: Peaks) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("#make-key").click()
    page.locator("#to-price").click()
    page.locator("#doc-1").set_input_files(files)
    lines = page.locator(".doc-list > li")
    expect(page.locator(".doc-list > li[data-state=stored]")).to_have_count(1, timeout=PATIENCE_MS)
    expect(page.locator(".doc-list > li[data-state=sending]")).to_have_count(1, timeout=PATIENCE_MS)
    peaks.look(port)
    for child in _workers(port):  # whichever has the part in hand
        os.kill(int(child), signal.SIGKILL)
    expect(page.locator(".doc-list > li[data-state=stored]")).to_have_count(2, timeout=PATIENCE_MS)
    expect(page.locator(".doc-list > li[data-state=sending]")).to_have_count(1, timeout=PATIENCE_MS)
    peaks.look(port)
    page.reload()
    page.locator("#to-price").click()
    expect(lines).to_have_count(len(files))
    for path in files:
        missing = page.locator(".doc-list > li[data-state=missing]").filter(has_text=path.name)
        if missing.count():
            missing.locator("input[type=file]").set_input_files(path)
    expect(page.locator(".doc-list > li[data-state=stored]")).to_have_count(len(files), timeout=PATIENCE_MS)
    peaks.look(port)


def _workers(port: int) -> list[str]:
    master = master_of(port)
    return Path(f"/proc/{master}/task/{master}/children").read_text().split()


def _hand_in(page: Page) -> None:
    page.locator("#documents-next").click()
    page.locator("#amount").fill("90000000")
    page.locator("#draw-picks").click()
    page.locator("#to-review").click()
    page.locator("#agree").check()
    page.locator("#submit-bid").click()
    expect(page.locator("[data-section=received]")).to_be_visible(timeout=60_000)


def _open(place: Site, holder: Any, tender: Tender) -> None:
    db.session.expire_all()
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    place.clock.set_to(tender.closes_at)
    run_step()
    with transaction():
        assert begin_closing(tender.id, place.clock)
    run_step()
    with transaction():
        freeze(tender.id, place.clock)
    run_step()
    place.clock.set_to(tender.opens_at)
    with transaction():
        assert begin_opening(tender.id, place.clock)
    run_step()
    with transaction():
        assert gather(tender.id, "price", holder, place.clock(), timedelta(minutes=1))
    with transaction():
        assert open_bids(tender.id, place.clock)
    run_step()


def _work(place: Site) -> int:
    """The jobs of the documents in a process of their own; the most memory it held, in kB."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NARU_", "GUNICORN"))}
    environment |= {**place.settings, "NARU_KEYHOLDER_URL": place.app.config["NARU_KEYHOLDER_URL"]}
    command = [sys.executable, "-c", WORK]
    done = subprocess.run(
        command, cwd=ROOT, env=environment | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(re.search(r"PEAK (\d+)", done.stdout).group(1))  # type: ignore[union-attr]


def _compare(place: Site, port: int, agency: Agency, tender: Tender, files: list[Path]) -> None:
    """What an officer downloads has the very bytes that the bidder chose."""
    db.session.expire_all()
    cookies: list[dict[str, Any]] = []
    jar = type("Page", (), {"context": type("Context", (), {"add_cookies": staticmethod(cookies.extend)})})
    sign_in_page(place.app, jar, db.session.get_one(Person, agency.officer.person_id), f"http://localhost:{port}")
    mine = db.session.scalars(select(Bid).where(Bid.amount_won == 90_000_000)).one()
    documents = db.session.scalars(select(BidDocument).where(BidDocument.bid_id == mine.id, BidDocument.n > 0)).all()
    assert [one.state for one in documents] == ["cleared"] * len(files), [(one.state, one.reason) for one in documents]
    by_name = {path.name: path for path in files}
    for document in documents:
        place_of = f"/tenders/{tender.reference}/documents/{mine.id}/{document.n}"
        assert _hash_at(port, place_of, cookies[0]) == _hash_of(by_name[str(document.name)])


def _hash_at(port: int, path: str, cookie: dict[str, Any]) -> str:
    connection = HTTPConnection("localhost", port, timeout=60)
    connection.request("GET", path, headers={"Cookie": f"{cookie['name']}={cookie['value']}"})
    answer, found = connection.getresponse(), hashlib.sha256()
    assert answer.status == 200, answer.status
    while block := answer.read(BLOCK):
        found.update(block)
    connection.close()
    return found.hexdigest()


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _chromium() -> Iterator[Callable[[], Page]]:
    flags = list(CHROMIUM_FLAGS) + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=flags)
        yield lambda: browser.new_context(locale="ko-KR", timezone_id="Asia/Seoul").new_page()
        browser.close()
