"""Taking a sealed bid in: the checks, the barrier, the receipt (protocol 3.5 and section 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

import suppliers.front
from app import audit
from app.auth import Actor
from app.auth.models import Organisation
from app.db import database_now, db
from app.errors import (
    AlreadyDone,
    BadEnvelope,
    BadSignature,
    DeadlinePassed,
    Forbidden,
    NotEligible,
    NotFound,
    NotOpenForBids,
)
from app.tlog.canon import jcs
from bidding.eligibility import requirements_of
from bidding.models import Bid, Tender
from bidding.models.signing_key import SigningKey
from bidding.payload import LENGTH
from bidding.sealing import Lane, SealingError, check_envelope
from bidding.services.box import LOT
from bidding.statement import check_pair, check_statement, ctx_of, statement_hash, verify_signature
from bidding.states import BidState, TenderState

Json = dict[str, Any]
TENDER_LOCK = 7  # first key of the advisory lock that bids share and the closing takes alone


@dataclass(frozen=True, slots=True)
class SealedBid:
    """What the browser sends, its bytes already known to be canonical."""

    statement: Json
    signature: Json
    envelope: Json


@dataclass(frozen=True, slots=True)
class Accepted:
    """`is_new` is False when the very same statement had been accepted before."""

    bid: Bid
    is_new: bool


def submit_bid(
    reference: str,
    sealed: SealedBid,
    actor: Actor,
    now: datetime,
    clock: Callable[[], datetime] = database_now,
) -> Accepted:
    """Accept the bid, or refuse it by name. What it offers stays unknown to the server.

    `clock` is read under the tender's shared lock, after everything else has been checked: that instant decides
    (at `closes_at` itself a bid is late). The same statement again gives the same acceptance.

    Raises NotFound, Forbidden (no supplier), BadEnvelope, BadSignature, NotEligible, NotOpenForBids, DeadlinePassed,
    AlreadyDone (another bid of this supplier, or a taken bid id).
    """
    tender = db.session.scalar(select(Tender).where(Tender.reference == reference))
    if tender is None or tender.box is None or tender.published_at is None:
        raise NotFound(f"no tender {reference}")
    if actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a supplier's bidder bids", permission="bid:submit")
    stmt = _check_sealed(tender, sealed)
    standing = _find(tender.id, stmt)
    if standing is not None and standing.organisation_id == actor.organisation_id:
        return Accepted(standing, is_new=False)
    _check_bidder(tender, sealed, stmt, actor, now)
    received = _enter(tender, clock)
    return _insert(tender, sealed, stmt, actor, received)


def _check_sealed(tender: Tender, sealed: SealedBid) -> str:
    """Everything that the statement and the envelope say of themselves; return the statement's hash."""
    assert tender.box is not None
    assert tender.box_id is not None
    lane = Lane.from_json(tender.box["lanes"]["price"])
    try:
        check_statement(
            sealed.statement,
            box=tender.box_id,
            tender=str(tender.reference),
            notice_sha256=str(tender.notice_sha256),
            lots=frozenset({LOT}),
        )
        check_envelope(sealed.envelope, ctx_of(sealed.statement), lane, LENGTH)
        check_pair(sealed.statement, sealed.envelope)
    except SealingError as error:
        raise BadEnvelope(f"{error.kind}: {error.code}", part=error.kind, fault=error.code) from error
    return statement_hash(sealed.statement)


def _check_bidder(tender: Tender, sealed: SealedBid, stmt: str, actor: Actor, now: datetime) -> None:
    assert actor.organisation_id is not None
    key = _find_key(sealed.signature, actor.organisation_id)
    if key is None:
        raise BadSignature("no live key of this organisation signed it", fault="kid")
    try:
        verify_signature(stmt, sealed.signature, key.public)
    except SealingError as error:
        raise BadSignature(f"{error.kind}: {error.code}", fault=error.code) from error
    why = suppliers.front.why_ineligible(actor.organisation_id, requirements_of(tender), now)
    if why is not None:
        raise NotEligible(why.code, reason=why.code, **why.facts)
    registered = db.session.scalar(select(Organisation.code).where(Organisation.id == actor.organisation_id))
    if sealed.statement["supplier"] != registered:
        raise Forbidden("a statement in another supplier's name")


def _find_key(signature: Any, organisation_id: UUID) -> SigningKey | None:
    try:
        kid = UUID(signature["kid"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    live = select(SigningKey).where(SigningKey.id == kid, SigningKey.revoked_at.is_(None))
    return db.session.scalar(live.where(SigningKey.organisation_id == organisation_id))


def _enter(tender: Tender, clock: Callable[[], datetime]) -> datetime:
    """Take the shared lock, then read state, deadline and clock. The order is the promise (protocol 3.5)."""
    db.session.execute(text("SET LOCAL lock_timeout = '4s'"))
    take = text("SELECT pg_advisory_xact_lock_shared(:lock, hashtext(:tender))")
    db.session.execute(take, {"lock": TENDER_LOCK, "tender": tender.reference})
    fresh = db.session.execute(
        select(Tender.state, Tender.bids_from_at, Tender.closes_at).where(Tender.id == tender.id)
    )
    state, bids_from_at, closes_at = fresh.one()
    received = clock()
    assert bids_from_at is not None  # published, by CHECK
    assert closes_at is not None
    if received >= closes_at:
        raise DeadlinePassed("the deadline has passed", deadline_at=closes_at, arrived_at=received)
    if state != TenderState.PUBLISHED or received < bids_from_at:
        raise NotOpenForBids("this tender takes no bids now", state=state, bids_from_at=bids_from_at)
    return received


def _insert(tender: Tender, sealed: SealedBid, stmt: str, actor: Actor, received: datetime) -> Accepted:
    assert actor.organisation_id is not None
    assert actor.person_id is not None
    bid_id = UUID(sealed.statement["bid"])
    # In the log a bidder is its firm: the person behind it is nobody's business but the firm's.
    firm = replace(actor, handle=f"supplier:{sealed.statement['supplier']}")
    event = audit.emit(
        "bid.submitted", firm, received, subject=f"bid:{bid_id}", tender=tender.reference, is_open=False, stmt=stmt
    )
    values = {
        "id": bid_id,
        "tender_id": tender.id,
        "lot": LOT,
        "organisation_id": actor.organisation_id,
        "person_id": actor.person_id,
        "supplier": sealed.statement["supplier"],
        "state": BidState.SUBMITTED,
        "receipt_number": receipt_number(tender, stmt),
        "stmt": stmt,
        "statement": jcs(sealed.statement),
        "signature": sealed.signature,
        "envelope": jcs(sealed.envelope),
        "received_at": received,
        "event_id": event.id,
        "salt": event.salt,
        "commitment": event.commitment,
    }
    added = db.session.execute(insert(Bid).values(**values).on_conflict_do_nothing().returning(Bid.id)).scalar()
    if added is None:
        return _raced(tender, stmt, actor)
    return Accepted(db.session.get_one(Bid, bid_id), is_new=True)


def _raced(tender: Tender, stmt: str, actor: Actor) -> Accepted:
    """Something stood in the way: the same bid sent twice at once, or another one of this supplier.

    The event just written must not stay, so this always ends the transaction: a retry finds what stands.
    """
    standing = _find(tender.id, stmt)
    if standing is not None and standing.organisation_id == actor.organisation_id:
        raise AlreadyDone("the same bid is being taken in", in_flight=True)
    raise AlreadyDone("this supplier has bid, and a submitted bid is final")


def _find(tender_id: UUID, stmt: str) -> Bid | None:
    return db.session.scalar(select(Bid).where(Bid.tender_id == tender_id, Bid.stmt == stmt))


def receipt_number(tender: Tender, stmt: str) -> str:
    """What people quote: the tender and the first twelve digits of the statement's hash."""
    return f"{tender.reference}-{stmt[:12].upper()}"
