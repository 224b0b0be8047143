"""The front door of bidding: all that other features may use of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import IllegalTransition, NotFound, Standstill
from bidding.calendar import is_working_day
from bidding.models import Award, Consortium, DirectAward, Opening, Tender
from bidding.rules.data import (
    Book,
    find_bond,
    find_known_figure,
    find_late_penalty,
    find_stamp_duty,
    shipped,
)
from bidding.search import query_tokens, tokens
from bidding.services import rulebook, standstill
from bidding.services.access import lock_tender
from bidding.services.joint_bids import Party, consortia_of, parties_of
from bidding.states import TENDER, DirectState, TenderState

__all__ = [
    "AwardSummary",
    "Book",
    "Party",
    "awards_without_contract",
    "find_bond",
    "find_known_figure",
    "find_late_penalty",
    "find_stamp_duty",
    "get_awards",
    "is_working_day",
    "mark_contracted",
    "pin_rules",
    "query_tokens",
    "refuse_early_signing",
    "rule_book",
    "signing_block",
    "tokens",
]


@dataclass(frozen=True, slots=True)
class AwardSummary:
    """A confirmed award as its contract starts from it. Money is whole won; `kind` is goods, services or works.

    `bid_id` names the award: of a contract without competition after a failure it is the id of that decision.
    """

    tender_id: UUID
    bid_id: UUID
    reference: str
    title: str
    kind: str
    regime: str
    agency_id: UUID
    supplier_id: UUID
    amount_won: int
    quantity: int | None
    estimated_price_won: int | None
    base_amount_won: int
    delivery_place: str
    delivery_on: date | None
    is_practice: bool
    confirmed_at: datetime
    parties: tuple[Party, ...] = ()  # of a consortium, its lead first; empty where the supplier is alone


def get_awards(tender_id: UUID) -> list[AwardSummary]:
    """The confirmed awards of a tender, one a winning bid, as its winners stand; after a failure the one that two
    persons decided without competition. NotFound while there is none."""
    query = (
        select(Award, Tender, Opening.estimated_price_won)
        .join(Tender, Tender.id == Award.tender_id)
        .join(Opening, Opening.tender_id == Award.tender_id)
        .where(Award.tender_id == tender_id, Award.confirmed_at.is_not(None))
    )
    found = db.session.execute(query.order_by(Award.place)).all()
    if not found:
        return [_direct_award(tender_id)]
    joint = consortia_of(found[0][1], [award.organisation_id for award, _, _ in found])
    return [_summary(*row, joint.get(row[0].organisation_id)) for row in found]


def _direct_award(tender_id: UUID) -> AwardSummary:
    query = (
        select(DirectAward, Tender, Opening.estimated_price_won)
        .join(Tender, Tender.id == DirectAward.tender_id)
        .outerjoin(Opening, Opening.tender_id == DirectAward.tender_id)
        .where(DirectAward.tender_id == tender_id, DirectAward.state == DirectState.APPROVED)
    )
    found = db.session.execute(query).first()
    if found is None:
        raise NotFound("no confirmed award", what="award")
    direct, tender, estimated_price_won = found
    assert direct.decided_at is not None  # approved, by CHECK
    joint = consortia_of(tender, [direct.organisation_id]).get(direct.organisation_id)
    named = direct.id, direct.organisation_id, direct.amount_won, None, direct.decided_at
    return _summary_of(tender, estimated_price_won, joint, *named)


def _summary(
    award: Award, tender: Tender, estimated_price_won: int | None, consortium: Consortium | None
) -> AwardSummary:
    assert award.confirmed_at is not None  # by CHECK
    named = award.bid_id, award.organisation_id, award.amount_won, award.quantity, award.confirmed_at
    return _summary_of(tender, estimated_price_won, consortium, *named)


def _summary_of(
    tender: Tender,
    estimated_price_won: int | None,
    consortium: Consortium | None,
    bid_id: UUID,
    supplier_id: UUID,
    amount_won: int,
    quantity: int | None,
    confirmed_at: datetime,
) -> AwardSummary:
    # A published tender has both, by CHECK.
    assert tender.reference is not None
    assert tender.base_amount_won is not None
    return AwardSummary(
        tender_id=tender.id,
        bid_id=bid_id,
        reference=tender.reference,
        title=tender.title,
        kind=tender.kind,
        regime=tender.regime,
        agency_id=tender.agency_id,
        supplier_id=supplier_id,
        amount_won=amount_won,
        quantity=quantity,
        estimated_price_won=estimated_price_won,
        base_amount_won=tender.base_amount_won,
        delivery_place=tender.delivery_place,
        delivery_on=tender.delivery_on,
        is_practice=tender.is_practice,
        confirmed_at=confirmed_at,
        parties=parties_of(consortium) if consortium is not None else (),
    )


def awards_without_contract(limit: int = 500) -> list[tuple[UUID, UUID]]:
    """`(tender, bid)` of awards that are confirmed and not contracted yet, oldest first: what the sweep for drafts
    starts from."""
    query = select(Award.tender_id, Award.bid_id).join(Tender, Tender.id == Award.tender_id)
    waiting = query.where(Tender.state == TenderState.AWARDED, Award.contracted_at.is_(None))
    rows = list(db.session.execute(waiting.order_by(Tender.awarded_at, Award.place).limit(limit)))
    decided = DirectAward.state == DirectState.APPROVED, DirectAward.contracted_at.is_(None)
    direct = select(DirectAward.tender_id, DirectAward.id).where(*decided)
    rows += db.session.execute(direct.order_by(DirectAward.decided_at, DirectAward.id).limit(limit))
    return [(tender_id, bid_id) for tender_id, bid_id in rows]


def mark_contracted(tender_id: UUID, bid_id: UUID, actor: Actor, now: datetime) -> None:
    """The contract of this award is concluded; with the last of them the tender takes its last step.

    Who may conclude was decided by contracts; the person is recorded here with just the permission for this move.
    """
    tender = lock_tender(tender_id)
    direct = db.session.scalar(select(DirectAward).where(DirectAward.tender_id == tender_id, DirectAward.id == bid_id))
    if direct is not None:
        if direct.state != DirectState.APPROVED:
            raise IllegalTransition("it has lapsed", subject="direct", state=direct.state, event="contract")
        direct.contracted_at = now  # its tender has failed, and stays so
        return
    awards = list(db.session.scalars(select(Award).where(Award.tender_id == tender_id).with_for_update()))
    award = next((one for one in awards if one.bid_id == bid_id), None)
    if award is None or award.confirmed_at is None:
        raise IllegalTransition("it is not awarded", subject="tender", state=tender.state, event="contract")
    award.contracted_at = now
    # While what another winner has left is awarded anew, the tender is on its way; confirming that takes the last step.
    if tender.state != TenderState.AWARDED or any(one.contracted_at is None for one in awards):
        return
    TENDER.fire(tender, "contract", replace(actor, permissions=frozenset({"tender:contract"})), now)


def signing_block(tender_id: UUID, now: datetime) -> standstill.Block | None:
    """Why the tender's contract is not to be signed at `now`: its standstill, or complaints. None: nothing."""
    return standstill.block_of(db.session.get_one(Tender, tender_id), now)


def refuse_early_signing(tender_id: UUID, now: datetime) -> None:
    """Raises Standstill where `signing_block` has a reason. The tender is locked: no complaint comes in between."""
    block = standstill.block_of(lock_tender(tender_id), now)
    if block is not None:
        raise Standstill("the contract is not to be signed yet", until_at=block.until_at, complaints=block.complaints)


def pin_rules(now: datetime) -> Book:
    """The rule data in force, kept for good: what is made now goes by them whatever is adopted later."""
    book = rulebook.current()
    rulebook.keep(book, now)
    return book


def rule_book(version: str | None) -> Book:
    """The rule data of a pinned version; those of the software for what was made before versions were pinned, or whose
    version is not here: its rows go back to earlier days."""
    return (rulebook.book_of(version) if version else None) or shipped()
