"""The public board: finding, filtering, taking along; and what nobody is shown before the opening."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import time
from app.audit.sequencer import run_step
from app.auth import Role
from app.auth.models import Person
from app.db import db, transaction
from bidding import queries
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import Plan, announce, draft
from bidding.services.publishing import submit_for_review
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published
from tests.builders import make_person, sign_in

TITLES = {
    "경역정비 도로 포장공사": 300_000_000,
    "A1 청사 승강기 유지보수": 100_000_000,
    "100% 재생용지_구매 (특수)": 200_000_000,
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tenders(agency: Agency, keyholder: Panel) -> list[Tender]:
    """The titles above, in this order, the last one newest and closing first."""
    made = []
    for place_, (title, won) in enumerate(TITLES.items()):
        now = time.now()
        with transaction():
            tender = draft(agency, Plan(title, won), now, closes_at=now + timedelta(hours=9 - place_))
            made.append(announce(agency, tender, keyholder, now))
    return made


def listed(client: FlaskClient, query: str) -> list[str]:
    """Titles found, in order, by the CSV, which is the board's own selection."""
    answer = client.get(f"/tenders.csv?{query}")
    assert answer.status_code == 200
    return [row["bidNtceNm"] for row in csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))]


ROAD, LIFT, PAPER = TITLES


WORDS = {
    "정비": [ROAD],  # inside a word
    "포장 도로": [ROAD],
    "a1": [LIFT],
    "승강기 도로": [],
    "%": [PAPER],
    "_": [PAPER],
    "100%": [PAPER],
    "재생용지_구매": [PAPER],
    "재생용지x구매": [],
    "\\": [],
    "'; DROP TABLE tenders; --": [],
    "T26BK00000002": [LIFT],
    "t26bk00000002-000": [LIFT],
    "T26BK00000099": [],
}


def test_words_stand_as_they_are_written(client: FlaskClient, tenders: list[Tender]) -> None:
    for words, found in WORDS.items():
        page = client.get("/tenders", query_string={"q": words})
        assert page.status_code == 200, words
        assert [title for title in TITLES if f"<b>{title}</b>" in page.text] == found, words


def test_a_word_that_merely_begins_like_a_number_is_a_word(
    client: FlaskClient, agency: Agency, keyholder: Panel
) -> None:
    published(agency, keyholder, Plan("T50 프로젝터 구매", 50_000_000))
    assert "T50 프로젝터 구매" in client.get("/tenders?q=T50").text


FILTERS = {
    "": [PAPER, LIFT, ROAD],
    "sort=closing": [PAPER, LIFT, ROAD],
    "sort=amount": [ROAD, PAPER, LIFT],
    "min_won=200,000,000": [PAPER, ROAD],
    "max_won=200000000": [PAPER, LIFT],
    "min_won=200000001&max_won=299999999": [],
    "state=open": [PAPER, LIFT, ROAD],
    "state=awarded": [],
    "kind=services&method=quote": [PAPER, LIFT, ROAD],
    "kind=works": [],
    "region=26": [PAPER, LIFT, ROAD],
    "agency=시험청": [PAPER, LIFT, ROAD],
    "agency=%25": [],
    "practice=only": [PAPER, LIFT, ROAD],
    "practice=without": [],
    "q=정비&page=7": [ROAD],
}


def test_filters_and_orders(client: FlaskClient, tenders: list[Tender]) -> None:
    assert {query: listed(client, query) for query in FILTERS} == FILTERS


def test_a_deadline_filter_has_its_exact_edge(client: FlaskClient, tenders: list[Tender]) -> None:
    with transaction():
        tenders[0].closes_at = time.now().replace(microsecond=0) + timedelta(hours=8)
        tenders[0].opens_at = tenders[0].closes_at + timedelta(hours=1)
    at = tenders[0].closes_at.astimezone(time.KST).strftime("%Y-%m-%dT%H:%M:%S")
    assert ROAD in listed(client, f"closes_after={at}")
    assert ROAD not in listed(client, f"closes_before={at}")


def test_pages_hold_each_tender_once(
    client: FlaskClient, tenders: list[Tender], monkeypatch: pytest.MonkeyPatch
) -> None:

    board = queries.board
    monkeypatch.setattr(queries, "board", lambda wanted, page: board(wanted, page, 2))
    first, second, beyond = (client.get(f"/tenders?page={number}").text for number in (1, 2, 99))
    seen = [title for page in (first, second, beyond) for title in TITLES if f"<b>{title}</b>" in page]
    assert sorted(seen) == sorted(TITLES)
    assert "page=2" in first


BAD = [
    "page=0", "page=-1", "page=abc", "page=99999999999999999999", "state=nonsense", "state=%20open", "state=%20",
    "kind=%20goods", "region=99", "region=%2011", "sort=nonsense", "min_won=abc", "min_won=-1", "min_won=9" + "9" * 30,
    "max_won=1.5", "closes_after=never", "closes_after=0001-01-01T00:00", "closes_before=9999-12-31T23:59Z",
    "q=%00", "agency=a%00b", "q=" + "x" * 5000, "endpoint=x", "q=a&endpoint=x", "q=a&_scheme=javascript&_external=1",
    "q=a&_anchor=x&_method=POST", "q=%F0%9F%98%80", "q=%ff%fe", "practice=maybe", "state=open&state=closed",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/tenders", "/tenders.csv"])
def test_a_query_that_makes_no_sense_gets_a_page_and_never_a_fault(
    client: FlaskClient, tenders: list[Tender], path: str
) -> None:
    for query in BAD:
        answer = client.get(f"{path}?{query}")
        assert answer.status_code == (422 if "%00" in query else 200), query
        assert "javascript:" not in answer.text, query


def test_a_filter_that_does_not_fit_is_named_and_left_out(client: FlaskClient, tenders: list[Tender]) -> None:
    page = client.get("/tenders?state=nonsense&min_won=200000000").text
    assert 'aria-invalid="true"' in page
    assert ROAD in page
    assert f"<b>{LIFT}</b>" not in page  # the filter that fits is in force


def test_a_title_is_no_formula_in_a_spreadsheet(client: FlaskClient, agency: Agency, keyholder: Panel) -> None:
    published(agency, keyholder, Plan('=HYPERLINK("http://x","y")', 50_000_000))
    (title,) = listed(client, "")
    assert title.startswith("'=")


def test_a_longer_board_asks_no_more_of_the_database(client: FlaskClient, agency: Agency, keyholder: Panel) -> None:
    def asked() -> int:
        statements: list[str] = []
        event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
        assert client.get("/tenders").status_code == 200
        return len(statements)

    published(agency, keyholder)
    client.get("/tenders")
    one = asked()
    for number in (2, 3):
        published(an_agency(number), keyholder)
    assert asked() <= one


def test_a_draft_is_nobody_elses(client: FlaskClient, agency: Agency, keyholder: Panel) -> None:
    now = time.now()
    with transaction():
        hidden = draft(agency, Plan("비밀스러운 초안", 50_000_000), now, closes_at=now + timedelta(hours=1))
        submit_for_review(hidden.id, agency.officer, now, panel=keyholder)
    paths = [
        f"/tenders/{hidden.reference}{more}" for more in ("", "/result", "/evidence", "/notice.json", "/bundle.zip")
    ]
    for person in (None, make_person([Role.OFFICER]), make_person([Role.OPERATOR])):
        if person is not None:
            sign_in(client, person)
        assert [client.get(path).status_code for path in paths] == [404] * len(paths)
        assert "비밀스러운 초안" not in client.get("/tenders").text + client.get("/tenders.csv").text


def test_before_the_opening_nothing_public_tells_who_bids_how_many_or_how_much(
    app: Flask, client: FlaskClient, agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    crowd, amounts = bidders(3), (91_234_567, 92_345_678, 93_456_789)
    tender = published(agency, keyholder)
    bids = [place(tender, bidder, won) for bidder, won in zip(crowd, amounts, strict=True)]
    secret = [text for bid in bids for text in (str(bid.id), bid.stmt, bid.receipt_number)]
    secret += [f"{won:,}" for won in amounts] + [str(won) for won in amounts]
    secret += [str(bidder.actor.person_id) for bidder in crowd] + ["bid.submitted"]
    names = [bidder.business_number for bidder in crowd] + [f"공급사 {number}" for number in (1, 2, 3)]
    run_step()
    pages = [f"/tenders/{tender.reference}{more}" for more in ("", "/result", "/evidence", "/notice.json")]
    pages += ["/tenders", "/tenders.csv", f"/log?tender={tender.reference}"]
    log = ["/log", *(f"/log/entries/{index}" for index in range(40))]  # the register of suppliers is public in it
    for person in (None, make_person([Role.OPERATOR]), db.session.get_one(Person, agency.officer.person_id)):
        if person is not None:
            sign_in(client, person)
        assert found_on(client, pages, secret + names) == []
        assert found_on(client, log, secret) == []
    stage.close(tender)
    secret = [text for text in secret if text not in {bid.stmt for bid in bids}]  # listed by hash from now on
    assert found_on(client, pages, secret + names) == []
    assert found_on(client, log, secret) == []
    stage.open(tender)
    assert len(found_on(client, pages, [f"{won:,}" for won in amounts] + names[:3])) >= 6  # the scan does find


def found_on(client: FlaskClient, addresses: list[str], words: list[str]) -> list[str]:
    pages = [(address, client.get(address).text) for address in addresses]
    return [f"{word} on {address}" for address, text in pages for word in words if word in text]
