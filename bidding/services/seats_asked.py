"""Changes of a committee that two persons decide: an absent evaluator replaced, one named where nobody is left."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, IllegalTransition, InvalidInput, NotFound, SamePerson
from app.notifications import notify
from bidding.models import EvaluationAsk, EvaluationSeat, Evaluator, Tender
from bidding.services.access import lock_own_tender, person_id
from bidding.services.evaluators import eligible, fill_seats, in_force, seat_person, seats_of
from bidding.services.technical import find_committee
from bidding.states import TenderState


def open_ask(tender_id: UUID) -> EvaluationAsk | None:
    return db.session.scalar(
        select(EvaluationAsk).where(
            EvaluationAsk.tender_id == tender_id,
            EvaluationAsk.approved_at.is_(None),
            EvaluationAsk.withdrawn_at.is_(None),
        )
    )


def vacancies(tender: Tender) -> int:
    """Seats for which nobody is left in the drawn order."""
    committee = find_committee(tender.id)
    if committee is None or committee.drawn is None:
        return 0
    return committee.seats - len(in_force(tender.id))


def nameable(tender: Tender) -> list[Evaluator]:
    """Who could be named into a vacancy: of the whole pool as it is now, whatever the field."""
    seated = {seat.person_id for seat in seats_of(tender.id)}
    free = [one for one in eligible(tender, ()) if one not in seated]
    return list(db.session.scalars(select(Evaluator).where(Evaluator.person_id.in_(free))))


def ask_change(tender_id: UUID, kind: str, person: UUID, reason: str, actor: Actor, now: datetime) -> EvaluationAsk:
    """The officer wants `person` replaced (`replace`: it has not signed) or named (`name`: a seat is empty).

    Raises Forbidden, IllegalTransition, AlreadyDone (one waits), InvalidInput.
    """
    if not actor.may("evaluation:propose"):
        raise Forbidden("only an officer asks", permission="evaluation:propose")
    tender = _evaluated(tender_id, actor)
    if open_ask(tender_id) is not None:
        raise AlreadyDone("a change waits already")
    if not reason.strip():
        raise InvalidInput("a change needs its reason", field="reason")
    _check(tender, kind, person)
    ask = EvaluationAsk(
        tender_id=tender_id, kind=kind, person_id=person, reason=reason.strip(), asked_by_id=person_id(actor),
        asked_at=now,
    )  # fmt: skip
    db.session.add(ask)
    db.session.flush()
    notify(tender.agency_id, "technical.asked", now, href=f"/tenders/{tender.reference}/evaluation", title=tender.title)
    return ask


def _check(tender: Tender, kind: str, person: UUID) -> None:
    if kind == "replace":
        if all(seat.person_id != person or seat.submitted_at is not None for seat in in_force(tender.id)):
            raise InvalidInput("no evaluator who has still to sign", field="person")
    elif kind == "name":
        if vacancies(tender) < 1 or all(one.person_id != person for one in nameable(tender)):
            raise InvalidInput("nobody who could take an empty seat", field="person")
    else:
        raise InvalidInput("replace or name", field="kind")


def approve_change(ask_id: UUID, actor: Actor, now: datetime) -> EvaluationAsk:
    """The second person agrees; the log has it with both.

    Raises Forbidden, SamePerson, AlreadyDone, InvalidInput (the evaluator has signed since).
    """
    if not actor.may("evaluation:approve"):
        raise Forbidden("only an approver decides", permission="evaluation:approve")
    ask, tender = _lock_ask(ask_id, actor)
    if ask.asked_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    _check(tender, ask.kind, ask.person_id)
    ask.approved_by_id, ask.approved_at = person_id(actor), now
    approvals = [f"person:{ask.asked_by_id}", actor.handle]
    if ask.kind == "replace":
        seat = db.session.get_one(EvaluationSeat, (tender.id, ask.person_id), with_for_update={"of": EvaluationSeat})
        seat.left_at, seat.left_reason = now, "absent"
        audit.emit(
            "technical.replaced", actor, now, subject=seat.audit_subject, tender=tender.reference,
            evaluator=seat.code, approvals=approvals,
        )  # fmt: skip
        db.session.flush()
        fill_seats(tender, now, approvals)
    else:
        seat_person(tender, ask.person_id, now, approvals)
    return ask


def withdraw_change(ask_id: UUID, actor: Actor, now: datetime) -> EvaluationAsk:
    """Not needed after all, or refused by the second person."""
    ask, _ = _lock_ask(ask_id, actor)
    ask.withdrawn_at = now
    return ask


def _evaluated(tender_id: UUID, actor: Actor) -> Tender:
    tender = lock_own_tender(tender_id, actor)
    committee = find_committee(tender_id)
    if tender.state != TenderState.EVALUATING or committee is None or committee.fixed_at is not None:
        raise IllegalTransition("the committee stands as it is", state=tender.state, event="change")
    return tender


def _lock_ask(ask_id: UUID, actor: Actor) -> tuple[EvaluationAsk, Tender]:
    found = db.session.get(EvaluationAsk, ask_id)
    if found is None:
        raise NotFound(f"no such change {ask_id}")
    tender = _evaluated(found.tender_id, actor)
    ask = db.session.get_one(EvaluationAsk, ask_id, with_for_update={"of": EvaluationAsk}, populate_existing=True)
    if ask.approved_at is not None or ask.withdrawn_at is not None:
        raise AlreadyDone("this has been decided")
    return ask, tender
