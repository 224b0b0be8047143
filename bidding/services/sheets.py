"""Score sheets: each evaluator's own, drafts until all of them are signed at once; nobody reads another's before.

What is signed are two hashes in a sealed entry of the log: of all scores, and of all comments. The scores are published
with the result, so that anybody can compare; the comments stay with the agency.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, IllegalTransition, InvalidInput, StaleConfirmation
from app.notifications import notify
from app.tlog.canon import jcs
from bidding.criteria import POINT, Tech
from bidding.models import Bid, EvaluationSeat, EvaluationSheet, Proposal, Tender
from bidding.rules.technical import Sheet, scores_of
from bidding.services.access import lock_tender
from bidding.services.evaluators import get_seat, in_force
from bidding.services.proposals import get_proposal, proposals_of, reading_seat
from bidding.services.technical import tech_of
from bidding.states import TenderState

Json = dict[str, Any]
LONGEST = 4000  # characters of a comment


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one evaluator is, without a single score. `done` of `proposals` have all criteria scored."""

    code: str
    is_declared: bool
    done: int
    proposals: int
    submitted_at: datetime | None


def save_sheet(
    tender_id: UUID,
    wanted: str,
    scores: Mapping[str, int],
    comments: Mapping[str, str],
    actor: Actor,
    now: datetime,
) -> EvaluationSheet:
    """Keep what an evaluator has written so far for the proposal with this letter; criteria may still be missing.

    Raises NotFound, Forbidden (not declared), IllegalTransition (not the time), AlreadyDone (signed), InvalidInput.
    """
    tender, seat = _writing(tender_id, actor)
    proposal = get_proposal(tender_id, wanted, actor)
    tech = tech_of(tender)
    _check_partly(tech, scores, comments)
    sheet = db.session.get(EvaluationSheet, (tender_id, seat.person_id, proposal.bid_id))
    if sheet is None:
        sheet = EvaluationSheet(tender_id=tender_id, person_id=seat.person_id, bid_id=proposal.bid_id)
        db.session.add(sheet)
    sheet.scores = {code: scores[code] for code in tech.leaves if code in scores}
    sheet.comments = {code: comments[code].strip() for code in ("", *tech.leaves) if comments.get(code, "").strip()}
    sheet.saved_at = now
    db.session.flush()
    return sheet


def _check_partly(tech: Tech, scores: Mapping[str, int], comments: Mapping[str, str]) -> None:
    for code, score in scores.items():
        if code not in tech.leaves or type(score) is not int or not 0 <= score <= tech.leaves[code] * POINT:
            raise InvalidInput("no such criterion, or more than its points", field=f"score-{code}")
    for code, comment in comments.items():
        if code not in {"", *tech.leaves} or len(comment) > LONGEST:
            raise InvalidInput("no such criterion, or too long", field=f"comment-{code}")


def _writing(tender_id: UUID, actor: Actor) -> tuple[Tender, EvaluationSeat]:
    """The tender and the evaluator's seat, both locked, while sheets can be written."""
    tender = lock_tender(tender_id)
    seat = get_seat(tender_id, actor, is_locked=True)
    if seat.submitted_at is not None:
        raise AlreadyDone("the sheets are signed")
    if tender.state != TenderState.EVALUATING:
        raise IllegalTransition("nothing is evaluated", state=tender.state, event="score")
    reading_seat(tender_id, actor)
    return tender, seat


def own_sheets(tender_id: UUID, actor: Actor) -> dict[UUID, EvaluationSheet]:
    """By bid, what the actor itself has written."""
    seat = get_seat(tender_id, actor)
    query = select(EvaluationSheet).where(
        EvaluationSheet.tender_id == tender_id, EvaluationSheet.person_id == seat.person_id
    )
    return {sheet.bid_id: sheet for sheet in db.session.scalars(query)}


def is_complete(tech: Tech, sheet: EvaluationSheet | None) -> bool:
    return sheet is not None and set(sheet.scores) == set(tech.leaves)


def signed_digest(tender: Tender, actor: Actor) -> str | None:
    """The hash that the evaluator signs: of its scores as they stand; None while one is missing."""
    seat, own = get_seat(tender.id, actor), own_sheets(tender.id, actor)
    tech, stmts = tech_of(tender), _stmts(tender.id)
    if not stmts or not all(is_complete(tech, own.get(bid_id)) for bid_id in stmts):
        return None
    return scores_sha256(seat.code, {stmts[bid_id]: own[bid_id].scores for bid_id in stmts})


def scores_sha256(code: str, by_stmt: Mapping[str, Mapping[str, int]]) -> str:
    """SHA-256 of `bidding.rules.technical.scores_of` in canonical JSON."""
    return hashlib.sha256(jcs(scores_of(code, [Sheet(stmt, {code: one}) for stmt, one in by_stmt.items()]))).hexdigest()


def _stmts(tender_id: UUID) -> dict[UUID, str]:
    """The statements of the readable proposals, by bid."""
    query = select(Bid.id, Bid.stmt).join(Proposal, Proposal.bid_id == Bid.id)
    rows = db.session.execute(query.where(Proposal.tender_id == tender_id, Proposal.is_readable).order_by(Bid.stmt))
    return dict(rows.all())


def submit_sheets(tender_id: UUID, digest: str, actor: Actor, now: datetime) -> EvaluationSeat:
    """Sign all sheets at once, by the hash of the scores that the page showed; nothing can be changed afterwards.

    Raises as `save_sheet`; InvalidInput while a score is missing, StaleConfirmation if the scores are others by now.
    """
    tender, seat = _writing(tender_id, actor)
    current = signed_digest(tender, actor)
    if current is None:
        raise InvalidInput("every criterion of every proposal needs its score", field="scores")
    if current != digest:
        raise StaleConfirmation("the scores are not those that were shown")
    own, stmts = own_sheets(tender_id, actor), _stmts(tender_id)
    comments = hashlib.sha256(jcs({stmts[bid_id]: own[bid_id].comments for bid_id in stmts})).hexdigest()
    for bid_id in stmts:
        own[bid_id].submitted_at = now
    db.session.flush()  # before the seat closes
    facts = {"evaluator": seat.code, "scores_sha256": current, "comments_sha256": comments}
    subject = seat.audit_subject
    signer = replace(actor, handle=f"evaluator:{seat.code}")  # the entry is shown in the end, and names nobody
    event = audit.emit("technical.sheet", signer, now, subject=subject, tender=tender.reference, is_open=False, **facts)
    seat.submitted_at, seat.scores_sha256, seat.comments_sha256 = now, current, comments
    seat.submit_event_id = event.id
    db.session.flush()
    if are_all_in(tender):
        href = f"/tenders/{tender.reference}/evaluation"
        notify(tender.agency_id, "technical.all_in", now, href=href, title=tender.title)
    return seat


def are_all_in(tender: Tender) -> bool:
    """Whether everybody who sits in the committee has signed, and they are enough."""
    seats = in_force(tender.id)
    return len(seats) >= tech_of(tender).least_evaluators and all(seat.submitted_at is not None for seat in seats)


def progress_of(tender: Tender) -> list[Progress]:
    """How far each evaluator is, for the officer: counts alone."""
    readable = sum(one.is_readable for one in proposals_of(tender.id))
    keys = func.jsonb_object_keys(EvaluationSheet.scores).table_valued("code")
    scored = select(func.count()).select_from(keys).correlate(EvaluationSheet).scalar_subquery()
    query = select(EvaluationSheet.person_id, func.count()).where(EvaluationSheet.tender_id == tender.id)
    full = query.where(scored == len(tech_of(tender).leaves)).group_by(EvaluationSheet.person_id)
    done = dict(db.session.execute(full).all())
    return [
        Progress(seat.code, seat.declared_at is not None, done.get(seat.person_id, 0), readable, seat.submitted_at)
        for seat in in_force(tender.id)
    ]


def sheets_of(tender: Tender) -> Sequence[Sheet]:
    """All sheets, in the order of the list of bids. IllegalTransition until all are in: whoever asks, officers too."""
    if not are_all_in(tender):
        raise IllegalTransition("sealed until every sheet is in", state=tender.state, event="read_sheets")
    codes = {seat.person_id: seat.code for seat in in_force(tender.id)}
    given: dict[UUID, dict[str, Any]] = {}
    query = select(EvaluationSheet).where(EvaluationSheet.tender_id == tender.id)
    for sheet in db.session.scalars(query):
        if sheet.person_id in codes:
            given.setdefault(sheet.bid_id, {})[codes[sheet.person_id]] = dict(sheet.scores)
    bids = select(Bid.id, Bid.stmt).join(Proposal, Proposal.bid_id == Bid.id).where(Proposal.tender_id == tender.id)
    return [
        Sheet(stmt, dict(sorted(given.get(bid_id, {}).items(), key=lambda one: int(one[0][1:]))))
        for bid_id, stmt in db.session.execute(bids.order_by(Bid.stmt))
    ]
