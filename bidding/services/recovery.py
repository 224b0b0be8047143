"""The way out when too few keyholders are left (protocol 3.11, decision 0012).

Two officers decide on it. Every bidder may then give the key of its own bid, sealed to a fresh key, until a fixed
instant; all are opened together after it, and whatever fits the bidder's own commitment is valid. It is no free choice:
nobody learns another's price before that instant, and a key opens only what was committed to before the deadline.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from sqlalchemy import select

from app import audit, config
from app.auth import Actor
from app.db import database_now, db
from app.errors import (
    AlreadyDone,
    DeadlinePassed,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotFound,
    SamePerson,
    TemporarilyUnavailable,
)
from app.notifications import notify
from app.time import wire
from app.tlog.canon import b64u, jcs, parse
from bidding.models import Bid, Recovery, SuppliedKey, Tender
from bidding.resupply import SIZE, open_key
from bidding.services.access import lock_own_tender, lock_tender, person_id
from bidding.services.groups import OPENER, in_force
from bidding.states import BidState, TenderState

Json = dict[str, Any]
PRICE = "price"
UNOPENED = (BidState.CANCELLED, BidState.UNQUALIFIED)  # never opened, whoever has a key


def ask_recovery(tender_id: UUID, reason: str, until_at: datetime, actor: Actor, now: datetime) -> Recovery:
    """An officer proposes it; what was proposed and not approved yet is replaced.

    Raises IllegalTransition while a group is left to ask, InvalidInput without a reason or for an instant that is past,
    AlreadyDone once one is in force, Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer proposes it", permission="tender:draft")
    _refuse_unless_stuck(tender)
    if not reason.strip() or until_at <= now:
        field = "until_at" if reason.strip() else "reason"
        raise InvalidInput("a recovery has its reason and its end", field=field)
    standing = db.session.get(Recovery, tender_id)
    if standing is not None and standing.approved_at is not None:
        raise AlreadyDone("a recovery is in force")
    if standing is not None:
        db.session.delete(standing)
        db.session.flush()
    asked = Recovery(
        tender_id=tender.id, reason=reason.strip(), until_at=until_at, asked_by_id=person_id(actor), asked_at=now
    )
    db.session.add(asked)
    audit.emit(
        "opening.recovery_asked", actor, now, subject=tender.audit_subject, tender=tender.reference, is_open=False
    )
    notify(tender.agency_id, "opening.recovery_asked", now, href=_room(tender), title=tender.title)
    return asked


def approve_recovery(tender_id: UUID, actor: Actor, now: datetime) -> Recovery:
    """The second person puts it in force: a fresh key is made, the log names it, every bidder is told.

    Raises SamePerson, NotFound (nothing was proposed), AlreadyDone, DeadlinePassed (its end has passed), Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    if not actor.may("tender:approve"):
        raise Forbidden("only an approver approves it", permission="tender:approve")
    asked = db.session.get(Recovery, tender_id, populate_existing=True)
    if asked is None:
        raise NotFound("nothing was proposed")
    _refuse_unless_stuck(tender)
    if asked.approved_at is not None:
        raise AlreadyDone("it is in force")
    if asked.asked_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    if asked.until_at <= now:
        raise DeadlinePassed("its end has passed", deadline_at=asked.until_at)
    asked.approved_by_id, asked.approved_at = person_id(actor), now
    asked.public = _make_key(tender)
    audit.emit(
        "opening.recovery", OPENER, now, subject=tender.audit_subject, tender=tender.reference,
        lane=PRICE, until=wire(asked.until_at), public=asked.public, reason=asked.reason,
        approvals=[f"person:{asked.asked_by_id}", actor.handle],
    )  # fmt: skip
    for bid in _bids(tender):
        notify(bid.organisation_id, "opening.recovery", now, href=f"/bids/{bid.id}", title=tender.title)
    return asked


def find_recovery(tender_id: UUID) -> Recovery | None:
    return db.session.get(Recovery, tender_id)


def supply_key(bid_id: UUID, sealed: bytes, actor: Actor, clock: Callable[[], datetime] = database_now) -> SuppliedKey:
    """Take a bidder's key of its own bid, sealed to the recovery's key; a later one replaces it until the end.

    Raises NotFound (another's bid, or no recovery in force), InvalidInput (80 bytes), DeadlinePassed.
    """
    bid = db.session.get(Bid, bid_id)
    if bid is None or bid.organisation_id != actor.organisation_id or bid.state in UNOPENED:
        raise NotFound(f"no bid {bid_id}")
    tender = lock_tender(bid.tender_id)
    recovery = db.session.get(Recovery, tender.id)
    if recovery is None or recovery.approved_at is None:
        raise NotFound("nothing is recovered")
    now = clock()
    if now >= recovery.until_at or recovery.done_at is not None:
        raise DeadlinePassed("the keys have been opened", deadline_at=recovery.until_at)
    if len(sealed) != SIZE:
        raise InvalidInput("not a sealed key", field="sealed")
    given = db.session.get(SuppliedKey, bid_id) or SuppliedKey(bid_id=bid.id, tender_id=tender.id)
    given.sealed, given.supplied_by_id, given.supplied_at = sealed, person_id(actor), now
    db.session.add(given)
    sha256 = hashlib.sha256(sealed).hexdigest()
    audit.emit(
        "opening.key_supplied", actor, now, subject=bid.audit_subject, tender=tender.reference, is_open=False,
        sha256=sha256,
    )  # fmt: skip
    return given


def open_keys(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> Json | None:
    """Once the end has come: every key that was given, opened together, as `recovery.json`; kept, and logged by hash.

    None before the end, or where there is nothing to recover. The same again gives the same.
    """
    tender = lock_tender(tender_id)
    recovery = db.session.get(Recovery, tender_id)
    if recovery is None or recovery.approved_at is None or tender.state != TenderState.OPENING:
        return None
    now = clock()
    if now < recovery.until_at:
        return None
    opened = recovered(tender)
    if recovery.done_at is None:
        recovery.done_at = now
        sha256 = hashlib.sha256(jcs(opened)).hexdigest()
        audit.emit(
            "opening.recovered", OPENER, now, subject=tender.audit_subject, tender=tender.reference,
            lane=PRICE, recovery_sha256=sha256, count=len(opened["ceks"]),
        )  # fmt: skip
    return opened


def recovered(tender: Tender) -> Json:
    """`recovery.json`: by statement, every key that opens under its bid's context. Only after the end."""
    key = _load_key(tender)
    query = select(Bid, SuppliedKey.sealed).join(SuppliedKey, SuppliedKey.bid_id == Bid.id)
    ceks = {}
    for bid, sealed in db.session.execute(query.where(Bid.tender_id == tender.id).order_by(Bid.stmt)):
        cek = open_key(sealed, parse(bid.envelope)["ctx"], key)
        if cek is not None:
            ceks[bid.stmt] = b64u(cek)
    return {"v": 1, "type": "recovery", "lane": PRICE, "ceks": ceks}


def _refuse_unless_stuck(tender: Tender) -> None:
    group = in_force(tender.id, PRICE)
    if tender.state != TenderState.OPENING or group is None or group.holders:
        raise IllegalTransition("its keyholders can still open it", state=tender.state, event="recover")


def _bids(tender: Tender) -> list[Bid]:
    query = select(Bid).where(Bid.tender_id == tender.id, Bid.state.in_((BidState.SUBMITTED, BidState.PRESENTED)))
    return list(db.session.scalars(query))


def _room(tender: Tender) -> str:
    return f"/tenders/{tender.reference}/manage"


def _key_path(tender: Tender) -> Path:
    return Path(config.current("NARU_KEYS_DIR")) / "recovery" / f"{tender.reference}.key"


def _make_key(tender: Tender) -> str:
    """The private half lies beside the signing keys, its owner's alone; the public one (base64url) is returned."""
    path = _key_path(tender)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(X25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
    return b64u(_load_key(tender).public_key().public_bytes_raw())


def _load_key(tender: Tender) -> X25519PrivateKey:
    try:
        return X25519PrivateKey.from_private_bytes(_key_path(tender).read_bytes())
    except (OSError, ValueError) as error:
        raise TemporarilyUnavailable("the recovery's key is not on this machine") from error
