"""A cast and a published tender for tests of the services; deadlines lie an hour ahead and are reached by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from app import time
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder, enrol, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, draft
from bidding.states import TenderState
from tests.bidding.conftest import Stage

PASSWORD = "four quiet herons wade"
PLAN = Plan("도로 정비 설계 용역", 100_000_000)


def an_agency(number: int = 1) -> Agency:
    with transaction():
        names = ("김담당", "이승인")
        mail = f"agency{number}.go.kr"
        return make_agency(
            f"B55{number:04d}", f"시험청 {number}", f"Agency {number}", PASSWORD, time.now(), mail=mail, names=names
        )


def bidders(count: int, first: int = 1) -> list[Bidder]:
    now = time.now()
    with transaction():
        people = [
            make_supplier(n, f"공급사 {n}", f"Supplier {n}", PASSWORD, now, email=f"bidder{n}@example.kr")
            for n in range(first, first + count)
        ]
        return [enrol(person, now) for person in people]


def published(agency: Agency, keyholder: Panel, plan: Plan = PLAN, prices: Sequence[int] = ()) -> Tender:
    now = time.now()
    with transaction():
        tender = draft(agency, plan, now, closes_at=now + timedelta(hours=1))
        announce(agency, tender, keyholder, now, prices)
    return tender


def failed_of_one(agency: Agency, bidder: Bidder, stage: Stage) -> Tender:
    """A tender of a single bid, which was never opened."""
    tender = published(agency, stage.keyholder)
    place(tender, bidder, 90_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert tender.state == TenderState.FAILED
    return tender


def place(
    tender: Tender, bidder: Bidder, amount_won: int, picks: Sequence[int] = (1, 2), quantity: int | None = None
) -> Bid:
    with transaction():
        return bid(tender, bidder, amount_won, picks, time.now(), quantity=quantity)
