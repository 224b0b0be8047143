"""The agency's side of a complaint: admitting it, deciding it by two persons, recording what the committee said."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import Forbidden, IllegalTransition, InvalidInput, SamePerson, StaleConfirmation
from app.notifications import notify
from app.time import kst_date
from app.tlog.canon import jcs
from bidding.complaint_states import COMPLAINT, DECIDED, OPEN, ComplaintState
from bidding.models import Complaint
from bidding.models.complaint import OUTCOMES
from bidding.rules.complaints import last_day
from bidding.services import remedies
from bidding.services.access import is_own, person_id
from bidding.services.complaining import href_of, lock_complaint, periods_of

HANDLE, DECIDE = "complaint:handle", "complaint:decide"


@dataclass(frozen=True, slots=True)
class Decision:
    """`decision`: inadmissible, upheld, partly or dismissed. `remedy` only where it is upheld, wholly or partly."""

    decision: str
    text: str
    remedy: str = "none"
    is_withheld: bool = False


def accept(number: str, actor: Actor, now: datetime) -> Complaint:
    """접수: an officer has found it admissible; its substance is examined."""
    complaint = _lock_own(number, actor)
    COMPLAINT.fire(complaint, "accept", actor, now)
    _tell(complaint, "complaint.accepted", now)
    return complaint


def propose(number: str, decision: Decision, actor: Actor, now: datetime) -> Complaint:
    """The first officer says how it should be decided, and why. Replaces a proposal that nobody has confirmed.

    Raises InvalidInput, IllegalTransition (decided already; on its substance before it was accepted; a remedy that the
    tender's state does not allow), Forbidden, NotFound.
    """
    complaint = _lock_own(number, actor)
    if not actor.may(HANDLE):
        raise Forbidden("only an officer proposes", permission=HANDLE)
    if COMPLAINT.find(complaint, decision.decision) is None or decision.decision not in DECIDED:
        state = complaint.state
        raise IllegalTransition("not in this state", subject="complaint", state=state, event=decision.decision)
    if not decision.text.strip():
        raise InvalidInput("a decision needs its reasons", field="text")
    is_upheld = decision.decision in (ComplaintState.UPHELD, ComplaintState.PARTLY)
    if decision.remedy not in remedies.open_to(complaint) or (decision.remedy != "none" and not is_upheld):
        raise InvalidInput("that remedy is not open", field="remedy")
    complaint.proposal, complaint.remedy = decision.decision, decision.remedy
    complaint.decision_text, complaint.is_withheld = decision.text.strip(), decision.is_withheld
    complaint.proposed_by_id, complaint.proposed_at = person_id(actor), now
    _log(complaint, "complaint.proposed", actor, now, proposal=proposal_digest(complaint))
    href, title = href_of(complaint), complaint.tender.title
    notify(complaint.tender.agency_id, "complaint.proposed", now, href=href, title=title)
    return complaint


def proposal_digest(complaint: Complaint) -> str:
    """What the second person confirms, hex."""
    said = {
        "number": complaint.number,
        "decision": complaint.proposal,
        "remedy": complaint.remedy,
        "text": complaint.decision_text,
        "is_withheld": complaint.is_withheld,
    }
    return hashlib.sha256(jcs(said)).hexdigest()


def confirm(number: str, digest: str, actor: Actor, now: datetime) -> Complaint:
    """The second person agrees to what was shown; it is in force, published, and its remedy is carried out at once.

    Raises SamePerson, StaleConfirmation, IllegalTransition (nothing is proposed; the remedy is not possible any more),
    Forbidden, NotFound.
    """
    complaint = _lock_own(number, actor)
    if complaint.proposal is None or complaint.state not in OPEN:
        raise IllegalTransition("nothing is proposed", subject="complaint", state=complaint.state, event="confirm")
    if complaint.proposed_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    if proposal_digest(complaint) != digest:
        raise StaleConfirmation("another proposal stands by now")
    approvals = [f"person:{complaint.proposed_by_id}", actor.handle]
    COMPLAINT.fire(
        complaint,
        complaint.proposal,
        actor,
        now,
        decision=complaint.proposal,
        remedy=complaint.remedy,
        filing_sha256=complaint.filing_sha256,
        text_sha256=hashlib.sha256(complaint.decision_text.encode()).hexdigest(),
        approvals=approvals,
    )
    complaint.decided_by_id, complaint.blocks_signing = person_id(actor), False
    days = periods_of(complaint.tender, complaint.act_on, now).review_days
    complaint.appeal_by_on = last_day(kst_date(now), days)
    db.session.flush()
    remedies.carry_out(complaint, actor, now)
    _tell(complaint, "complaint.decided", now)
    return complaint


def send_back(number: str, reason: str, actor: Actor, now: datetime) -> Complaint:
    """The second person does not agree: the proposal is gone, and the first one thinks again.

    Raises InvalidInput (no reason), SamePerson, IllegalTransition (nothing is proposed), Forbidden, NotFound.
    """
    complaint = _lock_own(number, actor)
    if not actor.may(DECIDE):
        raise Forbidden("only an approver sends it back", permission=DECIDE)
    if complaint.proposal is None or complaint.state not in OPEN:
        raise IllegalTransition("nothing is proposed", subject="complaint", state=complaint.state, event="send_back")
    if complaint.proposed_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    if not reason.strip():
        raise InvalidInput("say why", field="reason")
    complaint.proposal = complaint.proposed_by_id = complaint.proposed_at = None
    complaint.remedy = "none"
    _log(complaint, "complaint.sent_back", actor, now, reason=reason.strip())
    return complaint


# -- the second stage --------------------------------------------------------------------------------------------------


def suspend(number: str, is_suspended: bool, actor: Actor, now: datetime) -> Complaint:
    """The committee has ordered that nothing goes on before it has spoken, or has lifted that."""
    complaint = _lock_own(number, actor)
    if not actor.may(HANDLE):
        raise Forbidden("only an officer records it", permission=HANDLE)
    if complaint.state != ComplaintState.APPEALED:
        raise IllegalTransition("not before the committee", subject="complaint", state=complaint.state, event="suspend")
    complaint.blocks_signing = is_suspended
    audit.emit(
        "complaint.suspended", actor, now, subject=complaint.audit_subject, tender=complaint.audit_tender,
        is_suspended=is_suspended,
    )  # fmt: skip
    return complaint


def recommend(number: str, outcome: str, text: str, on: date, actor: Actor, now: datetime) -> Complaint:
    """The committee's proposal, as an officer records it: of the day `on`, with what it says.

    Raises InvalidInput, IllegalTransition, Forbidden, NotFound.
    """
    complaint = _lock_own(number, actor)
    if outcome not in OUTCOMES or not text.strip():
        raise InvalidInput("an outcome, and what it says", field="outcome" if text.strip() else "text")
    appealed_on = kst_date(complaint.appealed_at) if complaint.appealed_at is not None else on
    if not appealed_on <= on <= kst_date(now):
        raise InvalidInput("between the appeal and today", field="on")
    text_sha256 = hashlib.sha256(text.strip().encode()).hexdigest()
    COMPLAINT.fire(complaint, "recommend", actor, now, outcome=outcome, text_sha256=text_sha256)
    complaint.outcome, complaint.outcome_text = outcome, text.strip()
    days = periods_of(complaint.tender, complaint.act_on, now).acceptance_days
    complaint.object_by_on = last_day(on, days) if days is not None else None
    _tell(complaint, "complaint.recommended", now)
    return complaint


def close(number: str, actor: Actor, now: datetime) -> Complaint:
    """Both sides have taken the proposal, or its days have run out: nothing blocks any more."""
    complaint = _lock_own(number, actor)
    COMPLAINT.fire(complaint, "close", actor, now, outcome=complaint.outcome)
    complaint.blocks_signing = False
    _tell(complaint, "complaint.closed", now)
    return complaint


def _lock_own(number: str, actor: Actor) -> Complaint:
    complaint = lock_complaint(number)
    if not is_own(complaint.tender, actor):
        raise Forbidden("another agency's tender")
    return complaint


def _tell(complaint: Complaint, kind: str, now: datetime) -> None:
    notify(complaint.organisation_id, kind, now, href=href_of(complaint), title=complaint.tender.title)


def _log(complaint: Complaint, kind: str, actor: Actor, now: datetime, **facts: Any) -> None:
    audit.emit(kind, actor, now, subject=complaint.audit_subject, tender=complaint.audit_tender, is_open=False, **facts)
