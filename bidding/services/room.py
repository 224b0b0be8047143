"""The opening session of a committee: who has come, how it begins, and another group when one is missing (3.10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import database_now, db
from app.errors import AlreadyDone, IllegalTransition, InvalidInput, NotFound, SamePerson
from app.notifications import notify
from bidding.models import Attendance, FallbackAsk, OpeningGroup, Tender, TenderHolder
from bidding.policy import Group
from bidding.seats import Sitting
from bidding.services.access import get_tender, is_own, lock_own_tender, lock_tender, person_id
from bidding.services.committee import tell_members
from bidding.services.groups import fall_back, gone, groups_in, in_force, is_automatic
from bidding.services.holders import find_seat
from bidding.services.opening import begin_session
from bidding.services.sessions import (
    Given,
    TwoSessions,
    attendance_of,
    given_in,
    lanes_asked,
    lanes_of_session,
    parts_in,
    session_of,
    sitting_in,
    two_sessions,
)

WITNESSES = 2


@dataclass(frozen=True, slots=True)
class RoomSeat:
    """One holder as the room shows it. `parts` is (given, asked for), None where it is not in the group in force;
    `given_at`: when its last piece of this session came."""

    holder: TenderHolder
    is_present: bool
    is_gone: bool
    parts: tuple[int, int] | None
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """The session that is held: who is here, which groups could open, and what has been decided."""

    seats: list[RoomSeat]
    attendance: list[Attendance]
    possible: list[Group]  # groups of the box whose members are all present, none of them gone
    group: OpeningGroup | None
    ask: FallbackAsk | None
    others: list[Group] = field(default_factory=list)  # groups that a fallback could ask instead
    sitting: Sitting | None = None
    session: int = 1
    two: TwoSessions | None = None  # where proposals are opened in a session of their own

    @property
    def witnesses(self) -> list[Attendance]:
        return [one for one in self.attendance if one.role != "presiding"]

    @property
    def missing(self) -> list[str]:
        """Holders of the group in force who still owe pieces."""
        return [seat.holder.holder for seat in self.seats if seat.parts is not None and seat.parts[0] < seat.parts[1]]


def room_of(tender: Tender) -> Room:
    """The session of a tender whose box is published: the first, or the second once the scores are fixed."""
    session = session_of(tender)
    lanes = lanes_of_session(tender, session)
    lead, everybody, given = lanes[0], attendance_of(tender.id), given_in(tender)
    attendance = [one for one in everybody if one.session == session]
    here = {one.person_id for one in attendance}
    group, lost = in_force(tender.id, lead), gone(tender.id, lead)
    owed = _owed(tender, lanes)
    seats = [
        RoomSeat(one, one.person_id in here, one.holder in lost, *_given(one.holder, owed, given))
        for one in tender.holders
    ]
    able = {seat.holder.holder for seat in seats if seat.holder.kind == "service" or seat.is_present} - lost
    groups = groups_in(tender, lead)
    return Room(
        seats=seats,
        attendance=attendance,
        possible=[one for one in groups if set(one) <= able],
        group=group,
        ask=open_ask(tender.id),
        others=[one for one in groups if group is not None and list(one) != group.holders and not set(one) & lost],
        sitting=sitting_in(tender),
        session=session,
        two=two_sessions(tender, everybody, given),
    )


def _owed(tender: Tender, lanes: Sequence[str]) -> dict[str, dict[str, int]]:
    """By holder of the group in force and lane, how many parts are asked for in this session."""
    owed: dict[str, dict[str, int]] = {}
    for lane in lanes:
        group = in_force(tender.id, lane)
        parts = parts_in(tender, lane) if group is not None else 0
        for holder in group.holders if group is not None else ():
            owed.setdefault(holder, {})[lane] = parts
    return owed


def _given(
    holder: str, owed: Mapping[str, Mapping[str, int]], given: Given
) -> tuple[tuple[int, int] | None, datetime | None]:
    asked = owed.get(holder)
    if asked is None:
        return None, None
    came = [given[lane, holder] for lane in asked if (lane, holder) in given]
    return (sum(parts for parts, _ in came), sum(asked.values())), max((at for _, at in came), default=None)


def attend(tender_id: UUID, actor: Actor, now: datetime) -> Attendance:
    """Say that one is present, from the deadline on: members of the committee, and persons of the agency as witnesses.

    Saying it again changes nothing; a second session is come to anew. Raises NotFound for anybody else,
    IllegalTransition before the closing, while proposals are scored, and after the opening.
    """
    tender = lock_tender(tender_id)
    seat = find_seat(tender_id, person_id(actor))
    if seat is None and not is_own(tender, actor):
        raise NotFound("no seat in this tender")
    if is_automatic(tender) or sitting_in(tender) not in (Sitting.GATHERING, Sitting.GIVING):
        raise IllegalTransition("there is no session to come to", state=tender.state, event="attend")
    standing = db.session.get(Attendance, (tender_id, person_id(actor), session_of(tender)))
    if standing is not None:
        return standing
    return _enter(tender, "member" if seat is not None else "witness", actor, now)


def _enter(tender: Tender, role: str, actor: Actor, now: datetime) -> Attendance:
    session = session_of(tender)
    row = Attendance(tender_id=tender.id, person_id=person_id(actor), session=session, role=role, came_at=now)
    db.session.add(row)
    db.session.flush()
    facts: dict[str, Any] = {"role": role} | ({"session": session} if session > 1 else {})
    audit.emit("opening.attended", actor, now, subject=tender.audit_subject, tender=tender.reference, **facts)
    return row


def start_session(
    tender_id: UUID,
    group: Sequence[str],
    actor: Actor,
    now: datetime,
    clock: Callable[[], datetime] = database_now,
) -> Tender:
    """The presiding officer begins a session before two witnesses, and fixes the one group that is asked (3.10).

    Where proposals are scored first this begins the first session, and the second once two persons have fixed the
    scores: both need those who came to it.

    Raises Forbidden (not the officer's tender), InvalidInput (a member of the group is not present, or no group of the
    box), IllegalTransition (not the time, too few witnesses, no committee).
    """
    tender = lock_own_tender(tender_id, actor)
    room = room_of(tender)
    others = [one for one in room.witnesses if one.person_id != actor.person_id]
    if len(others) < WITNESSES:
        raise IllegalTransition("two witnesses must be present", state=tender.state, event="begin_session")
    if tuple(group) not in room.possible:
        raise InvalidInput("a group whose members are all present", field="group")
    mine = db.session.get(Attendance, (tender_id, person_id(actor), room.session))
    if mine is None:
        _enter(tender, "presiding", actor, now)
    else:
        mine.role = "presiding"
    approvals = [actor.handle, *(f"person:{one.person_id}" for one in others[:WITNESSES])]
    if begin_session(tender_id, group, approvals, clock):
        tell_members(tender, "keyholder.asked", now, group)
    return tender


def room_for(reference: str, actor: Actor) -> Tender:
    """The agency's own published tender, for its room. NotFound for anybody else's, and for one without a committee."""
    tender = get_tender(reference, actor)
    if not is_own(tender, actor) or is_automatic(tender) or tender.published_at is None:
        raise NotFound("no opening room")
    return tender


# -- another group -----------------------------------------------------------------------------------------------------


def open_ask(tender_id: UUID) -> FallbackAsk | None:
    query = select(FallbackAsk).where(
        FallbackAsk.tender_id == tender_id, FallbackAsk.approved_at.is_(None), FallbackAsk.withdrawn_at.is_(None)
    )
    return db.session.scalar(query)


def ask_fallback(
    tender_id: UUID, missing: Collection[str], holders: Sequence[str], reason: str, actor: Actor, now: datetime
) -> FallbackAsk:
    """An officer wants another group asked, because `missing` do not give. A second person decides.

    Raises IllegalTransition (nothing is being opened), AlreadyDone (one waits already), InvalidInput (nobody of the
    group is named, or the other group needs them).
    """
    tender = lock_own_tender(tender_id, actor)
    lane = next(iter(lanes_asked(tender)), "price")
    group = in_force(tender_id, lane)
    if sitting_in(tender) != Sitting.GIVING or group is None or is_automatic(tender):
        raise IllegalTransition("nothing is being opened", state=tender.state, event="fall_back")
    if open_ask(tender_id) is not None:
        raise AlreadyDone("another group is asked for already")
    chosen = tuple(holders)
    if not missing or not set(missing) <= set(group.holders):
        raise InvalidInput("say who of the group is missing", field="missing")
    if chosen not in groups_in(tender, lane) or set(chosen) & (set(missing) | gone(tender_id, lane)):
        raise InvalidInput("a group of the box that does without them", field="group")
    ask = FallbackAsk(
        tender_id=tender_id,
        missing=sorted(missing),
        holders=list(chosen),
        reason=reason,
        asked_by_id=person_id(actor),
        asked_at=now,
    )
    db.session.add(ask)
    db.session.flush()
    href = f"/tenders/{tender.reference}/room"
    notify(tender.agency_id, "opening.fallback_asked", now, href=href, title=tender.title)
    return ask


def approve_fallback(ask_id: UUID, actor: Actor, now: datetime) -> FallbackAsk:
    """The second person agrees: `opening.fallback` goes to the log with both, and the new members are asked.

    Raises SamePerson, AlreadyDone, NotFound, and as `fall_back`.
    """
    ask = _lock_ask(ask_id, actor)
    if ask.asked_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    ask.approved_by_id, ask.approved_at = person_id(actor), now
    tender = db.session.get_one(Tender, ask.tender_id)
    approvals = [f"person:{ask.asked_by_id}", actor.handle]
    for lane in lanes_asked(tender):
        group = in_force(tender.id, lane)
        lost = set(ask.missing) & set(group.holders if group else ())
        if lost:
            fall_back(tender.id, lane, lost, ask.reason, now, group=ask.holders, approvals=approvals)
    tell_members(tender, "keyholder.asked", now, ask.holders)
    return ask


def withdraw_fallback(ask_id: UUID, actor: Actor, now: datetime) -> FallbackAsk:
    """Not needed after all, or refused by the second person."""
    ask = _lock_ask(ask_id, actor)
    ask.withdrawn_at = now
    return ask


def _lock_ask(ask_id: UUID, actor: Actor) -> FallbackAsk:
    found = db.session.get(FallbackAsk, ask_id)
    if found is None:
        raise NotFound(f"no such wish {ask_id}")
    lock_own_tender(found.tender_id, actor)
    ask = db.session.get_one(FallbackAsk, ask_id, with_for_update=True, populate_existing=True)
    if ask.approved_at is not None or ask.withdrawn_at is not None:
        raise AlreadyDone("this has been decided")
    return ask
