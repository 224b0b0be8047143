"""The evaluation report: issued once in each language with the award's bundle, and everything in it is the result's."""

from __future__ import annotations

import hashlib
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from pypdf import PdfReader
from sqlalchemy import select

from app import time
from app.db import db, transaction
from app.documents import Document, Heading, Note, Paragraph, Table, issued_about
from app.documents.models import DocumentFile
from bidding import queries
from bidding.documents import Lang
from bidding.keyholder.panel import Panel
from bidding.models import Bundle, Opening, Tender
from bidding.report import BIDS_SHOWN, ReportBid, ReportFacts, evaluation_report
from bidding.report_facts import facts_of
from bidding.services.bundling import publish_bundle
from bidding.services.reporting import KIND, issue_report
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.reviewing import award, take_out
from tests.bidding.staging import an_agency, bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]


@pytest.fixture
def awarded(app: Flask, keyholder: Panel, stage: Stage) -> Tender:
    """Four bids: one below the floor, the first of the ranking disqualified by two persons, the second awarded."""
    agency = an_agency()
    tender = published(agency, keyholder)
    for bidder, amount in zip(bidders(4), (90_000_000, 91_000_000, 92_000_000, 60_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    take_out(tender, 1, agency)
    award(tender, agency)
    return tender


def test_the_award_brings_one_report_in_each_language_that_says_what_was_decided(
    client: FlaskClient, stage: Stage, awarded: Tender
) -> None:
    assert client.get(f"/tenders/{awarded.reference}/result.pdf").status_code == 404
    stage.work()
    reports = issued_about(awarded.audit_subject, KIND)
    assert sorted(one.lang for one in reports) == ["en", "ko"]
    with transaction():
        issue_report(awarded.id, "award", time.now())
    assert len(issued_about(awarded.audit_subject, KIND)) == 2
    opening, bundle = db.session.get_one(Opening, awarded.id), db.session.get_one(Bundle, (awarded.id, "award"))
    given = queries.find_award(awarded.id)
    assert given is not None
    for one in reports:
        content = db.session.scalars(select(DocumentFile.content).where(DocumentFile.sha256 == one.sha256)).one()
        assert hashlib.sha256(content).hexdigest() == one.sha256
        text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
        for value in (opening.evaluation_digest, str(given.standing_digest), bundle.sha256, str(awarded.box_root)):
            assert value in text
        for amount in ("91,000,000", "60,000,000", "국가계약법시행령제26조", "국가계약법시행규칙제44조제1항제11호"):
            assert amount in text
        led = client.get(f"/tenders/{awarded.reference}/result.pdf?lang={one.lang}")
        assert client.get(led.headers["Location"]).data == content
    page = client.get(f"/tenders/{awarded.reference}/result?lang=en").get_data(as_text=True)
    assert f"/tenders/{awarded.reference}/result.pdf" in page


def test_the_facts_are_those_of_the_store(stage: Stage, awarded: Tender) -> None:
    with transaction():
        stage.work()
        publish_bundle(awarded.id, "award", time.now())
    opening, bundle = db.session.get_one(Opening, awarded.id), db.session.get_one(Bundle, (awarded.id, "award"))
    with force_locale("en"):
        facts = facts_of(awarded, opening, bundle, queries.find_award(awarded.id))
    assert [one.rank for one in facts.placed] == [1, 2, 3]
    assert [(one.amount_won, one.reason) for one in facts.out] == [(60_000_000, "Below the floor")]
    assert [one.amount_won for one in facts.winners] == [91_000_000]
    assert [one.legal_basis for one in facts.decisions] == ["국가계약법 시행규칙 제44조제1항제11호"]
    assert len(set(facts.decisions[0].approvals)) == 2
    assert sum(one.is_drawn for one in facts.reserve_prices) == 4
    assert [len(one.trace) for one in facts.placed] == [
        len(one["arithmetic"]) for one in opening.evaluation["placings"] if one["rank"] is not None
    ]


def facts(placed: int = 1, points: tuple[int, int, int] | None = None) -> ReportFacts:
    bids = tuple(
        ReportBid(
            name=f"아주 긴 이름을 가진 업체 {rank}", business_number="1234567891", rank=rank, amount_won=10**8,
            rate=None if points else 90_000, points=points,
        )
        for rank in range(1, placed + 1)
    )  # fmt: skip
    return ReportFacts(
        reference="R26BK00000007-000", number="R26BK00000007-000-award", title="용역", agency_name="청",
        notice=(("a", "b"),), terms=(), rules=(), reserve_prices=(), arithmetic=(), placed=bids, out=(), decisions=(),
        outcome="", winners=(), proposed=None, confirmed=None, digests=(("d", "ab" * 32),), addresses=("x", "y", "z"),
    )  # fmt: skip


def words(document: Document) -> list[str]:
    return [one.text for one in document.blocks if isinstance(one, Heading | Paragraph | Note)]


@pytest.mark.parametrize(("lang", "said"), [("ko", "낙찰자가 없습니다."), ("en", "Nobody is awarded.")])
def test_what_there_is_none_of_is_said_and_not_left_blank(lang: Lang, said: str) -> None:
    document = evaluation_report(facts(0), lang)
    assert said in words(document)
    assert all(table.rows or table.empty for table in document.blocks if isinstance(table, Table))


def test_more_bids_than_a_report_lists_are_counted() -> None:
    document = evaluation_report(facts(BIDS_SHOWN + 7), "en")
    assert max(len(one.rows) for one in document.blocks if isinstance(one, Table)) == BIDS_SHOWN
    assert any(text.startswith("7 more") for text in words(document))


def test_points_have_a_column_where_the_method_counts_them() -> None:
    document = evaluation_report(facts(1, (800_000, 150_000, 950_000)), "en")
    ranking = next(one for one in document.blocks if isinstance(one, Table) and "Rank" in one.head)
    assert ranking.head == ("Rank", "Bidder", "Amount bid", "Points")
    assert "total 95.0000" in ranking.rows[0][3]
