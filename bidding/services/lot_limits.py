"""The limit on lots won: lots are awarded in the order of the notice, and who has as much as one may have is passed
over by a decision of two persons (kind `lot-limit`), each computed from the awards of the other lots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.auth import Actor
from app.db import db
from app.errors import IllegalTransition
from bidding.models import Award, Bid, BidReview, LotGroup, Tender
from bidding.review import Kind
from bidding.rules.lots import Held, Limit, LotBid, why_limited
from bidding.services import reviewing
from bidding.services.access import lock_own_tender
from bidding.services.lots import rows_of
from bidding.services.standings import standing_of
from bidding.services.winners import Winner, winners_of
from bidding.states import TenderState
from bidding.types import Reason, Step

BASIS = "입찰공고의 분류별 낙찰 한도 (국가를 당사자로 하는 계약에 관한 법률 시행령 제36조)"
SETTLED = (TenderState.AWARDED, TenderState.CONTRACTED, TenderState.FAILED, TenderState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Limited:
    """A bid that would win, and the comparisons that keep it from doing so."""

    bid: Bid
    steps: tuple[Step, ...]


def limit_of(tender: Tender) -> Limit:
    group = tender.lot_group
    return Limit(group.max_lots, group.max_won) if group is not None else Limit()


def waits_for(tender: Tender) -> list[Tender]:
    """Lots that the notice awards before this one and that are not settled yet; none where nothing is limited."""
    if limit_of(tender).is_none:
        return []
    rows = {row.lot_no: row for row in rows_of(tender)}  # of a lot and its rebid the later one
    group = tender.lot_group
    assert group is not None
    order = [number for number in group.award_order or sorted(rows) if number in rows]
    before = order[: order.index(tender.lot_no)] if tender.lot_no in order else []
    return [rows[number] for number in before if rows[number].state not in SETTLED]


def limited_winners(tender: Tender) -> list[Limited]:
    """Those whom the ranking makes winners by now though the notice does not let them win one more lot."""
    return _limited(tender, winners_of(tender, standing_of(tender)))


def refuse_limited(tender: Tender, winners: Iterable[Winner]) -> None:
    """Raise IllegalTransition while a lot before this one is not settled, or a winner has reached the limit."""
    if waits_for(tender) or _limited(tender, winners):
        raise IllegalTransition(
            "the limit on lots decides first", subject="tender", state=tender.state, event="propose"
        )


def propose_passing_over(tender_id: UUID, bid_id: UUID, words: str, actor: Actor, now: datetime) -> BidReview:
    """The officer proposes to pass over a bid that has reached the limit; a second person confirms it as any decision.

    Raises IllegalTransition for a bid that has not, or while an earlier lot is not settled; and as `open_case`.
    """
    tender = lock_own_tender(tender_id, actor)
    found = next((one for one in limited_winners(tender) if one.bid.id == bid_id), None)
    if found is None or waits_for(tender):
        raise IllegalTransition("it has not reached the limit", subject="tender", state=tender.state, event="pass_over")
    case = reviewing.open_case(tender_id, bid_id, Kind.LOT_LIMIT, actor, now)
    shown = "; ".join(step.expression for step in found.steps)
    ground = reviewing.Ground(Reason.LOT_LIMIT, BASIS, f"{words.strip()} ({shown})".strip())
    return reviewing.propose_result(case.id, ground, ground.explanation, actor, now)


def _limited(tender: Tender, winners: Iterable[Winner]) -> list[Limited]:
    limit = limit_of(tender)
    if limit.is_none:
        return []
    held = _held(tender)
    found = []
    for winner in winners:
        bid = LotBid(winner.bid.stmt, winner.bid.supplier, winner.amount_won)
        steps = why_limited(bid, held.get(winner.bid.supplier, Held()), limit)
        if steps:
            found.append(Limited(winner.bid, steps))
    return found


def _held(tender: Tender) -> Mapping[str, Held]:
    """What each bidder has been awarded of the notice's other lots, announced earlier ones among them."""
    others = select(Tender.id).where(Tender.lot_group_id.in_(_groups(tender)), Tender.id != tender.id)
    won = select(Bid.supplier, Award.amount_won).join(Bid, Bid.id == Award.bid_id)
    held: dict[str, Held] = {}
    for supplier, amount in db.session.execute(
        won.where(Award.tender_id.in_(others), Award.confirmed_at.is_not(None))
    ):
        has = held.get(supplier, Held())
        held[supplier] = replace(has, lots=has.lots + 1, won=has.won + amount)
    return held


def _groups(tender: Tender) -> list[UUID]:
    found = []
    group_id = tender.lot_group_id
    while group_id is not None:
        found.append(group_id)
        group_id = db.session.scalar(select(LotGroup.previous_id).where(LotGroup.id == group_id))
    return found
