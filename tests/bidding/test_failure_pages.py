"""After a failure: the page that leads on, what everybody reads, what bidders are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth.models import Person
from app.db import db
from bidding import queries
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.states import TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def too_dear(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    tender = published(agency, keyholder)
    for bidder in bidders(2):
        place(tender, bidder, 150_000_000)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


def person_of(actor: Any) -> Person:
    return db.session.get_one(Person, actor.person_id)


def test_the_officer_reads_the_rule_with_its_figures_and_prepares_a_rebid(
    too_dear: Tender, agency: Agency, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    sign_in(client, person_of(agency.officer))
    managed = client.get(f"/tenders/{too_dear.reference}/manage?lang=en").text
    assert f"/tenders/{too_dear.reference}/after-failure" in managed
    page = client.get(f"/tenders/{too_dear.reference}/after-failure?lang=en").text
    assert "Every valid bid lies above the estimated price" in page
    assert "150,000,000" in page
    for road in ("Bid again", "Announce it again", "Cancel for good"):
        assert road in page
    assert "Contract without competition" not in page  # two bid, and it is the first notice
    answer = client.post(
        f"/tenders/{too_dear.reference}/rebid",
        data={"bidders": "first-round", "closes_at": "2030-03-04T10:00", "opens_at": "2030-03-04T11:00"},
    )
    follower = queries.follower_of(too_dear.id)
    assert follower is not None
    assert answer.location.endswith(f"/agency/tenders/{follower.id}/draft/check")
    assert (follower.rbid_no, follower.rebid_bidders, follower.state) == (1, "first-round", TenderState.DRAFT)
    again = client.get(f"/tenders/{too_dear.reference}/after-failure?lang=en").text
    assert "The next step is under way" in again


def test_what_does_not_fit_is_told_and_kept(
    too_dear: Tender, agency: Agency, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    sign_in(client, person_of(agency.officer))
    typed = {"bidders": "nobody", "closes_at": "2030-03-04T10:00", "opens_at": ""}
    answer = client.post(f"/tenders/{too_dear.reference}/rebid?lang=en", data=typed)
    assert answer.status_code == 422
    assert "2030-03-04T10:00" in answer.text
    assert queries.follower_of(too_dear.id) is None


def test_a_renotice_begins_with_the_earliest_lawful_schedule(
    too_dear: Tender, agency: Agency, client: FlaskClient, sign_in: Callable[..., Any]
) -> None:
    sign_in(client, person_of(agency.officer))
    client.post(f"/tenders/{too_dear.reference}/renotice")
    follower = queries.follower_of(too_dear.id)
    assert follower is not None
    assert follower.closes_at is not None
    assert follower.opens_at is not None
    assert follower.first_ord == 1


@pytest.mark.parametrize("page", ["", "/result"])
def test_everybody_reads_why_it_failed(too_dear: Tender, client: FlaskClient, page: str) -> None:
    korean = client.get(f"/tenders/{too_dear.reference}{page}", headers={"Accept-Language": "ko"}).text
    assert "유찰" in korean
    assert "150,000,000원" in korean
    assert "국가계약법 시행령 제42조" in korean


def test_a_sealed_failure_says_how_many_bid_and_no_more(
    agency: Agency, keyholder: Panel, stage: Stage, client: FlaskClient
) -> None:
    tender = published(agency, keyholder)
    (bidder,) = bidders(1)
    place(tender, bidder, 90_000_000)
    stage.close(tender)
    stage.open(tender)
    page = client.get(f"/tenders/{tender.reference}/result?lang=en").text
    assert "1 &lt; 2" in page
    assert "공급사 1" not in page
    assert "90,000,000" not in page
