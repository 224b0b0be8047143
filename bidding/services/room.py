"""The opening session of a committee: who has come, how it begins, and another group when one is missing (3.10)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import database_now, db
from app.errors import AlreadyDone, IllegalTransition, InvalidInput, NotFound, SamePerson
from app.notifications import notify
from bidding.models import Attendance, FallbackAsk, OpeningGroup, Tender, TenderHolder
from bidding.policy import Group
from bidding.services.access import get_tender, is_own, lock_own_tender, lock_tender, person_id
from bidding.services.committee import tell_members, waiting_parts
from bidding.services.groups import fall_back, gone, groups_in, in_force, is_automatic, lanes_in
from bidding.services.holders import find_seat
from bidding.services.opening import begin_session
from bidding.services.release import part_sizes
from bidding.states import TenderState

WITNESSES = 2


@dataclass(frozen=True, slots=True)
class RoomSeat:
    """One holder as the room shows it. `parts` is (given, asked for), None where it is not in the group in force."""

    holder: TenderHolder
    is_present: bool
    is_gone: bool
    parts: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Room:
    """The opening session: who is here, which groups could open, and what has been decided."""

    seats: list[RoomSeat]
    attendance: list[Attendance]
    possible: list[Group]  # groups of the box whose members are all present, none of them gone
    group: OpeningGroup | None
    ask: FallbackAsk | None
    others: list[Group] = field(default_factory=list)  # groups that a fallback could ask instead

    @property
    def witnesses(self) -> list[Attendance]:
        return [one for one in self.attendance if one.role != "presiding"]

    @property
    def missing(self) -> list[str]:
        """Holders of the group in force who still owe pieces."""
        return [seat.holder.holder for seat in self.seats if seat.parts is not None and seat.parts[0] < seat.parts[1]]


def room_of(tender: Tender) -> Room:
    """The session of a tender whose box is published."""
    attendance = attendance_of(tender.id)
    here = {one.person_id for one in attendance}
    group = in_force(tender.id, "price")
    lost = gone(tender.id, "price")
    seats = [
        RoomSeat(one, one.person_id in here, one.holder in lost, _parts(tender, one.holder)) for one in tender.holders
    ]
    able = {seat.holder.holder for seat in seats if seat.holder.kind == "service" or seat.is_present} - lost
    groups = groups_in(tender, "price")
    return Room(
        seats=seats,
        attendance=attendance,
        possible=[one for one in groups if set(one) <= able],
        group=group,
        ask=open_ask(tender.id),
        others=[one for one in groups if group is not None and list(one) != group.holders and not set(one) & lost],
    )


def _parts(tender: Tender, holder: str) -> tuple[int, int] | None:
    if tender.state != TenderState.OPENING:
        return None
    waiting = waiting_parts(tender, holder)
    if waiting is None:
        return None
    asked = sum(
        len(part_sizes(tender, lane))
        for lane in lanes_in(tender)
        if (group := in_force(tender.id, lane)) is not None and holder in group.holders
    )
    return asked - len(waiting), asked


def attendance_of(tender_id: UUID) -> list[Attendance]:
    query = select(Attendance).where(Attendance.tender_id == tender_id).order_by(Attendance.came_at)
    return list(db.session.scalars(query))


def attend(tender_id: UUID, actor: Actor, now: datetime) -> Attendance:
    """Say that one is present, from the deadline on: members of the committee, and persons of the agency as witnesses.

    Saying it again changes nothing. Raises NotFound for anybody else, IllegalTransition before the closing or after the
    opening.
    """
    tender = lock_tender(tender_id)
    seat = find_seat(tender_id, person_id(actor))
    if seat is None and not is_own(tender, actor):
        raise NotFound("no seat in this tender")
    if is_automatic(tender) or tender.state not in (TenderState.CLOSED, TenderState.OPENING):
        raise IllegalTransition("there is no session to come to", state=tender.state, event="attend")
    standing = db.session.get(Attendance, (tender_id, person_id(actor)))
    if standing is not None:
        return standing
    return _enter(tender, "member" if seat is not None else "witness", actor, now)


def _enter(tender: Tender, role: str, actor: Actor, now: datetime) -> Attendance:
    row = Attendance(tender_id=tender.id, person_id=person_id(actor), role=role, came_at=now)
    db.session.add(row)
    db.session.flush()
    audit.emit("opening.attended", actor, now, subject=tender.audit_subject, tender=tender.reference, role=role)
    return row


def start_session(
    tender_id: UUID,
    group: Sequence[str],
    actor: Actor,
    now: datetime,
    clock: Callable[[], datetime] = database_now,
) -> Tender:
    """The presiding officer begins the opening before two witnesses, and fixes the one group that is asked (3.10).

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
    mine = db.session.get(Attendance, (tender_id, person_id(actor)))
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
    group = in_force(tender_id, "price")
    if tender.state != TenderState.OPENING or group is None or is_automatic(tender):
        raise IllegalTransition("nothing is being opened", state=tender.state, event="fall_back")
    if open_ask(tender_id) is not None:
        raise AlreadyDone("another group is asked for already")
    chosen = tuple(holders)
    if not missing or not set(missing) <= set(group.holders):
        raise InvalidInput("say who of the group is missing", field="missing")
    if chosen not in groups_in(tender, "price") or set(chosen) & (set(missing) | gone(tender_id, "price")):
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
    for lane in lanes_in(tender):
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
