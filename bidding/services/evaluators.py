"""The pool of evaluators, and how a tender's committee comes out of it: frozen, drawn, declared, stepped in.

The pool of a tender is frozen in the log at its deadline, the order drawn at the opening from the root of the frozen
list (`bidding.committee_draw`). Whoever declares a conflict leaves, and the next one of the order is seated; nobody
chooses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app import audit
from app.auth import Actor, Role, system
from app.auth.models import Person, PersonRole
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, NotFound
from app.notifications import notify
from bidding.committee_draw import draw_order, pool_sha256
from bidding.models import EvaluationCommittee, EvaluationSeat, Evaluator, Tender, TenderHolder
from bidding.models.evaluation import FIELDS
from bidding.services.access import lock_own_tender, lock_tender, person_id
from bidding.services.technical import find_committee, tech_of
from bidding.states import TenderState
from bidding.types import Json

DRAWER: Actor = system("tender:open")
LOT = "1"


def enter_pool(fields: Sequence[str], affiliation: str, actor: Actor, now: datetime) -> Evaluator:
    """Enter the pool, or change what one is entered with. Raises Forbidden, InvalidInput."""
    if not actor.may("proposal:evaluate"):
        raise Forbidden("only an evaluator enters the pool", permission="proposal:evaluate")
    if not fields or not set(fields) <= set(FIELDS):
        raise InvalidInput("at least one field of expertise", field="fields")
    if not affiliation.strip():
        raise InvalidInput("say where you work", field="affiliation")
    me = db.session.get(Evaluator, person_id(actor)) or Evaluator(person_id=person_id(actor), entered_at=now)
    me.fields, me.affiliation, me.left_at = [one for one in FIELDS if one in fields], affiliation.strip(), None
    db.session.add(me)
    audit.emit("technical.entered", actor, now, subject=actor.handle, is_open=False, fields=list(me.fields))
    return me


def leave_pool(actor: Actor, now: datetime) -> None:
    """No new committee is drawn with this person in it; seats that there are stay."""
    me = db.session.get(Evaluator, person_id(actor))
    if me is None or me.left_at is not None:
        raise NotFound("not in the pool")
    me.left_at = now
    audit.emit("technical.left", actor, now, subject=actor.handle, is_open=False)


def plan_committee(
    tender_id: UUID, seats: int, fields: Sequence[str], actor: Actor, now: datetime
) -> EvaluationCommittee:
    """Before the deadline: how many seats, and of which fields of expertise (none: any).

    Raises Forbidden, IllegalTransition (the deadline has passed), InvalidInput.
    """
    if not actor.may("evaluation:propose"):
        raise Forbidden("only an officer plans", permission="evaluation:propose")
    tender = lock_own_tender(tender_id, actor)
    committee = find_committee(tender_id)
    is_early = tender.state in (TenderState.DRAFT, TenderState.IN_REVIEW, TenderState.PUBLISHED)
    if not is_early or (committee is not None and committee.pool is not None):
        raise IllegalTransition("the pool is frozen at the deadline", state=tender.state, event="plan")
    if not set(fields) <= set(FIELDS):
        raise InvalidInput("no such field", field="fields")
    if not tech_of(tender).least_evaluators <= seats <= 50:
        raise InvalidInput("as many as the notice asks, and at most 50", field="seats")
    if committee is None:
        committee = EvaluationCommittee(tender_id=tender_id)
        db.session.add(committee)
    committee.seats, committee.fields = seats, [one for one in FIELDS if one in fields]
    committee.planned_by_id = person_id(actor)
    facts: Json = {"seats": seats, "fields": list(committee.fields)}
    audit.emit("technical.planned", actor, now, subject=tender.audit_subject, tender=tender.reference, **facts)
    return committee


def eligible(tender: Tender, fields: Sequence[str]) -> list[UUID]:
    """Who could evaluate a tender: in the pool, still with the role, of these fields; nobody who runs or opens it."""
    query = (
        select(Evaluator.person_id)
        .join(Person, Person.id == Evaluator.person_id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == Role.EVALUATOR, Person.deactivated_at.is_(None), Evaluator.left_at.is_(None))
    )
    if fields:
        query = query.where(Evaluator.fields.overlap(list(fields)))
    runs = (tender.author_id, tender.submitted_by_id, tender.approved_by_id)
    query = query.where(Evaluator.person_id.not_in([one for one in runs if one is not None]))
    holds = select(TenderHolder.person_id).where(
        TenderHolder.tender_id == tender.id, TenderHolder.person_id.is_not(None)
    )
    return list(db.session.scalars(query.where(Evaluator.person_id.not_in(holds)).order_by(Evaluator.person_id)))


def freeze_pool(tender: Tender, at: datetime) -> EvaluationCommittee:
    """At the deadline: the pool's hash goes to the log, before anybody can know the root of the list of bids."""
    committee = find_committee(tender.id)
    if committee is None:
        committee = EvaluationCommittee(tender_id=tender.id, seats=tech_of(tender).least_evaluators, fields=[])
        db.session.add(committee)
    pool = sorted(f"person:{one}" for one in eligible(tender, committee.fields))
    committee.pool, committee.pool_sha256, committee.pool_at = pool, pool_sha256(pool), at
    facts: Json = {"pool_sha256": committee.pool_sha256, "size": len(pool), "seats": committee.seats}
    audit.emit("technical.pool", DRAWER, at, subject=tender.audit_subject, tender=tender.reference, **facts)
    return committee


def draw_committee(tender: Tender, at: datetime) -> None:
    """At the opening: the order of the whole pool, and the first of it in the seats. They are asked to declare."""
    committee = find_committee(tender.id)
    assert committee is not None  # made at the deadline
    assert committee.pool is not None
    assert tender.box_root is not None  # closed, by the order of states
    committee.drawn, committee.drawn_at = draw_order(committee.pool, tender.box_root, LOT), at
    facts: Json = {"pool_sha256": committee.pool_sha256, "seats": committee.seats}
    audit.emit("technical.committee", DRAWER, at, subject=tender.audit_subject, tender=tender.reference, **facts)
    db.session.flush()
    fill_seats(tender, at)


def fill_seats(tender: Tender, at: datetime, approvals: Sequence[str] = ()) -> list[EvaluationSeat]:
    """Seat the next of the drawn order until all seats are filled, or nobody is left: then the agency is told."""
    committee = find_committee(tender.id)
    assert committee is not None
    assert committee.drawn is not None
    seated = {seat.person_id: seat for seat in seats_of(tender.id)}
    free = committee.seats - sum(seat.left_at is None for seat in seated.values())
    waiting = [person for person in map(_person_of, committee.drawn) if person not in seated]
    made = [seat_person(tender, person, at, approvals) for person in waiting[:free]]
    if len(made) < free:
        href = f"/tenders/{tender.reference}/evaluation"
        notify(tender.agency_id, "technical.short", at, href=href, title=tender.title)
    return made


def seat_person(tender: Tender, person: UUID, at: datetime, approvals: Sequence[str] = ()) -> EvaluationSeat:
    """The next code of the tender, told to the person and to the log, which names nobody."""
    number = db.session.scalar(select(func.count()).where(EvaluationSeat.tender_id == tender.id)) or 0
    seat = EvaluationSeat(tender_id=tender.id, person_id=person, code=f"E{number + 1}", seated_at=at)
    db.session.add(seat)
    db.session.flush()
    facts: Json = {"evaluator": seat.code, "approvals": list(approvals)}
    audit.emit("technical.seated", DRAWER, at, subject=seat.audit_subject, tender=tender.reference, **facts)
    notify(person, "technical.seated", at, href=f"/evaluations/{tender.id}", title=tender.title)
    return seat


def _person_of(handle: str) -> UUID:
    return UUID(handle.removeprefix("person:"))


def seats_of(tender_id: UUID) -> list[EvaluationSeat]:
    """Every seat there ever was, in the order of the codes."""
    query = select(EvaluationSeat).where(EvaluationSeat.tender_id == tender_id)
    return sorted(db.session.scalars(query), key=lambda seat: int(seat.code[1:]))


def in_force(tender_id: UUID) -> list[EvaluationSeat]:
    """The seats that count: nobody of them has left."""
    return [seat for seat in seats_of(tender_id) if seat.left_at is None]


def my_seats(actor: Actor) -> list[EvaluationSeat]:
    """The seats of a person, the newest first."""
    query = select(EvaluationSeat).where(EvaluationSeat.person_id == person_id(actor))
    return list(db.session.scalars(query.order_by(EvaluationSeat.seated_at.desc(), EvaluationSeat.tender_id)))


def get_seat(tender_id: UUID, actor: Actor, *, is_locked: bool = False) -> EvaluationSeat:
    """The actor's own seat. NotFound for whoever has none: nobody learns of a committee that they do not sit in."""
    key = (tender_id, person_id(actor))
    locking = {"of": EvaluationSeat} if is_locked else None
    seat = db.session.get(EvaluationSeat, key, with_for_update=locking, populate_existing=is_locked)
    if seat is None:
        raise NotFound("no seat in this committee")
    return seat


def declare(
    tender_id: UUID, *, has_conflict: bool, note: str, keeps_secret: bool, actor: Actor, now: datetime
) -> EvaluationSeat:
    """Say whether one has an interest in any bidder, before any proposal is seen; without one, promise secrecy.

    Whoever has an interest in one bidder leaves the whole committee: means over different people are not comparable.
    Raises NotFound, IllegalTransition, AlreadyDone, InvalidInput.
    """
    tender = lock_tender(tender_id)
    seat = get_seat(tender_id, actor, is_locked=True)
    if tender.state != TenderState.EVALUATING or seat.left_at is not None:
        raise IllegalTransition("there is nothing to declare", state=tender.state, event="declare")
    if seat.declared_at is not None:
        raise AlreadyDone("declared before")
    if has_conflict and not note.strip():
        raise InvalidInput("say what the interest is", field="note")
    if not has_conflict and not keeps_secret:
        raise InvalidInput("evaluating needs the promise of secrecy", field="keeps_secret")
    seat.declared_at, seat.has_conflict, seat.conflict_note = now, has_conflict, note.strip() if has_conflict else ""
    if has_conflict:
        seat.left_at, seat.left_reason = now, "conflict"
    facts: Json = {"evaluator": seat.code, "conflict": has_conflict, "secrecy": keeps_secret}
    subject = seat.audit_subject
    audit.emit("technical.declared", actor, now, subject=subject, tender=tender.reference, is_open=False, **facts)
    db.session.flush()
    if has_conflict:
        fill_seats(tender, now)
    return seat
