"""Anybody has a result evaluated again: the digests match the log's, and what was changed in the store is found."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.db import db
from bidding.keyholder.panel import Panel
from bidding.models import BidReview, Opening, Tender
from bidding.rehearsal.cast import Agency
from bidding.services.rerunning import Rerun, decisions, rerun
from suppliers.models import Supplier
from tests.app.test_workbook import read_sheets
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.reviewing import award, take_out
from tests.bidding.staging import an_agency, bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def opened(agency: Agency, keyholder: Panel, stage: Stage) -> Tender:
    tender = published(agency, keyholder)
    for bidder, amount in zip(bidders(3), (91_000_000, 90_000_000, 80_000_000), strict=True):
        place(tender, bidder, amount)
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    return tender


def page_of(client: FlaskClient, tender: Tender) -> str:
    answer = client.get(f"/tenders/{tender.reference}/result/again?lang=en")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_everybody_sees_the_computed_digest_beside_the_logs(client: FlaskClient, opened: Tender) -> None:
    made = rerun(opened, db.session.get_one(Opening, opened.id))
    assert made.is_same
    assert [one.what for one in made.digests] == ["opening", "evaluation"]
    assert all(one.made == one.logged for one in made.digests)
    digest = made.digests[1].made
    assert page_of(client, opened).count(digest) == 3  # computed, stored, logged
    assert f"/tenders/{opened.reference}/result/again" in client.get(f"/tenders/{opened.reference}/result").get_data(
        as_text=True
    )


def test_an_opened_amount_changed_in_the_database_is_found_line_by_line(client: FlaskClient, opened: Tender) -> None:
    opening = db.session.get_one(Opening, opened.id)
    opening.lines = [{**one, "amount": "91000001"} if one.get("amount") == "91000000" else one for one in opening.lines]
    db.session.commit()
    made = rerun(opened, opening)
    assert [one.is_same for one in made.digests] == [False, False]
    assert [one.what for one in made.differences if one.what.startswith("placing")]
    page = page_of(client, opened)
    assert "no match" in page
    assert "91000001" in page


def test_a_rank_changed_in_the_database_is_named_though_the_digests_match(opened: Tender) -> None:
    opening = db.session.get_one(Opening, opened.id)
    first, *rest = opening.evaluation["placings"]
    opening.evaluation = {**opening.evaluation, "placings": [{**first, "rank": 2}, *rest]}
    made = rerun(opened, opening)
    assert all(one.is_same for one in made.digests)
    assert len(made.differences) == 1
    assert not made.is_same
    db.session.rollback()


def test_lines_that_can_be_no_opening_are_refused_and_not_hidden(client: FlaskClient, opened: Tender) -> None:
    opening = db.session.get_one(Opening, opened.id)
    opening.lines = [{**one, "amount": "91e6"} if one.get("amount") == "91000000" else one for one in opening.lines]
    db.session.commit()
    assert "The engine refused what is stored" in page_of(client, opened)


def again(tender: Tender) -> Rerun:
    db.session.expire_all()
    return rerun(tender, db.session.get_one(Opening, tender.id))


def told(made: Rerun) -> dict[str, bool]:
    return {one.what: one.is_same for one in made.digests}


def test_the_standing_is_made_again_from_the_decisions_and_every_change_behind_it_is_found(
    client: FlaskClient, opened: Tender, agency: Agency, stage: Stage
) -> None:
    first = take_out(opened, 1, agency)
    made = again(opened)
    assert told(made) == {"opening": True, "evaluation": True, "decision": True, "standing": True}
    assert (made.digests[-1].stored, made.digests[-1].logged) == (None, None)  # nobody has confirmed it yet
    assert "Nobody has confirmed it yet" in page_of(client, opened)
    given = award(opened, agency)
    stage.work()
    made = again(opened)
    assert made.is_same
    assert told(made) == {"opening": True, "evaluation": True, "decision": True, "award": True, "standing": True}
    standing = made.digests[-1]
    assert standing.made == standing.stored == standing.logged == given.standing_digest
    assert page_of(client, opened).count(standing.made) == 3

    sheet = next(iter(read_sheets(client.get(f"/tenders/{opened.reference}/result.xlsx?lang=en").data).values()))
    assert [cell[1] for row in sheet for cell in row if "taken out" in cell[1]] == [
        "Valid; taken out: Against the instructions to bidders (입찰유의서)"
    ]

    # The digest that two persons confirmed, in the store alone.
    given.standing_digest = "0" * 64
    db.session.commit()
    assert told(again(opened)) == {**told(made), "standing": False}
    page = page_of(client, opened)
    assert page.count("no match") == 1
    assert "Look at this" in page
    given.standing_digest = standing.made
    db.session.commit()

    # A decision: the log's hash of it, the standing, and the published standing's very line tell.
    review = db.session.scalars(select(BidReview).where(BidReview.tender_id == opened.id)).one()
    assert review.item is not None
    true_item = review.item
    review.item = true_item | {"reason": "false-documents"}
    db.session.commit()
    made = again(opened)
    assert told(made) == {"opening": True, "evaluation": True, "decision": False, "award": True, "standing": False}
    assert {one.what for one in made.differences} == {"standing reviews_sha256", f"standing {first.stmt[:10]}"}
    assert "false-documents" in page_of(client, opened)
    review.item = true_item
    db.session.commit()
    assert again(opened).is_same

    # The evaluation that is stored.
    opening = db.session.get_one(Opening, opened.id)
    opening.evaluation_digest = "1" * 64
    db.session.commit()
    assert told(again(opened)) == {**told(made), "evaluation": False, "decision": True, "standing": True}


def test_a_decision_that_only_the_store_or_only_the_log_knows_matches_nothing() -> None:
    (stored,) = decisions([{"v": 1}], [])
    (logged,) = decisions([], [{"review_sha256": "2" * 64}])
    assert (stored.logged, stored.is_same) == ("", False)
    assert (logged.made, logged.is_same) == ("", False)


def test_before_the_opening_there_is_nothing_to_evaluate(client: FlaskClient, keyholder: Panel) -> None:
    tender = published(an_agency(), keyholder)
    assert client.get(f"/tenders/{tender.reference}/result/again").status_code == 404


def test_the_result_exports_every_bid_with_its_trace(client: FlaskClient, opened: Tender) -> None:
    sent = client.get(f"/tenders/{opened.reference}/result.csv").get_data(as_text=True).removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(sent)))
    made = client.get(f"/tenders/{opened.reference}/result.json").get_json()
    opening = db.session.get_one(Opening, opened.id)
    assert made["evaluation"] == opening.evaluation_digest
    assert made["plnprc"] == str(opening.estimated_price_won)
    assert {row["bidprcAmt"] for row in rows} == {"91000000", "90000000", "80000000"}
    placings = {one["stmt"]: one for one in opening.evaluation["placings"]}
    for row, item in zip(rows, made["items"], strict=True):
        placing = placings[item["statement"]]
        assert (item["opengRank"], item["rmrk"]) == (placing["rank"], placing["reason"])
        assert row["bidprcrt"] == item["bidprcrt"]
        assert row["trace"].splitlines() == item["trace"]
        assert len(item["trace"]) == len(placing["arithmetic"]) > 0


def test_the_workbook_has_bids_trace_and_terms_and_no_name_becomes_a_formula(
    client: FlaskClient, opened: Tender
) -> None:
    db.session.execute(update(Supplier).values(name_ko="=HYPERLINK(공급)"))
    db.session.commit()
    answer = client.get(f"/tenders/{opened.reference}/result.xlsx?lang=ko")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    bids, trace, terms = read_sheets(answer.get_data()).values()
    opening = db.session.get_one(Opening, opened.id)
    assert {cell for row in bids[1:] for cell in row if cell[1].endswith("000000")} >= {
        ("n", "91000000"),
        ("n", "90000000"),
        ("n", "80000000"),
    }
    steps = sum(len(one["arithmetic"]) for one in opening.evaluation["placings"])
    assert len(trace) == 1 + len(opening.evaluation["arithmetic"]) + steps
    assert ("s", opening.evaluation_digest) in [cell for row in terms for cell in row]
    assert ("s", "=HYPERLINK(공급)") in [cell for row in bids for cell in row]
    assert "f" not in {cell[0] for sheet in (bids, trace, terms) for row in sheet for cell in row}
