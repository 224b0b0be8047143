"""Bids that the registry or a missing bond keeps out of the ranking at the opening; their picks count in the draw.

What is found of each bid is kept with the opening: what put it out, and what an officer should look at.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

import suppliers.front
from app.db import db
from bidding.eligibility import requirements_of
from bidding.models import Bid, BidBond, Tender
from bidding.rules.validity import BidFacts, Bond, Finding, check_bids
from bidding.services.figures import bond_end
from bidding.types import OpenedBid


def findings_of(tender: Tender, opened: Sequence[OpenedBid]) -> dict[str, list[Finding]]:
    """What the checks of `bidding.rules.validity` find of each opened bid, on the days of deadline and opening."""
    assert tender.closes_at is not None
    assert tender.opens_at is not None
    rows = db.session.execute(select(Bid.stmt, Bid.organisation_id, Bid.received_at).where(Bid.tender_id == tender.id))
    by_stmt = {stmt: (organisation_id, received_at) for stmt, organisation_id, received_at in rows}
    received = dict(by_stmt[bid.stmt] for bid in opened)
    known = suppliers.front.bidders_facts(received, requirements_of(tender), tender.closes_at, tender.opens_at)
    bonds = _bonds(tender)
    facts = []
    for bid in opened:
        organisation_id = by_stmt[bid.stmt][0]
        one = known[organisation_id]
        facts.append(
            BidFacts(
                stmt=bid.stmt,
                amount_won=bid.amount_won,
                ineligible=one.ineligible,
                is_other_now=one.is_other_now,
                is_sanctioned=one.is_sanctioned,
                people=one.people,
                names=one.names,
                has_sanctioned_person=one.has_sanctioned_person,
                changed=one.changed,
                bond=bonds.get(organisation_id),
            )
        )
    return check_bids(facts, tender.bid_bond_rate)


def _bonds(tender: Tender) -> dict[object, Bond]:
    if tender.bid_bond_rate is None or tender.closes_at is None:
        return {}
    until = bond_end(tender)
    given = db.session.scalars(select(BidBond).where(BidBond.tender_id == tender.id))
    return {one.organisation_id: Bond(one.kind, one.covers_won, one.given_at < until) for one in given}
