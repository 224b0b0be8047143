"""What follows the signature: delivery, inspection, invoice, payment, closing; or termination."""

from __future__ import annotations

from datetime import date, datetime

from app.auth import Actor
from app.errors import RuleBroken, SamePerson
from app.time import kst_date
from bidding.front import is_working_day
from contracts import rules
from contracts.models import Contract, Delivery
from contracts.models.delivery import Result
from contracts.services.access import lock_own_contract, person_id
from contracts.services.figures import figures_of
from contracts.services.telling import tell_agency, tell_supplier
from contracts.states import CONTRACT
from contracts.types import Inspection


def notify_delivery(number: str, note: str, actor: Actor, now: datetime) -> Delivery:
    """납품·완료 통지: the supplier says that it has delivered; the day of the notice is what counts.

    Starts the days of the inspection. Raises IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    today = kst_date(now)
    due_on = rules.inspection_due(today, figures_of(contract))
    delivery = Delivery(
        contract_id=contract.id,
        serial=len(contract.deliveries) + 1,
        delivered_on=today,
        note=note,
        notified_at=now,
        notified_by_id=person_id(actor),
        inspection_due_on=due_on,
    )
    CONTRACT.fire(contract, "notify_delivery", actor, now, serial=delivery.serial, inspection_due_on=due_on.isoformat())
    contract.deliveries.append(delivery)
    tell_agency(contract, "contract.delivered", now)
    return delivery


def penalty_of(contract: Contract, inspection: Inspection, delivered_on: date) -> rules.Penalty:
    """The delay penalty if the delivery of that day is accepted like this. RuleBroken for figures that clash."""
    late = rules.late_days(contract.due_on, delivered_on) if contract.due_on else 0
    try:
        return rules.delay_penalty(
            contract.amount_won,
            inspection.accepted_won,
            late,
            inspection.excused_days,
            contract.delay_class,
            figures_of(contract),
        )
    except ValueError as error:
        raise RuleBroken(str(error), findings=["figures-clash"]) from error


def inspect_delivery(number: str, inspection: Inspection, actor: Actor, now: datetime) -> Contract:
    """검사: pass, or what is to be put right. A pass fixes the day of delivery and with it the delay penalty.

    The inspector is another person than the one who confirmed the contract (SamePerson); the law keeps supervision and
    inspection apart (national decree art. 57). Raises RuleBroken, IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    delivery = contract.open_delivery
    if contract.confirmed_by_id == person_id(actor):
        raise SamePerson("the inspector must be another person than the one who confirmed the contract")
    if inspection.result == Result.FIX:
        _require_fix(contract, inspection, actor, now)
    else:
        _accept(contract, delivery, inspection, actor, now)
    assert delivery is not None  # state "delivered", which the table has just asked for
    delivery.result, delivery.finding = inspection.result, inspection.finding
    delivery.inspected_at, delivery.inspected_by_id = now, person_id(actor)
    return contract


def _require_fix(contract: Contract, inspection: Inspection, actor: Actor, now: datetime) -> None:
    if not inspection.finding:
        raise RuleBroken("what is to be put right must be said", findings=["no-finding"])
    CONTRACT.fire(contract, "require_fix", actor, now)
    tell_supplier(contract, "contract.fix_required", now)


def _accept(contract: Contract, delivery: Delivery | None, inspection: Inspection, actor: Actor, now: datetime) -> None:
    delivered_on = delivery.delivered_on if delivery else kst_date(now)
    penalty = penalty_of(contract, inspection, delivered_on)
    if inspection.excused_days and not inspection.excuse:
        raise RuleBroken("why days are excused must be said", findings=["no-excuse"])
    CONTRACT.fire(
        contract,
        "accept",
        actor,
        now,
        delivered_on=delivered_on.isoformat(),
        late_days=penalty.late_days,
        excused_days=penalty.excused_days,
        penalty_won=penalty.amount_won,
    )
    contract.delivered_on, contract.inspected_by_id = delivered_on, person_id(actor)
    contract.accepted_won, contract.excuse = inspection.accepted_won, inspection.excuse
    contract.late_days, contract.excused_days = penalty.late_days, penalty.excused_days
    contract.penalty_won = penalty.amount_won
    tell_supplier(contract, "contract.accepted", now)


def invoice_contract(number: str, actor: Actor, now: datetime) -> Contract:
    """대금 청구: what is owed after the penalty. Starts the working days of the payment.

    Raises IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    owed = rules.payable(contract.amount_won, contract.penalty_won)
    due_on = rules.payment_due(kst_date(now), figures_of(contract), is_working_day)
    contract.invoice_won, contract.payment_due_on = owed, due_on
    CONTRACT.fire(contract, "invoice", actor, now, invoice_won=owed, payment_due_on=due_on.isoformat())
    tell_agency(contract, "contract.invoiced", now)
    return contract


def record_payment(number: str, paid_on: date, actor: Actor, now: datetime) -> Contract:
    """지급: the agency states on which day it paid the invoiced sum.

    Raises RuleBroken where the day is before the invoice or has not come yet; IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    if contract.invoiced_at and not kst_date(contract.invoiced_at) <= paid_on <= kst_date(now):
        raise RuleBroken("a day of payment between the invoice and today", findings=["paid-on-out-of-range"])
    contract.paid_won, contract.paid_on = contract.invoice_won or 0, paid_on
    CONTRACT.fire(contract, "record_payment", actor, now, paid_won=contract.paid_won, paid_on=paid_on.isoformat())
    tell_supplier(contract, "contract.paid", now)
    return contract


def close_contract(number: str, actor: Actor, now: datetime) -> Contract:
    """종결: nothing is left to do."""
    contract = lock_own_contract(number, actor)
    CONTRACT.fire(contract, "close", actor, now)
    return contract


def terminate_contract(number: str, reason: str, actor: Actor, now: datetime) -> Contract:
    """해지: the agency ends the contract before acceptance, with a reason that everybody may read.

    Raises RuleBroken without a reason, IllegalTransition, Forbidden, NotFound.
    """
    contract = lock_own_contract(number, actor)
    if not reason.strip():
        raise RuleBroken("a reason is wanted", findings=["no-reason"])
    contract.termination_reason = reason.strip()
    CONTRACT.fire(contract, "terminate", actor, now, reason=contract.termination_reason)
    tell_supplier(contract, "contract.terminated", now)
    return contract
