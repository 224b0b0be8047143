"""Giving a bid bond, by the day before the deadline; nobody of the agency sees it before the opening."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import DeadlinePassed, Forbidden, InvalidInput, NotFound
from bidding.models import BidBond, Tender
from bidding.rules.bonds import KINDS
from bidding.services.access import person_id
from bidding.services.figures import bond_end
from bidding.states import TenderState


def give_bond(tender: Tender, kind: str, covers_won: int | None, number: str, actor: Actor, now: datetime) -> BidBond:
    """Enter or replace the bond of the actor's firm. Whether it is enough for the bid is known at the opening.

    Raises DeadlinePassed from the day of the deadline on, InvalidInput, NotFound where the notice asks for none,
    Forbidden for whoever is of no firm.
    """
    if actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a bidder gives a bond", permission="bid:submit")
    if tender.bid_bond_rate is None or tender.closes_at is None:
        raise NotFound("this notice asks for no bond", what="bond")
    until = bond_end(tender)
    if tender.state != TenderState.PUBLISHED or now >= until:
        raise DeadlinePassed("a bond comes by the day before the deadline", deadline_at=until)
    if kind not in KINDS:
        raise InvalidInput("no such kind of bond", field="kind")
    if kind == "undertaking":
        covers_won, number = None, ""
    elif covers_won is None or not number.strip():
        raise InvalidInput("a bond has an amount and a number", field="covers_won" if covers_won is None else "number")
    bond = find_bond(tender.id, actor.organisation_id)
    if bond is None:
        bond = BidBond(tender_id=tender.id, organisation_id=actor.organisation_id)
        db.session.add(bond)
    bond.kind, bond.covers_won, bond.number = kind, covers_won, number.strip()
    bond.given_by_id, bond.given_at = person_id(actor), now
    # Sealed: before the opening nobody learns who is going to bid.
    audit.emit("bond.given", actor, now, subject=f"supplier:{actor.organisation_id}", tender=tender.reference,
               is_open=False, bond=kind, amount=None if covers_won is None else str(covers_won))  # fmt: skip
    return bond


def find_bond(tender_id: UUID, organisation_id: UUID) -> BidBond | None:
    return db.session.get(BidBond, (tender_id, organisation_id))
