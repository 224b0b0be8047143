"""The auction over the web: what everybody sees, what it costs to watch, and the answer to a signed price."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app import time
from app.auth.models import Person
from app.db import db
from app.tlog.canon import jcs, parse
from bidding.keyholder.panel import Panel
from bidding.rehearsal.auctioning import sign_offer
from bidding.services import auction_watch
from tests.bidding.auctioning import Sale, announced
from tests.bidding.conftest import Stage

SignIn = Callable[..., Any]


@pytest.fixture
def sale(app: Flask, keyholder: Panel, stage: Stage) -> Sale:
    auction_watch.forget()
    return announced(keyholder, stage)


def test_before_the_end_no_page_and_no_file_names_a_bidder(sale: Sale, client: FlaskClient, sign_in: SignIn) -> None:
    sale.lower(0, 98_000_000, 1)
    reference = sale.tender.reference
    paths = ("auction", "auction/board", "result", "draw", "evidence", "bundle.zip", "auction.json")
    told = [client.get(f"/tenders/{reference}/{path}") for path in paths]
    told.append(client.get(f"/api/tenders/{reference}/auction"))
    sign_in(client, db.session.get_one(Person, sale.agency.officer.person_id))
    told += [client.get(f"/tenders/{reference}/{path}") for path in (*paths, "award", "manage", "documents")]
    for answer in told:
        for bidder, number in zip(sale.bidders, (1, 2, 3), strict=True):
            assert bidder.business_number.encode() not in answer.data
            assert f"공급사 {number}".encode() not in answer.data
    statuses = [answer.status_code for answer in told[: len(paths)]]
    assert statuses[:2] == [200, 200]
    assert statuses[-2:] == [404, 404]


def test_after_it_the_page_names_them_and_the_file_is_there(sale: Sale, client: FlaskClient) -> None:
    sale.lower(2, 98_000_000, 1)
    sale.at(200)
    assert sale.close()
    page = client.get(f"/tenders/{sale.tender.reference}/auction").text
    assert "공급사 3" in page
    assert client.get(f"/tenders/{sale.tender.reference}/auction.json").json["ranking"][0]["amount"] == "98000000"  # type: ignore[index]
    assert "98,000,000" in client.get(f"/tenders/{sale.tender.reference}/result").text


def test_two_hundred_watchers_cost_nearly_nothing(sale: Sale, client: FlaskClient) -> None:
    address = f"/api/tenders/{sale.tender.reference}/auction"
    first = client.get(address)
    version = first.headers["ETag"]
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        answers = [client.get(address, headers={"If-None-Match": version}) for _ in range(200)]
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert {(answer.status_code, len(answer.data)) for answer in answers} == {(304, 0)}
    assert len(asked) < 40  # one look a quarter of a second, however many ask
    assert all("auction_bids" not in statement for statement in asked)
    sale.lower(0, 98_000_000, 1)
    auction_watch.forget()
    changed = client.get(address, headers={"If-None-Match": version})
    assert (changed.status_code, changed.json["bids"]) == (200, 1)  # type: ignore[index]


def test_a_signed_price_is_answered_with_a_receipt_or_a_signed_refusal(
    sale: Sale, client: FlaskClient, sign_in: SignIn
) -> None:
    address = f"/api/tenders/{sale.tender.reference}/auction/bids"
    body = jcs(sign_offer(sale.auction, sale.bids[0], sale.bidders[0], 98_000_000, 1, time.now()))
    sign_in(client, db.session.get_one(Person, sale.bidders[0].actor.person_id))
    # By the real clock the auction is an hour away.
    refused = client.post(address, data=body, content_type="application/json")
    assert (refused.status_code, refused.json["code"]) == (409, "auction-refused")  # type: ignore[index]
    assert (refused.json["fault"], "koneps/v1/refusal" in refused.json["refusal"]) == ("not-started", True)  # type: ignore[index]
    assert client.post(address, data=b"{}", content_type="application/json").status_code == 422
    taken = sale.lower(0, 98_000_000, 1).row
    # Sent again after its answer was lost: the same statement, the same receipt, whatever the clock says by now.
    again = jcs({"statement": parse(taken.statement), "signature": taken.signature})
    answers = [client.post(address, data=again, content_type="application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    assert answers[0].json["record"] == sale.auction.head  # type: ignore[index]
