"""The technical result: computed from the sheets, fixed by two persons; then prices are opened of those who qualify.

Its hash is in the log before the group of the price lane is: no price can have had a say in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import database_now, db
from app.errors import Forbidden, IllegalTransition, SamePerson, StaleConfirmation
from app.notifications import notify
from app.tlog.canon import jcs
from bidding.models import Bid, EvaluationCommittee, EvaluationSheet, Tender
from bidding.rules.technical import left_out, score_technical, technical_json
from bidding.services.access import lock_own_tender, person_id
from bidding.services.box import terms_of
from bidding.services.committee import tell_members
from bidding.services.evaluators import LOT, in_force
from bidding.services.groups import NEXT, OPENER, is_automatic
from bidding.services.opening import begin_prices, fail
from bidding.services.sheets import sheets_of
from bidding.services.technical import find_committee, rule_of
from bidding.states import BID, BidState, TenderState
from bidding.technical_file import read_technical
from bidding.types import Json


def compute_result(tender: Tender) -> Json:
    """`technical.json` of the sheets as they are. IllegalTransition until all are in."""
    sheets = sheets_of(tender)
    results = score_technical(rule_of(tender), sheets)
    codes = [seat.code for seat in in_force(tender.id)]
    return technical_json(str(tender.reference), LOT, sheets, results, codes)


def sha256_of(technical: Json) -> str:
    return hashlib.sha256(jcs(technical)).hexdigest()


def propose_result(tender_id: UUID, actor: Actor, now: datetime) -> EvaluationCommittee:
    """The officer takes the result together; the second person is told. Again, it replaces what was proposed.

    Raises Forbidden, IllegalTransition (sheets are missing; nothing is evaluated; it is fixed).
    """
    if not actor.may("evaluation:propose"):
        raise Forbidden("only an officer proposes", permission="evaluation:propose")
    tender, committee = _evaluated(tender_id, actor)
    committee.technical = compute_result(tender)
    committee.technical_sha256 = sha256_of(committee.technical)
    committee.proposed_by_id, committee.proposed_at = person_id(actor), now
    facts: Json = {"technical_sha256": committee.technical_sha256}
    audit.emit("technical.proposed", actor, now, subject=tender.audit_subject, tender=tender.reference, **facts)
    href = f"/tenders/{tender.reference}/evaluation"
    notify(tender.agency_id, "technical.proposed", now, href=href, title=tender.title)
    return committee


def return_result(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> EvaluationCommittee:
    """The second person does not agree: nothing is proposed any more. The sheets stay as they were signed."""
    if not actor.may("evaluation:approve"):
        raise Forbidden("only an approver sends it back", permission="evaluation:approve")
    tender, committee = _evaluated(tender_id, actor)
    if committee.technical is None:
        raise IllegalTransition("nothing is proposed", state=tender.state, event="return")
    committee.technical = committee.technical_sha256 = committee.proposed_by_id = committee.proposed_at = None
    subject = tender.audit_subject
    audit.emit("technical.returned", actor, now, subject=subject, tender=tender.reference, is_open=False, reason=reason)
    return committee


def fix_result(
    tender_id: UUID, sha256: str, actor: Actor, clock: Callable[[], datetime] = database_now
) -> EvaluationCommittee:
    """The second person agrees to the result with this hash: it goes to the log, with the bids that do not qualify.

    Then the price lane is asked for, or the tender fails because nobody qualifies. One who does is enough, two
    proposals having been readable (국가계약법 시행규칙 제48조 제2항). Raises Forbidden, SamePerson, StaleConfirmation
    (another result by now), IllegalTransition.
    """
    if not actor.may("evaluation:approve"):
        raise Forbidden("only an approver fixes it", permission="evaluation:approve")
    tender, committee = _evaluated(tender_id, actor)
    if committee.technical is None or committee.technical_sha256 != sha256:
        raise StaleConfirmation("the result is not the one that was shown")
    if committee.proposed_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    if sha256_of(compute_result(tender)) != sha256:
        raise StaleConfirmation("an evaluator was replaced since")
    at = clock()
    committee.fixed_by_id, committee.fixed_at = person_id(actor), at
    approvals = [f"person:{committee.proposed_by_id}", f"person:{committee.fixed_by_id}"]
    subject, reference = tender.audit_subject, tender.reference
    facts: Json = {"technical_sha256": sha256, "approvals": approvals}
    audit.emit("technical.fixed", actor, at, subject=subject, tender=reference, **facts)
    results = read_technical(jcs(committee.technical)).results.values()
    out = left_out(tuple(results), opens_all=terms_of(tender).opens_all)
    audit.emit("tender.unqualified", actor, at + NEXT, subject=subject, tender=reference, stmts=out, **facts)
    _leave_out(tender, out, at + NEXT)
    db.session.flush()
    if not any(one.is_qualified for one in results):
        fail(tender, "none-qualified", at + 2 * NEXT)
    elif is_automatic(tender):
        begin_prices(tender, at + 2 * NEXT)
    else:
        href = f"/tenders/{reference}/room"
        notify(tender.agency_id, "technical.fixed", at, href=href, title=tender.title)
        tell_members(tender, "keyholder.prices", at)
    return committee


def _evaluated(tender_id: UUID, actor: Actor) -> tuple[Tender, EvaluationCommittee]:
    """The agency's own tender while its result can still be fixed, both locked."""
    tender = lock_own_tender(tender_id, actor)
    committee = find_committee(tender_id)
    if tender.state != TenderState.EVALUATING or committee is None or committee.begun_at is None:
        raise IllegalTransition("nothing is evaluated", state=tender.state, event="fix")
    if committee.fixed_at is not None:
        raise IllegalTransition("the result is fixed", state=tender.state, event="fix")
    return tender, committee


def _leave_out(tender: Tender, out: list[str], at: datetime) -> None:
    """Mark the bids that are never opened."""
    query = select(Bid).where(Bid.tender_id == tender.id, Bid.state.in_((BidState.PRESENTED, BidState.SUBMITTED)))
    for bid in db.session.scalars(query.order_by(Bid.stmt)):
        if bid.stmt in out:
            BID.fire(bid, "unqualify", OPENER, at, stmt=bid.stmt)


def comments_of(tender: Tender) -> dict[str, list[tuple[str, str, str]]]:
    """By statement, each comment with its evaluator's code and its criterion ("": the whole proposal), once all are in.

    Raises IllegalTransition before that.
    """
    sheets_of(tender)
    codes = {seat.person_id: seat.code for seat in in_force(tender.id)}
    query = select(EvaluationSheet, Bid.stmt).join(Bid, Bid.id == EvaluationSheet.bid_id)
    found: dict[str, list[tuple[str, str, str]]] = {}
    for sheet, stmt in db.session.execute(query.where(EvaluationSheet.tender_id == tender.id)):
        if sheet.person_id in codes:
            found.setdefault(stmt, []).extend((codes[sheet.person_id], *one) for one in sheet.comments.items())
    return {stmt: sorted(comments) for stmt, comments in found.items()}
