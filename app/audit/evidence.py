"""Entries with what proves them: for keyholders, bundles and receipts, which believe nothing of this database.

Proofs are read from the published tiles, so that whatever is proved is also what everybody can fetch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import ColumnElement, select

from app.audit.models import Event, Leaf
from app.audit.publication import Publication
from app.db import db
from app.errors import TemporarilyUnavailable
from app.tlog import merkle
from app.tlog.canon import parse
from app.tlog.checkpoint import Checkpoint


@dataclass(frozen=True, slots=True)
class LogEntry:
    """An event in its place. `salt` is None for an open entry; with it a sealed one can be checked against its leaf."""

    index: int
    type: str
    event: dict[str, Any]
    salt: bytes | None


def logged_of(tender: str) -> list[LogEntry]:
    """The open entries of a tender that have their place, in the order of the log."""
    return _logged((Event.tender == tender) & Event.is_open)


def logged_about(subjects: Sequence[str], kinds: Sequence[str]) -> list[LogEntry]:
    """The open entries of these kinds about any of `subjects`."""
    return _logged(Event.subject.in_(subjects) & Event.type.in_(kinds) & Event.is_open)


def logged(event_ids: Iterable[UUID]) -> list[LogEntry]:
    """These events, sealed ones with their salts. Only for whoever is entitled to what they say."""
    return _logged(Event.id.in_(list(event_ids)))


def indexes(event_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The place of each event. Raises TemporarilyUnavailable while one of them has none."""
    rows = db.session.execute(select(Leaf.event_id, Leaf.idx).where(Leaf.event_id.in_(event_ids))).all()
    if len(rows) != len(set(event_ids)):
        raise TemporarilyUnavailable("some entries still wait for their place in the log")
    return dict(rows)


def latest_checkpoint() -> tuple[str, Checkpoint]:
    """The published checkpoint, signed and read. Raises TemporarilyUnavailable before the first."""
    newest = _publication().newest()
    if newest is None:
        raise TemporarilyUnavailable("no checkpoint has been signed yet")
    return newest


def inclusion_proofs(places: Sequence[int], size: int) -> dict[int, list[bytes]]:
    """For each index the path to the root of the tree of `size` entries."""
    node = _publication().node(size)
    return {index: merkle.inclusion_proof(index, size, node) for index in places}


def consistency_proof(old: int, new: int) -> list[bytes]:
    """That the tree of `new` entries continues the one of `old`."""
    return merkle.consistency_proof(old, new, _publication().node(new))


def _publication() -> Publication:
    return Publication(Path(current_app.config["NARU_VAR"]) / "log")


def _logged(which: ColumnElement[bool]) -> list[LogEntry]:
    query = select(Leaf.idx, Event.type, Event.body, Event.salt).join(Event, Event.id == Leaf.event_id)
    rows = db.session.execute(query.where(which).order_by(Leaf.idx))
    return [LogEntry(index, kind, parse(body), salt) for index, kind, body, salt in rows]
