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
from sqlalchemy import ColumnElement, select, text

from app.audit import policies
from app.audit.models import Anchor, Cosignature, Event, Leaf
from app.audit.models import Checkpoint as Signed
from app.audit.publication import Publication
from app.db import db
from app.errors import TemporarilyUnavailable
from app.tlog import cosignature, merkle, note
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


def cosigned_checkpoint() -> tuple[str, Checkpoint]:
    """The newest checkpoint that meets the policy's quorum, its cosignature lines included; where the policy asks for
    no witnesses, the newest signed one. Raises TemporarilyUnavailable before the first.
    """
    if not policies.in_force().wants_witnesses:
        return latest_checkpoint()
    newest = _publication().cosigned()
    if newest is None or not policies.in_force().policy.is_met(newest[0]):
        raise TemporarilyUnavailable("not enough witnesses have cosigned a checkpoint yet")
    return newest


def is_witnessed(place: int) -> bool:
    """Whether entry `place` is under a checkpoint that meets the policy: what a release waits for."""
    try:
        return place < cosigned_checkpoint()[1].size
    except TemporarilyUnavailable:
        return False


@dataclass(frozen=True, slots=True)
class Archived:
    """A kept checkpoint with its cosignature lines; `token`: the DER TimeStampResp over its text, if there is one."""

    size: int
    signed: str
    token: bytes | None


_FIRST_COVERING = text("""
    SELECT DISTINCT (SELECT min(size) FROM audit.cosig WHERE size > place AND size <= :upto)
    FROM unnest(cast(:places AS bigint[])) AS place""")


def archived_checkpoints(places: Sequence[int], upto: int) -> list[Archived]:
    """For each entry the first archived cosigned checkpoint that covers it, each once, smallest first.

    None of more than `upto` entries; `consistency_proof(size, upto)` ties each to the newer one. Empty where the log
    has no witnesses.
    """
    sizes = db.session.scalars(_FIRST_COVERING, {"places": list(places), "upto": upto})
    return _archived([size for size in sizes if size is not None])


def anchored_checkpoints(since: int, upto: int) -> list[Archived]:
    """Every checkpoint of more than `since` and at most `upto` entries for which there is a time-stamp token."""
    found = select(Anchor.size).where(Anchor.size > since, Anchor.size <= upto)
    return _archived(list(db.session.scalars(found)))


def _archived(sizes: Sequence[int]) -> list[Archived]:
    tokens = dict(db.session.execute(select(Anchor.size, Anchor.token).where(Anchor.size.in_(sizes))).all())
    lines: dict[int, str] = {}
    cosigned = select(Cosignature.size, Cosignature.line).where(Cosignature.size.in_(sizes))
    for size, line in db.session.execute(cosigned.order_by(Cosignature.size, Cosignature.witness)):
        lines[size] = lines.get(size, "") + line
    rows = db.session.execute(select(Signed.size, Signed.note).where(Signed.size.in_(sizes)).order_by(Signed.size))
    return [
        Archived(
            size,
            cosignature.add(signed, note.parse_lines(lines[size]) if size in lines else []),
            tokens.get(size),
        )
        for size, signed in rows
    ]


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
    is_there = Event.is_open | Event.salt.is_not(None)  # what was erased proves nothing any more
    rows = db.session.execute(query.where(which, is_there).order_by(Leaf.idx))
    return [LogEntry(index, kind, parse(body), salt) for index, kind, body, salt in rows]
