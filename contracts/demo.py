"""Contracts of the demonstration's awards, one in every state, each step done by whoever does it in life."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.audit.sequencer import run_step
from app.auth import Actor, Role
from app.auth.models import Person, PersonRole
from app.auth.people import actor_for
from app.db import db, transaction
from app.demo import Demo
from app.jobs import run_due
from app.time import kst_date, now
from contracts.models import Contract
from contracts.services.agreement import agree_to_contract, confirm_contract
from contracts.services.drafting import send_contract, terms_of
from contracts.services.performance import (
    close_contract,
    inspect_delivery,
    invoice_contract,
    notify_delivery,
    record_payment,
)
from contracts.states import ContractState
from contracts.types import Inspection

# How far each goes: the states that a visitor should meet stand first, for the case that there are few awards.
_STEPS = (8, 0, 3, 7, 1, 4, 6, 5, 2)
Step = Callable[[Contract, datetime], object]


def demo_step(demo: Demo) -> None:
    """Each contract goes its own number of steps; those left over go all the way."""
    demo.say("contracts in every state")
    run_due(now(), ("contracts.draft",))
    drafted = select(Contract).where(Contract.state == ContractState.DRAFTED).order_by(Contract.number)
    for place, contract in enumerate(db.session.scalars(drafted).all()):
        for step in _COURSE[: _STEPS[place] if place < len(_STEPS) else None]:
            with transaction():
                step(contract, now())
    run_step()


def _person(organisation_id: UUID, role: Role) -> Actor:
    """The first active person of the organisation with this role; LookupError where there is none."""
    query = (
        select(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(Person.organisation_id == organisation_id, PersonRole.role == role, Person.deactivated_at.is_(None))
        .order_by(Person.created_at, Person.id)
    )
    person = db.session.scalars(query).first()
    if person is None:
        raise LookupError(f"nobody is {role} there")
    return actor_for(person)


def _officer(contract: Contract) -> Actor:
    return _person(contract.agency_id, Role.OFFICER)


def _approver(contract: Contract) -> Actor:
    return _person(contract.agency_id, Role.APPROVER)


def _seller(contract: Contract) -> Actor:
    return _person(contract.supplier_id, Role.SUPPLIER_ADMIN)


def _send(contract: Contract, at: datetime) -> None:
    terms = terms_of(contract)
    if terms is not None:
        contract.delivery_place = contract.delivery_place or contract.agency.name_ko
        terms = terms_of(contract) or terms
        send_contract(contract.number, terms.digest(contract.number, contract.amount_won), _officer(contract), at)


def _agree(contract: Contract, at: datetime) -> None:
    bond = f"보증 {contract.number[-4:]}" if contract.bond_won else ""
    agree_to_contract(contract.number, contract.document_sha256 or "", bond, _seller(contract), at)


_COURSE: tuple[Step, ...] = (
    _send,
    _agree,
    lambda contract, at: confirm_contract(contract.number, contract.document_sha256 or "", _officer(contract), at),
    lambda contract, at: notify_delivery(contract.number, "납품을 마쳤습니다.", _seller(contract), at),
    lambda contract, at: inspect_delivery(contract.number, Inspection("pass"), _approver(contract), at),
    lambda contract, at: invoice_contract(contract.number, _seller(contract), at),
    lambda contract, at: record_payment(contract.number, kst_date(at), _officer(contract), at),
    lambda contract, at: close_contract(contract.number, _officer(contract), at),
)
