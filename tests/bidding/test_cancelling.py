"""A bid taken back: asked for until the opening time, decided by two, frozen before the group, never opened."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import files, time
from app.audit.models import Event
from app.db import db, transaction
from app.errors import (
    AlreadyDone,
    BadEnvelope,
    BadSignature,
    DeadlinePassed,
    Forbidden,
    IllegalTransition,
    NotFound,
    SamePerson,
)
from app.tlog.canon import parse
from bidding.cancel_request import make_request, request_hash
from bidding.keyholder.panel import Panel
from bidding.models import Bid, Bundle, Cancellation, Opening, Release, Tender
from bidding.rehearsal.cancelling import ask_to_cancel
from bidding.rehearsal.cast import Agency, Bidder
from bidding.services.cancelling import ask_cancellation, confirm_decision, propose_decision, return_proposal
from bidding.statement import sign_statement
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, place, published

WHY = "단위를 잘못 적었습니다: 천 원이 아니라 원입니다."


@pytest.fixture
def agency(app: Flask) -> Agency:
    return an_agency()


@pytest.fixture
def tender(agency: Agency, keyholder: Panel) -> Tender:
    return published(agency, keyholder)


def ask(bid: Bid, bidder: Bidder, **about: Any) -> Cancellation:
    with transaction():
        return ask_to_cancel(bid, bidder, about.pop("reason", WHY), about.pop("now", None) or time.now())


def decide(bid: Bid, agency: Agency, proposal: str) -> Cancellation:
    with transaction():
        propose_decision(bid.id, proposal, "확인하였습니다.", agency.officer, time.now())
    with transaction():
        return confirm_decision(bid.id, proposal, agency.approver, time.now())


def logged(kind: str) -> list[Event]:
    return list(db.session.scalars(select(Event).where(Event.type == kind).order_by(Event.at)))


def test_a_granted_one_is_frozen_before_the_group_and_its_envelope_never_opened(
    agency: Agency, tender: Tender, stage: Stage, tmp_path: Path
) -> None:
    crowd = bidders(3)
    bids = [place(tender, bidder, 90_000_000 + n, (n + 1, n + 2)) for n, bidder in enumerate(crowd)]
    ask(bids[0], crowd[0])
    decide(bids[0], agency, "grant")
    assert logged("tender.cancellations") == []  # nothing is public before the opening begins
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    gone, *kept = (db.session.get_one(Bid, bid.id) for bid in bids)
    assert (gone.state, gone.amount_won, gone.picks, gone.nonce, gone.cek) == ("cancelled", None, None, None, None)
    assert [bid.state for bid in kept] == ["opened", "opened"]
    (frozen,), (group,) = logged("tender.cancellations"), logged("opening.group")
    told = parse(frozen.body)["stmts"]
    people = [f"person:{actor.person_id}" for actor in (agency.officer, agency.approver)]
    assert told == [{"stmt": gone.stmt, "approvals": people}]
    assert frozen.is_open
    assert parse(group.body)["cancelled"] == 1
    assert frozen.at < group.at
    # Neither pieces were given nor numbers drawn for it.
    assert all(gone.stmt not in note for note in db.session.scalars(select(Release.note)))
    opening = db.session.get_one(Opening, tender.id)
    assert gone.stmt not in {line["stmt"] for line in opening.lines}
    assert gone.stmt not in {placing["stmt"] for placing in opening.evaluation["placings"]}
    assert db.session.get_one(Tender, tender.id).bid_count == 3  # the list holds it still
    _check_bundle(stage, tender, gone, tmp_path)


def _check_bundle(stage: Stage, tender: Tender, gone: Bid, tmp_path: Path) -> None:
    stage.work()
    path = tmp_path / "bundle.zip"
    path.write_bytes(files.load(db.session.get_one(Bundle, (tender.id, "opening")).sha256))
    command = [sys.executable, "-m", "bidding.verify", str(path)]
    checked = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    listed = subprocess.run(["unzip", "-l", str(path)], capture_output=True, text=True, timeout=60, check=True).stdout
    assert f"statements/{gone.stmt}.json" in listed
    assert f"envelopes/{gone.stmt}.json" not in listed


def test_after_the_opening_what_could_open_the_envelope_is_deleted_and_that_is_logged(
    agency: Agency, tender: Tender, stage: Stage
) -> None:
    crowd = bidders(3)
    bids = [place(tender, bidder, 90_000_000 + n) for n, bidder in enumerate(crowd)]
    ask(bids[0], crowd[0])
    decide(bids[0], agency, "grant")
    assert parse(db.session.get_one(Bid, bids[0].id).envelope)["wraps"]
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert parse(db.session.get_one(Bid, bids[0].id).envelope)["wraps"] == {}
    assert db.session.get_one(Cancellation, bids[0].id).wraps_deleted_at is not None
    (deleted,) = logged("bid.wraps_deleted")
    assert parse(deleted.body)["stmt"] == bids[0].stmt


def test_cancelled_bids_do_not_count_towards_the_minimum(agency: Agency, tender: Tender, stage: Stage) -> None:
    crowd = bidders(2)
    bids = [place(tender, bidder, 90_000_000) for bidder in crowd]
    ask(bids[1], crowd[1])
    decide(bids[1], agency, "grant")
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    failed = db.session.get_one(Tender, tender.id)
    assert (failed.state, failed.failure) == ("failed", "too-few-bids")
    assert [bid.state for bid in db.session.scalars(select(Bid).order_by(Bid.received_at))] == [
        "submitted",
        "cancelled",
    ]
    assert len(logged("bid.wraps_deleted")) == 1


def test_a_refused_one_and_one_that_nobody_decided_are_opened_like_all_others(
    agency: Agency, tender: Tender, stage: Stage
) -> None:
    crowd = bidders(2)
    bids = [place(tender, bidder, 90_000_000 + n) for n, bidder in enumerate(crowd)]
    for bid, bidder in zip(bids, crowd, strict=True):
        ask(bid, bidder)
    decide(bids[0], agency, "refuse")
    stage.close(tender)
    stage.open(tender)
    db.session.expire_all()
    assert [db.session.get_one(Cancellation, bid.id).decision for bid in bids] == ["refused", "lapsed"]
    assert [db.session.get_one(Bid, bid.id).state for bid in bids] == ["opened", "opened"]
    assert logged("tender.cancellations") == []
    assert "cancelled" not in parse(logged("opening.group")[0].body)


def test_until_the_opening_time_also_after_the_deadline_and_not_at_it(
    agency: Agency, tender: Tender, stage: Stage
) -> None:
    first, second = bidders(2)
    bids = [place(tender, bidder, 90_000_000) for bidder in (first, second)]
    stage.close(tender)
    opens_at = db.session.get_one(Tender, tender.id).opens_at
    assert opens_at is not None
    ask(bids[0], first, now=opens_at - timedelta(microseconds=1))
    with pytest.raises(DeadlinePassed):
        ask(bids[1], second, now=opens_at)


def test_the_same_request_again_is_the_same_and_another_is_refused(tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid, now = place(tender, bidder, 90_000_000), time.now()
    first = ask(bid, bidder, now=now)
    assert ask(bid, bidder, now=now).bid_id == first.bid_id
    assert len(logged("bid.cancel_requested")) == 1
    with pytest.raises(AlreadyDone):
        ask(bid, bidder, reason="이번에는 다른 이유를 적어 봅니다.")


def test_only_the_bidder_with_a_live_key_of_its_own_asks(tender: Tender) -> None:
    first, second = bidders(2)
    bid = place(tender, first, 90_000_000)
    with pytest.raises(NotFound):
        ask(bid, second)
    with pytest.raises(BadSignature):
        ask(bid, replace(first, key=second.key))
    with pytest.raises(BadSignature):
        ask(bid, replace(first, kid=second.kid))
    with pytest.raises(BadEnvelope):
        ask(bid, first, reason="짧다")


def test_a_request_for_another_bid_or_in_another_spelling_is_none(tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid, now = place(tender, bidder, 90_000_000), time.now()
    request = make_request(parse(bid.statement), bid.stmt, reason=WHY, made=now)
    for changes in ({"stmt": "0" * 64}, {"type": "bid"}, {"tender": "R26BK00000002-000"}, {"made": "now"}, {"x": 1}):
        wrong = request | changes
        signature = sign_statement(request_hash(wrong), bidder.kid, bidder.key)
        with pytest.raises(BadEnvelope), transaction():
            ask_cancellation(bid.id, wrong, signature, bidder.actor, now)


def test_a_bids_signature_is_no_request_to_cancel_it(tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid, now = place(tender, bidder, 90_000_000), time.now()
    request = make_request(parse(bid.statement), bid.stmt, reason=WHY, made=now)
    with pytest.raises(BadSignature), transaction():
        ask_cancellation(bid.id, request, bid.signature, bidder.actor, now)


def test_one_person_decides_nothing_alone(agency: Agency, tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid = place(tender, bidder, 90_000_000)
    ask(bid, bidder)
    both = replace(agency.officer, permissions=agency.officer.permissions | agency.approver.permissions)
    with transaction():
        propose_decision(bid.id, "grant", "확인", both, time.now())
    with pytest.raises(SamePerson), transaction():
        confirm_decision(bid.id, "grant", both, time.now())
    with pytest.raises(IntegrityError, match="two_persons"), transaction():
        db.session.execute(
            text("UPDATE bid_cancellations SET decision='granted', decided_at=now(), decided_by_id=proposed_by_id")
        )


def test_another_agency_neither_proposes_nor_confirms(agency: Agency, tender: Tender) -> None:
    (bidder,), other = bidders(1), an_agency(2)
    bid = place(tender, bidder, 90_000_000)
    ask(bid, bidder)
    with pytest.raises(Forbidden), transaction():
        propose_decision(bid.id, "grant", "확인", other.officer, time.now())
    with pytest.raises(Forbidden), transaction():
        propose_decision(bid.id, "grant", "확인", agency.approver, time.now())


def test_a_proposal_sent_back_leaves_the_request_open(agency: Agency, tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid = place(tender, bidder, 90_000_000)
    ask(bid, bidder)
    with transaction():
        propose_decision(bid.id, "grant", "확인", agency.officer, time.now())
    with transaction():
        assert return_proposal(bid.id, agency.approver, time.now()).proposal is None
    with pytest.raises(IllegalTransition), transaction():
        confirm_decision(bid.id, "grant", agency.approver, time.now())
    assert decide(bid, agency, "refuse").decision == "refused"
    with pytest.raises(AlreadyDone):
        decide(bid, agency, "grant")


def test_a_supplier_whose_bid_was_cancelled_does_not_bid_again(agency: Agency, tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid = place(tender, bidder, 90_000_000)
    ask(bid, bidder)
    decide(bid, agency, "grant")
    with pytest.raises(AlreadyDone):
        place(tender, bidder, 80_000_000)


def test_nothing_of_it_is_public_before_the_opening(agency: Agency, tender: Tender) -> None:
    (bidder,) = bidders(1)
    bid = place(tender, bidder, 90_000_000)
    ask(bid, bidder)
    decide(bid, agency, "grant")
    kinds = ("bid.cancel_requested", "bid.cancel_proposed", "bid.cancel_decided")
    assert [event.is_open for kind in kinds for event in logged(kind)] == [False, False, False]
