"""Taking hold of a contract: its row locked, the actor one of its two sides."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import Forbidden, NotFound
from contracts.models import Contract


def lock_own_contract(number: str, actor: Actor) -> Contract:
    """The contract, its row locked until the transaction ends.

    To anybody but its agency and its supplier it is NotFound: a contract under negotiation is nobody else's business.
    Which side may do what is the transition table's matter: roles of an agency and of a supplier differ.
    """
    query = select(Contract).where(Contract.number == number).with_for_update(of=Contract)
    contract = db.session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if contract is None or actor.organisation_id not in (contract.agency_id, contract.supplier_id):
        raise NotFound("no such contract", what="contract")
    return contract


def person_id(actor: Actor) -> UUID:
    """The person who acts; the system signs nothing."""
    if actor.person_id is None:
        raise Forbidden("a person must do this")
    return actor.person_id
