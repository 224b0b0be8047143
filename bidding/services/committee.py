"""Members of a committee: who may sit in it, what waits for each of them, and their pieces.

The cryptography of a seat is in the member's browser; here is who may do what, and when (protocol 3.4, 3.10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from app.auth import Actor, Role
from app.auth.models import Organisation, Person, PersonRole
from app.db import db
from app.errors import InvalidInput, NotFound
from app.notifications import notify
from bidding.models import Attendance, HolderTest, Release, Tender, TenderHolder
from bidding.seats import Standing, Task, next_task
from bidding.services.access import lock_own_tender, person_id
from bidding.services.groups import in_force
from bidding.services.holders import choose_holders, find_seat, members_of, seats_of
from bidding.services.release import deposit, part_sizes
from bidding.services.sessions import is_scored, lanes_asked, session_of
from bidding.states import TenderState

# -- naming members, in the draft --------------------------------------------------------------------------------------


def candidates(words: str, agency_id: UUID, limit: int = 50) -> list[Person]:
    """Active persons with the role keyholder: those of the agency first, then of others; `words` in name or body."""
    query = (
        select(Person)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(PersonRole.role == Role.KEYHOLDER, Person.deactivated_at.is_(None))
    )
    for word in words.split()[:5]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        named = (Person.name, Organisation.name_ko, Organisation.name_en)
        query = query.where(or_(*(column.ilike(like) for column in named)))
    order = (Organisation.id != agency_id, Organisation.name_ko, Person.name)
    return list(db.session.scalars(query.order_by(*order).limit(limit)))


def name_members(tender_id: UUID, policy: str, members: Sequence[UUID], actor: Actor, now: datetime) -> Tender:
    """`choose_holders`, for persons who hold the role keyholder; each new member is told.

    Raises as it, and InvalidInput for a person without the role.
    """
    with_role = select(PersonRole.person_id).where(PersonRole.person_id.in_(members), PersonRole.role == Role.KEYHOLDER)
    if set(members) - set(db.session.scalars(with_role)):
        raise InvalidInput("a member needs the role keyholder", field="members")
    before = {one.person_id for one in members_of(lock_own_tender(tender_id, actor))}
    tender = choose_holders(tender_id, policy, members, actor, now)
    for seat in members_of(tender):
        if seat.person_id is not None and seat.person_id not in before:
            notify(seat.person_id, "keyholder.named", now, href=f"/committee/{tender.id}", title=tender.title)
    return tender


# -- a member's seats --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seat:
    """A member's seat in one tender, and what waits there."""

    holder: TenderHolder
    tender: Tender
    standing: Standing
    task: Task | None


def get_seat(tender_id: UUID, actor: Actor, now: datetime) -> Seat:
    """The actor's own seat. NotFound for whoever has none: nobody learns of a committee that they do not sit in."""
    tender = db.session.get(Tender, tender_id)
    holder = find_seat(tender_id, actor.person_id) if tender is not None else None
    if tender is None or holder is None:
        raise NotFound("no seat in this tender")
    return _seats([(holder, tender)], now)[0]


def list_seats(actor: Actor, now: datetime) -> list[Seat]:
    """Every seat of the actor: what waits first, then the newest."""
    seats = _seats(seats_of(person_id(actor)), now)
    return sorted(seats, key=lambda seat: seat.task is None)


def _seats(pairs: Sequence[tuple[TenderHolder, Tender]], now: datetime) -> list[Seat]:
    ids = [tender.id for _, tender in pairs]
    proved = _proved(pairs)
    came = select(Attendance.tender_id, Attendance.person_id, Attendance.session).where(Attendance.tender_id.in_(ids))
    attended = {tuple(row) for row in db.session.execute(came)}
    made = []
    for holder, tender in pairs:
        is_asked, has_given = _asked(tender, holder.holder)
        standing = Standing(
            state=tender.state,
            closes_at=tender.closes_at,
            has_proposals=tender.docs_opened_at is not None,
            is_fixed=is_scored(tender),
            has_keys=holder.vkey is not None,
            proved=proved.get((tender.id, holder.holder), set()),
            owes_seed=_owes_seed(tender, holder.holder),
            is_present=(tender.id, holder.person_id, session_of(tender)) in attended,
            is_asked=is_asked,
            has_given=has_given,
        )
        made.append(Seat(holder, tender, standing, next_task(standing, now)))
    return made


def _proved(pairs: Sequence[tuple[TenderHolder, Tender]]) -> dict[tuple[UUID, str], set[str]]:
    """Media whose last answered test was opened, by seat."""
    ids = [tender.id for _, tender in pairs]
    query = select(HolderTest.tender_id, HolderTest.holder, HolderTest.medium, HolderTest.is_opened)
    rows = db.session.execute(
        query.where(HolderTest.tender_id.in_(ids), HolderTest.answered_at.is_not(None)).order_by(
            HolderTest.asked_at, HolderTest.id
        )
    )
    found: dict[tuple[UUID, str], set[str]] = {}
    for tender_id, holder, medium, is_opened in rows:
        media = found.setdefault((tender_id, holder), set())
        (media.add if is_opened else media.discard)(medium)
    return found


def _owes_seed(tender: Tender, holder: str) -> bool:
    """Only asked of tenders in review, whose seeds are few."""
    if tender.state != TenderState.IN_REVIEW or tender.draw_mode != "M2":
        return False
    return all(seed["statement"]["supplier"] != f"@{holder}" for seed in tender.seeds)


def _asked(tender: Tender, holder: str) -> tuple[bool, bool]:
    """Whether the holder's pieces are asked for, and whether all have come. Queries only while a tender is opening."""
    if not lanes_asked(tender):
        return False, False
    waiting = waiting_parts(tender, holder)
    return waiting is not None, waiting == []


def waiting_parts(tender: Tender, holder: str) -> list[tuple[str, int, int]] | None:
    """`(lane, part, envelopes)` that the holder has not given yet; None where it is not in the group in force."""
    found: list[tuple[str, int, int]] = []
    is_asked = False
    for lane in lanes_asked(tender):
        group = in_force(tender.id, lane)
        if group is None or holder not in group.holders:
            continue
        is_asked = True
        given = select(Release.part).where(
            Release.tender_id == tender.id, Release.lane == lane, Release.holder == holder, Release.fault == ""
        )
        held = set(db.session.scalars(given))
        found += [(lane, part, size) for part, size in enumerate(part_sizes(tender, lane)) if part not in held]
    return found if is_asked else None


def give_pieces(tender_id: UUID, lane: str, part: int, signed: str, actor: Actor, now: datetime) -> list[int]:
    """Take a member's note of pieces; the clockwork goes on once the whole group has given.

    Returns the parts of the lane that the member still owes. Raises as `deposit`: a wrong piece names the member and is
    not kept.
    """
    release = deposit(tender_id, lane, part, signed, actor, now)
    waiting = waiting_parts(db.session.get_one(Tender, tender_id), release.holder) or []
    return [number for of_lane, number, _ in waiting if of_lane == lane]


def seat_names(tender: Tender) -> Mapping[str, str]:
    """Who is behind each holder id, as people read it."""
    return {one.holder: f"{one.name} ({one.operator})" if one.operator else one.name for one in tender.holders}


def tell_members(tender: Tender, kind: str, now: datetime, holders: Sequence[str] | None = None) -> int:
    """A notification to the members of a tender, or to those with these ids. Returns how many were told."""
    told = [one for one in members_of(tender) if holders is None or one.holder in holders]
    for seat in told:
        assert seat.person_id is not None  # by CHECK
        notify(seat.person_id, kind, now, href=f"/committee/{tender.id}", title=tender.title)
    return len(told)
