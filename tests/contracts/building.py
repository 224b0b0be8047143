"""Awards and contracts for tests. The award's rows are written as the end of a tender leaves them; from there on
everything goes through the real services.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID

from app.auth import Actor, OrganisationKind, Role
from app.auth.models import Organisation, Person
from app.db import db, transaction
from app.ids import new_id
from bidding.models import Award, Bid, Opening, Tender
from contracts.front import (
    Inspection,
    agree_to_contract,
    confirm_contract,
    draft_contracts,
    inspect_delivery,
    invoice_contract,
    notify_delivery,
    record_payment,
    send_contract,
    terms_of,
)
from contracts.models import Contract
from tests.builders import actor_of, make_organisation, make_person
from tests.suppliers.building import make_supplier, person_of

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # Monday, 12:00 in Seoul
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
_serials = count(1)


@dataclass
class Parties:
    """The people of a contract: an agency's two, a supplier's one."""

    agency: Organisation
    supplier: Organisation
    officer: Person
    approver: Person
    seller: Person

    @property
    def officer_acts(self) -> Actor:
        return actor_of(self.officer)

    @property
    def approver_acts(self) -> Actor:
        return actor_of(self.approver)

    @property
    def seller_acts(self) -> Actor:
        return actor_of(self.seller)


def make_parties(*, registered: bool = False) -> Parties:
    """Two organisations and their people; with `registered` the supplier is on the register too."""
    agency = make_organisation(OrganisationKind.AGENCY, now=NOON)
    if registered:
        seller = person_of(make_supplier())
    else:
        seller = make_person([Role.SUPPLIER_ADMIN, Role.SUPPLIER_BIDDER], now=NOON)
    return Parties(
        agency,
        seller.organisation,
        make_person([Role.OFFICER], organisation=agency, now=NOON),
        make_person([Role.APPROVER], organisation=agency, now=NOON),
        seller,
    )


def make_award(parties: Parties, *, amount_won: int = 100_000_000, is_practice: bool = False, **changes: Any) -> UUID:
    """A tender awarded to the supplier, committed. `changes` go into the tender."""
    serial = next(_serials)
    letter = "T" if is_practice else "R"
    number = f"{letter}26BK{serial:08d}"
    fields: dict[str, Any] = {
        "state": "awarded",
        "is_practice": is_practice,
        "number": number,
        "reference": f"{number}-000",
        "agency_id": parties.agency.id,
        "author_id": parties.officer.id,
        "submitted_by_id": parties.officer.id,
        "approved_by_id": parties.approver.id,
        "title": "청사 승강기 유지보수 용역",
        "kind": "services",
        "method": "lowest",
        "estimated_value_won": amount_won,
        "base_amount_won": amount_won * 11 // 10 or 1,
        "delivery_place": "종로구청 본관",
        "delivery_on": TODAY + 30 * DAY,
        "box": {},
        "bids_from_at": NOON - 9 * DAY,
        "closes_at": NOON - 2 * DAY,
        "opens_at": NOON - 2 * DAY + timedelta(hours=1),
        "created_at": NOON - 10 * DAY,
    }
    fields |= dict.fromkeys(("submitted_at", "published_at", "closing_at", "closed_at", "opening_at"), NOON - DAY)
    fields |= dict.fromkeys(("opened_at", "proposed_at", "awarded_at"), NOON - DAY)
    tender = Tender(**(fields | changes))
    with transaction():
        db.session.add(tender)
        db.session.flush()
        _add_award(tender, parties, amount_won, sha256(number.encode()).hexdigest())
    return tender.id


def _add_award(tender: Tender, parties: Parties, amount_won: int, digest: str) -> None:
    bid = Bid(
        id=new_id(),
        tender_id=tender.id,
        organisation_id=parties.supplier.id,
        person_id=parties.seller.id,
        supplier="1234567891",
        state="opened",
        receipt_number=f"{tender.reference}/1",
        stmt=digest,
        statement=b"{}",
        signature={},
        envelope=b"{}",
        received_at=NOON - 3 * DAY,
        event_id=new_id(),
        salt=os.urandom(32),
        commitment=os.urandom(32),
        opened_at=NOON - DAY,
        amount_won=amount_won,
        picks=[1, 2],
        rank=1,
        reason="valid",
    )
    opening = Opening(
        tender_id=tender.id,
        lines=[],
        draw=None,
        evaluation={"placings": []},
        evaluation_digest=digest,
        estimated_price_won=amount_won + 1,
        floor_price_won=None,
        made_at=NOON - DAY,
    )
    db.session.add_all([bid, opening])
    db.session.flush()
    award = Award(
        tender_id=tender.id,
        bid_id=bid.id,
        organisation_id=parties.supplier.id,
        amount_won=amount_won,
        evaluation_digest=digest,
        proposed_by_id=parties.officer.id,
        proposed_at=NOON - DAY,
        confirmed_by_id=parties.approver.id,
        confirmed_at=NOON - DAY,
    )
    db.session.add(award)


def make_draft(parties: Parties, **changes: Any) -> Contract:
    """A contract as the award leaves it, committed."""
    tender_id = make_award(parties, **changes)
    with transaction():
        return draft_contracts(tender_id, NOON)[0]


def send(contract: Contract, parties: Parties, now: datetime = NOON) -> Contract:
    terms = terms_of(contract)
    assert terms is not None
    with transaction():
        return send_contract(
            contract.number, terms.digest(contract.number, contract.amount_won), parties.officer_acts, now
        )


def agree(contract: Contract, parties: Parties, now: datetime = NOON) -> Contract:
    bond = "보증 2026-1" if contract.bond_won else ""
    with transaction():
        return agree_to_contract(contract.number, contract.document_sha256 or "", bond, parties.seller_acts, now)


def conclude(contract: Contract, parties: Parties, now: datetime = NOON) -> Contract:
    """All three steps."""
    agree(send(contract, parties, now), parties, now)
    with transaction():
        return confirm_contract(contract.number, contract.document_sha256 or "", parties.officer_acts, now)


def deliver(contract: Contract, parties: Parties, now: datetime = NOON) -> Contract:
    with transaction():
        notify_delivery(contract.number, "납품 완료", parties.seller_acts, now)
    return contract


def accept(contract: Contract, parties: Parties, now: datetime = NOON, **findings: Any) -> Contract:
    with transaction():
        return inspect_delivery(contract.number, Inspection("pass", **findings), parties.approver_acts, now)


def invoice(contract: Contract, parties: Parties, now: datetime = NOON) -> Contract:
    with transaction():
        return invoice_contract(contract.number, parties.seller_acts, now)


def pay(contract: Contract, parties: Parties, on: date = TODAY, now: datetime = NOON) -> Contract:
    with transaction():
        return record_payment(contract.number, on, parties.officer_acts, now)
