"""The auditor's desk: what is found there, who may, what each reading leaves in the log, and what tampering shows."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import files, time
from app.audit.models import Event
from app.auth import Role
from app.db import db, transaction
from app.errors import NotFound
from app.formats import kst
from app.tlog.canon import parse
from bidding.bundle import pack, read
from bidding.checks import Result
from bidding.keyholder.panel import Panel
from bidding.models import Bundle, Opening, Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import award, draft
from bidding.services import auditing
from bidding.services.publishing import submit_for_review
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import PLAN, an_agency, bidders, place, published
from tests.builders import make_person

__all__ = ["holder", "keyholder", "later", "stage"]


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def awarded(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    tender = published(agency, keyholder)
    for bidder, amount in zip(bidders(3), (91_000_000, 90_000_000, 80_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    with transaction():
        assert award(agency, tender.id, time.now())
    stage.work()
    db.session.expire_all()
    return tender


@pytest.fixture
def auditor(app: Flask, client: FlaskClient, sign_in: Any) -> FlaskClient:
    sign_in(client, make_person([Role.AUDITOR]))
    return client


def in_review(agency: Agency, keyholder: Panel) -> Tender:
    now = time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        submit_for_review(tender.id, agency.officer, now, panel=keyholder)
    return tender


def readings() -> list[tuple[str, str]]:
    """(subject, what) of every recorded reading, oldest first."""
    events = db.session.scalars(select(Event).where(Event.type == "access.read").order_by(Event.at))
    return [(event.subject, parse(event.body)["what"]) for event in events]


def opening_of(tender: Tender) -> Opening:
    return db.session.get_one(Opening, tender.id)


def bundle_of(tender: Tender) -> bytes:
    return files.load(db.session.get_one(Bundle, (tender.id, "award")).sha256)


def tampered(data: bytes) -> bytes:
    """The same bundle with another amount in its award, its manifest made anew."""
    content = {path: held for path, held in read(data).files.items() if path != "MANIFEST"}
    content["award.json"] = content["award.json"].replace(b"90000000", b"90000001")
    return pack(content)


def test_a_stored_opening_comes_out_as_it_is_stored_and_logged(awarded: Tender) -> None:
    done = auditing.recompute(awarded, opening_of(awarded))
    assert done.is_same
    assert done.stored == done.made == done.logged


def test_a_rank_changed_in_the_store_is_found_and_named(awarded: Tender) -> None:
    opening = opening_of(awarded)
    changed = dict(opening.evaluation)
    changed["placings"] = [dict(placing) for placing in changed["placings"]]
    changed["placings"][0]["rank"], changed["placings"][1]["rank"] = 2, 1
    opening.evaluation = changed
    done = auditing.recompute(awarded, opening)
    assert not done.is_same
    assert len([one for one in done.differences if one.what.startswith("placing")]) == 2
    db.session.rollback()


def test_a_price_changed_in_the_stored_opening_gives_another_digest_than_the_log(awarded: Tender) -> None:
    opening = opening_of(awarded)
    opening.lines = [
        {**line, "amount": "91000001"} if line.get("amount") == "91000000" else line for line in opening.lines
    ]
    done = auditing.recompute(awarded, opening)
    assert done.made != done.logged
    assert not done.is_same
    db.session.rollback()


def test_every_check_of_both_published_bundles_holds_with_this_sites_keys(awarded: Tender) -> None:
    reports = auditing.check_published(awarded)
    assert {report.stage for report in reports} == {"opening", "award"}
    assert all(report.is_sound and report.count("PASS") > 15 for report in reports)
    checks = [check for report in reports for check in report.checks]
    assert [check.result for check in checks if check.code == "V02"].count(Result.PASS) == 2
    # Unpinned, several checks would warn that the keys are the bundle's own.
    assert not [str(check) for check in checks if "bundle's own" in check.text]


def test_a_bundle_changed_on_the_disk_cannot_be_checked(app: Flask, awarded: Tender) -> None:
    sha256 = db.session.get_one(Bundle, (awarded.id, "award")).sha256
    path = files._path(sha256)
    path.chmod(0o640)
    path.write_bytes(tampered(path.read_bytes()))
    report = next(one for one in auditing.check_published(awarded) if one.stage == "award")
    assert not report.is_sound
    assert "damaged" in report.fault


def test_a_tampered_copy_fails_and_is_no_published_bundle(awarded: Tender) -> None:
    report = auditing.check_bytes(tampered(bundle_of(awarded)))
    assert report.stage == ""
    assert not report.is_sound
    assert any(check.code == "V23" and check.result is Result.FAIL for check in report.checks)
    true = auditing.check_bytes(bundle_of(awarded))
    assert (true.stage, true.is_sound) == ("award", True)


@pytest.mark.parametrize("data", [b"", b"PK", b"no zip at all"])
def test_what_is_no_bundle_is_told_so(app: Flask, data: bytes) -> None:
    report = auditing.check_bytes(data)
    assert report.fault
    assert not report.is_sound


def test_a_zip_without_keys_is_told_so(app: Flask) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("note.txt", "hello")
    assert auditing.check_bytes(target.getvalue()).fault


def test_a_draft_is_no_case_until_it_is_submitted(agency: Agency, keyholder: Panel) -> None:
    now = time.now()
    with transaction():
        draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
    assert auditing.cases("", "", 1).total == 0
    tender = in_review(agency, keyholder)
    assert [case.id for case in auditing.cases("", "review", 1).items] == [tender.id]
    assert auditing.find_case(str(tender.reference)).id == tender.id
    with pytest.raises(NotFound):
        auditing.find_case("T26BK99999999-000")


def test_cases_are_found_by_number_and_by_words(awarded: Tender) -> None:
    for words in (str(awarded.number), str(awarded.reference), "도로 설계"):
        assert [case.id for case in auditing.cases(words, "", 1).items] == [awarded.id]
    assert auditing.cases("항만", "", 1).items == []
    assert auditing.cases("", "failed", 1).items == []


def test_the_number_of_sealed_bids_stays_unknown_until_the_closing(
    agency: Agency, keyholder: Panel, stage: Stage
) -> None:
    tender = published(agency, keyholder)
    for bidder in bidders(2):
        place(tender, bidder, 90_000_000)
    assert "bid.submitted" not in [entry.type for entry in auditing.trail(tender, 1).items]
    stage.close(tender)
    db.session.expire_all()
    entries = [entry for entry in auditing.trail(tender, 1).items if entry.type == "bid.submitted"]
    assert len(entries) == 2
    assert all(entry.facts is None and not entry.is_open for entry in entries)


def test_every_page_of_a_case_is_recorded(auditor: FlaskClient, awarded: Tender) -> None:
    reference = str(awarded.reference)
    for path in ("", "/trail.csv"):
        assert auditor.get(f"/audit/cases/{reference}{path}").status_code == 200
    assert auditor.post(f"/audit/cases/{reference}/recompute").status_code == 200
    assert readings() == [(reference, what) for what in ("case", "trail.csv", "recompute")]


def test_a_list_is_recorded_only_where_it_shows_what_is_not_public(
    auditor: FlaskClient, agency: Agency, keyholder: Panel
) -> None:
    published(agency, keyholder)
    assert auditor.get("/audit/cases").status_code == 200
    assert readings() == []
    hidden = in_review(agency, keyholder)
    assert auditor.get("/audit/cases").status_code == 200
    assert readings() == [("tenders", f"list: {hidden.reference}")]


def test_what_is_in_review_opens_on_the_auditors_page_alone(
    auditor: FlaskClient, agency: Agency, keyholder: Panel
) -> None:
    tender = in_review(agency, keyholder)
    assert auditor.get(f"/tenders/{tender.reference}").status_code == 404
    assert auditor.get(f"/audit/cases/{tender.reference}").status_code == 200


def test_the_page_says_that_all_is_the_same(auditor: FlaskClient, awarded: Tender) -> None:
    page = auditor.post(f"/audit/cases/{awarded.reference}/recompute?lang=en").get_data(as_text=True)
    assert "The rules give the same result" in page
    assert page.count("No check failed") == 2
    assert "V23" in page


def test_the_trail_tells_facts_by_their_names_and_instants_in_korean_time(
    auditor: FlaskClient, awarded: Tender
) -> None:
    page = auditor.get(f"/audit/cases/{awarded.reference}?lang=en").get_data(as_text=True)
    assert awarded.closes_at is not None
    assert "Deadline (closes_at)" in page
    assert f"{kst(awarded.closes_at)}, {time.wire(awarded.closes_at)}" in page


def test_an_upload_that_was_tampered_with_fails_visibly(auditor: FlaskClient, awarded: Tender) -> None:
    def sent(data: bytes) -> str:
        answer = auditor.post("/audit/check?lang=en", data={"bundle": (io.BytesIO(data), "bundle.zip")})
        return answer.get_data(as_text=True)

    assert "the very bytes of a bundle that this site published" in sent(bundle_of(awarded))
    bad = sent(tampered(bundle_of(awarded)))
    assert "No bundle that this site published has these bytes" in bad
    assert "checks failed" in bad
    assert auditor.post("/audit/check").status_code == 422


def test_the_trail_exports_with_names_and_places_in_the_log(auditor: FlaskClient, awarded: Tender) -> None:
    rows = auditor.get(f"/audit/cases/{awarded.reference}/trail.csv").get_data(as_text=True).splitlines()
    assert rows[0].lstrip("\ufeff") == "at,type,label,subject,actor,name,log_index,open,facts"
    confirmed = next(row for row in rows if ",award.confirmed," in row)
    assert ",이승인," in confirmed
    assert ",open," in confirmed


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.SUPPLIER_ADMIN, Role.OPERATOR, Role.REGISTRAR])
def test_nobody_else_sees_the_auditors_pages(
    app: Flask, client: FlaskClient, sign_in: Any, role: Role, agency: Agency, keyholder: Panel
) -> None:
    tender = published(agency, keyholder)
    sign_in(client, make_person([role]))
    for path in ("/audit/cases", f"/audit/cases/{tender.reference}", "/audit/check"):
        assert client.get(path).status_code in (403, 404)
    assert client.post(f"/audit/cases/{tender.reference}/recompute").status_code in (403, 404)
