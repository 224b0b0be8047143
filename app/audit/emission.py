"""Writing an event: two rows in the caller's transaction, no lock, no network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Table, bindparam, insert, inspect
from sqlalchemy.orm import make_transient_to_detached

from app.audit import sink, types
from app.audit.models import Event, Pending
from app.auth.actor import Actor
from app.db import db
from app.ids import new_id
from app.time import wire
from app.tlog import tiles
from app.tlog.canon import b64u, digest, jcs, parse

SALT = 32


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


PREFIX = "logged_"


def event_inserts() -> tuple[CTE, CTE]:
    """The two INSERTs of an event as parts of a greater statement; its values are `event_values`."""
    event, pending = Event.__table__, Pending.__table__
    assert isinstance(event, Table)
    assert isinstance(pending, Table)
    at_once = insert(event).values({column.name: bindparam(PREFIX + column.name) for column in event.columns})
    waiting = {"event_id": "id", "at": "at", "leaf": "leaf", "tender": "tender"}
    later = insert(pending).values({column: bindparam(PREFIX + name) for column, name in waiting.items()})
    return at_once.cte("event_row"), later.cte("pending_row")


def event_values(event: Event) -> dict[str, Any]:
    """What `event_inserts` writes, as the driver takes it."""
    columns = inspect(Event).column_attrs
    return {PREFIX + column.columns[0].name: getattr(event, column.key) for column in columns}


def was_written(event: Event) -> None:
    """Say that a statement with `event_inserts` has written `event` in the present transaction."""
    if db.session().in_nested_transaction():
        raise ValueError("a savepoint could take the event back unseen")
    make_transient_to_detached(event)
    db.session.add(event)
    sink.remember(event)


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
        raise ValueError("an open entry has nothing to reveal")
    subject = f"entry:{index}"
    return emit("reveal", actor, now, subject=subject, ref=index, salt=b64u(event.salt), event=parse(event.body))
