"""The officer's draft: who may write it, which files it takes, how it ends."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import Forbidden, IllegalTransition, InvalidInput, NotFound
from bidding import queries
from bidding.keyholder.panel import Panel
from bidding.models import Attachment, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import draft
from bidding.services import drafting
from bidding.services.drafting import add_attachment, discard_draft, remove_attachment, save_draft, start_draft
from bidding.services.publishing import submit_for_review, take_back
from bidding.services.schedule import floor_advice, notice_findings
from tests.bidding.staging import PLAN, an_agency, bidders, published
from tests.builders import sign_in

PDF = b"%PDF-1.4 content"


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency) -> Tender:
    now = time.now()
    with transaction():
        return draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))


def attach(tender: Tender, agency: Agency, name: str = "시방서.pdf", content: bytes = PDF) -> Attachment:
    with transaction():
        return add_attachment(tender.id, name, content, agency.officer, time.now())


def held(tender: Tender) -> list[str]:
    return [one.name for one in queries.attachments(tender.id)]


def test_only_an_agency_drafts(app: Flask) -> None:
    with pytest.raises(Forbidden), transaction():
        start_draft(bidders(1)[0].actor, time.now(), title="공급사의 공고", kind="goods", is_practice=False)


def test_another_agencys_draft_is_not_touched(tender: Tender, agency: Agency) -> None:
    other, file = an_agency(2).officer, attach(tender, agency)
    for act in (
        lambda: save_draft(tender.id, {"title": "훔친 공고"}, other),
        lambda: add_attachment(tender.id, "a.pdf", PDF + b"2", other, time.now()),
        lambda: remove_attachment(tender.id, file.id, other),
        lambda: discard_draft(tender.id, other, time.now()),
    ):
        with pytest.raises(Forbidden), transaction():
            act()
    assert held(tender) == ["시방서.pdf"]


def test_what_is_published_is_no_longer_a_draft(agency: Agency, keyholder: Panel) -> None:
    tender = published(agency, keyholder)
    for act in (
        lambda: save_draft(tender.id, {"title": "다른 제목으로"}, agency.officer),
        lambda: add_attachment(tender.id, "a.pdf", PDF, agency.officer, time.now()),
        lambda: discard_draft(tender.id, agency.officer, time.now()),
    ):
        with pytest.raises(IllegalTransition), transaction():
            act()


@pytest.mark.parametrize("name", ["state", "agency_id", "reference", "is_practice", "approved_by_id", "box"])
def test_nothing_but_the_fields_of_a_draft_is_written(tender: Tender, agency: Agency, name: str) -> None:
    with pytest.raises(InvalidInput), transaction():
        save_draft(tender.id, {name: "x"}, agency.officer)


def test_instants_stand_in_their_order(tender: Tender, agency: Agency) -> None:
    assert tender.closes_at is not None
    for wrong in ({"opens_at": tender.closes_at}, {"bids_from_at": tender.closes_at}):
        with pytest.raises(InvalidInput), transaction():
            save_draft(tender.id, wrong, agency.officer)


def test_the_lowest_price_has_no_floor(tender: Tender, agency: Agency) -> None:
    with transaction():
        save_draft(tender.id, {"method": "lowest", "floor_rate": 88_000}, agency.officer)
    assert tender.floor_rate is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"hello"),
        ("noted.txt", b"<html><script>alert(1)</script></html>"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>"),
        ("script.js", b"alert(1)"),
        ("설치.exe", b"anything"),
        ("시방서.pdf", b"MZ\x90\x00" + bytes(64)),
        ("시방서.pdf.exe. ", b"anything"),
        ("run", b"#!/bin/sh\nrm -rf"),
        ("empty.pdf", b""),
    ],
)
def test_what_could_run_or_is_empty_is_not_taken(tender: Tender, agency: Agency, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        attach(tender, agency, name, content)
    assert held(tender) == []


@pytest.mark.parametrize("name", ["규격서.hwp", "도면.dwg", "내역서.xlsx", "이름 없음", "특수문자(1) & 2.pdf"])
def test_what_an_agency_sends_is_taken(tender: Tender, agency: Agency, name: str) -> None:
    attach(tender, agency, name, b"plain words of a document")
    assert held(tender) == [name]


def test_the_size_has_its_exact_edge(tender: Tender, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "MAX_ATTACHMENT", 1000)
    attach(tender, agency, "edge.pdf", PDF.ljust(1000))
    with pytest.raises(InvalidInput):
        attach(tender, agency, "over.pdf", PDF.ljust(1001))


def test_the_same_bytes_twice_are_one_file_even_when_no_more_fit(
    tender: Tender, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafting, "MAX_ATTACHMENTS", 2)
    first = attach(tender, agency)
    attach(tender, agency, "둘째.pdf", PDF + b"2")
    assert attach(tender, agency, "다른 이름.pdf").id == first.id
    with pytest.raises(InvalidInput):
        attach(tender, agency, "셋째.pdf", PDF + b"3")


def test_a_name_that_would_break_a_header_is_made_plain(
    tender: Tender, agency: Agency, keyholder: Panel, client: FlaskClient
) -> None:
    file = attach(tender, agency, "../시방서\r\nSet-Cookie: a=b\x00.txt", b"plain words")
    assert file.name == ".._시방서__Set-Cookie: a=b_.txt"
    with transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder)
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    answer = client.get(f"/tenders/{tender.reference}/files/{file.sha256}")
    assert (answer.status_code, answer.data) == (200, b"plain words")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_file_is_removed_from_its_own_draft_only(tender: Tender, agency: Agency) -> None:
    file, now = attach(tender, agency), time.now()
    with transaction():
        other = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
    with pytest.raises(NotFound), transaction():
        remove_attachment(other.id, file.id, agency.officer)
    with transaction():
        remove_attachment(tender.id, file.id, agency.officer)
    assert held(tender) == []


def test_a_draft_is_discarded_with_its_files_and_a_submitted_one_stays(
    tender: Tender, agency: Agency, keyholder: Panel
) -> None:
    attach(tender, agency)
    with transaction():
        submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder)
        take_back(tender.id, agency.officer, time.now())
    with pytest.raises(IllegalTransition), transaction():
        discard_draft(tender.id, agency.officer, time.now())
    now = time.now()
    with transaction():
        fresh = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
    attach(fresh, agency)
    with transaction():
        discard_draft(fresh.id, agency.officer, time.now())
    assert db.session.scalar(select(func.count()).select_from(Tender)) == 1
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 1


def _filled_in(page: str) -> dict[str, str]:
    """What the text fields of the form hold."""
    fields = re.findall(r'<input class="input" [^>]*>', page[page.index("<main") :])
    values = [(re.search(r' name="(\w+)"', one), re.search(r' value="([^"]*)"', one)) for one in fields]
    return {name[1]: value[1] for name, value in values if name and value}


class TestPages:
    """What the officer's forms answer."""

    @pytest.fixture
    def officer(self, client: FlaskClient, agency: Agency) -> FlaskClient:
        sign_in(client, db.session.get_one(Person, agency.officer.person_id))
        return client

    def test_a_draft_that_was_taken_back_still_shows(
        self, officer: FlaskClient, tender: Tender, agency: Agency, keyholder: Panel
    ) -> None:
        with transaction():
            submit_for_review(tender.id, agency.officer, time.now(), panel=keyholder)
            take_back(tender.id, agency.officer, time.now())
        for page in ("", "/manage", "/evidence", "/result", "/notice.json"):
            assert officer.get(f"/tenders/{tender.reference}{page}").status_code == 200, page

    def test_a_refused_file_is_told_and_nothing_is_kept(self, officer: FlaskClient, tender: Tender) -> None:
        sent: dict[str, Any] = {"file": (BytesIO(b"MZ"), "run.exe")}
        assert officer.post(f"/agency/tenders/{tender.id}/files", data=sent).status_code == 302
        assert "파일을 받지 않았습니다" in officer.get(f"/agency/tenders/{tender.id}/draft/documents").text

    def test_given_prices_that_do_not_fit_stay_as_typed(
        self, officer: FlaskClient, tender: Tender, agency: Agency, keyholder: Panel
    ) -> None:
        with transaction():
            save_draft(tender.id, {"draw_mode": "M3"}, agency.officer)
        for typed in (["98,765,432"] * 3, ["오백만"] * 15):
            answer = officer.post(f"/agency/tenders/{tender.id}/submit", data={"prices": typed})
            assert answer.status_code == 422
            assert answer.text.count(f'value="{typed[0]}"') == len(typed)

    def test_broken_rules_are_told_in_words(self, officer: FlaskClient, tender: Tender, keyholder: Panel) -> None:
        with transaction():
            tender.base_amount_won = None
        answer = officer.post(f"/agency/tenders/{tender.id}/submit")
        assert answer.status_code == 422
        assert "Finding(" not in answer.text

    @pytest.mark.parametrize("when", ["0001-01-01T00:00", "9999-12-31T23:59Z", "soon", "2026-13-01T00:00"])
    def test_an_instant_outside_every_calendar_is_told(self, officer: FlaskClient, tender: Tender, when: str) -> None:
        typed = {"bids_from_at": when, "closes_at": when, "opens_at": when}
        answer = officer.post(f"/agency/tenders/{tender.id}/draft/when", data=typed)
        assert answer.status_code == 200
        assert "2026-12-01 10:00" in answer.text

    def test_a_text_with_a_nul_gets_an_answer(self, officer: FlaskClient, tender: Tender) -> None:
        typed = {"title": "제목에 \x00 있음", "kind": "goods"}
        assert officer.post(f"/agency/tenders/{tender.id}/draft/what", data=typed).status_code == 422

    def test_a_new_draft_starts_from_the_tables_floor_and_the_earliest_times_and_takes_them(
        self, officer: FlaskClient, agency: Agency
    ) -> None:
        with transaction():
            fresh = start_draft(agency.officer, time.now(), title="책상 구매", kind="goods", is_practice=False)
        place = f"/agency/tenders/{fresh.id}/draft"
        assert _filled_in(officer.get(f"{place}/when").text)["closes_at"] == ""  # the period depends on the value
        typed = {"regime": "national", "estimated_value_won": "20000000", "base_amount_won": "22000000"}
        assert officer.post(f"{place}/amount", data=typed).status_code == 302
        for step, more in (("method", {"method": "quote", "range_percent": "2", "draw_mode": "M2"}), ("when", {})):
            page = officer.get(f"{place}/{step}").text
            assert officer.post(f"{place}/{step}", data=_filled_in(page) | more).status_code == 302
        kept = db.session.get_one(Tender, fresh.id)
        advice = floor_advice(kept, time.now())
        assert advice is not None
        assert kept.floor_rate == advice.rate
        assert kept.bids_from_at is not None
        placed = notice_findings(kept, time.now())
        assert [one.finding.code for one in placed if one.step == "when" and one.finding.severity == "error"] == []

    def test_the_desk_leads_to_a_new_draft_whoever_may_write_one(
        self, officer: FlaskClient, client: FlaskClient, agency: Agency
    ) -> None:
        assert 'href="/agency/tenders/new"' in officer.get("/desk").text
        sign_in(client, db.session.get_one(Person, agency.approver.person_id))
        assert 'href="/agency/tenders/new"' not in client.get("/desk").text
