"""Taking a sealed bid in: the checks, the barrier, the receipt (protocol 3.5 and section 5).

All that can be checked beforehand is checked here, from one look-up. The decision itself is the database's: lock,
state, deadline, clock, insert and log entry in one statement (`bidding.ddl`), durable when it returns.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation
from sqlalchemy import ColumnElement, Select, and_, bindparam, literal_column, select

import suppliers.front
from app import audit, direct
from app.audit import sink
from app.auth import Actor
from app.auth.models import Organisation
from app.db import db, spelled
from app.errors import (
    AlreadyDone,
    BadEnvelope,
    BadSignature,
    DeadlinePassed,
    DocumentsMissing,
    Forbidden,
    NotEligible,
    NotFound,
    NotOpenForBids,
    TemporarilyUnavailable,
)
from app.ids import new_id
from app.tlog.canon import digest, respelled
from bidding.docs_envelope import check_docs_envelope
from bidding.eligibility import requirements_of
from bidding.models import Bid, Tender
from bidding.models.signing_key import SigningKey
from bidding.payload import LENGTH
from bidding.sealing import BadEnvelope as EnvelopeFault
from bidding.sealing import Lane, SealingError, check_envelope
from bidding.services.box import LOT
from bidding.services.uploads import check_present
from bidding.statement import SupplierKey, check_docs_pair, check_pair, check_statement, ctx_of, verify_signature

Json = dict[str, Any]
SALT = 32


@dataclass(frozen=True)
class SealedBid:
    """What the browser sends, as `canon.parse` gave it: its bytes are known to be canonical."""

    statement: Json
    signature: Json
    envelope: Json
    docs: Json | None = None

    @cached_property
    def statement_bytes(self) -> bytes:
        return respelled(self.statement)

    @cached_property
    def envelope_bytes(self) -> bytes:
        return respelled(self.envelope)

    @cached_property
    def stmt(self) -> str:
        """The hash that names the bid."""
        return digest("bid", self.statement_bytes).hex()

    @cached_property
    def envelope_hash(self) -> str:
        return digest("envelope", self.envelope_bytes).hex()


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance, with all that its receipt says. `is_new` is False when the very same statement had been accepted
    before."""

    bid_id: UUID
    receipt_number: str
    stmt: str
    statement: Json
    received_at: datetime
    commitment: bytes
    salt: bytes
    is_new: bool

    @property
    def bid(self) -> Bid:
        return db.session.get_one(Bid, self.bid_id)


@dataclass(frozen=True, slots=True)
class Known:
    """What the checks need to know of the tender and the bidder: a row of `look_up_query`, and the firm's standing."""

    tender: Any
    standing: suppliers.front.Standing | None


def submit_bid(
    reference: str,
    sealed: SealedBid,
    actor: Actor,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
    known: Known | None = None,
) -> Accepted:
    """Accept the bid, or refuse it by name; a transaction of its own. What it offers stays unknown to the server.

    The database's clock decides, read under the tender's shared lock after everything else has been checked (at
    `closes_at` itself a bid is late); `clock` stands in for it in tests and rehearsals. The same statement again gives
    the same acceptance. `known`: what has been read already, just now.

    Raises NotFound, Forbidden (no supplier), BadEnvelope, BadSignature, NotEligible, DocumentsMissing, NotOpenForBids,
    DeadlinePassed, AlreadyDone (another bid of this supplier, or a taken bid id), TemporarilyUnavailable (no answer:
    ask again).
    """
    tender = known.tender if known is not None else _look_up(reference, sealed, actor)
    if tender is None:
        raise NotFound(f"no tender {reference}")
    if actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a supplier's bidder bids", permission="bid:submit")
    _check_sealed(tender, sealed)
    if tender.standing_id is not None:
        return _as_before(db.session.get_one(Bid, tender.standing_id), sealed)
    _check_bidder(tender, sealed, actor, now, known)
    if sealed.docs is not None:
        check_present(sealed.docs, actor.organisation_id)
    return _accept(tender, sealed, actor, clock() if clock is not None else None)


def look_up_query(organisation_id: ColumnElement[UUID]) -> Select[*tuple[Any, ...]]:
    """All that the checks need to know of the tender and the bidder; parameters `reference`, `stmt` and `kid`."""
    same = select(Bid.id).where(Bid.stmt == bindparam("stmt"), Bid.tender_id == Tender.id)
    code = select(Organisation.code).where(Organisation.id == organisation_id)
    signing = and_(
        SigningKey.id == bindparam("kid"),
        SigningKey.revoked_at.is_(None),
        SigningKey.organisation_id == organisation_id,
    )
    before = Bid.__table__.alias("before")
    in_round_before = (before.c.tender_id == Tender.previous_id) & (before.c.organisation_id == organisation_id)
    bid_before = select(before.c.id).where(in_round_before).correlate_except(before).exists()
    is_shut_out = and_(Tender.rebid_bidders == literal_column("'first-round'"), ~bid_before)
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
        is_shut_out.label("is_shut_out"),
        same.where(Bid.organisation_id == organisation_id).correlate_except(Bid).scalar_subquery().label("standing_id"),
        SigningKey.alg,
        SigningKey.public,
        SigningKey.cose_alg,
        SigningKey.rp_id,
        SigningKey.origins,
        code.correlate_except(Organisation).scalar_subquery().label("code"),
    )
    query = query.select_from(Tender).outerjoin(SigningKey, signing)
    is_known = Tender.reference == bindparam("reference"), Tender.published_at.is_not(None), Tender.box.is_not(None)
    return query.where(*is_known)


LOOK_UP = spelled(look_up_query(bindparam("organisation_id")))


def _look_up(reference: str, sealed: SealedBid, actor: Actor) -> Any:
    values = {"reference": reference, "stmt": sealed.stmt, "kid": kid_of(sealed.signature)}
    found = direct.read(LOOK_UP, {**values, "organisation_id": actor.organisation_id})
    return found[0] if found else None


def kid_of(signature: Any) -> UUID | None:
    """The key that a signature names; None for what names none."""
    try:
        kid = UUID(signature["kid"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    # Another spelling names no key to a verifier, and its bundle would not pass.
    return kid if str(kid) == signature["kid"] else None


@dataclass(frozen=True, slots=True)
class Box:
    """What a box asks of a bid: who opens each lane, and whether it takes documents, or must have some."""

    price: Lane
    docs: Lane | None
    wants_documents: bool


@lru_cache(maxsize=4096)
def _box_of(box_id: str, tender_id: UUID) -> Box:
    """A published box. `box_id` is the hash of the box, so what was read once stays true for ever."""
    found = select(Tender.box, Tender.asked_documents).where(Tender.id == tender_id, Tender.box_id == box_id)
    box, asked = db.session.execute(found).one()
    assert box is not None
    docs = box["lanes"].get("docs")
    return Box(
        Lane.from_json(box["lanes"]["price"]),
        Lane.from_json(docs) if docs is not None else None,
        any(one["required"] for one in asked),
    )


def _check_sealed(tender: Any, sealed: SealedBid) -> None:
    """Everything that the statement and the envelopes say of themselves."""
    box = _box_of(tender.box_id, tender.id)
    try:
        check_statement(
            sealed.statement,
            box=tender.box_id,
            tender=str(tender.reference),
            notice_sha256=str(tender.notice_sha256),
            lots=frozenset({LOT}),
        )
        check_envelope(sealed.envelope, ctx_of(sealed.statement), box.price, LENGTH)
        check_pair(sealed.statement, sealed.envelope, sealed.envelope_hash)
        check_docs_pair(sealed.statement, sealed.docs)
        if sealed.docs is not None:
            if box.docs is None:
                raise EnvelopeFault("documents")
            check_docs_envelope(sealed.docs, ctx_of(sealed.statement, "docs"), box.docs)
    except SealingError as error:
        raise BadEnvelope(f"{error.kind}: {error.code}", part=error.kind, fault=error.code) from error
    if sealed.docs is None and box.wants_documents:
        raise DocumentsMissing("the notice asks for documents", missing=[])


def _check_bidder(tender: Any, sealed: SealedBid, actor: Actor, now: datetime, known: Known | None) -> None:
    assert actor.organisation_id is not None
    if tender.public is None:
        raise BadSignature("no live key of this organisation signed it", fault="kid")
    try:
        verify_signature(sealed.stmt, sealed.signature, _key_of(tender))
    except SealingError as error:
        raise BadSignature(f"{error.kind}: {error.code}", fault=error.code) from error
    if known is not None:
        why = suppliers.front.why_ineligible_with(known.standing, requirements_of(tender), now)
    else:
        why = suppliers.front.why_ineligible(actor.organisation_id, requirements_of(tender), now, direct.read)
    if why is not None:
        raise NotEligible(why.code, reason=why.code, **why.facts)
    if tender.is_shut_out:
        raise NotEligible("first-round", reason="first-round")
    if sealed.statement["supplier"] != tender.code:
        raise Forbidden("a statement in another supplier's name")


def _key_of(tender: Any) -> SupplierKey:
    return SupplierKey(tender.alg, tender.public, tender.cose_alg or 0, tender.rp_id or "", tuple(tender.origins or ()))


ARGUMENTS = (
    *("tender", "reference", "lot", "bid", "organisation", "person", "supplier", "receipt_number", "stmt", "statement"),
    *("signature", "envelope", "docs_envelope", "event", "actor", "subject", "before", "after", "salt", "at"),
)
ACCEPT = f"SELECT * FROM accept_bid({', '.join(f'%({name})s' for name in ARGUMENTS)})"  # noqa: S608 - our own names


def _accept(tender: Any, sealed: SealedBid, actor: Actor, at: datetime | None) -> Accepted:
    bid_id, salt = UUID(sealed.statement["bid"]), os.urandom(SALT)
    # In the log a bidder is its firm: the person behind it is nobody's business but the firm's.
    handle, subject = f"supplier:{sealed.statement['supplier']}", f"bid:{bid_id}"
    before, after = audit.body_around_instant(
        "bid.submitted", handle, subject=subject, tender=tender.reference, stmt=sealed.stmt
    )
    number = receipt_number(tender.reference, sealed.stmt)
    values = {
        "tender": tender.id,
        "reference": tender.reference,
        "lot": LOT,
        "bid": bid_id,
        "organisation": actor.organisation_id,
        "person": actor.person_id,
        "supplier": sealed.statement["supplier"],
        "receipt_number": number,
        "stmt": sealed.stmt,
        "statement": sealed.statement_bytes,
        "signature": respelled(sealed.signature).decode(),
        "envelope": sealed.envelope_bytes,
        "docs_envelope": respelled(sealed.docs) if sealed.docs is not None else None,
        "event": new_id(),
        "actor": handle,
        "subject": subject,
        "before": before,
        "after": after,
        "salt": salt,
        "at": at,
    }
    try:
        (found,) = direct.run(ACCEPT, values)
    except ForeignKeyViolation as error:
        raise DocumentsMissing("a file of the bid was cleared away a moment ago", missing=[]) from error
    instant = found.instant.astimezone(UTC)
    if found.outcome == "clock":
        raise TemporarilyUnavailable("the clock that decides is not to be trusted now", fault="clock")
    if found.outcome == "late":
        raise DeadlinePassed("the deadline has passed", deadline_at=found.closes_at.astimezone(UTC), arrived_at=instant)
    if found.outcome == "closed":
        begins = found.bids_from_at.astimezone(UTC)
        raise NotOpenForBids("this tender takes no bids now", state=found.state, bids_from_at=begins)
    if found.outcome == "revoked":
        raise BadSignature("the key has just been revoked", fault="kid")
    if found.outcome == "member":
        raise NotEligible("a member of a consortium bids through its lead", reason="joint-member")
    if found.outcome == "raced":
        return _raced(tender.id, sealed, actor)
    sink.told(found.leaf)
    return Accepted(bid_id, number, sealed.stmt, sealed.statement, instant, found.commitment, salt, is_new=True)


def _as_before(bid: Bid, sealed: SealedBid) -> Accepted:
    return Accepted(
        bid.id, bid.receipt_number, bid.stmt, sealed.statement, bid.received_at, bid.commitment, bid.salt, is_new=False
    )


def _raced(tender_id: UUID, sealed: SealedBid, actor: Actor) -> Accepted:
    """Something stood in the way, and nothing was written: the same bid sent twice at once, or another one of this
    supplier."""
    mine = (Bid.tender_id == tender_id, Bid.stmt == sealed.stmt, Bid.organisation_id == actor.organisation_id)
    standing = db.session.scalar(select(Bid).where(*mine))
    if standing is None:
        raise AlreadyDone("this supplier has bid, and a submitted bid is final")
    return _as_before(standing, sealed)


def receipt_number(reference: str, stmt: str) -> str:
    """What people quote: the tender and the first twelve digits of the statement's hash."""
    return f"{reference}-{stmt[:12].upper()}"
