"""Which documents a notice asks for: said in the draft, frozen with the notice, a lane of their own in the box."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import files, time
from app.auth.models import Person
from app.db import db, transaction
from app.errors import Forbidden, IllegalTransition, InvalidInput, NotFound
from app.tlog.canon import parse
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.stages import announce, draft
from bidding.services import asking
from tests.bidding.staging import PLAN, an_agency
from tests.signing_in import sign_in

ASKED = {"name": "기술제안서", "hint": "100쪽 이내", "required": True, "max_mb": 50}


def test_the_documents_asked_for_are_frozen_with_the_notice_and_give_the_box_a_second_lane(
    app: Flask, keyholder: Panel
) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        asking.ask_document(tender.id, ASKED, agency.officer)
        asking.ask_document(tender.id, ASKED | {"name": "실적증명서", "required": False}, agency.officer)
        asking.drop_document(tender.id, 2, agency.officer)
        announce(agency, tender, keyholder, now)
    assert tender.box is not None
    price, docs = tender.box["lanes"]["price"], tender.box["lanes"]["docs"]
    assert [one["id"] for one in docs["holders"]] == [one["id"] for one in price["holders"]]
    assert docs["holders"][0]["pub"] != price["holders"][0]["pub"]
    notice = parse(files.load(str(tender.notice_sha256)))
    assert notice["documents"] == [
        {"name": "기술제안서", "hint": "100쪽 이내", "required": True, "max_bytes": 50_000_000}
    ]
    with pytest.raises(IllegalTransition), transaction():
        asking.ask_document(tender.id, ASKED | {"name": "늦은 서류"}, agency.officer)


def test_a_document_is_asked_for_once_and_by_its_own_agency(app: Flask) -> None:
    agency, other, now = an_agency(), an_agency(2), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        asking.ask_document(tender.id, ASKED, agency.officer)
    with pytest.raises(InvalidInput), transaction():
        asking.ask_document(tender.id, ASKED, agency.officer)
    with pytest.raises(Forbidden), transaction():
        asking.ask_document(tender.id, ASKED | {"name": "다른 서류"}, other.officer)
    with pytest.raises(NotFound), transaction():
        asking.drop_document(tender.id, 2, agency.officer)


def test_a_tender_without_documents_has_one_lane_and_its_notice_names_none(app: Flask, keyholder: Panel) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
        announce(agency, tender, keyholder, now)
    assert tender.box is not None
    assert set(tender.box["lanes"]) == {"price"}
    assert "documents" not in parse(files.load(str(tender.notice_sha256)))


def test_the_page_adds_and_removes_a_document_and_keeps_what_was_typed_wrong(app: Flask, client: FlaskClient) -> None:
    agency, now = an_agency(), time.now()
    with transaction():
        tender = draft(agency, PLAN, now, closes_at=now + timedelta(hours=1))
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    place = f"/agency/tenders/{tender.id}/asked"
    assert client.post(place, data={"name": "기술제안서", "max_mb": "30", "required": "true"}).status_code == 302
    wrong = client.post(place, data={"name": "가", "max_mb": "9000", "hint": "이 말은 남는다"})
    assert wrong.status_code == 422
    assert "이 말은 남는다" in wrong.text
    assert client.post(place, data={"name": "기술제안서", "max_mb": "30"}).status_code == 422
    standing = db.session.get_one(Tender, tender.id).asked_documents
    assert [(one["name"], one["required"], one["max_bytes"]) for one in standing] == [("기술제안서", True, 30_000_000)]
    client.post(f"{place}/1/remove")
    assert db.session.get_one(Tender, tender.id).asked_documents == []
