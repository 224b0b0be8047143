"""The tender's table is all that can happen: model against service, code against CHECKs, and a life at random."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import time
from app.auth import system
from app.db import db, transaction
from app.errors import DomainError, Forbidden, IllegalTransition
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Opening, Revision, Tender
from bidding.rehearsal.bidding import seal
from bidding.rehearsal.cast import Agency, Bidder
from bidding.services.awarding import confirm_award, propose_award, reconsider_award
from bidding.services.closing import list_of
from bidding.services.revisions import approve_revision, ask_revision
from bidding.services.submission import SealedBid, submit_bid
from bidding.states import BID, PATH, TENDER, TenderState
from tests.bidding.conftest import Stage
from tests.bidding.staging import an_agency, bidders, published

EVENTS = sorted({row.event for row in TENDER.rows})
PERMISSIONS = sorted({row.permission for row in TENDER.rows})


class Thing:
    """Something with a state, for the table alone."""

    audit_subject, audit_tender = "draft:x", None

    def __init__(self, state: TenderState) -> None:
        self.state: Any = state


@pytest.mark.parametrize("state", list(TenderState))
def test_each_state_takes_its_own_events_with_their_permission_and_no_others(app: Flask, state: TenderState) -> None:
    for event in EVENTS:
        row = next((row for row in TENDER.rows if (row.event, row.source) == (event, state)), None)
        for permission in PERMISSIONS:
            thing = Thing(state)
            assert TENDER.allows(thing, event, system(permission)) == (row is not None and row.permission == permission)
            refusal = IllegalTransition if row is None else Forbidden
            if row is None or row.permission != permission:
                with pytest.raises(refusal):
                    TENDER.fire(thing, event, system(permission), time.now())
                assert thing.state == state


def test_there_is_no_way_back_from_the_end_and_none_past_the_second_person() -> None:
    ends = {TenderState.CONTRACTED, TenderState.CANCELLED}
    assert ends == set(TenderState) - {row.source for row in TENDER.rows}
    assert {row.source for row in TENDER.rows if row.target == TenderState.PUBLISHED} == {
        TenderState.IN_REVIEW, TenderState.PUBLISHED,
    }  # fmt: skip
    assert {row.source for row in TENDER.rows if row.event == "cancel"} == {
        TenderState.PUBLISHED, TenderState.CLOSED, TenderState.FAILED,
    }  # fmt: skip
    # By a complaint that was upheld, and by nothing else.
    assert {row.source for row in TENDER.rows if row.event == "annul"} == {
        TenderState.OPENED, TenderState.PROPOSED, TenderState.AWARDED,
    }  # fmt: skip
    assert set(PATH) <= set(TenderState)
    # Opened, a bid moves no more; a proposal may be read before its price.
    assert {row.source for row in BID.rows} == {"submitted", "presented"}


class TestDatabase:
    """What the CHECKs refuse, whoever writes."""

    @pytest.fixture
    def tender(self, app: Flask, keyholder: Panel) -> Tender:
        return published(an_agency(), keyholder)

    def refuse(self, constraint: str, tender: Tender, **values: Any) -> None:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        with pytest.raises(IntegrityError, match=constraint), transaction():
            db.session.execute(text(f"UPDATE tenders SET {sets} WHERE id = :id"), {**values, "id": tender.id})

    def test_an_unknown_state(self, tender: Tender) -> None:
        self.refuse("ck_tenders_state_known", tender, state="sleeping")

    @pytest.mark.parametrize("target", sorted({str(row.target) for row in TENDER.rows if row.stamp}))
    def test_a_state_without_its_instant(self, tender: Tender, target: str) -> None:
        stamps = {row.stamp for row in TENDER.rows if row.target == target and row.source != row.target}
        if len(stamps) != 1:
            return  # reached in two ways: no one instant belongs to it
        (stamp,) = stamps
        self.refuse(f"ck_tenders_{target}_has_{stamp}", tender, state=target, **{str(stamp): None})

    @pytest.mark.parametrize(
        ("constraint", "values"),
        [
            ("instants_ordered", {"closes_at": "2020-01-01T00:00Z"}),
            ("frozen_in_review", {"box": None}),
            ("floor_fits_method", {"floor_rate": None}),
            ("floor_rate_in_range", {"floor_rate": 100_001}),
            ("base_amount_positive", {"base_amount_won": 0}),
            ("range_ordered", {"range_low": 103_000}),
            ("practice_number", {"is_practice": False}),
            ("draw_mode_known", {"draw_mode": "M4"}),
            ("two_bids_but_in_practice", {"minimum_bids": 0}),
        ],
    )
    def test_values_that_must_never_be(self, tender: Tender, constraint: str, values: dict[str, Any]) -> None:
        self.refuse(f"ck_tenders_{constraint}", tender, **values)


class Life(RuleBasedStateMachine):
    """One published tender, everybody trying everything in any order, on a clock that only goes on."""

    start: Callable[[], tuple[Tender, Agency, list[Bidder], Stage]]
    reached: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self.tender, self.agency, self.crowd, self.stage = type(self).start()
        self.accepted: set[str] = set()
        self.deadlines: list[Any] = [self.tender.closes_at]

    def attempt(self, act: Callable[[], Any]) -> Any:
        try:
            with transaction():
                return act()
        except DomainError:
            return None

    @property
    def now(self) -> Any:
        return self.stage.later()

    @rule(who=st.integers(0, 2), won=st.integers(87_000_000, 99_000_000))
    def one_bids(self, who: int, won: int) -> None:
        self.bid(who, won)

    def bid(self, who: int, won: int) -> None:
        bidder = self.crowd[who]
        sealed: SealedBid = seal(self.tender, bidder, won, (1, 2), time.now())
        reference = str(self.tender.reference)
        taken = self.attempt(lambda: submit_bid(reference, sealed, bidder.actor, self.now, lambda: self.now))
        if taken is not None:
            self.accepted.add(taken.bid.stmt)

    @rule(won=st.integers(90_000_000, 96_000_000))
    def two_more(self, won: int) -> None:
        self.bid(0, won)
        self.bid(1, won + 1)

    @rule(minutes=st.integers(-60, 120), second=st.booleans())
    def extend(self, minutes: int, second: bool) -> None:
        tender, move = self.tender, timedelta(minutes=minutes)
        assert tender.closes_at is not None
        assert tender.opens_at is not None
        self._revise("extension", {"closes_at": tender.closes_at + move, "opens_at": tender.opens_at + move}, second)

    @rule(second=st.booleans())
    @precondition(lambda self: len(self.accepted) > 2)
    def cancel(self, second: bool) -> None:
        self._revise("cancellation", {}, second)

    def _revise(self, kind: str, changes: dict[str, Any], second: bool) -> None:
        agency = self.agency
        made = self.attempt(lambda: ask_revision(self.tender.id, kind, "모델", changes, agency.officer, self.now))
        if made is not None:
            who = agency.approver if second else agency.officer
            self.attempt(lambda: approve_revision(made.id, who, self.now))
        db.session.expire_all()
        if self.tender.closes_at != self.deadlines[-1]:
            self.deadlines.append(self.tender.closes_at)

    @rule()
    @precondition(lambda self: len(self.accepted) != 1)  # the dullest end is tried elsewhere
    def close(self) -> None:
        if self.tender.state == TenderState.PUBLISHED:
            self.stage.close(self.tender)

    @rule()
    def open(self) -> None:
        if self.tender.state == TenderState.CLOSED:
            self.stage.open(self.tender)

    @rule(second=st.booleans(), is_same=st.booleans(), back=st.booleans())
    def decide(self, second: bool, is_same: bool, back: bool) -> None:
        opening = db.session.get(Opening, self.tender.id)
        digest = opening.evaluation_digest if opening and is_same else "0" * 64
        who = self.agency.approver if second else self.agency.officer
        act = (reconsider_award, "모델") if back else (confirm_award, digest)
        self.attempt(lambda: propose_award(self.tender.id, digest, who, self.now))
        self.attempt(lambda: act[0](self.tender.id, act[1], who, self.now))

    def teardown(self) -> None:
        """Every life is lived to its opening."""
        self.close()
        self.every_receipt_is_in_the_list()
        self.open()
        self.nothing_is_open_before_the_opening()
        self.every_receipt_is_in_the_list()

    @invariant()
    def nothing_is_open_before_the_opening(self) -> None:
        db.session.expire_all()
        self.reached.add(self.tender.state)
        for bid in db.session.scalars(select(Bid).where(Bid.tender_id == self.tender.id)):
            is_open = self.tender.opened_at is not None
            assert is_open or (bid.amount_won, bid.picks, bid.nonce, bid.cek, bid.rank) == (None,) * 5

    @invariant()
    def every_receipt_is_in_the_list(self) -> None:
        if self.tender.closed_at is not None:
            assert {entry.stmt for entry in list_of(self.tender)} == self.accepted
            assert self.tender.bid_count == len(self.accepted)

    @invariant()
    def deadlines_only_move_later(self) -> None:
        assert self.deadlines == sorted(set(self.deadlines))

    @invariant()
    def two_persons_did_what_takes_two(self) -> None:
        for revision in db.session.scalars(select(Revision).where(Revision.approved_at.is_not(None))):
            assert revision.approved_by_id != revision.asked_by_id
        award = db.session.scalar(select(Award).where(Award.tender_id == self.tender.id))
        if award is not None:
            assert award.confirmed_by_id != award.proposed_by_id
            assert db.session.get_one(Bid, award.bid_id).rank == 1
        assert (award is None) == (self.tender.state not in (TenderState.PROPOSED, TenderState.AWARDED))


def test_a_tender_lives_by_its_rules(app: Flask, stage: Stage) -> None:
    """Agency and bidders are made once; each life is a tender of its own."""
    agency, crowd = an_agency(), bidders(3)

    def start() -> tuple[Tender, Agency, list[Bidder], Stage]:
        stage.later.ahead = timedelta()
        return published(agency, stage.keyholder), agency, crowd, stage

    Life.start = staticmethod(start)
    quiet = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=6, stateful_step_count=10, deadline=None, derandomize=True, suppress_health_check=quiet
        ),
    )
    assert Life.reached & {"opened", "failed"}  # else little was tried
