"""What follows a tender that failed: 재입찰 (the same notice once more) and 재공고 (announced again).

Both keep price and conditions; nothing but the time limit differs (국가계약법 시행령 20조 3항). Either is a draft that
an officer submits and a second person publishes, as any other: its box, keys and reserve prices are its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, RuleBroken
from bidding.calendar import Finding
from bidding.models import Attachment, Bid, DirectAward, LotGroup, Revision, Tender, TenderHolder
from bidding.rules.failure import REBID
from bidding.services.access import person_id
from bidding.services.holders import give_reference, members_of
from bidding.services.lots import lock_notice
from bidding.states import LIVE_DIRECT, TenderState

# 국가계약법 시행령 20조 3항: nothing but the time limit may differ.
KEPT = [
    "title",
    "kind",
    "description",
    "delivery_place",
    "delivery_on",
    "regime",
    "method",
    "scoring",
    "bid_bond_rate",
    "estimated_value_won",
    "base_amount_won",
    "a_value_won",
    "floor_rate",
    "range_low",
    "range_high",
    "rounding",
    "draw_mode",
    "draw_order",
    "minimum_bids",
    "holder_policy",
    "regions",
    "licence_codes",
    "sizes",
    "asked_documents",
    "standstill_days",
    "is_practice",
    "number",
    "framework_winners",
    "joint",
    "lot_no",
    "lot_name",
    "lot_text",
]
BIDDERS = ("all", "first-round")


def renotice(tender_id: UUID, actor: Actor, now: datetime) -> Tender:
    """재공고: a draft of the same notice, next 차수; of a notice with lots, one of each that has failed by now.

    Returns the first. Raises IllegalTransition (not failed), AlreadyDone (it is followed already, or a
    cancellation waits for approval), Forbidden.
    """
    lots = _failed(tender_id, actor, "renotice")
    highest = select(func.max(Tender.first_ord)).where(Tender.number == lots[0].number)
    following = max([db.session.scalar(highest) or 0, *(lot.ord for lot in lots)]) + 1
    return _follow(lots, actor, now, first_ord=following, ord=following)


def rebid(tender_id: UUID, actor: Actor, now: datetime, *, bidders: str = "all", **schedule: datetime) -> Tender:
    """재입찰: the same number and 차수, next 재입찰번호; the reserve prices are made anew (decision 0042).

    `bidders`: "all" who are eligible, or "first-round", those alone who bid in the round before. `schedule`:
    `bids_from_at`, `closes_at`, `opens_at` of the draft. Raises as above, InvalidInput (instants out of order), and
    RuleBroken where too few bid in the round before to be among themselves.
    """
    lots = _failed(tender_id, actor, "rebid")
    if bidders not in BIDDERS:
        raise InvalidInput("all, or those of the first round", field="bidders")
    instants = list(schedule.values())
    if instants != sorted(set(instants)):
        raise InvalidInput("instants out of order", field="closes_at")
    if bidders == "first-round":
        _refuse_too_few(lots)
    same = Tender.number == lots[0].number, Tender.first_ord == lots[0].first_ord
    highest = db.session.scalar(select(func.max(Tender.rbid_no)).where(*same)) or 0
    numbers = {"first_ord": lots[0].first_ord, "ord": lots[0].first_ord, "rbid_no": highest + 1}
    return _follow(lots, actor, now, **numbers, rebid_bidders=bidders, **schedule)


def is_followed(tender_id: UUID) -> bool:
    """Whether something follows a failed tender: a notice, or a contract without competition that was asked for.

    What was cancelled, refused or lapsed counts no more.
    """
    follows = Tender.previous_id == tender_id, Tender.state != TenderState.CANCELLED
    direct = DirectAward.tender_id == tender_id, DirectAward.state.in_(LIVE_DIRECT)
    either = select(select(Tender.id).where(*follows).exists() | select(DirectAward.id).where(*direct).exists())
    return bool(db.session.scalar(either))


def is_being_given_up(rows: Sequence[Tender]) -> bool:
    """Whether a cancellation of the notice, whose lots these are, waits for its second person."""
    wanted = Revision.tender_id.in_([row.id for row in rows]), Revision.kind == "cancellation"
    waiting = select(Revision.id).where(*wanted, Revision.approved_at.is_(None), Revision.refused_at.is_(None))
    return db.session.scalar(waiting.limit(1)) is not None


def _failed(tender_id: UUID, actor: Actor, event: str) -> list[Tender]:
    """The lots of the notice that have failed and are not followed, locked; the tender itself where it has none."""
    rows = lock_notice(tender_id, actor)
    failed = next(row for row in rows if row.id == tender_id)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer drafts", permission="tender:draft")
    if failed.state != TenderState.FAILED:
        raise IllegalTransition("only a failed tender is followed by another", state=failed.state, event=event)
    if is_followed(failed.id):
        raise AlreadyDone("it is followed already")
    if is_being_given_up(rows):
        raise AlreadyDone("its cancellation waits for approval")
    return [row for row in rows if row.state == TenderState.FAILED and not is_followed(row.id)]


def _refuse_too_few(lots: Sequence[Tender]) -> None:
    for lot in lots:
        there = db.session.scalar(select(func.count()).where(Bid.tender_id == lot.id)) or 0
        if there < lot.minimum_bids:
            facts = {"bidders": there, "needed": lot.minimum_bids}
            finding = Finding("too-few-to-be-among-themselves", "error", "bidders", REBID[lot.regime], facts)
            raise RuleBroken("too few bid in the round before", findings=[finding])


def _follow(lots: Sequence[Tender], actor: Actor, now: datetime, **own: Any) -> Tender:
    group = _group_again(lots, now)
    made = [_again(lot, group, actor, now, own) for lot in lots]
    made[0].is_first_lot = True
    db.session.flush()
    for lot, again in zip(lots, made, strict=True):
        _carry_members(lot, again, now)
    return made[0]


def _group_again(lots: Sequence[Tender], now: datetime) -> LotGroup | None:
    """The lots that are announced again keep the limit of the notice; what was won of it before still counts."""
    old = lots[0].lot_group
    if old is None:
        return None
    left = {lot.lot_no for lot in lots}
    order = [number for number in old.award_order if number in left]
    group = LotGroup(
        title=old.title,
        award_order=order,
        max_lots=old.max_lots,
        max_won=old.max_won,
        previous_id=old.id,
        created_at=now,
    )
    db.session.add(group)
    db.session.flush()
    return group


def _again(failed: Tender, group: LotGroup | None, actor: Actor, now: datetime, own: Mapping[str, Any]) -> Tender:
    """The draft, with everything of the failed notice that is not its own."""
    again = Tender(
        **{name: getattr(failed, name) for name in KEPT},
        lot_group_id=group.id if group is not None else None,
        lot_group=group,
        is_first_lot=group is None,
        agency_id=failed.agency_id,
        author_id=person_id(actor),
        previous_id=failed.id,
        created_at=now,
        **own,
    )
    db.session.add(again)
    db.session.flush()
    for held in db.session.scalars(select(Attachment).where(Attachment.tender_id == failed.id)):
        db.session.add(
            Attachment(
                tender_id=again.id,
                name=held.name,
                media_type=held.media_type,
                size=held.size,
                sha256=held.sha256,
                added_at=now,
            )
        )
    audit.emit("tender.drafted", actor, now, subject=again.audit_subject, is_open=False, previous=failed.reference)
    return again


def _carry_members(failed: Tender, again: Tender, now: datetime) -> None:
    """The same committee; its members make new keys, for a key file is of one tender."""
    for member in members_of(failed):
        again.holders.append(
            TenderHolder(
                holder=member.holder,
                position=member.position,
                kind="member",
                person_id=member.person_id,
                name=member.name,
                operator=member.operator,
                khkeys={},
            )
        )
    if again.holders:
        give_reference(again, now)
