"""Taking a bid with documents in: what the notice asks for, what belongs together, and what a refusal leaves behind."""

from __future__ import annotations

from dataclasses import replace
from shutil import rmtree
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import BadEnvelope, DeadlinePassed, DocumentsMissing
from app.tlog.canon import jcs
from bidding.keyholder.panel import Panel
from bidding.models import Bid, BidDocument, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Bidder
from bidding.sealing import envelope_hash
from bidding.services.submission import SealedBid, submit_bid
from bidding.statement import sign_statement, statement_hash
from tests.bidding.staging import an_agency, bidders, published
from tests.bidding.submitting import ASKED, RECORDS, asking_for_documents
from tests.signing_in import sign_in


@pytest.fixture
def bidder(app: Flask) -> Bidder:
    return bidders(1)[0]


@pytest.fixture
def tender(app: Flask, keyholder: Panel) -> Tender:
    return asking_for_documents(an_agency(), keyholder)


def sealed_by(tender: Tender, bidder: Bidder, documents: Any = ASKED) -> SealedBid:
    with transaction():
        return seal(tender, bidder, 90_000_000, (1, 2), time.now(), documents)


def submit(tender: Tender, sealed: SealedBid, bidder: Bidder, clock: Any = None) -> Bid:
    return submit_bid(str(tender.reference), sealed, bidder.actor, time.now(), clock).bid


def kept() -> tuple[int, int]:
    bids = db.session.scalar(select(func.count()).select_from(Bid)) or 0
    return bids, db.session.scalar(select(func.count()).select_from(BidDocument)) or 0


def test_a_bid_is_accepted_with_its_files_named_and_the_same_again_changes_nothing(
    tender: Tender, bidder: Bidder
) -> None:
    sealed = sealed_by(tender, bidder)
    first = submit(tender, sealed, bidder)
    assert sealed.docs is not None
    assert first.docs_envelope == jcs(sealed.docs)
    rows = db.session.execute(select(BidDocument.n, BidDocument.blob_sha256, BidDocument.sealed_size))
    assert sorted(map(tuple, rows)) == [(f["n"], f["ct_sha256"], f["ct_len"]) for f in sealed.docs["files"]]
    assert submit(tender, sealed, bidder).id == first.id
    assert kept() == (1, 3)


def test_a_late_bid_leaves_its_files_named_by_nobody(tender: Tender, bidder: Bidder) -> None:
    sealed, closes_at = sealed_by(tender, bidder), tender.closes_at
    with pytest.raises(DeadlinePassed):
        submit(tender, sealed, bidder, lambda: closes_at)
    assert kept() == (0, 0)


def test_a_bid_without_documents_is_refused_where_some_are_required(tender: Tender, bidder: Bidder) -> None:
    with pytest.raises(DocumentsMissing):
        submit(tender, sealed_by(tender, bidder, ()), bidder)
    assert kept() == (0, 0)


def test_a_bid_without_documents_is_fine_where_none_is_required(keyholder: Panel, bidder: Bidder) -> None:
    tender = asking_for_documents(an_agency(), keyholder, asked_documents=[RECORDS])
    submit(tender, sealed_by(tender, bidder, ()), bidder)
    assert kept() == (1, 0)


def test_documents_that_belong_to_another_bid_or_to_none_are_refused(
    keyholder: Panel, tender: Tender, bidder: Bidder
) -> None:
    sealed = sealed_by(tender, bidder)
    elsewhere = sealed_by(asking_for_documents(an_agency(2), keyholder), bidder)
    without = published(an_agency(3), keyholder)
    plain = seal(without, bidder, 90_000_000, (1, 2), time.now())
    wrong = [
        (tender, replace(sealed, docs=None)),
        (tender, replace(sealed, docs=elsewhere.docs)),
        (tender, replace(sealed_by(tender, bidder), docs=sealed.docs)),
        (without, replace(plain, docs=sealed.docs)),
    ]
    for place, bid in wrong:
        with pytest.raises(BadEnvelope):
            submit(place, bid, bidder)
    assert kept() == (0, 0)


def test_anothers_files_are_not_ones_own(tender: Tender, bidder: Bidder) -> None:
    (other,) = bidders(1, first=9)
    theirs = sealed_by(tender, bidder)
    assert theirs.docs is not None
    mine = sealed_by(tender, other)
    assert mine.docs is not None
    stolen = mine.docs | {"files": theirs.docs["files"]}
    statement = mine.statement | {"env": mine.statement["env"] | {"docs": envelope_hash(stolen)}}
    signature = sign_statement(statement_hash(statement), other.kid, other.key)
    with pytest.raises(DocumentsMissing):
        submit(tender, SealedBid(statement, signature, mine.envelope, stolen), other)


def test_missing_files_are_named_over_http_with_a_signed_refusal(
    client: FlaskClient, tender: Tender, bidder: Bidder, app: Flask
) -> None:
    sealed = sealed_by(tender, bidder)
    assert sealed.docs is not None
    rmtree(f"{app.config['NARU_VAR']}/blobs")
    sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
    body = {"statement": sealed.statement, "signature": sealed.signature}
    posted = jcs(body | {"env_price": sealed.envelope, "env_docs": sealed.docs})
    answer = client.post(f"/api/tenders/{tender.reference}/bids", data=posted, content_type="application/json")
    told = answer.get_json()
    assert (answer.status_code, told["code"]) == (409, "documents-missing")
    assert told["missing"] == sorted(file["ct_sha256"] for file in sealed.docs["files"])
    assert '"reason":"documents"' in told["refusal"]


@pytest.fixture
def statements(app: Flask) -> Any:
    """What the session asks of the database."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_rest: Any) -> None:
        seen.append(sql)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_bid_without_documents_asks_the_database_nothing_about_files(
    keyholder: Panel, bidder: Bidder, statements: list[str]
) -> None:
    tender = published(an_agency(), keyholder)
    sealed = seal(tender, bidder, 90_000_000, (1, 2), time.now())
    statements.clear()
    submit_bid(str(tender.reference), sealed, bidder.actor, time.now())
    assert [sql for sql in statements if "blobs" in sql or "bid_documents" in sql] == []
