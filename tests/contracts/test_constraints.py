"""What the database itself refuses, whatever the code believes."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db import db
from contracts.models import Contract
from tests.contracts.building import accept, conclude, deliver, invoice, make_draft, make_parties, send


@pytest.fixture
def drafted(app: Flask) -> Contract:
    return make_draft(make_parties())


IMPOSSIBLE = (
    ("amount_won = 0, bond_won = 0", "amount_positive"),
    ("bond_won = amount_won + 1", "bond_within_amount"),
    ("bond_won = -1", "bond_within_amount"),
    ("due_on = starts_on - 1", "dates_ordered"),
    ("state = 'unheard-of', document_sha256 = repeat('0', 64), bond_reference = 'x'", "state_known|three_steps"),
    ("state = 'sent', sent_at = now()", "sent_is_complete"),
    ("state = 'sent', document_sha256 = repeat('0', 64)", "sent_has_sent_at"),
    ("state = 'declined', declined_at = now(), document_sha256 = repeat('0', 64)", "declined_has_reason"),
    ("number = 'X26TA00000001'", "number_form"),
    ("is_practice = true", "practice_number"),
    ("kind = 'boats'", "kind_known"),
    ("regime = 'private'", "regime_known"),
    ("lang = 'fr'", "lang_known"),
    ("accepted_won = amount_won + 1", "accepted_within_amount"),
    ("excused_days = 1, excuse = 'x'", "excused_within_late"),
    ("late_days = 1, excused_days = 1", "excused_has_reason"),
    ("penalty_won = amount_won * 30 / 100 + 1", "penalty_within_cap"),
    ("penalty_won = -1", "penalty_within_cap"),
    ("invoice_won = amount_won + 1", "invoice_within_owed"),
    ("penalty_won = 1, invoice_won = amount_won", "invoice_within_owed"),
    ("paid_won = amount_won + 1", "paid_within_owed"),
    ("penalty_won = 1, paid_won = amount_won", "paid_within_owed"),
    ("stamp_duty_won = -1", "stamp_duty_not_negative"),
)


def _update(table: str, change: str, contract: Contract) -> None:
    """Try it in a savepoint, so that what is allowed and what is not can follow one another."""
    key = "id" if table == "contracts" else "contract_id"
    with db.session.begin_nested():
        db.session.execute(text(f"UPDATE {table} SET {change} WHERE {key} = :id"), {"id": contract.id})


def test_a_contract_that_cannot_be_is_refused(drafted: Contract) -> None:
    for change, constraint in IMPOSSIBLE:
        with pytest.raises(IntegrityError, match=constraint):
            _update("contracts", change, drafted)


def test_the_edges_themselves_are_allowed(drafted: Contract) -> None:
    for change in ("penalty_won = amount_won * 30 / 100", "accepted_won = amount_won", "due_on = starts_on"):
        _update("contracts", change, drafted)


def test_a_contract_cannot_be_agreed_without_its_bond(app: Flask) -> None:
    contract = send(make_draft(parties := make_parties()), parties)
    with pytest.raises(IntegrityError, match="agreed_has_bond"):
        db.session.execute(
            text("UPDATE contracts SET state = 'agreed', agreed_at = now() WHERE id = :id"), {"id": contract.id}
        )


def test_the_inspector_is_never_the_one_who_confirmed(app: Flask) -> None:
    contract = accept(deliver(conclude(make_draft(parties := make_parties()), parties), parties), parties)
    with pytest.raises(IntegrityError, match="inspector_is_another"):
        db.session.execute(
            text("UPDATE contracts SET inspected_by_id = confirmed_by_id WHERE id = :id"), {"id": contract.id}
        )


def test_a_paid_contract_is_paid_what_was_invoiced(app: Flask) -> None:
    parties = make_parties()
    contract = invoice(accept(deliver(conclude(make_draft(parties), parties), parties), parties), parties)
    with pytest.raises(IntegrityError, match="paid_is_what_was_invoiced"):
        db.session.execute(
            text(
                "UPDATE contracts SET state = 'paid', paid_at = now(), paid_won = invoice_won - 1, "
                "paid_on = delivered_on WHERE id = :id"
            ),
            {"id": contract.id},
        )


def test_a_winning_bid_has_one_live_contract(drafted: Contract) -> None:
    with pytest.raises(IntegrityError, match="uq_contracts_live"):
        db.session.execute(
            text(
                "INSERT INTO contracts SELECT (jsonb_populate_record(c, jsonb_build_object("
                "'id', gen_random_uuid(), 'number', 'R26TA99999999'))).* FROM contracts c WHERE id = :id"
            ),
            {"id": drafted.id},
        )


def test_only_one_delivery_waits_for_its_inspection(app: Flask) -> None:
    contract = deliver(conclude(make_draft(parties := make_parties()), parties), parties)
    with pytest.raises(IntegrityError, match="uq_contract_deliveries_waiting"):
        db.session.execute(
            text(
                "INSERT INTO contract_deliveries SELECT (jsonb_populate_record(d, jsonb_build_object("
                "'id', gen_random_uuid(), 'serial', 2))).* FROM contract_deliveries d WHERE contract_id = :id"
            ),
            {"id": contract.id},
        )


def test_a_delivery_that_cannot_be_is_refused(app: Flask) -> None:
    contract = deliver(conclude(make_draft(parties := make_parties()), parties), parties)
    for change, constraint in (
        ("result = 'pass'", "inspected_has"),
        ("result = 'maybe', inspected_at = now(), inspected_by_id = notified_by_id", "result_known"),
        ("result = 'fix', inspected_at = now(), inspected_by_id = notified_by_id", "fix_says_what"),
        ("inspection_due_on = delivered_on - 1", "due_after_delivery"),
        ("serial = 0", "serial_positive"),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            _update("contract_deliveries", change, contract)


def test_nobody_signs_in_the_standstill_even_past_the_service(drafted: Contract) -> None:
    tender = {"id": drafted.tender_id}
    db.session.execute(
        text("UPDATE tenders SET standstill_until_at = now() + interval '5 days' WHERE id = :id"), tender
    )
    sign = text("UPDATE contracts SET state = 'agreed', agreed_at = now() WHERE tender_id = :id")
    with pytest.raises(IntegrityError, match="standstill"):
        db.session.execute(sign, tender)
