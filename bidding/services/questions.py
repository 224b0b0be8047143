"""Questions of suppliers and the agency's public answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, DeadlinePassed, Forbidden, NotFound
from app.notifications import notify
from bidding.models import Question
from bidding.services.access import lock_own_tender, lock_tender, person_id
from bidding.states import TenderState


def ask(tender_id: UUID, question: str, actor: Actor, now: datetime) -> Question:
    """Put a question while the tender takes bids. Its text becomes public, its asker does not.

    Raises Forbidden (not of a supplier), DeadlinePassed.
    """
    if actor.organisation_id is None or actor.organisation_kind != "supplier":
        raise Forbidden("only a supplier may ask")
    tender = lock_tender(tender_id)
    if tender.state != TenderState.PUBLISHED or tender.closes_at is None or now >= tender.closes_at:
        raise DeadlinePassed("questions end with the deadline")
    asked = Question(tender_id=tender_id, organisation_id=actor.organisation_id, question=question, asked_at=now)
    db.session.add(asked)
    db.session.flush()
    audit.emit(
        "tender.question_asked", actor, now, subject=f"question:{asked.id}", tender=tender.reference, is_open=False
    )
    notify(tender.agency_id, "tender.question", now, href=f"/tenders/{tender.reference}#questions", title=tender.title)
    return asked


def answer(question_id: UUID, text: str, actor: Actor, now: datetime) -> Question:
    """Answer in public, once. Raises NotFound, Forbidden, AlreadyDone."""
    question = db.session.get(Question, question_id, with_for_update=True)
    if question is None:
        raise NotFound(f"no question {question_id}")
    tender = lock_own_tender(question.tender_id, actor)
    if question.answer is not None:
        raise AlreadyDone("this question has its answer")
    question.answer, question.answered_at, question.answered_by_id = text, now, person_id(actor)
    audit.emit("tender.question_answered", actor, now, subject=f"question:{question.id}", tender=tender.reference)
    notify(
        question.organisation_id,
        "tender.answer",
        now,
        href=f"/tenders/{tender.reference}#questions",
        title=tender.title,
    )
    return question
