"""The sessions of a committee's opening: one, or two where proposals are scored before any price is opened (0038)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.db import db
from bidding.models import Attendance, EvaluationCommittee, OpeningGroup, Release, Tender
from bidding.seats import Sitting, sitting_of
from bidding.services.groups import DOCS, PRICE, history, is_being_opened, is_documents_first, lanes_in
from bidding.services.release import part_sizes
from bidding.services.technical import count_unqualified, find_committee, is_fixed
from bidding.states import TenderState

Given = Mapping[tuple[str, str], tuple[int, datetime]]  # by lane and holder: parts, and when the last one came


def session_of(tender: Tender) -> int:
    """1, or 2 once the scores are fixed of a tender whose proposals come first."""
    return 2 if is_documents_first(tender) and is_fixed(tender) else 1


def sitting_in(tender: Tender) -> Sitting | None:
    """Where the opening stands for those who come to it."""
    return sitting_of(tender.state, has_proposals=tender.docs_opened_at is not None, is_fixed=is_scored(tender))


def is_scored(tender: Tender) -> bool:
    """Whether the second session may begin. Asks the database only while proposals are scored."""
    return tender.state == TenderState.EVALUATING and is_fixed(tender)


def lanes_of_session(tender: Tender, session: int) -> list[str]:
    """What a session opens: both lanes at once, or proposals first and prices later."""
    if not is_documents_first(tender):
        return lanes_in(tender)
    return [DOCS] if session == 1 else [PRICE]


def lanes_asked(tender: Tender) -> list[str]:
    """The lanes whose pieces are asked for in the session that is held; none while none is."""
    if sitting_in(tender) is not Sitting.GIVING:
        return []
    return [lane for lane in lanes_in(tender) if is_being_opened(tender, lane)]


def given_in(tender: Tender) -> Given:
    """What has been given of an opening, and when."""
    query = (
        select(Release.lane, Release.holder, func.count(), func.max(Release.received_at))
        .where(Release.tender_id == tender.id, Release.fault == "")
        .group_by(Release.lane, Release.holder)
    )
    return {(lane, holder): (count, at) for lane, holder, count, at in db.session.execute(query)}


def parts_in(tender: Tender, lane: str) -> int:
    return len(part_sizes(tender, lane))


@dataclass(frozen=True, slots=True)
class Session:
    """One of two sessions: who came, which groups were asked in turn, and by holder the instant of the last piece."""

    number: int
    lane: str
    attendance: list[Attendance]
    groups: list[OpeningGroup]
    given: list[tuple[str, datetime]]
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class TwoSessions:
    """What the room shows of an opening in two sessions; `scored` once two persons have fixed the result."""

    first: Session
    second: Session
    scored: EvaluationCommittee | None
    left_out: int  # bids whose price stays sealed


def two_sessions(tender: Tender, attendance: list[Attendance], given: Given) -> TwoSessions | None:
    """None for a tender that is opened in one session."""
    if not is_documents_first(tender):
        return None
    groups = history(tender.id)
    ends = {DOCS: tender.docs_opened_at, PRICE: tender.auction_at or tender.opened_at}
    first, second = (
        Session(
            number,
            lane,
            [one for one in attendance if one.session == number],
            [one for one in groups if one.lane == lane],
            sorted(((holder, at) for (of, holder), (_, at) in given.items() if of == lane), key=lambda one: one[1]),
            ends[lane],
        )
        for number, lane in ((1, DOCS), (2, PRICE))
    )
    committee = find_committee(tender.id) if is_fixed(tender) else None
    return TwoSessions(first, second, committee, count_unqualified(tender.id) if committee else 0)


def attendance_of(tender_id: UUID) -> list[Attendance]:
    query = select(Attendance).where(Attendance.tender_id == tender_id).order_by(Attendance.came_at)
    return list(db.session.scalars(query))
