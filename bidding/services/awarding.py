"""Confirming the evaluation, or the standing after reviews: two persons, each by the digest of what they were shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import IllegalTransition, SamePerson, StaleConfirmation
from app.jobs import enqueue
from app.notifications import notify
from bidding.models import Award, Bid, Opening, Tender
from bidding.review import Kind
from bidding.services import standstill
from bidding.services.access import lock_own_tender, person_id
from bidding.services.after_review import settle_awards
from bidding.services.lot_limits import refuse_limited
from bidding.services.standings import decided_reviews, standing_of
from bidding.services.winners import Winner, winners_of
from bidding.standing import Due, Standing, digest_of
from bidding.states import TENDER

COMPLAINT = "complaint-upheld"
OUT_OF_THE_WAY = 1_000_000  # no tender has as many winners
UNDOING = (Kind.REFUSAL, Kind.REINSTATEMENT)  # after each of them an award is another one


def propose_award(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> Award:
    """The officer confirms what `digest` names: the standing, or where the award goes by none the evaluation.

    Its winners become the proposed awards; returns the first. Who kept an award while another winner did not sign is
    proposed once more, and keeps it meanwhile. Raises StaleConfirmation if it is another by now,
    IllegalTransition (also while a review is due, or nobody is left, or the limit on lots decides first), Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    opening, standing = _shown(tender, digest)
    if standing is not None and standing.outcome is not Due.AWARDABLE:
        raise IllegalTransition("nobody can be awarded yet", subject="tender", state=tender.state, event="propose")
    winners = winners_of(tender, standing)
    first = winners[0].bid.stmt if winners else ""
    refuse_limited(tender, winners)
    facts = _named(opening, standing) | _several(winners)
    TENDER.fire(tender, "propose", actor, now, stmt=first, **facts)
    assert winners  # the table lets only a ranked tender come here: another has failed
    kept = {award.bid_id: award for award in settle_awards(tender, now)}
    for award in kept.values():
        award.again_by_id = person_id(actor)
    added = [winner for winner in winners if winner.bid.id not in kept]
    made = [
        Award(
            tender_id=tender.id,
            bid_id=winner.bid.id,
            place=place,
            organisation_id=winner.bid.organisation_id,
            amount_won=winner.amount_won,
            quantity=winner.quantity,
            **_going_by(tender, opening, standing),
            proposed_by_id=person_id(actor),
            proposed_at=now,
        )
        for place, winner in enumerate(added, start=1 + max((award.place for award in kept.values()), default=0))
    ]
    db.session.add_all(made)
    notify(
        tender.agency_id, "tender.award_proposed", now, href=f"/tenders/{tender.reference}/award", title=tender.title
    )
    return [*kept.values(), *made][0]


def _going_by(tender: Tender, opening: Opening, standing: Standing | None) -> dict[str, Any]:
    """What an award is confirmed by."""
    reviews = decided_reviews(tender.id)
    return {
        "evaluation_digest": opening.evaluation_digest,
        "standing_digest": digest_of(standing) if standing is not None else None,
        "review_count": len(reviews),
        "round": 1 + sum(review.kind in UNDOING or review.reason == COMPLAINT for review in reviews),
    }


def reconsider_award(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> None:
    """The second person sends the proposal back; the evaluation stays as it is."""
    tender = lock_own_tender(tender_id, actor)
    TENDER.fire(tender, "reconsider", actor, now, reason=reason)
    tender.proposed_at = None
    for award in _awards(tender):
        if award.confirmed_at is None:
            db.session.delete(award)
        award.again_by_id = None


def confirm_award(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> Award:
    """낙찰: a second person confirms the same evaluation. Leaves the contract's draft as a job.

    Raises SamePerson, StaleConfirmation, IllegalTransition, Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    opening, standing = _shown(tender, digest)
    awards = _awards(tender)
    first = awards[0] if awards else None
    if first is not None and first.proposer_id == person_id(actor):
        raise SamePerson("the second confirmation must be another person's")
    proposer = f"person:{first.proposer_id}" if first is not None else ""
    winners = winners_of(tender, standing) if first is not None else []
    TENDER.fire(
        tender,
        "award",
        actor,
        now,
        **_named(opening, standing),
        stmt=winners[0].bid.stmt if winners else "",
        supplier=winners[0].bid.supplier if winners else "",
        amount=str(winners[0].amount_won) if winners else "",
        **_several(winners),
        approvals=[proposer, actor.handle],
    )
    assert first is not None  # the table lets only a proposed tender come here
    told = [award for award in awards if award.confirmed_at is not None]
    first = _confirm(awards, winners, _going_by(tender, opening, standing), actor, now)
    standstill.begin(tender, now)
    _tell_bidders(tender, awards, told, now)
    enqueue("contracts.draft", str(tender.id), due_at=now, tender_id=str(tender.id))
    stage = first.stage
    enqueue("bidding.publish_bundle", f"{tender.id}:{stage}", due_at=now, tender_id=str(tender.id), stage=stage)
    enqueue("bidding.issue_award_notice", f"{tender.id}:{stage}", due_at=now, tender_id=str(tender.id))
    if all(award.contracted_at is not None for award in awards):  # nobody was left to take what one did not sign for
        TENDER.fire(tender, "contract", replace(actor, permissions=frozenset({"tender:contract"})), now)
    return first


def _confirm(
    awards: Sequence[Award], winners: Sequence[Winner], by: Mapping[str, Any], actor: Actor, now: datetime
) -> Award:
    """Every award, in the order of the ranking; the first of them is returned."""
    by_bid = {award.bid_id: award for award in awards}
    assert {winner.bid.id for winner in winners} == set(by_bid)  # nothing is decided between proposal and confirmation
    for award in awards:
        award.proposed_by_id, award.again_by_id = award.proposer_id, None
        award.confirmed_by_id, award.confirmed_at = person_id(actor), now
        award.place += OUT_OF_THE_WAY
        for name, value in by.items():
            setattr(award, name, value)
    db.session.flush()  # two awards never have one place
    for place, winner in enumerate(winners, start=1):
        by_bid[winner.bid.id].place = place
    db.session.flush()
    return by_bid[winners[0].bid.id]


def winners_json(winners: Sequence[Winner]) -> list[dict[str, str | int]]:
    """Every winner as award.json and the log name it; `quantity` only where there is one."""
    return [
        {
            "stmt": one.bid.stmt,
            "supplier": one.bid.supplier,
            "amount": str(one.amount_won),
            **({"quantity": one.quantity} if one.quantity is not None else {}),
        }
        for one in winners
    ]


def _several(winners: Sequence[Winner]) -> dict[str, Any]:
    """What an entry says beside its first winner, where there are more or quantities count."""
    is_plain = len(winners) < 2 and all(one.quantity is None for one in winners)
    return {} if is_plain else {"winners": winners_json(winners)}


def _awards(tender: Tender) -> list[Award]:
    return list(db.session.scalars(select(Award).where(Award.tender_id == tender.id).order_by(Award.place)))


def shown_digest(opening: Opening, standing: Standing | None) -> str:
    """What the page shows for confirmation."""
    return digest_of(standing) if standing is not None else opening.evaluation_digest


def _shown(tender: Tender, digest: str) -> tuple[Opening, Standing | None]:
    opening = db.session.get(Opening, tender.id)
    standing = standing_of(tender) if opening is not None else None
    if opening is None or shown_digest(opening, standing) != digest:
        raise StaleConfirmation("it is not the one that was shown")
    return opening, standing


def _named(opening: Opening, standing: Standing | None) -> dict[str, Any]:
    """What an entry of the log confirms."""
    by = {"standing": digest_of(standing)} if standing is not None else {}
    return {"evaluation": opening.evaluation_digest, **by}


def _tell_bidders(tender: Tender, awards: Sequence[Award], told: Sequence[Award], now: datetime) -> None:
    """`told`: whose award stood before, and has not changed."""
    won = {award.organisation_id for award in awards}
    knows = {award.organisation_id for award in told}
    bidders = db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id))
    for organisation_id in bidders:
        if organisation_id in knows:
            continue
        kind = "tender.won" if organisation_id in won else "tender.awarded"
        notify(organisation_id, kind, now, href=f"/tenders/{tender.reference}/result", title=tender.title)
