"""From draft to award through the services, with real sealing, a real keyholder and the real log."""

from __future__ import annotations

import subprocess
import sys
import time as clock
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app import files, time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.errors import AlreadyDone
from bidding.models import Award, Bid, Bundle, Opening, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder, enrol, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, award, draft
from bidding.services.box import Keyholder
from bidding.states import TenderState

PASSWORD = "four quiet herons wade"


def cast(count: int) -> tuple[Agency, list[Bidder]]:
    now = time.now()
    with transaction():
        agency = make_agency(
            "B552999", "시험청", "Test Agency", PASSWORD, now, mail="test.go.kr", names=("김담당", "이승인")
        )
        people = [
            make_supplier(n, f"공급사 {n}", f"Supplier {n}", PASSWORD, now, email=f"bidder{n}@example.kr")
            for n in range(1, count + 1)
        ]
        bidders = [enrol(person, now) for person in people]
    return agency, bidders


def published(agency: Agency, keyholder: Keyholder, seconds: float, plan: Plan | None = None) -> Tender:
    now = time.now()
    with transaction():
        tender = draft(
            agency, plan or Plan("도로 정비 설계 용역", 100_000_000), now, closes_at=now + timedelta(seconds=seconds)
        )
        announce(agency, tender, keyholder, now)
    return tender


def test_a_tender_goes_from_draft_to_award_and_its_bundle_verifies(
    app: Flask, keyholder: Keyholder, tick: Callable[[], None], tmp_path: Path
) -> None:
    agency, bidders = cast(3)
    tender = published(agency, keyholder, 2.5)
    for bidder, amount, picks in zip(
        bidders, (91_000_000, 90_000_000, 99_000_000), ((1, 2), (1, 3), (2, 4)), strict=True
    ):
        with transaction():
            bid(tender, bidder, amount, picks, time.now())
    with pytest.raises(AlreadyDone), transaction():
        bid(tender, bidders[0], 80_000_000, (1, 2), time.now())
    tick()
    assert db.session.get_one(Tender, tender.id).state == TenderState.PUBLISHED
    _until(tick, tender, TenderState.OPENED, 15)
    ranks = dict(db.session.execute(select(Bid.amount_won, Bid.rank).where(Bid.tender_id == tender.id)).all())
    assert ranks[90_000_000] == 1
    assert ranks[91_000_000] == 2
    with transaction():
        assert award(agency, tender.id, time.now())
    tick()
    tick()
    bundle = db.session.get_one(Bundle, (tender.id, "award"))
    path = tmp_path / "bundle.zip"
    path.write_bytes(files.load(bundle.sha256))
    checked = subprocess.run(
        [sys.executable, "-m", "bidding.verify", str(path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert db.session.get_one(Award, tender.id).amount_won == 90_000_000
    assert db.session.get_one(Opening, tender.id).estimated_price_won


def _until(tick: Callable[[], None], tender: Tender, state: TenderState, seconds: float) -> None:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        tick()
        db.session.expire_all()
        if db.session.get_one(Tender, tender.id).state == state:
            return
        clock.sleep(0.2)
    run_step()
    pytest.fail(f"still {db.session.get_one(Tender, tender.id).state}")
