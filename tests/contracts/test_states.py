"""The table of moves: walked at random, every state reached keeps what the database promises of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from app.auth import Actor
from app.db import db, transaction
from app.errors import IllegalTransition
from bidding.models import Award
from contracts.front import (
    Inspection,
    agree_to_contract,
    close_contract,
    confirm_contract,
    decline_contract,
    inspect_delivery,
    invoice_contract,
    lapse_contract,
    notify_delivery,
    record_payment,
    redraft_contract,
    send_contract,
    terminate_contract,
    terms_of,
    withdraw_contract,
)
from contracts.models import Contract
from contracts.states import CONTRACT, ContractState
from tests.contracts.building import NOON, Parties, make_draft, make_parties

EVENTS = sorted({row.event for row in CONTRACT.rows})
Act = Callable[[Contract, Parties, datetime], object]


def _digest(contract: Contract) -> str:
    terms = terms_of(contract)
    assert terms is not None
    return terms.digest(contract.number, contract.amount_won)


def _inspect(contract: Contract, parties: Parties, now: datetime, result: str) -> object:
    return inspect_delivery(contract.number, Inspection(result, "의견"), parties.approver_acts, now)


def _lapse(contract: Contract, now: datetime) -> None:
    """A job's act, once the award is undone: what cannot lapse is left alone, which here counts as refused."""
    before = contract.state
    db.session.execute(delete(Award).where(Award.bid_id == contract.bid_id))
    lapse_contract(contract.tender_id, contract.bid_id, now)
    if contract.state == before:
        raise IllegalTransition("it cannot lapse any more")


ACTS: dict[str, Act] = {
    "send": lambda c, p, now: send_contract(c.number, _digest(c), p.officer_acts, now),
    "withdraw": lambda c, p, now: withdraw_contract(c.number, p.officer_acts, now),
    "redraft": lambda c, p, now: redraft_contract(c.number, p.officer_acts, now),
    "decline": lambda c, p, now: decline_contract(c.number, "사유", p.seller_acts, now),
    "agree": lambda c, p, now: agree_to_contract(c.number, c.document_sha256 or "", "보증", p.seller_acts, now),
    "confirm": lambda c, p, now: confirm_contract(c.number, c.document_sha256 or "", p.officer_acts, now),
    "notify_delivery": lambda c, p, now: notify_delivery(c.number, "", p.seller_acts, now),
    "require_fix": lambda c, p, now: _inspect(c, p, now, "fix"),
    "accept": lambda c, p, now: _inspect(c, p, now, "pass"),
    "invoice": lambda c, p, now: invoice_contract(c.number, p.seller_acts, now),
    "record_payment": lambda c, p, now: record_payment(c.number, now.date(), p.officer_acts, now),
    "close": lambda c, p, now: close_contract(c.number, p.officer_acts, now),
    "lapse": lambda c, _p, now: _lapse(c, now),
    "terminate": lambda c, p, now: terminate_contract(c.number, "사유", p.officer_acts, now),
}


def test_every_event_of_the_table_has_an_act() -> None:
    assert sorted(ACTS) == EVENTS


def test_every_state_can_be_reached_and_only_the_ends_lead_nowhere() -> None:
    reachable, ends = {ContractState.DRAFTED}, set(ContractState) - {row.source for row in CONTRACT.rows}
    for _ in ContractState:
        reachable |= {ContractState(row.target) for row in CONTRACT.rows if row.source in reachable}
    assert reachable == set(ContractState)
    assert ends == {ContractState.CLOSED, ContractState.TERMINATED, ContractState.LAPSED}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 20)), max_size=14))
@example([("lapse", 0)])
def test_a_random_walk_obeys_the_table_and_leaves_one_log_entry_a_move(app: Flask, walk: list[tuple[str, int]]) -> None:
    """Shortest wins first: the walk is led through the usual course wherever the drawn event is not allowed."""
    parties = make_parties()
    contract, now = make_draft(parties), NOON
    moves = 0
    for drawn, days in walk:
        now += timedelta(days=days)
        allowed = [row.event for row in CONTRACT.rows if row.source == contract.state]
        before = contract.state
        if drawn not in allowed:
            _is_refused(ACTS[drawn], contract, parties, now)
            assert contract.state == before
            if not allowed:
                break
            drawn = allowed[0]
        with transaction():
            ACTS[drawn](contract, parties, now)
        moves += 1
        row = next(row for row in CONTRACT.rows if row.event == drawn and row.source == before)
        assert contract.state == row.target
        assert row.stamp is None or getattr(contract, row.stamp) == now
    logged = text("SELECT count(*) FROM audit.event WHERE subject = :subject")
    assert db.session.execute(logged, {"subject": contract.audit_subject}).scalar_one() == moves + 1


def test_a_draft_whose_award_stands_does_not_lapse(app: Flask) -> None:
    contract = make_draft(make_parties())
    with transaction():
        lapse_contract(contract.tender_id, contract.bid_id, NOON)
    assert contract.state == ContractState.DRAFTED


def _is_refused(act: Act, contract: Contract, parties: Parties, now: datetime) -> None:
    with pytest.raises(IllegalTransition), transaction():
        act(contract, parties, now)


def test_a_person_without_the_rows_permission_is_refused_each_move() -> None:
    stranger = Actor("stranger")
    for row in CONTRACT.rows:
        assert row.permission not in stranger.permissions
        assert row.permission.startswith("contract:")
