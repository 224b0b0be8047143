"""Taking a bid back before the opening: the bidder asks and signs, two officers decide, the opening freezes (3.6).

Nothing of it is public before the opening begins. Then one open entry, `tender.cancellations`, names what was granted;
those envelopes are never opened, and their numbers and nonces are not in the draw.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import (
    AlreadyDone,
    BadEnvelope,
    BadSignature,
    DeadlinePassed,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    SamePerson,
)
from app.notifications import notify
from app.tlog.canon import jcs, parse
from bidding.cancel_request import check_request, request_hash
from bidding.models import Bid, Cancellation, SigningKey, Tender
from bidding.sealing import SealingError
from bidding.services.access import lock_own_tender, lock_tender, person_id
from bidding.statement import verify_signature
from bidding.states import BID, BidState, TenderState

Json = dict[str, Any]
ASKABLE = (TenderState.PUBLISHED, TenderState.CLOSING, TenderState.CLOSED)
DECISIONS = {"grant": "granted", "refuse": "refused"}


def ask_cancellation(bid_id: UUID, request: Json, signature: Json, actor: Actor, now: datetime) -> Cancellation:
    """Enter the bidder's signed request, until the opening time. The same request again gives the same row.

    Raises NotFound, Forbidden, BadEnvelope (not a request for this bid), BadSignature, DeadlinePassed (the opening
    time has come), IllegalTransition, AlreadyDone (another request stands; the bid is cancelled already).
    """
    bid = db.session.get(Bid, bid_id)
    if bid is None or bid.organisation_id != actor.organisation_id:
        raise NotFound(f"no bid {bid_id}")
    tender = lock_tender(bid.tender_id)
    _check(tender, bid, request, signature, actor)
    standing = db.session.get(Cancellation, bid_id)
    if standing is not None:
        if standing.request == jcs(request):
            return standing
        raise AlreadyDone("a request for this bid stands")
    _refuse_too_late(tender, now)
    firm = replace(actor, handle=f"supplier:{bid.supplier}")
    asked = Cancellation(
        bid_id=bid.id,
        tender_id=tender.id,
        request=jcs(request),
        request_sha256=request_hash(request),
        signature=signature,
        reason=request["reason"].strip(),
        asked_by_id=person_id(actor),
        asked_at=now,
    )
    db.session.add(asked)
    BID.fire(bid, "ask_cancel", firm, now, stmt=bid.stmt, request=asked.request_sha256, signature=signature)
    href = f"/tenders/{tender.reference}/cancellations"
    notify(tender.agency_id, "bid.cancel_requested", now, href=href, title=tender.title)
    return asked


def _check(tender: Tender, bid: Bid, request: Json, signature: Json, actor: Actor) -> None:
    try:
        check_request(request, tender=str(tender.reference), bid=bid.id, supplier=bid.supplier, stmt=bid.stmt)
    except SealingError as error:
        raise BadEnvelope(f"{error.kind}: {error.code}", part="cancel", fault=error.code) from error
    try:
        kid = UUID(str(signature.get("kid")))
    except ValueError as error:
        raise BadSignature("no key", fault="kid") from error
    key = db.session.get(SigningKey, kid)
    if key is None or key.organisation_id != actor.organisation_id or key.revoked_at is not None:
        raise BadSignature("no live key of this organisation signed it", fault="kid")
    try:
        verify_signature(request_hash(request), signature, key.supplier_key)
    except SealingError as error:
        raise BadSignature(f"{error.kind}: {error.code}", fault=error.code) from error


def _refuse_too_late(tender: Tender, now: datetime) -> None:
    if tender.opens_at is None or now >= tender.opens_at:
        raise DeadlinePassed("the opening time has come", deadline_at=tender.opens_at)
    if tender.state not in ASKABLE:
        raise IllegalTransition("its bids stand as they are", subject="tender", state=tender.state, event="ask_cancel")


def propose_decision(bid_id: UUID, proposal: str, reason: str, actor: Actor, now: datetime) -> Cancellation:
    """The first officer says what should be done and why. Replaces an earlier proposal that nobody has confirmed."""
    if not actor.may("cancellation:propose"):
        raise Forbidden("only an officer proposes", permission="cancellation:propose")
    if proposal not in DECISIONS:
        raise InvalidInput("grant or refuse", field="proposal")
    if not reason.strip():
        raise InvalidInput("a proposal needs its reason", field="reason")
    asked, tender = _open_request(bid_id, actor)
    asked.proposal, asked.proposal_reason = proposal, reason.strip()
    asked.proposed_by_id, asked.proposed_at = person_id(actor), now
    _log(asked, tender, "bid.cancel_proposed", actor, now, proposal=proposal)
    href = f"/tenders/{tender.reference}/cancellations"
    notify(tender.agency_id, "bid.cancel_proposed", now, href=href, title=tender.title)
    return asked


def confirm_decision(bid_id: UUID, proposal: str, actor: Actor, now: datetime) -> Cancellation:
    """The second officer agrees to `proposal`, as the page showed it; it is in force.

    Raises SamePerson, IllegalTransition (nothing is proposed), AlreadyDone, Forbidden, InvalidInput (another
    proposal stands by now).
    """
    asked, tender = _open_request(bid_id, actor)
    if asked.proposal is None:
        raise IllegalTransition("nothing is proposed", subject="cancellation", state="asked", event="confirm")
    if asked.proposed_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    if proposal != asked.proposal:
        raise InvalidInput("another proposal stands by now", field="proposal")
    asked.decision = DECISIONS[proposal]
    asked.decided_by_id, asked.decided_at = person_id(actor), now
    bid = db.session.get_one(Bid, bid_id)
    event = "cancel" if proposal == "grant" else "keep"
    facts = {"stmt": bid.stmt, "decision": asked.decision, "reason": asked.proposal_reason}
    BID.fire(bid, event, actor, now, approvals=_approvals(asked), **facts)
    _tell(asked, tender, bid, now)
    return asked


def return_proposal(bid_id: UUID, actor: Actor, now: datetime) -> Cancellation:
    """The second officer does not agree: the proposal is gone, and the first one thinks again."""
    if not actor.may("cancellation:approve"):
        raise Forbidden("only an approver sends it back", permission="cancellation:approve")
    asked, tender = _open_request(bid_id, actor)
    if asked.proposed_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    asked.proposal = asked.proposal_reason = asked.proposed_by_id = asked.proposed_at = None
    _log(asked, tender, "bid.cancel_returned", actor, now)
    return asked


def freeze(tender: Tender, actor: Actor, at: datetime) -> list[str]:
    """As the opening begins: what was granted goes into one open entry; what nobody has decided lapses.

    Returns the statements that are not opened, sorted. Before anything is open, so nobody's choice can follow a price.
    """
    granted = []
    for asked in _of(tender):
        bid = asked.bid
        if asked.decision == "granted":
            asked.frozen_at = at
            granted.append({"stmt": bid.stmt, "approvals": _approvals(asked)})
        elif asked.decision is None:
            asked.decision, asked.decided_at = "lapsed", at
            BID.fire(bid, "lapse", actor, at, stmt=bid.stmt, decision="lapsed", reason=None, approvals=[])
            _tell(asked, tender, bid, at)
    granted.sort(key=lambda one: str(one["stmt"]))
    if granted:
        audit.emit(
            "tender.cancellations", actor, at, subject=tender.audit_subject, tender=tender.reference, stmts=granted
        )
    return [str(one["stmt"]) for one in granted]


def frozen_of(tender: Tender) -> list[str]:
    """The statements that were frozen as cancelled."""
    return [asked.bid.stmt for asked in _of(tender) if asked.frozen_at is not None]


def delete_wraps(tender: Tender, actor: Actor, at: datetime) -> None:
    """After the opening, or the failure: what could still open a cancelled envelope is deleted, and that is logged."""
    for asked in _of(tender):
        if asked.frozen_at is None or asked.wraps_deleted_at is not None:
            continue
        bid = asked.bid
        bid.envelope = without_wraps(bid.envelope)
        if bid.docs_envelope is not None:
            bid.docs_envelope = without_wraps(bid.docs_envelope)
        asked.wraps_deleted_at = at
        audit.emit("bid.wraps_deleted", actor, at, subject=bid.audit_subject, tender=tender.reference, stmt=bid.stmt)


def without_wraps(envelope: bytes) -> bytes:
    """The envelope that nobody can open any more."""
    return jcs({**parse(envelope), "wraps": {}})


def requests_of(tender_id: UUID) -> list[Cancellation]:
    """Every request of the tender, oldest first, with its bid."""
    return _of(db.session.get_one(Tender, tender_id))


def _of(tender: Tender) -> list[Cancellation]:
    query = select(Cancellation).where(Cancellation.tender_id == tender.id).join(Cancellation.bid)
    return list(db.session.scalars(query.order_by(Cancellation.asked_at, Cancellation.bid_id)))


def _open_request(bid_id: UUID, actor: Actor) -> tuple[Cancellation, Tender]:
    tender_id = db.session.scalar(select(Cancellation.tender_id).where(Cancellation.bid_id == bid_id))
    if tender_id is None:
        raise NotFound(f"no request for bid {bid_id}")
    tender = lock_own_tender(tender_id, actor)
    asked = db.session.get_one(Cancellation, bid_id, populate_existing=True)
    if asked.decision is not None:
        raise AlreadyDone("this request has been decided")
    bid = db.session.get_one(Bid, bid_id, populate_existing=True)
    if tender.state not in ASKABLE or bid.state != BidState.SUBMITTED:
        raise IllegalTransition("the opening has begun", subject="bid", state=bid.state, event="cancel")
    return asked, tender


def _approvals(asked: Cancellation) -> list[str]:
    return [f"person:{asked.proposed_by_id}", f"person:{asked.decided_by_id}"]


def _log(asked: Cancellation, tender: Tender, kind: str, actor: Actor, now: datetime, **facts: Any) -> None:
    subject, reference = f"bid:{asked.bid_id}", tender.reference
    audit.emit(kind, actor, now, subject=subject, tender=reference, is_open=False, **facts)


def _tell(asked: Cancellation, tender: Tender, bid: Bid, at: datetime) -> None:
    kind = f"bid.cancel_{asked.decision}"
    notify(bid.organisation_id, kind, at, href=f"/bids/{bid.id}/cancellation", title=tender.title)
