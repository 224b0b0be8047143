"""Reads of contracts. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from app.auth import Actor
from app.auth.models import Organisation
from app.db import db
from app.errors import NotFound
from app.time import KST
from bidding.front import query_tokens
from contracts.models import Contract
from contracts.states import IN_FORCE, ContractState

SORTS: dict[str, Any] = {
    "concluded": Contract.concluded_at,
    "amount": Contract.amount_won,
    "due": Contract.due_on,
    "number": Contract.number,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor of the register looks for. Everything empty means everything."""

    q: str = ""
    kind: str = ""
    state: str = ""
    least_won: int | None = None
    most_won: int | None = None
    from_on: date | None = None
    to_on: date | None = None
    practice: str = ""  # "" both, "only", "without"
    sort: str = "-concluded"


def register(wanted: Wanted) -> Select[Any]:
    """Contracts in force, the newest first unless sorted otherwise."""
    query = select(Contract).where(Contract.state.in_(IN_FORCE))
    if wanted.q:
        query = query.where(_matches(wanted.q))
    return _ordered(query.where(*_narrowed(wanted)), wanted.sort)


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(Contract.kind == wanted.kind)
    if wanted.state:
        found.append(Contract.state == wanted.state)
    if wanted.least_won is not None:
        found.append(Contract.amount_won >= wanted.least_won)
    if wanted.most_won is not None:
        found.append(Contract.amount_won <= wanted.most_won)
    if wanted.from_on:
        found.append(Contract.concluded_at >= _midnight(wanted.from_on))
    if wanted.practice:
        found.append(Contract.is_practice.is_(wanted.practice == "only"))
    if wanted.to_on:
        found.append(Contract.concluded_at < _midnight(wanted.to_on + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), KST)


def _matches(q: str) -> ColumnElement[bool]:
    """Words of the title; or the beginning of a number, of the agency's or of the supplier's name."""
    agency, supplier = aliased(Organisation), aliased(Organisation)
    upper, words = q.upper().strip(), query_tokens(q)
    by_name = or_(
        Contract.agency_id.in_(select(agency.id).where(_named(agency, q))),
        Contract.supplier_id.in_(select(supplier.id).where(_named(supplier, q))),
    )
    by_number = or_(
        Contract.number.startswith(upper, autoescape=True), Contract.tender_reference.startswith(upper, autoescape=True)
    )
    by_title = Contract.tokens.contains(words) & Contract.title.icontains(q.strip(), autoescape=True)
    return or_(by_number, by_name, by_title) if words else by_number


def _named(organisation: Any, q: str) -> ColumnElement[bool]:
    return or_(
        organisation.name_ko.startswith(q.strip(), autoescape=True),
        organisation.name_en.istartswith(q.strip(), autoescape=True),
    )


def _ordered(query: Select[Any], sort: str) -> Select[Any]:
    column = SORTS.get(sort.removeprefix("-"), Contract.concluded_at)
    if sort.startswith("-"):
        return query.order_by(column.desc().nulls_last(), Contract.id.desc())
    return query.order_by(column.asc().nulls_last(), Contract.id)


def get_public(number: str) -> Contract:
    """A contract in force. NotFound for any other: under negotiation it is no public matter."""
    found = db.session.scalar(select(Contract).where(Contract.number == number, Contract.state.in_(IN_FORCE)))
    if found is None:
        raise NotFound("no such contract", what="contract")
    return found


def get_own(number: str, actor: Actor) -> Contract:
    """A contract of the actor's side, in any state; an auditor's is every one. NotFound."""
    found = db.session.scalar(select(Contract).where(Contract.number == number))
    if found is None or not (is_side(found, actor) or actor.may("contract:audit")):
        raise NotFound("no such contract", what="contract")
    return found


def is_side(contract: Contract, actor: Actor) -> bool:
    return actor.organisation_id in (contract.agency_id, contract.supplier_id)


def desk(actor: Actor, states: Sequence[ContractState] = ()) -> Select[Any]:
    """The contracts of the actor's organisation, those that moved last first."""
    query = select(Contract).where(_own(actor))
    if states:
        query = query.where(Contract.state.in_(states))
    return query.order_by(Contract.created_at.desc(), Contract.id.desc())


def counts(actor: Actor) -> dict[str, int]:
    """How many of the organisation's contracts are in each state."""
    query = select(Contract.state, func.count().label("how_many")).where(_own(actor)).group_by(Contract.state)
    return {row.state: row.how_many for row in db.session.execute(query)}


def _own(actor: Actor) -> ColumnElement[bool]:
    return or_(Contract.agency_id == actor.organisation_id, Contract.supplier_id == actor.organisation_id)


def of_supplier(supplier_id: UUID, limit: int) -> tuple[list[Contract], int]:
    """The newest real contracts in force of a supplier, and how many there are."""
    mine = (
        select(Contract)
        .where(Contract.supplier_id == supplier_id, Contract.state.in_(IN_FORCE), Contract.is_practice.is_(False))
        .order_by(Contract.concluded_at.desc(), Contract.id.desc())
    )
    total = db.session.scalar(select(func.count()).select_from(mine.order_by(None).subquery())) or 0
    return list(db.session.scalars(mine.limit(limit))), total


def of_tender(tender_id: UUID) -> list[Contract]:
    """One a winner, in the order in which they were drafted."""
    query = select(Contract).where(Contract.tender_id == tender_id)
    return list(db.session.scalars(query.order_by(Contract.created_at, Contract.number)))
