"""Deciding on a measured outage: one operator proposes, a second confirms exactly that, every deadline moves at once.

What is moved follows from the measurement by rule (`bidding.outage`). The operators only say for which instant the
recovery is announced (always ahead of them), or that nothing was hindered, with their reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit, keys
from app.auth import Actor
from app.db import db
from app.errors import IllegalTransition, InvalidInput, NotFound, SamePerson, StaleConfirmation
from app.jobs import enqueue
from app.time import wire
from app.tlog import note
from app.tlog.canon import jcs
from bidding import outage as rule
from bidding.models import Outage, Postponement, Tender
from bidding.services.access import lock_tender, person_id
from bidding.states import OUTAGE, TENDER, OutageState, TenderState

Json = dict[str, Any]
LEAD = timedelta(minutes=10)  # from the proposal to the announcement: time for the second operator
ROUND = timedelta(minutes=5)
STEP = timedelta(microseconds=1)  # so that the log keeps the order: declared, every deadline, applied
RULE = "나라장터 이용약관 별표 3"
KINDS = ("apply", "dismiss")


@dataclass(frozen=True, slots=True)
class Move:
    """One tender's deadlines before and after."""

    tender: Tender
    before: rule.Deadlines
    after: rule.Deadlines

    def to_json(self) -> Json:
        return {
            "tender": self.tender.reference,
            "old": wire(self.before.closes_at),
            "new": wire(self.after.closes_at),
            "old_opens_at": wire(self.before.opens_at),
            "opens_at": wire(self.after.opens_at),
        }


def announcement_after(now: datetime) -> datetime:
    """The instant for which a recovery is announced when it is proposed at `now`: the next five minutes after ten."""
    least = now + LEAD
    past = timedelta(minutes=least.minute % 5, seconds=least.second, microseconds=least.microsecond)
    return least if not past else least - past + ROUND


def moves_of(outage: Outage, announced_at: datetime) -> list[Move]:
    """Every published tender that the outage touched, where it goes; by its number. Closed ones are past moving."""
    if outage.ended_at is None:
        return []
    measured = rule.Outage(outage.began_at, outage.ended_at, announced_at)
    touched = select(Tender).where(
        Tender.state == TenderState.PUBLISHED,
        Tender.closes_at >= outage.began_at,
        Tender.closes_at < measured.touches_until,
    )
    moves = []
    for tender in db.session.scalars(touched.order_by(Tender.reference)):
        assert tender.closes_at is not None  # published, by CHECK
        assert tender.opens_at is not None
        before = rule.Deadlines(tender.closes_at, tender.opens_at)
        moves.append(Move(tender, before, rule.postpone(before, measured)))
    return moves


def plan_sha256(announced_at: datetime, plan: Sequence[Json]) -> str:
    """What the second operator confirms: every deadline, old and new."""
    return hashlib.sha256(jcs({"announced": wire(announced_at), "tenders": list(plan)})).hexdigest()


def propose(outage_id: UUID, proposal: str, reason: str, actor: Actor, now: datetime) -> Outage:
    """The first operator's proposal: `apply` the rule, or `dismiss`. A proposal that was not confirmed in time, or
    fits no longer, is made anew.

    Raises NotFound, IllegalTransition (it goes on still, or is decided), InvalidInput (no reason), Forbidden.
    """
    outage = _locked(outage_id)
    if proposal not in KINDS:
        raise InvalidInput("apply or dismiss", field="proposal")
    if not reason.strip():
        raise InvalidInput("a proposal needs its reason", field="reason")
    if outage.ended_at is None:
        raise IllegalTransition("it goes on still", subject="outage", state="ongoing", event="propose")
    announced_at = announcement_after(now)
    plan = [move.to_json() for move in moves_of(outage, announced_at)] if proposal == "apply" else []
    outage.proposal, outage.reason, outage.plan = proposal, reason.strip(), plan
    outage.announced_at, outage.plan_sha256 = announced_at, plan_sha256(announced_at, plan)
    outage.proposed_by_id, outage.proposed_at = person_id(actor), now
    OUTAGE.fire(outage, "propose", actor, now, proposal=proposal, plan_sha256=outage.plan_sha256, count=len(plan))
    return outage


def send_back(outage_id: UUID, actor: Actor, now: datetime) -> Outage:
    """The second operator does not agree; the outage is undecided again."""
    outage = _locked(outage_id)
    _refuse_same(outage, actor)
    OUTAGE.fire(outage, "send_back", actor, now)
    return outage


def confirm(outage_id: UUID, sha256: str, actor: Actor, now: datetime) -> Outage:
    """The second operator confirms the plan with this hash, before the instant of the announcement: it is done.

    Raises SamePerson, IllegalTransition, Forbidden; StaleConfirmation where the announcement's instant has come, or
    the tenders have changed since the proposal: then it is proposed anew.
    """
    outage = _locked(outage_id)
    if outage.state != OutageState.PROPOSED:
        raise IllegalTransition("nothing is proposed", subject="outage", state=outage.state, event="confirm")
    _refuse_same(outage, actor)
    assert outage.announced_at is not None
    if sha256 != outage.plan_sha256 or now >= outage.announced_at:
        raise StaleConfirmation("the recovery has to be announced anew")
    approvals = [f"person:{outage.proposed_by_id}", actor.handle]
    if outage.proposal == "dismiss":
        outage.decided_by_id = person_id(actor)
        OUTAGE.fire(outage, "dismiss", actor, now, reason=outage.reason, approvals=approvals, **_measured(outage))
    else:
        _apply(outage, approvals, actor, now)
    return outage


def _apply(outage: Outage, approvals: list[str], actor: Actor, now: datetime) -> None:
    assert outage.announced_at is not None
    moves = moves_of(outage, outage.announced_at)
    for move in moves:
        lock_tender(move.tender.id)
    if [move.to_json() for move in moves_of(outage, outage.announced_at)] != outage.plan:
        raise StaleConfirmation("tenders have changed since the proposal")
    facts = _measured(outage)
    audit.emit("outage.declared", actor, now, subject=outage.audit_subject, approvals=approvals, **facts)
    for move in moves:
        _move(outage, move, approvals, actor, now + STEP)
    statement = _statement(outage, approvals)
    sha256 = hashlib.sha256(statement.encode()).hexdigest()
    outage.note, outage.note_sha256, outage.decided_by_id = statement, sha256, person_id(actor)
    applied = {"outage": str(outage.id), "note_sha256": sha256, "count": len(moves)}
    OUTAGE.fire(outage, "apply", actor, now + 2 * STEP, approvals=approvals, **applied)
    for move in moves:
        enqueue(
            "bidding.tell_postponed",
            f"{outage.id}:{move.tender.id}",
            due_at=now,
            outage_id=str(outage.id),
            tender_id=str(move.tender.id),
        )


def _move(outage: Outage, move: Move, approvals: list[str], actor: Actor, at: datetime) -> None:
    tender = move.tender
    tender.closes_at, tender.opens_at = move.after.closes_at, move.after.opens_at
    db.session.add(
        Postponement(
            outage_id=outage.id,
            tender_id=tender.id,
            old_closes_at=move.before.closes_at,
            closes_at=move.after.closes_at,
            old_opens_at=move.before.opens_at,
            opens_at=move.after.opens_at,
        )
    )
    told = {name: value for name, value in move.to_json().items() if name != "tender"}
    why = {"reason": "outage", "outage": str(outage.id), "approvals": approvals}
    TENDER.fire(tender, "postpone", actor, at, ord=tender.ord, **told, **why)
    key = f"{tender.id}:{wire(move.after.closes_at)}"
    enqueue("bidding.close_tender", key, due_at=move.after.closes_at, tender_id=str(tender.id))


def _statement(outage: Outage, approvals: list[str]) -> str:
    """The one signed statement of the batch: what was measured, by which rule, every deadline old and new."""
    told = {"v": 1, "type": "outage", **_measured(outage), "rule": RULE, "approvals": approvals, "tenders": outage.plan}
    return note.sign_object("outage", told, keys.name_of("agency"), keys.load("agency"))


def _measured(outage: Outage) -> Json:
    assert outage.ended_at is not None
    assert outage.announced_at is not None
    return {
        "outage": str(outage.id),
        "began": wire(outage.began_at),
        "ended": wire(outage.ended_at),
        "announced": wire(outage.announced_at),
        "probes": outage.tried,
        "failed": outage.failed,
    }


def _locked(outage_id: UUID) -> Outage:
    outage = db.session.get(Outage, outage_id, with_for_update=True, populate_existing=True)
    if outage is None:
        raise NotFound(f"no outage {outage_id}")
    return outage


def _refuse_same(outage: Outage, actor: Actor) -> None:
    if outage.proposed_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
