"""The second verifier on a bundle that the system itself published, with the keys that `/verify` fills in."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from app import files, time
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Bundle
from bidding.rehearsal.stages import award
from bidding.services.pins import published_policy
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.second_verifier import Case, disagreements, second_opinion
from tests.bidding.staging import an_agency, bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]


def test_both_find_a_published_bundle_sound(app: Flask, keyholder: Panel, stage: Stage) -> None:
    agency = an_agency()
    tender = published(agency, keyholder)
    for bidder, amount in zip(bidders(3), (91_000_000, 90_000_000, 80_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    with transaction():
        assert award(agency, tender.id, time.now())
    stage.work()
    db.session.expire_all()
    made = db.session.scalars(select(Bundle).where(Bundle.tender_id == tender.id)).all()
    cases = [Case(files.load(one.sha256), published_policy()) for one in made]
    assert len(cases) == 2
    assert disagreements(cases) == []
    reports = list(second_opinion(cases))
    assert [report.verdict for report in reports] == [None, None]
    assert "PASS" in {report.results["V23"] for report in reports}
