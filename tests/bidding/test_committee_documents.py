"""A committee tender that asks for documents, from the draft to the file in the agency's hands, byte for byte."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import time
from app.audit.sequencer import run_step
from app.auth.models import Person
from app.db import db, transaction
from bidding.models import BidDocument, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.committee import give
from bidding.rehearsal.documents import Document
from bidding.rehearsal.stages import Plan
from bidding.services import room
from bidding.services.committee import waiting_parts
from bidding.services.opening import open_bids
from tests.bidding.conftest import Stage
from tests.bidding.seats import announced, keyholders, seated
from tests.bidding.staging import an_agency, bidders
from tests.bidding.submitting import PDF, PROPOSAL, RECORDS
from tests.signing_in import sign_in

PLAN = Plan("위원회가 여는 제안서 용역", 100_000_000, more={"asked_documents": [PROPOSAL, RECORDS]})
GROUP = ("M1", "M3", "M4")


def test_a_document_that_the_committee_opens_reaches_the_agency_byte_for_byte(
    app: Flask, client: FlaskClient, stage: Stage
) -> None:
    agency = an_agency()
    committee = seated(agency, keyholders(), plan=PLAN)
    assert set(committee.members[0].keys.lanes) == {"price", "docs"}
    tender = announced(committee, stage.keyholder)
    first, second = bidders(2)
    standing = bid(tender, first, 90_000_000, (1, 2), time.now(), [Document("제안서.pdf", PDF, "application/pdf")])
    bid(tender, second, 91_000_000, (3, 4), time.now(), [Document("b.pdf", PDF + b"% 2\n", "application/pdf")])
    standing_id, tender_id = standing.id, tender.id
    stage.close(tender)
    assert tender.opens_at is not None
    stage.later.set_to(tender.opens_at)
    for member in committee.of(*GROUP):
        with transaction():
            room.attend(tender_id, member.actor, time.now())
    with transaction():
        room.start_session(tender_id, GROUP, agency.officer, stage.later(), stage.later)
    run_step()

    for member in committee.of(*GROUP):
        assert {lane for lane, *_ in waiting_parts(committee.tender, member.keys.holder) or []} == {"price", "docs"}
        with transaction():
            give(member, time.now())
        assert waiting_parts(committee.tender, member.keys.holder) == []
    with transaction():
        assert open_bids(tender_id, stage.later)
    stage.work()

    db.session.expire_all()
    opened = db.session.get_one(Tender, tender_id)
    assert opened.docs_opened_at is not None
    found = select(BidDocument).where(BidDocument.bid_id == standing_id, BidDocument.n == 1)
    document = db.session.scalars(found).one()
    assert (document.state, document.reason, document.name) == ("cleared", None, "제안서.pdf")
    sign_in(client, db.session.get_one(Person, agency.officer.person_id))
    answer = client.get(f"/tenders/{opened.reference}/documents/{standing_id}/1")
    assert (answer.status_code, answer.data) == (200, PDF)
