"""Reading the log: the places of events, and lists of entries for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, select

from app.audit import types
from app.audit.models import Event, Leaf, Pending
from app.db import db
from app.errors import NotFound
from app.tlog.canon import parse


@dataclass(frozen=True, slots=True)
class Entry:
    """An open event. `index` is its place in the log; None while it waits for the sequencer."""

    at: datetime
    type: str
    subject: str
    index: int | None


def entries_of(tender: str) -> list[Entry]:
    """The open entries of a tender, oldest first. Sealed ones stay uncounted: before the opening they are the bids."""
    return _open_entries(Event.tender == tender)


def entries_about(subject: str) -> list[Entry]:
    """The open entries about one subject (`contract:…`, `supplier:…`), oldest first."""
    return _open_entries(Event.subject == subject)


def _open_entries(which: ColumnElement[bool]) -> list[Entry]:
    query = (
        select(Event.at, Event.type, Event.subject, Leaf.idx)
        .outerjoin(Leaf, Leaf.event_id == Event.id)
        .where(which, Event.is_open)
        .order_by(Event.at, Event.id)
    )
    return [Entry(*row) for row in db.session.execute(query)]


def find_index(event_id: UUID) -> int | None:
    """The place of an event in the log; None while it waits for the sequencer."""
    return db.session.scalar(select(Leaf.idx).where(Leaf.event_id == event_id))


def is_pending(tender: str) -> bool:
    """Whether an event of the tender still waits for its place: a closing waits for these."""
    return db.session.scalar(select(Pending.event_id).where(Pending.tender == tender).limit(1)) is not None


def newest(family: str | None = None, kind: str | None = None, tender: str | None = None) -> Select[Any]:
    """Rows (Leaf, Event) newest first. Any filter leaves only open entries: a sealed one must not show its kind."""
    query: Any = select(Leaf, Event).join(Event, Event.id == Leaf.event_id).order_by(Leaf.idx.desc())
    if family or kind or tender:
        query = query.where(Event.is_open)
    if kind:
        query = query.where(Event.type == kind)
    elif family in types.FAMILIES:
        query = query.where((Event.type == family) | Event.type.startswith(f"{family}.", autoescape=True))
    if tender:
        query = query.where(Event.tender == tender)
    listed: Select[Any] = query
    return listed


def get_entry(index: int) -> Row[Leaf, Event]:
    """The leaf at `index` and its event. Raises NotFound."""
    query = select(Leaf, Event).join(Event, Event.id == Leaf.event_id).where(Leaf.idx == index)
    row = db.session.execute(query).first() if 0 <= index < 2**63 else None
    if row is None:
        raise NotFound(f"there is no log entry {index}")
    return row


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """An event of a case as an auditor sees it. `facts` is None for a sealed one: those are read one by one."""

    at: datetime
    type: str
    subject: str
    actor: str
    index: int | None
    is_open: bool
    facts: dict[str, Any] | None


def trail_query(tender: str, *, with_bids: bool) -> Select[Any]:
    """Rows for `trail_entry`, oldest first: what names the tender, open and sealed, who read it included.

    Without `with_bids` the bids stay out, so that nobody learns before the closing how many there are.
    """
    which = (Event.tender == tender) | (Event.subject == tender)
    if not with_bids:
        which &= ~Event.type.startswith("bid.", autoescape=True)
    columns: tuple[Any, ...] = (Event.at, Event.type, Event.subject, Event.actor, Leaf.idx, Event.is_open, Event.body)
    return select(*columns).outerjoin(Leaf, Leaf.event_id == Event.id).where(which).order_by(Event.at, Event.id)


def trail_entry(row: Any) -> TrailEntry:
    at, kind, subject, actor, index, is_open, body = row
    fixed = ("type", "at", "actor", "subject", "tender")
    facts = {name: fact for name, fact in parse(body).items() if name not in fixed} if is_open else None
    return TrailEntry(at, kind, subject, actor, index, is_open, facts)
