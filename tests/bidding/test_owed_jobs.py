"""A closing that was ticked off too early (a worker's clock ahead of the database's) is not forgotten."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select, update

from app import time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.jobs import Job, JobState, run_due
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.states import TenderState
from tests.bidding.staging import an_agency, published


def test_a_done_job_comes_back_while_the_tender_is_still_to_be_closed(app: Flask, keyholder: Panel) -> None:
    tender = published(an_agency(), keyholder)
    closing = select(Job).where(Job.kind == "bidding.close_tender")
    assert tender.closes_at is not None
    run_due(tender.closes_at)  # this process's clock an hour ahead: the database says that it is too early
    assert db.session.scalars(closing).one().state == JobState.DONE
    assert db.session.get_one(Tender, tender.id).state == TenderState.PUBLISHED
    with transaction():  # the hour passes: the deadline and what is named after it lie in the past
        passed = time.now()
        db.session.execute(update(Tender).values(closes_at=passed))
        key = f"{tender.id}:{time.wire(passed)}"
        db.session.execute(update(Job).where(Job.kind == "bidding.close_tender").values(key=key, due_at=passed))
    for _ in range(3):
        run_step()
        run_due(time.now())
    db.session.expire_all()
    assert db.session.get_one(Tender, tender.id).state == TenderState.CLOSED
