"""Documents after the opening: nothing before it; then each file is told about, and the agency gets what is cleared."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import files, time
from app.audit.models import Event
from app.auth import Role
from app.auth.models import Organisation, Person
from app.db import db
from app.jobs import run_due
from app.tlog.canon import parse
from bidding.bundle import read
from bidding.keyholder.panel import Panel
from bidding.models import Bid, BidDocument, Bundle, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.documents import Document
from bidding.verify import is_sound, verify
from tests.bidding import hostile
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders
from tests.bidding.submitting import PDF, PROPOSAL, asking_for_documents
from tests.builders import make_person
from tests.signing_in import sign_in

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd(threading.Thread):
    """A stand-in for ClamAV's daemon that speaks its INSTREAM: it finds EICAR, and takes at most `largest` bytes."""

    def __init__(self, largest: int = 100_000_000) -> None:
        super().__init__(daemon=True)
        self.largest, self.scanned = largest, 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(length)
                self.scanned += 1
                connection.sendall(self.verdict(content) + b"\0")

    def verdict(self, content: bytes) -> bytes:
        if len(content) > self.largest:
            return b"INSTREAM size limit exceeded. ERROR"
        return b"stream: Eicar-Test-Signature FOUND" if EICAR in content else b"stream: OK"

    def stop(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def clamd(app: Flask) -> Iterator[Clamd]:
    daemon = Clamd(largest=1_000_000)
    app.config["NARU_CLAMD"] = daemon.address
    yield daemon
    app.config["NARU_CLAMD"] = ""
    daemon.stop()


def hand_in(tender: Tender, bidder: Bidder, won: int, *documents: Document) -> Bid:
    return bid(tender, bidder, won, (1, 2), time.now(), documents)


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return asking_for_documents(agency, keyholder)


@pytest.fixture
def opened(tender: Tender, stage: Stage) -> Callable[..., list[BidDocument]]:
    """`opened(*documents)`: the tender closed and opened with these in one bid; the files of that bid."""

    def make(*documents: Document) -> list[BidDocument]:
        first, second = bidders(2)
        standing = hand_in(tender, first, 90_000_000, *documents)
        hand_in(tender, second, 91_000_000, Document("b.pdf", PDF))
        stage.close(tender)
        stage.open(tender)
        stage.work()
        db.session.expire_all()
        found = select(BidDocument).where(BidDocument.bid_id == standing.id).order_by(BidDocument.n)
        return list(db.session.scalars(found))

    return make


def told(documents: list[BidDocument]) -> list[tuple[str, str | None]]:
    return [(document.state, document.reason) for document in documents if document.n]


def come_again() -> None:
    """Jobs that were put off are due again."""
    run_due(time.now() + timedelta(hours=3))


def plain_files(app: Flask) -> list[str]:
    folder = Path(app.config["NARU_VAR"]) / "documents"
    return sorted(path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file())


def test_before_the_opening_nobody_can_read_anything(app: Flask, tender: Tender, stage: Stage) -> None:
    for bidder, won in zip(bidders(2), (90_000_000, 91_000_000), strict=True):
        hand_in(tender, bidder, won, Document("비밀.pdf", PDF))
    stage.close(tender)
    stage.work()
    assert {(document.state, document.name) for document in db.session.scalars(select(BidDocument))} == {
        ("sealed", None)
    }
    assert all(bid.docs_cek is None for bid in db.session.scalars(select(Bid)))
    assert plain_files(app) == []


def test_after_the_opening_each_file_is_what_its_bidder_said(app: Flask, opened: Any) -> None:
    documents = opened(Document("제안서.pdf", PDF, "application/pdf"), Document("실적.hwp", hostile.hwp(), asked=2))
    assert told(documents) == [("cleared", None), ("cleared", None)]
    assert [(one.name, one.kind, one.asked) for one in documents[1:]] == [
        ("제안서.pdf", "pdf", 1),
        ("실적.hwp", "hwp", 2),
    ]
    assert documents[1].sha256 == hashlib.sha256(PDF).hexdigest()
    assert set(plain_files(app)) == {"cleared"}


HOSTILE = (
    (Document("page.pdf", b"<html><script>alert(1)</script></html>"), "quarantined", "type"),
    (Document("setup.pdf", b"MZ" + bytes(500)), "quarantined", "type"),
    (Document("bomb.docx", hostile.bomb()), "quarantined", "archive"),
    (Document("slip.docx", hostile.slip()), "quarantined", "path"),
    (Document("locked.hwp", hostile.hwp(flags=3)), "unreadable", "password"),
    (Document("cut.docx", hostile.docx()[:-40]), "unreadable", "damaged"),
    (Document("other.pdf", PDF, said_size=len(PDF) + 1), "unreadable", "differs"),
    (Document("other.pdf", PDF, said_sha256="ab" * 32), "unreadable", "differs"),
)


def test_a_hostile_or_broken_file_is_told_about_and_not_handed_on(
    client: FlaskClient, agency: Agency, tender: Tender, opened: Any
) -> None:
    documents = opened(*(document for document, *_ in HOSTILE))
    assert told(documents) == [(state, reason) for _, state, reason in HOSTILE]
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    place = f"/tenders/{tender.reference}/documents/{documents[1].bid_id}"
    page = client.get(f"/tenders/{tender.reference}/documents").text
    for n, (document, *_) in enumerate(HOSTILE, start=1):
        assert client.get(f"{place}/{n}").status_code == 404, document.name
        assert document.name in page
    assert page.count("other.pdf") >= 2


def test_what_the_scanner_finds_is_quarantined_and_what_it_cannot_scan_too(clamd: Clamd, opened: Any) -> None:
    large = PDF + bytes(1_100_000)
    documents = opened(Document("a.pdf", PDF), Document("b.pdf", PDF + EICAR), Document("c.pdf", large))
    assert told(documents) == [("cleared", None), ("quarantined", "virus"), ("quarantined", "not-scanned")]
    assert clamd.scanned == 4


def test_without_an_answer_of_the_scanner_nothing_is_cleared(app: Flask, opened: Any, stage: Stage) -> None:
    app.config["NARU_CLAMD"] = "127.0.0.1:1"
    documents = opened(Document("a.pdf", PDF))
    assert told(documents) == [("sealed", None)]
    app.config["NARU_CLAMD"] = ""
    come_again()
    db.session.expire_all()
    assert told(documents) == [("cleared", None)]


def test_this_sites_own_damage_is_nobody_elses_fault(app: Flask, tender: Tender, stage: Stage) -> None:
    first, second = bidders(2)
    hand_in(tender, second, 91_000_000, Document("b.pdf", PDF))
    standing = hand_in(tender, first, 90_000_000, Document("a.pdf", PDF))
    document = db.session.get_one(BidDocument, (standing.id, 1))
    [path] = (Path(app.config["NARU_VAR"]) / "blobs").rglob(document.blob_sha256)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    stage.close(tender)
    stage.open(tender)
    stage.work()
    db.session.expire_all()
    assert db.session.get_one(BidDocument, (standing.id, 1)).state == "sealed"
    path.write_bytes(whole)
    come_again()
    db.session.expire_all()
    assert db.session.get_one(BidDocument, (standing.id, 1)).state == "cleared"


def test_the_agency_downloads_the_very_bytes_as_an_attachment_and_it_is_on_record(
    app: Flask, client: FlaskClient, agency: Agency, tender: Tender, opened: Any
) -> None:
    documents = opened(Document("\u202e제안서.exe", PDF, "text/html"))
    evaluator = make_person([Role.EVALUATOR], organisation=db.session.get_one(Organisation, agency.organisation_id))
    for person in (db.session.get_one(Person, agency.officer.person_id), evaluator):
        sign_in(client, person)
        answer = client.get(f"/tenders/{tender.reference}/documents/{documents[1].bid_id}/1")
        assert answer.data == PDF
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "%EC%A0%9C%EC%95%88%EC%84%9C.exe.pdf" in answer.headers["Content-Disposition"]
        assert "%E2%80%AE" not in answer.headers["Content-Disposition"]
    reads = [parse(event.body) for event in db.session.scalars(select(Event).where(Event.type == "access.read"))]
    assert [one["what"].split()[0] for one in reads] == ["document:", "document:"]


def test_nobody_else_gets_them(app: Flask, client: FlaskClient, tender: Tender, opened: Any) -> None:
    documents = opened(Document("a.pdf", PDF))
    places = (
        f"/tenders/{tender.reference}/documents",
        f"/tenders/{tender.reference}/documents/{documents[1].bid_id}/1",
    )
    other = an_agency(2)
    strangers = [
        (db.session.get_one(Person, other.officer.person_id), 404),
        (make_person([Role.EVALUATOR]), 404),
        (make_person([Role.OPERATOR]), 403),
        (make_person([Role.AUDITOR]), 403),
        (make_person([Role.SUPPLIER_BIDDER]), 403),
    ]
    for person, status in strangers:
        sign_in(client, person)
        assert [client.get(place).status_code for place in places] == [status, status]


def test_the_bidder_sees_what_became_of_each_file(client: FlaskClient, opened: Any) -> None:
    documents = opened(Document("제안서.pdf", PDF), Document("bomb.docx", hostile.bomb()))
    owner = db.session.get_one(Person, documents[0].bid.person_id)
    sign_in(client, owner)
    page = client.get(f"/bids/{documents[0].bid_id}").text
    assert "제안서.pdf" in page
    assert "압축을 풀면" in page or "unpacks to far more" in page


def test_a_bundle_holds_the_envelope_of_documents_but_no_key_no_piece_and_no_name(opened: Any, tender: Tender) -> None:
    documents = opened(Document("비밀이름.pdf", PDF))
    bundle = files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256)
    report = verify(bundle)
    assert is_sound(report), report
    content = read(bundle).files
    standing = documents[0].bid
    assert content[f"envelopes/{standing.stmt}.docs.json"] == standing.docs_envelope
    assert "khkeys/A.docs.note" in content
    everything = b"".join(content.values())
    assert standing.docs_cek is not None
    assert standing.docs_cek.encode() not in everything
    assert "비밀이름".encode() not in everything
    assert b'"lane":"docs","pieces"' not in everything


def test_a_tender_that_fails_leaves_its_documents_sealed(app: Flask, tender: Tender, stage: Stage) -> None:
    hand_in(tender, bidders(1)[0], 90_000_000, Document("a.pdf", PDF))
    stage.close(tender)
    stage.open(tender)
    stage.work()
    db.session.expire_all()
    assert db.session.get_one(Tender, tender.id).state == "failed"
    assert {document.state for document in db.session.scalars(select(BidDocument))} == {"sealed"}


def test_a_required_document_that_is_missing_is_named_to_the_agency(
    client: FlaskClient, agency: Agency, tender: Tender, opened: Any
) -> None:
    opened(Document("기타.pdf", PDF, asked=None))
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    page = client.get(f"/tenders/{tender.reference}/documents").text
    assert str(PROPOSAL["name"]) in page
