"""The bids of a result as people look for them: filtered, in order, page by page, and taken away as they are shown."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.auth.models import Person
from app.db import db
from bidding import result_queries
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Tender
from bidding.rehearsal.cast import Bidder
from bidding.result_queries import ResultFilter
from tests.app.test_workbook import read_sheets
from tests.axe import look
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.staging import an_agency, bidders, place, published
from tests.builders import sign_in

__all__ = ["holder", "keyholder", "later", "stage"]

AMOUNTS = (91_000_000, 90_500_000, 90_000_000, 80_000_000, 120_000_000)  # the last two are out


@pytest.fixture
def firms() -> list[Bidder]:
    return bidders(len(AMOUNTS))


@pytest.fixture
def opened(app: Flask, keyholder: Panel, stage: Stage, firms: list[Bidder]) -> Tender:
    tender = published(an_agency(), keyholder)
    for bidder, amount in zip(firms, AMOUNTS, strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


def found(client: FlaskClient, tender: Tender, query: str) -> list[int]:
    """The amounts of the exported selection, in its order."""
    sent = client.get(f"/tenders/{tender.reference}/result.csv?{query}").get_data(as_text=True).removeprefix("\ufeff")
    return [int(row["bidprcAmt"]) for row in csv.DictReader(io.StringIO(sent))]


def page_of(client: FlaskClient, tender: Tender, query: str) -> str:
    answer = client.get(f"/tenders/{tender.reference}/result?lang=en&{query}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_bids_are_found_by_their_place_and_put_in_any_order(client: FlaskClient, opened: Tender) -> None:
    placed = found(client, opened, "show=placed")
    assert placed == [90_000_000, 90_500_000, 91_000_000]
    assert found(client, opened, "show=out") == [80_000_000, 120_000_000]
    assert found(client, opened, "") == [*placed, 80_000_000, 120_000_000]
    assert found(client, opened, "sort=amount") == sorted(AMOUNTS)
    assert found(client, opened, "sort=dearest") == sorted(AMOUNTS, reverse=True)
    assert found(client, opened, "sort=name") == list(AMOUNTS)


def test_firms_are_found_by_a_part_of_their_name_or_by_their_number(client: FlaskClient, opened: Tender) -> None:
    assert found(client, opened, "q=공급사 2") == [90_500_000]
    assert found(client, opened, "q=SUPPLIER 5") == [120_000_000]
    assert found(client, opened, "q=%25") == found(client, opened, "q=_") == []
    bid = db.session.query(Bid).filter_by(tender_id=opened.id, amount_won=90_500_000).one()
    assert found(client, opened, f"q={bid.supplier[:3]}-{bid.supplier[3:5]}-{bid.supplier[5:]}") == [90_500_000]


def test_the_page_the_downloads_and_the_links_keep_the_selection(client: FlaskClient, opened: Tender) -> None:
    page = page_of(client, opened, "show=out&sort=dearest")
    assert "120,000,000" in page
    assert f"/tenders/{opened.reference}/result.xlsx?show=out&amp;sort=dearest" in page
    assert "remove this filter" in page
    # The winner stands above, whatever the table shows.
    assert "90,000,000" in page.split('id="bids"')[0]
    made = client.get(f"/tenders/{opened.reference}/result.json?show=out").get_json()
    assert made["selection"] == {"show": "out", "q": ""}
    assert "selection" not in client.get(f"/tenders/{opened.reference}/result.json").get_json()
    answer = client.get(f"/tenders/{opened.reference}/result.xlsx?show=out&lang=en")
    assert "-result-selection.xlsx" in answer.headers["Content-Disposition"]
    bids, _trace, terms = read_sheets(answer.get_data()).values()
    assert len(bids) == 1 + 2
    assert ("s", "Left out") in terms[-1]


def test_a_selection_without_bids_says_so_and_leads_back(client: FlaskClient, opened: Tender) -> None:
    page = page_of(client, opened, "q=nobody")
    assert "No bid fits" in page
    assert "Show all bids" in page


def test_what_does_not_fit_filters_nothing(client: FlaskClient, opened: Tender) -> None:
    for query in ("show=sideways", "sort=upwards", "page=many", "page=-1", f"q={'x' * 101}"):
        assert len(found(client, opened, query)) == len(AMOUNTS), query
        assert page_of(client, opened, query).count("How this follows") >= 3, query


def test_a_bidder_finds_its_own_bid_and_nobody_else_has_one(
    client: FlaskClient, opened: Tender, firms: list[Bidder]
) -> None:
    assert len(found(client, opened, "show=mine")) == len(AMOUNTS)
    assert "My bid" not in page_of(client, opened, "")
    sign_in(client, db.session.get_one(Person, firms[1].actor.person_id))
    assert found(client, opened, "show=mine") == [90_500_000]
    assert "My bid" in page_of(client, opened, "")


def test_pages_never_overlap(opened: Tender) -> None:
    for sort in ("place", "amount", "dearest", "name"):
        pages = [result_queries.result_bids(opened.id, ResultFilter(sort=sort), number, 2) for number in (1, 2, 3)]
        assert [len(page.items) for page in pages] == [2, 2, 1]
        assert len({bid.id for page in pages for bid in page.items}) == len(AMOUNTS)
        assert pages[0].total == len(AMOUNTS)


def test_what_hangs_on_a_result_stands_the_look_of_axe_and_fits_a_narrow_window(
    opened: Tender, new_page: Callable[..., Any]
) -> None:
    page = new_page(bypass_csp=True)
    page.set_viewport_size({"width": 390, "height": 844})
    address = f"/tenders/{opened.reference}/result"
    for rest in ("", "/again", "/similar", "?q=nobody"):
        page.goto(f"{address}{rest}")
        look(page, rest)
    page.goto(f"{address}?lang=en")
    page.get_by_label("Which bids").select_option("out")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("cell", name="₩120,000,000").first.wait_for()
    assert "show=out" in page.url
    look(page, "filtered")
