"""From draft to award through the services, with real sealing, a real keyholder and the real log."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import files, time
from app.db import db, transaction
from app.errors import AlreadyDone
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Bundle, Tender
from bidding.rehearsal.stages import award
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published


def state_of(tender: Tender) -> str:
    db.session.expire_all()
    return db.session.get_one(Tender, tender.id).state


def test_a_tender_goes_from_draft_to_award_and_its_bundle_verifies(
    app: Flask, keyholder: Panel, stage: Stage, tmp_path: Path
) -> None:
    agency, (first, second, third) = an_agency(), bidders(3)
    tender = published(agency, keyholder)
    place(tender, first, 91_000_000, (1, 2))
    place(tender, second, 90_000_000, (1, 3))
    place(tender, third, 80_000_000, (2, 4))
    with pytest.raises(AlreadyDone):
        place(tender, first, 80_000_000)
    stage.close(tender)
    assert state_of(tender) == TenderState.CLOSED
    stage.open(tender)
    assert state_of(tender) == TenderState.OPENED
    bids = {bid.amount_won: bid for bid in db.session.scalars(select(Bid).where(Bid.tender_id == tender.id))}
    assert [bids[won].rank for won in (90_000_000, 91_000_000, 80_000_000)] == [1, 2, None]
    assert bids[80_000_000].reason == "below-floor"
    with transaction():
        assert award(agency, tender.id, time.now())
    stage.work()
    assert db.session.scalars(select(Award)).one().amount_won == 90_000_000
    bundle = db.session.get_one(Bundle, (tender.id, "award"))
    path = tmp_path / "bundle.zip"
    path.write_bytes(files.load(bundle.sha256))
    command = [sys.executable, "-m", "bidding.verify", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_fewer_than_two_bids_fail_the_tender_and_stay_sealed(app: Flask, keyholder: Panel, stage: Stage) -> None:
    tender = published(an_agency(), keyholder)
    place(tender, bidders(1)[0], 90_000_000)
    stage.close(tender)
    stage.open(tender)
    assert state_of(tender) == TenderState.FAILED
    assert db.session.get_one(Tender, tender.id).failure == "too-few-bids"
    sealed = db.session.scalars(select(Bid).where(Bid.tender_id == tender.id)).one()
    assert (sealed.state, sealed.amount_won, sealed.cek) == ("submitted", None, None)


def test_nobody_between_floor_and_estimate_fails_after_the_opening(app: Flask, keyholder: Panel, stage: Stage) -> None:
    tender, (low, high) = published(an_agency(), keyholder), bidders(2)
    place(tender, low, 50_000_000)
    place(tender, high, 150_000_000)
    stage.close(tender)
    stage.open(tender)
    assert state_of(tender) == TenderState.FAILED
    assert db.session.get_one(Tender, tender.id).failure == "none-in-range"
