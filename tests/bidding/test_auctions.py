"""A reverse auction kept and run: from the opening to the award, under a lock, by the database's clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from app import files, time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import AuctionRefused, BadSignature, Forbidden, NotFound, StaleConfirmation
from app.jobs import run_due
from app.tlog.canon import parse
from bidding import queries
from bidding.keyholder.panel import Panel
from bidding.models import AuctionBid, Award, Bid, Bundle
from bidding.rehearsal.auctioning import sign_offer
from bidding.services import auctions
from bidding.services.auctions import begins_at
from bidding.services.awarding import confirm_award, propose_award
from bidding.services.signing_keys import revoke_key
from bidding.services.standings import standing_of
from bidding.standing import digest_of
from bidding.states import TenderState
from bidding.verify import is_sound, verify
from tests.bidding.auctioning import FIRST, LEAD, Sale, announced
from tests.bidding.conftest import Stage
from tests.bidding.second_verifier import assert_agreed


@pytest.fixture
def sale(app: Flask, keyholder: Panel, stage: Stage) -> Sale:
    return announced(keyholder, stage)


def events(kind: str) -> list[dict[str, object]]:
    return [
        parse(event.body) for event in db.session.scalars(select(Event).where(Event.type == kind).order_by(Event.at))
    ]


def test_the_opening_announces_the_auction_and_names_nobody(sale: Sale) -> None:
    tender, auction = sale.tender, sale.auction
    assert (tender.state, tender.opened_at) == (TenderState.AUCTION, None)
    assert auction.starts_at - auction.announced_at == timedelta(seconds=LEAD)
    (said,) = events("auction.announced")
    assert said["step"] == "1000000"
    assert sorted(int(one["amount"]) for one in said["prices"]) == list(FIRST)  # type: ignore[attr-defined]
    (body,) = db.session.scalars(select(Event.body).where(Event.type == "auction.announced"))
    assert all(bidder.business_number.encode() not in body for bidder in sale.bidders)
    assert queries.find_opening(tender.id) is None
    assert tender.id not in {tender_id for tender_id, _ in queries.bundles_missing()}
    sale.stage.work()
    assert db.session.scalar(select(Bundle).where(Bundle.tender_id == tender.id)) is None


def test_prices_fall_in_one_chain_and_the_log_tells_each_under_its_letter(sale: Sale) -> None:
    first = sale.lower(2, 99_000_000, 1)
    second = sale.lower(0, 98_000_000, 2)
    assert (first.row.prev, second.row.prev) == (auctions.start_of(sale.auction).record, first.row.record)
    assert (sale.auction.head, sale.auction.bids) == (second.row.record, 2)
    said = events("auction.bid")
    assert [one["amount"] for one in said] == ["99000000", "98000000"]
    assert [one["actor"] for one in said] == [f"bidder:{sale.label(2)}", f"bidder:{sale.label(0)}"]


@pytest.mark.parametrize(
    ("won", "seconds", "fault"),
    [(99_000_001, 1, "step"), (90_000_000, -1, "not-started"), (90_000_000, 200, "ended")],
)
def test_a_bid_against_the_rule_is_refused_by_name(sale: Sale, won: int, seconds: int, fault: str) -> None:
    with pytest.raises(AuctionRefused) as refused:
        sale.lower(0, won, seconds)
    assert refused.value.facts["fault"] == fault
    assert sale.auction.bids == 0


def test_only_its_own_bidders_with_their_live_keys_lower_a_price(sale: Sale) -> None:
    sale.at(1)
    body = sign_offer(sale.auction, sale.bids[0], sale.bidders[0], 90_000_000, 1, sale.stage.later())
    offered = (str(sale.tender.reference), body["statement"], body["signature"])
    with pytest.raises(AuctionRefused, match="another bidder"), transaction():
        auctions.offer(*offered, sale.bidders[1].actor, sale.stage.later)
    with pytest.raises(Forbidden), transaction():
        auctions.offer(*offered, sale.agency.officer, sale.stage.later)
    with pytest.raises(BadSignature), transaction():
        signature = body["signature"] | {"kid": sale.bidders[1].kid}
        auctions.offer(offered[0], body["statement"], signature, sale.bidders[0].actor, sale.stage.later)
    with pytest.raises(NotFound), transaction():
        auctions.offer("R26BK99999999-000", body["statement"], body["signature"], sale.bidders[0].actor)
    with transaction():
        kid = db.session.execute(text("SELECT id FROM signing_keys WHERE id = :kid"), {"kid": sale.bidders[0].kid})
        revoke_key(kid.scalar_one(), sale.bidders[0].business_number, sale.bidders[0].actor)
    with pytest.raises(BadSignature, match="no live key"), transaction():
        auctions.offer(*offered, sale.bidders[0].actor, sale.stage.later)
    assert sale.auction.bids == 0


def test_the_same_statement_again_is_the_same_acceptance(sale: Sale) -> None:
    sale.at(1)
    body = sign_offer(sale.auction, sale.bids[0], sale.bidders[0], 90_000_000, 1, sale.stage.later())
    offered = (str(sale.tender.reference), body["statement"], body["signature"], sale.bidders[0].actor)
    with transaction():
        first = auctions.offer(*offered, sale.stage.later)
    sale.at(400)  # even after the end: its receipt is asked for again
    with transaction():
        again = auctions.offer(*offered, sale.stage.later)
    assert (first.is_new, again.is_new, again.row.record) == (True, False, first.row.record)
    assert sale.auction.bids == 1


def test_bids_at_the_same_moment_stand_one_after_the_other(app: Flask, sale: Sale) -> None:
    sale.at(5)
    instant = sale.stage.later()
    bodies = [
        sign_offer(sale.auction, bid, bidder, 90_000_000, 1, instant)
        for bid, bidder in zip(sale.bids, sale.bidders, strict=True)
    ]
    reference, actors = str(sale.tender.reference), [bidder.actor for bidder in sale.bidders]
    db.session.rollback()
    faults: list[BaseException] = []

    def offer(number: int) -> None:
        with app.app_context():
            try:
                with transaction():
                    body = bodies[number]
                    auctions.offer(reference, body["statement"], body["signature"], actors[number], lambda: instant)
            except BaseException as fault:
                faults.append(fault)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=offer, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []
    chain = auctions.chain_of(sale.auction)
    assert [one.seq for one in chain] == [1, 2, 3]
    assert [one.prev for one in chain[1:]] == [one.record for one in chain[:2]]
    assert [one.label for one in auctions.state_of(sale.auction).order()] == [one.label for one in chain]


class TestDatabase:
    """What the tables refuse, whoever writes."""

    @pytest.fixture
    def kept(self, sale: Sale) -> Sale:
        sale.lower(0, 98_000_000, 1)
        return sale

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({"amount_won": "amount_won"}, "only falls"),
            ({"seq": "3"}, "does not follow"),
            ({"prev": "repeat('c', 64)"}, "does not follow"),
            ({"received_at": "received_at - interval '1 second'"}, "does not follow"),
        ],
    )
    def test_the_chain_only_grows_and_a_price_only_falls(self, kept: Sale, changes: dict[str, str], why: str) -> None:
        proper = {"seq": "2", "prev": "record", "record": "repeat('a', 64)", "stmt": "repeat('b', 64)"}
        given = proper | {"amount_won": "amount_won - 1"} | changes
        columns = [column.name for column in AuctionBid.__table__.columns]
        values = ", ".join(given.get(column, column) for column in columns)
        with pytest.raises(IntegrityError, match=why), transaction():
            db.session.execute(
                text(f"INSERT INTO auction_bids ({', '.join(columns)}) SELECT {values} FROM auction_bids")
            )
        assert kept.auction.bids == 1

    @pytest.mark.parametrize("statement", ["UPDATE auction_bids SET amount_won = 1", "DELETE FROM auction_bids"])
    def test_a_bid_is_never_changed(self, kept: Sale, statement: str) -> None:
        with pytest.raises(ProgrammingError, match="permission denied"), transaction():
            db.session.execute(text(statement))


def test_the_end_is_decided_by_the_clock_and_entered_once(sale: Sale) -> None:
    sale.lower(2, 97_000_000, 1)
    sale.at(179.9)
    assert sale.close() is False
    sale.lower(1, 96_000_000, 175)  # extends the last round
    sale.at(190)
    assert sale.close() is False
    sale.at(200)
    assert [sale.close(), sale.close()] == [True, True]
    db.session.expire_all()
    assert sale.tender.state == TenderState.OPENED
    assert sale.tender.opened_at is not None
    (closed,) = events("auction.closed")
    assert [(one["label"], one["amount"]) for one in closed["ranking"]] == [  # type: ignore[attr-defined]
        (sale.label(1), "96000000"), (sale.label(2), "97000000"), (sale.label(0), "100000000"),
    ]  # fmt: skip
    ranks = {bid.stmt: bid.rank for bid in db.session.scalars(select(Bid).where(Bid.tender_id == sale.tender.id))}
    assert [ranks[bid.stmt] for bid in sale.bids] == [3, 1, 2]
    with pytest.raises(AuctionRefused):
        sale.lower(0, 90_000_000, 201)


def test_the_sweep_ends_an_auction_whose_job_was_lost(sale: Sale) -> None:
    with transaction():
        db.session.execute(text("DELETE FROM jobs WHERE kind = 'bidding.close_auction'"))
        # As if it had been announced long ago, by the database's own clock.
        sale.auction.announced_at = sale.auction.starts_at = time.now() - timedelta(hours=2)
        sale.auction.ends_at = time.now() - timedelta(seconds=1)
    assert [tender_id for tender_id, _ in auctions.to_close(time.now())] == [sale.tender.id]
    assert auctions.is_overdue(sale.tender.id, time.now())


def test_the_award_is_the_auctions_winner_at_its_price_and_the_bundle_proves_it(sale: Sale) -> None:
    sale.lower(2, 97_000_000, 1)
    sale.lower(0, 96_000_000, 65)
    sale.lower(2, 95_000_000, 175)
    sale.at(200)
    assert sale.close()
    sale.stage.work()
    db.session.expire_all()
    standing = standing_of(sale.tender)
    assert standing is not None
    assert [(one.stmt, one.amount_won) for one in standing.winners] == [(sale.bids[2].stmt, 95_000_000)]
    digest = digest_of(standing)
    with transaction():
        propose_award(sale.tender.id, digest, sale.agency.officer, time.now())
    with transaction():
        confirm_award(sale.tender.id, digest, sale.agency.approver, time.now())
    award = db.session.scalars(select(Award).where(Award.tender_id == sale.tender.id)).one()
    assert (award.organisation_id, award.amount_won) == (sale.bids[2].organisation_id, 95_000_000)
    sale.stage.work()
    bundles = queries.bundles(sale.tender.id)
    assert len(bundles) == 2
    for one in bundles:
        report = verify(files.load(one.sha256))
        assert is_sound(report), [str(check) for check in report if str(check).startswith("FAIL")]
        assert any(check.code == "V28" and "first" in check.text for check in report)
        assert_agreed(files.load(one.sha256))


def test_nobody_awards_while_it_runs(sale: Sale) -> None:
    with pytest.raises(StaleConfirmation), transaction():
        propose_award(sale.tender.id, "0" * 64, sale.agency.officer, time.now())


def test_two_bidders_are_enough(app: Flask, keyholder: Panel, stage: Stage) -> None:
    sale = announced(keyholder, stage, first=(100_000_000, 101_000_000))
    assert sale.tender.state == TenderState.AUCTION


@pytest.mark.parametrize(
    ("opened", "begins"),
    [
        ("2026-11-24T01:00:00", "2026-11-24T02:00:00"),  # 10:00 -> 11:00 in Korea
        ("2026-11-24T01:00:01", "2026-11-24T02:01:00"),  # at a full minute
        ("2026-11-23T22:00:00", "2026-11-24T01:00:00"),  # before ten
        ("2026-11-24T06:30:00", "2026-11-25T01:00:00"),  # 15:30 -> next day
        ("2026-11-27T06:30:00", "2026-11-30T01:00:00"),  # over a week-end
    ],
)
def test_a_real_auction_begins_in_office_hours(app: Flask, opened: str, begins: str) -> None:
    app.config["NARU_AUCTION_LEAD"] = 3600
    at = datetime.fromisoformat(opened).replace(tzinfo=UTC)
    assert begins_at(at, is_practice=False) == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert begins_at(at, is_practice=True) == at + timedelta(hours=1)


def test_everybody_concerned_is_told_when_it_begins(sale: Sale) -> None:
    run_due(time.now() + timedelta(minutes=1))
    told = db.session.execute(text("SELECT count(*) FROM notifications WHERE kind = 'auction.announced'")).scalar_one()
    assert told >= 4  # three bidders, and the agency
