"""The contract's life through its services: three steps, performance, money; every refusal beside the act it guards."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app import audit, jobs
from app.db import db, transaction
from app.documents.models import IssuedDocument
from app.errors import (
    Forbidden,
    IllegalTransition,
    NotEligible,
    NotFound,
    RuleBroken,
    SamePerson,
    StaleConfirmation,
)
from app.notifications.models import Notification
from bidding.models import Tender
from contracts.front import (
    Inspection,
    Terms,
    agree_to_contract,
    close_contract,
    confirm_contract,
    decline_contract,
    draft_contracts,
    inspect_delivery,
    notify_delivery,
    record_payment,
    redraft_contract,
    send_contract,
    set_terms,
    terminate_contract,
    terms_of,
    withdraw_contract,
)
from contracts.models import Contract
from suppliers.queries import find_supplier_of
from suppliers.services.sanctions import SanctionIn, decide_sanction, propose_sanction
from tests.builders import actor_of, make_person
from tests.contracts.building import (
    DAY,
    NOON,
    TODAY,
    Parties,
    accept,
    agree,
    conclude,
    deliver,
    invoice,
    make_award,
    make_draft,
    make_parties,
    pay,
    send,
)
from tests.suppliers.building import make_two_of_an_agency


@pytest.fixture
def parties(app: Flask) -> Parties:
    return make_parties()


def types_of(contract: Contract) -> list[str]:
    return [entry.type for entry in audit.entries_about(contract.audit_subject)]


def told(person_id: object) -> list[str]:
    return list(db.session.scalars(select(Notification.kind).where(Notification.person_id == person_id)))


# ---- draft ----


def test_an_award_leaves_a_draft_with_number_amount_bond_and_stamp_duty(parties: Parties) -> None:
    contract = make_draft(parties, amount_won=100_000_000)
    assert contract.number == "R26TA00000001"
    assert (contract.amount_won, contract.bond_won, contract.stamp_duty_won) == (100_000_000, 10_000_000, 70_000)
    assert (contract.state, contract.kind, contract.delay_class) == ("drafted", "services", "services")
    assert contract.delivery_place == "종로구청 본관"
    assert contract.due_on == TODAY + 30 * DAY
    assert types_of(contract) == ["contract.drafted"]
    assert "contract.drafted" in told(parties.officer.id)
    assert "contract.drafted" not in told(parties.seller.id)


def test_drafting_twice_leaves_one_contract_and_one_number(parties: Parties) -> None:
    tender_id = make_award(parties)
    for _ in range(2):
        with transaction():
            draft_contracts(tender_id, NOON)
    assert len(db.session.scalars(select(Contract)).all()) == 1
    assert make_draft(parties).number == "R26TA00000002"


def test_a_practice_award_gets_a_practice_number_of_its_own_series(parties: Parties) -> None:
    assert make_draft(parties, is_practice=True).number == "T26TA00000001"
    assert make_draft(parties).number == "R26TA00000001"


def test_a_tender_without_confirmed_award_has_no_contract(parties: Parties) -> None:
    with pytest.raises(NotFound):
        draft_contracts(uuid4(), NOON)


def test_the_job_drafts_and_the_sweep_finds_an_award_that_nobody_enqueued(parties: Parties) -> None:
    make_award(parties)
    assert jobs.run_due(NOON + 400 * DAY) >= 1
    assert len(db.session.scalars(select(Contract)).all()) == 1
    with transaction():
        db.session.execute(delete(jobs.Job))
    jobs.run_due(NOON + 400 * DAY)
    assert len(db.session.scalars(select(Contract)).all()) == 1


def test_a_delivery_day_that_is_past_becomes_a_month_from_now(parties: Parties) -> None:
    contract = make_draft(parties, delivery_on=TODAY - DAY)
    assert contract.due_on == TODAY + 30 * DAY


# ---- terms ----


def terms(contract: Contract, **changes: object) -> Terms:
    from dataclasses import replace

    now = terms_of(contract)
    assert now is not None
    return replace(now, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"due_on": TODAY - DAY}, "due-before-start"),
        ({"delay_class": "goods"}, "delay-class-not-of-kind"),
        ({"delivery_place": ""}, "no-delivery-place"),
        ({"payment_terms": ""}, "no-payment-terms"),
    ],
)
def test_terms_that_make_no_sense_are_named(parties: Parties, changes: dict[str, object], finding: str) -> None:
    contract = make_draft(parties)
    with pytest.raises(RuleBroken) as refused:
        set_terms(contract.number, terms(contract, **changes), parties.officer_acts, NOON)
    assert refused.value.facts["findings"] == [finding]


def test_terms_are_settled_by_an_officer_of_the_agency_and_by_nobody_else(parties: Parties) -> None:
    contract = make_draft(parties)
    wanted = terms(contract, due_on=TODAY)
    stranger = actor_of(make_person(now=NOON))
    with pytest.raises(NotFound):
        set_terms(contract.number, wanted, stranger, NOON)
    for actor in (parties.approver_acts, parties.seller_acts):
        with pytest.raises(Forbidden):
            set_terms(contract.number, wanted, actor, NOON)
    with transaction():
        set_terms(contract.number, wanted, parties.officer_acts, NOON)
    assert contract.due_on == TODAY


def test_terms_are_frozen_once_the_contract_is_sent(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with pytest.raises(IllegalTransition):
        set_terms(contract.number, terms(contract), parties.officer_acts, NOON)


# ---- first step ----


def test_sending_makes_the_document_whose_hash_is_to_be_signed(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    issued = db.session.get_one(IssuedDocument, contract.document_id)
    assert issued.sha256 == contract.document_sha256
    assert not issued.is_public
    assert (issued.owner_id, issued.agency_id) == (parties.supplier.id, parties.agency.id)
    assert contract.sent_by_id == parties.officer.id
    assert "contract.sent" in told(parties.seller.id)


def test_sending_terms_that_changed_meanwhile_is_refused(parties: Parties) -> None:
    contract = make_draft(parties)
    shown = terms(contract).digest(contract.number, contract.amount_won)
    with transaction():
        set_terms(contract.number, terms(contract, delivery_place="별관"), parties.officer_acts, NOON)
    with pytest.raises(StaleConfirmation):
        send_contract(contract.number, shown, parties.officer_acts, NOON)


def test_a_supplier_and_an_approver_cannot_send(parties: Parties) -> None:
    contract = make_draft(parties)
    digest = terms(contract).digest(contract.number, contract.amount_won)
    for actor in (parties.seller_acts, parties.approver_acts):
        with pytest.raises(Forbidden), transaction():
            send_contract(contract.number, digest, actor, NOON)
    assert db.session.scalars(select(IssuedDocument)).all() == []


def test_a_sent_contract_can_be_taken_back_changed_and_sent_again_with_another_hash(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    first = contract.document_sha256
    with transaction():
        withdraw_contract(contract.number, parties.officer_acts, NOON)
    assert contract.state == "drafted"
    with transaction():
        set_terms(contract.number, terms(contract, delivery_place="별관"), parties.officer_acts, NOON)
    send(contract, parties)
    assert contract.document_sha256 != first
    with pytest.raises(StaleConfirmation):
        agree_to_contract(contract.number, first or "", "보증", parties.seller_acts, NOON)


# ---- second step ----


def test_agreeing_wants_the_hash_that_was_shown_and_the_bond(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with pytest.raises(StaleConfirmation):
        agree_to_contract(contract.number, "0" * 64, "보증", parties.seller_acts, NOON)
    with pytest.raises(RuleBroken):
        agree_to_contract(contract.number, contract.document_sha256 or "", " ", parties.seller_acts, NOON)
    db.session.rollback()
    agree(contract, parties)
    assert (contract.state, contract.bond_reference) == ("agreed", "보증 2026-1")
    assert contract.agreed_by_id == parties.seller.id


def test_a_contract_up_to_fifty_million_is_agreed_without_bond(parties: Parties) -> None:
    contract = agree(send(make_draft(parties, amount_won=50_000_000), parties), parties)
    assert (contract.state, contract.bond_won, contract.bond_reference) == ("agreed", 0, "")


def test_the_agency_cannot_agree_for_the_supplier(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with pytest.raises(Forbidden):
        agree_to_contract(contract.number, contract.document_sha256 or "", "보증", parties.officer_acts, NOON)


def test_another_supplier_does_not_even_find_the_contract(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with pytest.raises(NotFound):
        agree_to_contract(contract.number, contract.document_sha256 or "", "보증", make_parties().seller_acts, NOON)


def test_declining_wants_a_reason_and_lets_the_officer_draft_again(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with pytest.raises(RuleBroken):
        decline_contract(contract.number, "  ", parties.seller_acts, NOON)
    with transaction():
        decline_contract(contract.number, "납기가 짧습니다", parties.seller_acts, NOON)
    assert (contract.state, contract.decline_reason) == ("declined", "납기가 짧습니다")
    with pytest.raises(IllegalTransition):
        agree_to_contract(contract.number, contract.document_sha256 or "", "보증", parties.seller_acts, NOON)
    with transaction():
        redraft_contract(contract.number, parties.officer_acts, NOON)
    assert send(contract, parties).state == "sent"


def test_after_the_supplier_agreed_the_agency_cannot_take_back(parties: Parties) -> None:
    contract = agree(send(make_draft(parties), parties), parties)
    with pytest.raises(IllegalTransition):
        withdraw_contract(contract.number, parties.officer_acts, NOON)


# ---- third step ----


def test_confirming_concludes_marks_the_tender_and_issues_the_certificate(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    assert (contract.state, contract.concluded_at) == ("concluded", NOON)
    assert db.session.get_one(Tender, contract.tender_id).state == "contracted"
    assert db.session.get_one(IssuedDocument, contract.certificate_id).kind == "contract-certificate"
    assert types_of(contract) == ["contract.drafted", "contract.sent", "contract.agreed", "contract.concluded"]
    assert "contract.concluded" in told(parties.seller.id)


def test_confirming_another_hash_than_the_one_shown_is_refused(parties: Parties) -> None:
    contract = agree(send(make_draft(parties), parties), parties)
    with pytest.raises(StaleConfirmation):
        confirm_contract(contract.number, "0" * 64, parties.officer_acts, NOON)


def test_confirming_before_the_supplier_agreed_is_refused(parties: Parties) -> None:
    contract = send(make_draft(parties), parties)
    with pytest.raises(IllegalTransition):
        confirm_contract(contract.number, contract.document_sha256 or "", parties.officer_acts, NOON)


def test_the_supplier_cannot_confirm(parties: Parties) -> None:
    contract = agree(send(make_draft(parties), parties), parties)
    with pytest.raises(Forbidden):
        confirm_contract(contract.number, contract.document_sha256 or "", parties.seller_acts, NOON)


def bar(parties: Parties, first: date) -> None:
    """Enter and decide a sanction of a third agency on the supplier, from the day `first`."""
    officer, approver = make_two_of_an_agency()
    supplier = find_supplier_of(parties.supplier.id)
    assert supplier is not None
    assert supplier.business_number is not None
    entry = SanctionIn(
        supplier.business_number, "state", "제27조 제1항", "계약 불이행", first, first + timedelta(days=60)
    )
    with transaction():
        sanction = propose_sanction(entry, actor_of(officer), NOON)
        decide_sanction(sanction.id, actor_of(approver), NOON)


def test_a_supplier_under_sanction_is_sent_no_contract(parties: Parties) -> None:
    barred = make_parties(registered=True)
    contract = make_draft(barred)
    bar(barred, TODAY + DAY)
    digest = terms(contract).digest(contract.number, contract.amount_won)
    with pytest.raises(NotEligible), transaction():
        send_contract(contract.number, digest, barred.officer_acts, NOON + DAY)
    assert send(contract, barred, NOON).state == "sent"  # the day before the sanction begins


def test_a_supplier_sanctioned_between_agreeing_and_confirming_gets_no_contract(parties: Parties) -> None:
    barred = make_parties(registered=True)
    contract = agree(send(make_draft(barred), barred), barred)
    bar(barred, TODAY + DAY)
    with pytest.raises(NotEligible), transaction():
        confirm_contract(contract.number, contract.document_sha256 or "", barred.officer_acts, NOON + DAY)
    assert contract.state == "agreed"


# ---- performance ----


def test_the_whole_course_ends_with_every_won_accounted_for(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    pay(invoice(accept(deliver(contract, parties), parties), parties), parties)
    with transaction():
        close_contract(contract.number, parties.officer_acts, NOON)
    assert (contract.state, contract.penalty_won, contract.paid_won) == ("closed", 0, 100_000_000)
    assert types_of(contract)[-5:] == [
        "contract.delivered",
        "contract.accepted",
        "contract.invoiced",
        "contract.paid",
        "contract.closed",
    ]


def test_the_inspection_is_due_a_fortnight_after_the_notice_and_the_payment_after_five_working_days(
    parties: Parties,
) -> None:
    contract = deliver(conclude(make_draft(parties), parties), parties)
    assert contract.deliveries[0].inspection_due_on == TODAY + 14 * DAY
    invoice(accept(contract, parties), parties)
    assert contract.payment_due_on == TODAY + 7 * DAY  # Monday to the next Monday


def test_a_late_delivery_is_cut_by_the_laws_arithmetic(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    late = NOON + 40 * DAY  # due after 30
    accept(deliver(contract, parties, late), parties, late)
    assert (contract.late_days, contract.penalty_won) == (10, 1_250_000)
    invoice(contract, parties, late)
    assert contract.invoice_won == 98_750_000


def test_local_contracts_are_cut_at_the_local_rate(parties: Parties) -> None:
    contract = conclude(make_draft(parties, regime="local"), parties)
    late = NOON + 40 * DAY
    accept(deliver(contract, parties, late), parties, late)
    assert contract.penalty_won == 1_300_000


def test_excused_days_and_parts_accepted_in_time_lower_the_penalty_and_want_a_reason(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    late = NOON + 40 * DAY
    deliver(contract, parties, late)
    with pytest.raises(RuleBroken) as refused:
        accept(contract, parties, late, excused_days=4)
    assert refused.value.facts["findings"] == ["no-excuse"]
    accept(contract, parties, late, excused_days=4, excuse="폭설", accepted_won=20_000_000)
    assert (contract.excused_days, contract.penalty_won) == (4, 600_000)  # 80,000,000 × 1.25/1000 × 6


def test_more_days_excused_than_late_are_refused(parties: Parties) -> None:
    contract = deliver(conclude(make_draft(parties), parties), parties)
    with pytest.raises(RuleBroken) as refused:
        accept(contract, parties, excused_days=1, excuse="폭설")
    assert refused.value.facts["findings"] == ["figures-clash"]


def test_a_correction_restarts_the_inspection_and_its_own_day_counts(parties: Parties) -> None:
    contract = deliver(conclude(make_draft(parties), parties), parties, NOON + 30 * DAY)
    with pytest.raises(RuleBroken), transaction():
        inspect_delivery(contract.number, Inspection("fix"), parties.approver_acts, NOON + 31 * DAY)
    with transaction():
        inspect_delivery(contract.number, Inspection("fix", "누수 2곳"), parties.approver_acts, NOON + 31 * DAY)
    assert contract.state == "correcting"
    accept(deliver(contract, parties, NOON + 35 * DAY), parties, NOON + 36 * DAY)
    assert [delivery.result for delivery in contract.deliveries] == ["fix", "pass"]
    assert (contract.delivered_on, contract.late_days) == (TODAY + 35 * DAY, 5)


def test_who_confirmed_the_contract_cannot_inspect_it(parties: Parties) -> None:
    contract = deliver(conclude(make_draft(parties), parties), parties)
    with pytest.raises(SamePerson):
        inspect_delivery(contract.number, Inspection("pass"), parties.officer_acts, NOON)


def test_the_supplier_cannot_inspect_nor_the_agency_deliver_or_invoice(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    with pytest.raises(Forbidden), transaction():
        notify_delivery(contract.number, "", parties.officer_acts, NOON)
    deliver(contract, parties)
    with pytest.raises(Forbidden), transaction():
        inspect_delivery(contract.number, Inspection("pass"), parties.seller_acts, NOON)


@pytest.mark.parametrize(("days", "is_fine"), [(-1, False), (0, True), (3, True), (4, False)])
def test_a_payment_lies_between_the_invoice_and_today(parties: Parties, days: int, is_fine: bool) -> None:
    contract = invoice(accept(deliver(conclude(make_draft(parties), parties), parties), parties), parties)
    on, now = TODAY + timedelta(days=days), NOON + 3 * DAY
    if is_fine:
        assert pay(contract, parties, on, now).paid_on == on
    else:
        with pytest.raises(RuleBroken):
            record_payment(contract.number, on, parties.officer_acts, now)


def test_termination_wants_a_reason_and_is_the_end(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    with pytest.raises(RuleBroken):
        terminate_contract(contract.number, " ", parties.officer_acts, NOON)
    with transaction():
        terminate_contract(contract.number, "이행 거절", parties.officer_acts, NOON)
    assert (contract.state, contract.terminated_at) == ("terminated", NOON)
    with pytest.raises(IllegalTransition):
        notify_delivery(contract.number, "", parties.seller_acts, NOON)


def test_an_accepted_contract_can_no_longer_be_terminated(parties: Parties) -> None:
    contract = accept(deliver(conclude(make_draft(parties), parties), parties), parties)
    with pytest.raises(IllegalTransition):
        terminate_contract(contract.number, "늦은 변심", parties.officer_acts, NOON)


def test_open_log_entries_name_no_person(parties: Parties) -> None:
    contract = conclude(make_draft(parties), parties)
    bodies = db.session.scalars(
        select(audit.Event.body).where(audit.Event.subject == contract.audit_subject, audit.Event.is_open)
    )
    for body in bodies:
        for person in (parties.officer, parties.seller):
            assert person.name.encode() not in body
            assert person.email.encode() not in body
