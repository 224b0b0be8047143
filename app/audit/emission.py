"""Writing an event: two rows in the caller's transaction, no lock, no network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.audit import sink, types
from app.audit.models import Event, Pending
from app.auth.actor import Actor
from app.db import db
from app.ids import new_id
from app.time import wire
from app.tlog import tiles
from app.tlog.canon import b64u, digest, jcs, parse

SALT = 32
_SOME_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)  # no event's: its spelling is looked for
_SPELLED = wire(_SOME_INSTANT).encode()


def emit(
    type: str,  # noqa: A002 - the protocol's word, and the key in the body
    actor: Actor,
    now: datetime,
    *,
    subject: str,
    tender: str | None = None,
    is_open: bool = True,
    **facts: Any,
) -> Event:
    """Record that `actor` did something to `subject`; it counts if and only if the caller's transaction commits.

    Open events are public for ever: no personal data in them. Sealed ones leave only a commitment in the log.
    `facts` are what canonical JSON holds (no floats); None values stay. ValueError for an unknown type, for facts
    outside that, or for a body too big for a leaf (65,535 bytes): then log its hash.
    """
    event = make_event(type, actor, now, subject=subject, tender=tender, is_open=is_open, **facts)
    db.session.add_all([event, Pending(event_id=event.id, at=now, leaf=event.leaf, tender=tender)])
    sink.remember(event)
    return event


def make_event(
    type: str,  # noqa: A002 - as above
    actor: Actor,
    now: datetime,
    *,
    subject: str,
    tender: str | None = None,
    is_open: bool = True,
    **facts: Any,
) -> Event:
    """The event that `emit` writes, not written: for a caller that writes it in one statement with its own row."""
    types.check(type)
    body = body_of(type, actor.handle, now, subject, tender, facts)
    salt = None if is_open else os.urandom(SALT)
    commitment = None if salt is None else commitment_of(salt, body)
    leaf = leaf_of(body, commitment)
    if len(leaf) > tiles.MAX_ENTRY:
        raise ValueError(f"an event of {len(leaf)} bytes is too big for the log")
    return Event(
        id=new_id(),
        at=now,
        type=type,
        actor=actor.handle,
        subject=subject,
        tender=tender,
        is_open=is_open,
        body=body,
        salt=salt,
        commitment=commitment,
        leaf=leaf,
    )


def body_around_instant(
    type: str,  # noqa: A002 - as above
    handle: str,
    *,
    subject: str,
    tender: str | None,
    **facts: Any,
) -> tuple[bytes, bytes]:
    """The body of an event whose instant only the database will know: what stands before that instant, and after.

    For a function of the database that writes event, commitment and leaf itself (`bidding.ddl`).
    """
    types.check(type)
    before, _, after = body_of(type, handle, _SOME_INSTANT, subject, tender, facts).partition(_SPELLED)
    if not after or _SPELLED in after:
        raise ValueError("the instant does not stand out in this event")
    return before, after


def read_access(actor: Actor, now: datetime, *, subject: str, what: str) -> Event:
    """Record that an official read non-public data: `what` of `subject`. Sealed, so that reading tells nobody."""
    return emit("access.read", actor, now, subject=subject, is_open=False, what=what)


def body_of(kind: str, handle: str, now: datetime, subject: str, tender: str | None, facts: Mapping[str, Any]) -> bytes:
    """The event as canonical JSON. A fact cannot take the place of one of the five fixed members."""
    fixed = {"type": kind, "at": wire(now), "actor": handle, "subject": subject}
    if tender is not None:
        fixed["tender"] = tender
    if clash := facts.keys() & (fixed.keys() | {"tender"}):
        raise ValueError(f"facts may not be named {', '.join(sorted(clash))}")
    return jcs({**facts, **fixed})


def leaf_of(body: bytes, commitment: bytes | None) -> bytes:
    """The bytes in the tree: `{"e":<event>,"v":1}` in clear, `{"c":<hex>,"v":1}` sealed. `body` is canonical."""
    if commitment is None:
        return b'{"e":' + body + b',"v":1}'
    return b'{"c":"' + commitment.hex().encode() + b'","v":1}'


def commitment_of(salt: bytes, body: bytes) -> bytes:
    """What a sealed entry shows of its event. Without the salt (32 random bytes) nobody can guess and try bodies."""
    return digest("event", salt + body)


def reveal(event: Event, index: int, actor: Actor, now: datetime) -> Event:
    """Publish the sealed entry `index`: its salt and body, which anyone checks against the old leaf."""
    if event.salt is None:
        raise ValueError("an open or an erased entry has nothing to reveal")
    subject = f"entry:{index}"
    return emit("reveal", actor, now, subject=subject, ref=index, salt=b64u(event.salt), event=parse(event.body))
