"""Proposals before the committee: which can be read, under which letters, and their files without bidders' names."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app.auth import Actor
from app.db import database_now, db
from app.errors import Forbidden, NotFound
from app.notifications import notify
from bidding.committee_draw import letter
from bidding.models import Bid, BidDocument, EvaluationSeat, Proposal, Tender
from bidding.services.access import lock_tender
from bidding.services.evaluators import get_seat, in_force
from bidding.services.opening import fail
from bidding.services.technical import find_committee, tech_of
from bidding.states import BidState, DocumentState, TenderState
from suppliers.front import SupplierSummary

CHANCE = secrets.SystemRandom()  # letters must not be known to any bidder, or they would hide nothing


@dataclass(frozen=True, slots=True)
class ProposalFile:
    """A cleared file. `name` is empty where the evaluation is blind."""

    n: int
    kind: str
    size: int
    name: str
    asked: int | None


def begin_evaluation(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """Once every file has been looked into: letters for the proposals, and the committee is told. Whether it has begun.

    A proposal can be read where every document that the notice requires came through the checks: what does not open, is
    encrypted or infected counts as not handed in. Fewer readable ones than a tender needs: it fails, and no price is
    ever opened (국가계약법 시행규칙 제48조 제2항).
    """
    tender = lock_tender(tender_id)
    committee = find_committee(tender_id)
    if tender.state != TenderState.EVALUATING or tender.docs_opened_at is None or committee is None:
        return False
    if committee.begun_at is not None:
        return True
    documents = _documents(tender_id)
    if any(document.state == DocumentState.SEALED for document in documents):
        return False
    at = clock()
    committee.begun_at = at
    made = _letters(tender, _readable(tender, documents))
    if sum(one.is_readable for one in made) < tender.minimum_bids:
        fail(tender, "too-few-proposals", at)
        return False
    for seat in in_force(tender_id):
        notify(seat.person_id, "technical.begun", at, href=f"/evaluations/{tender_id}", title=tender.title)
    return True


def _documents(tender_id: UUID) -> Sequence[BidDocument]:
    query = select(BidDocument).join(BidDocument.bid)
    return db.session.scalars(query.where(Bid.tender_id == tender_id, Bid.state == BidState.PRESENTED)).all()


def _readable(tender: Tender, documents: Collection[BidDocument]) -> set[UUID]:
    """The bids whose required documents are all there, or that have any, where none is required."""
    required = {n for n, one in enumerate(tender.asked_documents, start=1) if one["required"]}
    cleared: dict[UUID, set[int | None]] = {}
    for document in documents:
        if document.state == DocumentState.CLEARED and document.n > 0:
            cleared.setdefault(document.bid_id, set()).add(document.asked)
    return {bid_id for bid_id, asked in cleared.items() if required <= asked}


def _letters(tender: Tender, readable: set[UUID]) -> list[Proposal]:
    """Every bid that stands under a letter, the readable ones first, each group in an order of pure chance."""
    query = select(Bid.id).where(Bid.tender_id == tender.id, Bid.state.in_((BidState.PRESENTED, BidState.SUBMITTED)))
    mixed = CHANCE.sample(found := list(db.session.scalars(query)), len(found))
    mixed.sort(key=lambda bid_id: bid_id not in readable)
    made = [
        Proposal(bid_id=bid_id, tender_id=tender.id, letter=letter(place), is_readable=bid_id in readable)
        for place, bid_id in enumerate(mixed)
    ]
    db.session.add_all(made)
    db.session.flush()
    return made


def proposals_of(tender_id: UUID) -> list[Proposal]:
    """In the order of the letters."""
    query = select(Proposal).where(Proposal.tender_id == tender_id)
    return sorted(db.session.scalars(query), key=lambda one: (len(one.letter), one.letter))


def bidders_of(tender: Tender) -> list[SupplierSummary]:
    """Who has bid, by name and not in the order of the letters: for the declaration. Nobody before the opening time."""
    if tender.state != TenderState.EVALUATING:
        return []
    query = select(Bid.organisation_id).where(Bid.tender_id == tender.id, Bid.state != BidState.CANCELLED)
    firms = suppliers.front.summaries(db.session.scalars(query).all())
    return sorted(firms.values(), key=lambda firm: firm.name_ko)


def reading_seat(tender_id: UUID, actor: Actor) -> EvaluationSeat:
    """The seat of somebody who may see proposals. NotFound without one; Forbidden before the declaration."""
    seat = get_seat(tender_id, actor)
    committee = find_committee(tender_id)
    if seat.has_conflict is not False or seat.left_at is not None:
        raise Forbidden("declare first that you have no interest in any bidder")
    if committee is None or committee.begun_at is None:
        raise NotFound("the proposals are not open yet")
    return seat


def get_proposal(tender_id: UUID, wanted: str, actor: Actor) -> Proposal:
    """One readable proposal, for an evaluator who has declared. Raises NotFound, Forbidden."""
    reading_seat(tender_id, actor)
    query = select(Proposal).where(Proposal.tender_id == tender_id, Proposal.letter == wanted, Proposal.is_readable)
    found = db.session.scalar(query)
    if found is None:
        raise NotFound(f"no proposal {wanted}")
    return found


def files_of(tender: Tender, proposal: Proposal) -> list[ProposalFile]:
    """The cleared files of a proposal; their names say whose they are, so a blind evaluation hides them."""
    query = select(BidDocument).where(
        BidDocument.bid_id == proposal.bid_id, BidDocument.n > 0, BidDocument.state == DocumentState.CLEARED
    )
    is_blind = tech_of(tender).is_blind
    return [
        ProposalFile(one.n, str(one.kind), one.size or 0, "" if is_blind else str(one.name), one.asked)
        for one in db.session.scalars(query.order_by(BidDocument.n))
    ]
