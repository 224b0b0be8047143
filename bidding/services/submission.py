"""Taking a sealed bid in: the checks, the barrier, the receipt (protocol 3.5 and section 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, CursorResult, Table, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import make_transient_to_detached

import suppliers.front
from app import audit
from app.auth import Actor
from app.auth.models import Organisation
from app.db import database_now, db, spelled
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
    db.session.flush()
    stmt = _hash_of(sealed)
    tender = _look_up(reference, stmt, sealed, actor)
    if tender is None:
        raise NotFound(f"no tender {reference}")
    if actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a supplier's bidder bids", permission="bid:submit")
    _check_sealed(tender, sealed)
    if tender.standing_id is not None:
        return Accepted(db.session.get_one(Bid, tender.standing_id), is_new=False)
    _check_bidder(tender, sealed, stmt, actor, now)
    received = _enter(tender, clock)
    return _insert(tender, sealed, stmt, actor, received)


def _looked_up() -> str:
    """All that the checks need to know of the tender and the bidder, in one query."""
    organisation_id: BindParameter[UUID] = bindparam("organisation_id")
    same = select(Bid.id).where(Bid.stmt == bindparam("stmt"), Bid.tender_id == Tender.id)
    signing = select(SigningKey.public).where(SigningKey.id == bindparam("kid"), SigningKey.revoked_at.is_(None))
    query = select(
        Tender.id,
        Tender.reference,
        Tender.box_id,
        Tender.notice_sha256,
        Tender.closes_at,
        Tender.is_practice,
        Tender.kind,
        Tender.regions,
        Tender.licence_codes,
        Tender.sizes,
        same.where(Bid.organisation_id == organisation_id).correlate(Tender).scalar_subquery().label("standing_id"),
        signing.where(SigningKey.organisation_id == organisation_id).scalar_subquery().label("public"),
        select(Organisation.code).where(Organisation.id == organisation_id).scalar_subquery().label("code"),
    )
    is_known = Tender.reference == bindparam("reference"), Tender.published_at.is_not(None), Tender.box.is_not(None)
    return spelled(query.where(*is_known))


LOOK_UP = _looked_up()
# PostgreSQL evaluates a list from the left, so the wait for the lock already has this limit.
LOCK = f"""
    SELECT set_config('lock_timeout', '4s', true), pg_advisory_xact_lock_shared({TENDER_LOCK}, hashtext(%(tender)s))
"""
FRESH = "SELECT state, bids_from_at, closes_at, clock_timestamp() AS instant FROM tenders WHERE id = %(id)s"


def _run(sql: str, values: Json) -> CursorResult[Any]:
    return db.session.connection().exec_driver_sql(sql, values)


def _look_up(reference: str, stmt: str, sealed: SealedBid, actor: Actor) -> Any:
    values = {"reference": reference, "stmt": stmt, "kid": _kid_of(sealed.signature)}
    return _run(LOOK_UP, {**values, "organisation_id": actor.organisation_id}).one_or_none()


def _kid_of(signature: Any) -> UUID | None:
    try:
        kid = UUID(signature["kid"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    # Another spelling names no key to a verifier, and its bundle would not pass.
    return kid if str(kid) == signature["kid"] else None


def _hash_of(sealed: SealedBid) -> str:
    """`stmt`. What has no hash is no bid of this supplier either; `check_statement` then says what is wrong."""
    try:
        return statement_hash(sealed.statement)
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def _lane_of(box_id: str, tender_id: UUID) -> Lane:
    """The lane of a published box. `box_id` is the hash of the box, so what was read once stays true for ever."""
    box = db.session.scalar(select(Tender.box).where(Tender.id == tender_id, Tender.box_id == box_id))
    assert box is not None
    return Lane.from_json(box["lanes"]["price"])


def _check_sealed(tender: Any, sealed: SealedBid) -> None:
    """Everything that the statement and the envelope say of themselves."""
    lane = _lane_of(tender.box_id, tender.id)
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


def _check_bidder(tender: Any, sealed: SealedBid, stmt: str, actor: Actor, now: datetime) -> None:
    assert actor.organisation_id is not None
    if tender.public is None:
        raise BadSignature("no live key of this organisation signed it", fault="kid")
    try:
        verify_signature(stmt, sealed.signature, tender.public)
    except SealingError as error:
        raise BadSignature(f"{error.kind}: {error.code}", fault=error.code) from error
    why = suppliers.front.why_ineligible(actor.organisation_id, requirements_of(tender), now)
    if why is not None:
        raise NotEligible(why.code, reason=why.code, **why.facts)
    if sealed.statement["supplier"] != tender.code:
        raise Forbidden("a statement in another supplier's name")


def _enter(tender: Any, clock: Callable[[], datetime]) -> datetime:
    """Take the shared lock, then read state, deadline and clock. The order is the promise (protocol 3.5)."""
    _run(LOCK, {"tender": tender.reference})
    fresh = _run(FRESH, {"id": tender.id}).one()
    state, bids_from_at, closes_at, instant = fresh.state, fresh.bids_from_at, fresh.closes_at, fresh.instant
    received = instant.astimezone(UTC) if clock is database_now else clock()
    assert bids_from_at is not None  # published, by CHECK
    assert closes_at is not None
    if received >= closes_at:
        raise DeadlinePassed("the deadline has passed", deadline_at=closes_at, arrived_at=received)
    if state != TenderState.PUBLISHED or received < bids_from_at:
        raise NotOpenForBids("this tender takes no bids now", state=state, bids_from_at=bids_from_at)
    return received


WRITTEN = (
    *("id", "tender_id", "lot", "organisation_id", "person_id", "supplier", "state", "receipt_number", "stmt"),
    *("statement", "signature", "envelope", "received_at", "event_id", "salt", "commitment"),
)


def _inserted() -> str:
    """Bid, log event and its place in the queue, in one statement."""
    table = Bid.__table__
    assert isinstance(table, Table)
    row = insert(table).values({name: bindparam(name) for name in WRITTEN})
    return spelled(row.add_cte(*audit.event_inserts()).on_conflict_do_nothing().returning(table.c.id))


INSERT = _inserted()


def _insert(tender: Any, sealed: SealedBid, stmt: str, actor: Actor, received: datetime) -> Accepted:
    bid_id = UUID(sealed.statement["bid"])
    # In the log a bidder is its firm: the person behind it is nobody's business but the firm's.
    firm = replace(actor, handle=f"supplier:{sealed.statement['supplier']}")
    event = audit.make_event(
        "bid.submitted", firm, received, subject=f"bid:{bid_id}", tender=tender.reference, is_open=False, stmt=stmt
    )
    values = {
        "id": bid_id,
        "tender_id": tender.id,
        "lot": LOT,
        "organisation_id": actor.organisation_id,
        "person_id": actor.person_id,
        "supplier": sealed.statement["supplier"],
        "state": BidState.SUBMITTED.value,
        "receipt_number": receipt_number(tender.reference, stmt),
        "stmt": stmt,
        "statement": jcs(sealed.statement),
        "signature": sealed.signature,
        "envelope": jcs(sealed.envelope),
        "received_at": received,
        "event_id": event.id,
        "salt": event.salt,
        "commitment": event.commitment,
    }
    given = {**values, "signature": jcs(sealed.signature).decode(), **audit.event_values(event)}
    if _run(INSERT, given).one_or_none() is None:
        return _raced(tender.id, stmt, actor)
    audit.was_written(event)
    bid = Bid(**values)
    make_transient_to_detached(bid)
    db.session.add(bid)
    return Accepted(bid, is_new=True)


def _raced(tender_id: UUID, stmt: str, actor: Actor) -> Accepted:
    """Something stood in the way: the same bid sent twice at once, or another one of this supplier.

    The event just written must not stay, so this always ends the transaction: a retry finds what stands.
    """
    standing = _find(tender_id, stmt)
    if standing is not None and standing.organisation_id == actor.organisation_id:
        raise AlreadyDone("the same bid is being taken in", in_flight=True)
    raise AlreadyDone("this supplier has bid, and a submitted bid is final")


def _find(tender_id: UUID, stmt: str) -> Bid | None:
    return db.session.scalar(select(Bid).where(Bid.tender_id == tender_id, Bid.stmt == stmt))


def receipt_number(reference: str, stmt: str) -> str:
    """What people quote: the tender and the first twelve digits of the statement's hash."""
    return f"{reference}-{stmt[:12].upper()}"
