"""입찰보증금: given by the day before the deadline, sealed until the opening, forfeited by who does not sign."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import time
from app.audit.models import Event
from app.auth.models import Person
from app.db import db, transaction
from app.errors import DeadlinePassed, InvalidInput, NotFound
from bidding.keyholder.panel import Panel
from bidding.models import BidBond, Tender
from bidding.rehearsal.cast import Agency, Bidder
from bidding.rehearsal.stages import Plan
from bidding.review import Kind
from bidding.services.bonding import give_bond
from bidding.services.figures import bond_end
from tests.bidding.conftest import Stage
from tests.bidding.reviewing import REFUSED, award, take_out
from tests.bidding.staging import an_agency, bidders, place, published
from tests.builders import sign_in

BONDED = Plan("제설 장비 구매", 100_000_000, kind="goods", more={"bid_bond_rate": 5_000})


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


def give(
    tender: Tender, bidder: Bidder, at: datetime, covers_won: int | None = 4_700_000, number: str = "G-7"
) -> BidBond:
    with transaction():
        return give_bond(tender, "guarantee", covers_won, number, bidder.actor, at)


def test_a_bond_comes_by_the_day_before_or_not_at_all(agency: Agency, keyholder: Panel) -> None:
    tender, (bidder,) = published(agency, keyholder, BONDED), bidders(1)
    assert tender.closes_at is not None
    until = bond_end(tender)
    with pytest.raises(DeadlinePassed):
        give(tender, bidder, until)
    for covers, number in ((None, "G-7"), (4_700_000, " ")):
        with pytest.raises(InvalidInput):
            give(tender, bidder, until - timedelta(seconds=1), covers, number)
    assert give(tender, bidder, until - timedelta(seconds=1)).covers_won == 4_700_000
    entry = db.session.scalars(select(Event).where(Event.type == "bond.given")).one()
    assert not entry.is_open
    with pytest.raises(NotFound):
        give(published(agency, keyholder), bidder, until - timedelta(days=1))


def test_the_page_says_what_is_asked_and_takes_none_after_its_time(
    agency: Agency, keyholder: Panel, client: FlaskClient
) -> None:
    tender, (bidder,) = published(agency, keyholder, BONDED), bidders(1)
    sign_in(client, db.session.get_one(Person, bidder.actor.person_id))
    assert tender.closes_at is not None
    is_open = time.now() < bond_end(tender)  # its deadline is an hour away: only late at night another day
    answer = client.get(f"/tenders/{tender.reference}/bond?lang=en")
    assert answer.status_code == 200
    assert ("No bond is taken any more" in answer.text) is not is_open
    sent = {"kind": "guarantee", "covers_won": "4,700,000", "number": "G-7"}
    assert client.post(f"/tenders/{tender.reference}/bond", data=sent).status_code == (302 if is_open else 409)


def test_who_does_not_sign_forfeits_the_bond_of_its_bid(agency: Agency, keyholder: Panel, stage: Stage) -> None:
    tender, cast = published(agency, keyholder, BONDED), bidders(3)
    assert tender.closes_at is not None
    for number, bidder in enumerate(cast):
        give(tender, bidder, bond_end(tender) - timedelta(hours=1))
        place(tender, bidder, 90_000_000 + number)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    award(tender, agency)
    take_out(tender, 1, agency, Kind.REFUSAL, REFUSED)
    bond = db.session.get_one(BidBond, (tender.id, cast[0].actor.organisation_id))
    assert (bond.forfeited_won, bond.forfeited_at is not None) == (4_500_000, True)
    others = [db.session.get_one(BidBond, (tender.id, one.actor.organisation_id)) for one in cast[1:]]
    assert [one.forfeited_won for one in others] == [None, None]
    logged = db.session.scalars(select(Event).where(Event.type == "bond.forfeited")).one()
    assert b"4500000" in logged.body
    assert time.now() >= logged.at
