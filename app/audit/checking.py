"""Recomputes the whole log from the event rows, and compares: leaves, tree, checkpoints, signatures, published files.

It reads only, in one snapshot, so the sequencer may go on meanwhile. Memory: 32 bytes for each entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg

from app.audit.emission import commitment_of, leaf_of
from app.audit.publication import Publication
from app.audit.sequencer import Connection
from app.time import wire
from app.tlog import canon, checkpoint, merkle, tiles
from app.tlog.merkle import HASH_SIZE, Frontier
from app.tlog.tiles import ENTRIES, HEIGHT, WIDTH, Tile

MAX_FINDINGS = 100
_HASHED = "l.idx, l.lh, e.leaf, e.body, e.salt, e.c"
_READ = ", e.at, e.type, e.actor, e.subject, e.tender"
_ROWS = "SELECT {} FROM audit.leaf l LEFT JOIN audit.event e ON e.id = l.event_id ORDER BY l.idx"
_STRAY = """
    SELECT e.id FROM audit.event e LEFT JOIN audit.leaf l ON l.event_id = e.id
    LEFT JOIN audit.pending p ON p.event_id = e.id
    WHERE (l.idx IS NULL) = (p.event_id IS NULL) ORDER BY e.id LIMIT 20"""
_ERASED_UNSAID = """
    SELECT l.idx FROM audit.event e JOIN audit.leaf l ON l.event_id = e.id
    WHERE NOT e.open AND e.salt IS NULL AND NOT EXISTS (
        SELECT FROM audit.event s WHERE s.type = 'log.erased' AND s.open AND s.subject = 'entry:' || l.idx)
    ORDER BY l.idx LIMIT 20"""


@dataclass(slots=True)
class Report:
    """What was compared, and every difference as a sentence (at most MAX_FINDINGS of them)."""

    entries: int = 0
    sealed: int = 0
    erased: int = 0
    checkpoints: int = 0
    files: int = 0
    pending: int = 0
    witnessed: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        return not self.findings

    def add(self, finding: str) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)


def check(
    connection: Connection,
    publication: Publication,
    vkey: str,
    *,
    is_quick: bool = False,
    witnessed: Iterable[str] = (),
) -> Report:
    """Compare everything. `is_quick` leaves out the reading of each event's JSON (its hash is still recomputed).

    `witnessed`: leaf hashes (hex) from the second sink, each of which must be in the tree or wait for its place.
    `connection` is an autocommit one of a role that may read the schema `audit`.
    """
    report = Report()
    published = publication.signed()  # before the snapshot, so that the snapshot has at least as much
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        hashes = _check_leaves(connection, report, vkey, is_quick=is_quick)
        _check_strays(connection, report)
        _check_erased(connection, report)
        _check_witnessed(connection, report, hashes, witnessed)
    _check_files(publication, published, vkey, report, hashes)
    return report


def _check_leaves(connection: Connection, report: Report, vkey: str, *, is_quick: bool) -> bytearray:
    """Recompute every leaf hash and, on the way, the root at each checkpoint; return the recomputed leaf hashes."""
    hashes, frontier = bytearray(), Frontier()
    signed = _checkpoints(connection)
    due = next(signed, None)
    while due is not None and due[0] == 0:
        _check_checkpoint(due, merkle.EMPTY_ROOT, vkey, report)
        due = next(signed, None)
    for index, lh, leaf, body, salt, commitment, *columns in _stream(
        connection, _ROWS.format(_HASHED if is_quick else _HASHED + _READ)
    ):
        if index != frontier.size:
            report.add(f"entry {frontier.size} is missing: the next one is {index}")
            break
        leaf_hash = _check_event(index, leaf, body, salt, commitment, report)
        if leaf_hash != lh:
            report.add(f"entry {index}: its leaf hash is not that of its event")
        if not is_quick and body:
            _check_body(index, body, columns, report)
        hashes += leaf_hash
        frontier.append(leaf_hash)
        if due is not None and due[0] == frontier.size:
            _check_checkpoint(due, frontier.root(), vkey, report)
            due = next(signed, None)
    report.entries = frontier.size
    row = connection.execute("SELECT size, frontier, root FROM audit.tree").fetchone()
    if row != (frontier.size, frontier.to_bytes(), frontier.root()):
        report.add("the tree row is not that of the entries")
    if due is not None:
        report.add(f"a checkpoint of {due[0]} entries is there, but there are {frontier.size}")
    return hashes


def _check_event(
    index: int, leaf: bytes | None, body: bytes, salt: bytes | None, commitment: bytes | None, report: Report
) -> bytes:
    """The leaf hash as it follows from the event's body; a finding for each contradiction within the row."""
    if leaf is None:
        report.add(f"entry {index}: its event is gone")
        return bytes(HASH_SIZE)
    if salt is not None:
        report.sealed += 1
        if commitment_of(salt, body) != commitment:
            report.add(f"entry {index}: its commitment is not that of its event and salt")
            commitment = commitment_of(salt, body)
    elif commitment is not None:
        report.erased += 1  # nothing is left that could be compared with the leaf, and the tree holds all the same
    if leaf != (expected := leaf_of(body, commitment)):
        report.add(f"entry {index}: its leaf is not that of its event")
    return merkle.leaf_hash(expected)


def _check_body(index: int, body: bytes, columns: list[Any], report: Report) -> None:
    at, kind, actor, subject, tender = columns
    try:
        value = canon.parse(body)
    except ValueError as error:
        report.add(f"entry {index}: its body is not canonical JSON ({error})")
        return
    said = {"at": wire(at), "type": kind, "actor": actor, "subject": subject, "tender": tender}
    for name, column in said.items():
        if value.get(name) != column:
            report.add(f"entry {index}: the column {name} says something else than the event")


def _check_checkpoint(row: tuple[int, bytes, str], root: bytes, vkey: str, report: Report) -> None:
    size, stored, signed = row
    report.checkpoints += 1
    if stored != root:
        report.add(f"checkpoint {size}: its root is not that of the first {size} entries")
    try:
        inside = checkpoint.open_checkpoint(signed, [vkey])
    except ValueError as error:
        report.add(f"checkpoint {size}: {error}")
        return
    if (inside.size, inside.root) != (size, root):
        report.add(f"checkpoint {size}: what was signed is another tree")


def _check_strays(connection: Connection, report: Report) -> None:
    row = connection.execute("SELECT count(*) FROM audit.pending").fetchone()
    report.pending = row[0] if row else 0
    for (event_id,) in connection.execute(_STRAY).fetchall():
        report.add(f"event {event_id} is neither in the tree nor waiting, or is both")


def _check_erased(connection: Connection, report: Report) -> None:
    for (index,) in connection.execute(_ERASED_UNSAID).fetchall():
        report.add(f"entry {index} was erased, and no entry says so")


def _check_witnessed(connection: Connection, report: Report, hashes: bytearray, witnessed: Iterable[str]) -> None:
    wanted = set(witnessed)
    report.witnessed = len(wanted)
    if not wanted:
        return
    there = {hashes[at : at + HASH_SIZE].hex() for at in range(0, len(hashes), HASH_SIZE)}
    there.update(merkle.leaf_hash(row[0]).hex() for row in connection.execute("SELECT leaf FROM audit.pending"))
    for missing in sorted(wanted - there):
        report.add(f"an event with the leaf hash {missing} was committed and is not in the log")


def _check_files(publication: Publication, published: str | None, vkey: str, report: Report, hashes: bytearray) -> None:
    if published is None:
        if hashes:
            report.add("no checkpoint is published")
        return
    try:
        size = checkpoint.open_checkpoint(published, [vkey]).size
    except ValueError as error:
        report.add(f"the published checkpoint: {error}")
        return
    if size * HASH_SIZE > len(hashes):
        report.add(f"a checkpoint of {size} entries is published, but there are {len(hashes) // HASH_SIZE}")
        return
    for tile in tiles.tiles_between(0, size):
        report.files += 1
        try:
            is_right = _tile_is_right(publication.read, tile, hashes)
        except (LookupError, ValueError) as error:
            report.add(f"the published file {tile.path}: {error}")
            continue
        if not is_right:
            report.add(f"the published file {tile.path} is not what the entries give")


def _tile_is_right(read: Callable[[Tile], bytes], tile: Tile, hashes: bytearray) -> bool:
    """A bundle or a tile against the recomputed leaf hashes; a higher tile against those below it, checked before."""
    start, data = tile.index * WIDTH * HASH_SIZE, read(tile)
    expected = bytes(hashes[start : start + tile.width * HASH_SIZE])
    if tile.level == ENTRIES:
        return b"".join(map(merkle.leaf_hash, tiles.parse_bundle(data))) == expected
    if tile.level == 0:
        return data == expected
    return data == tiles.tile_bytes(tile, lambda level, index: _root_of(read(Tile(level // HEIGHT - 1, index))))


def _root_of(data: bytes) -> bytes:
    return merkle.root(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE))


def _checkpoints(connection: Connection) -> Iterator[tuple[Any, ...]]:
    return iter(connection.execute("SELECT size, root, note FROM audit.checkpoint ORDER BY size").fetchall())


def _stream(connection: Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Rows of a large result, some thousand at a time."""
    connection.execute("SET LOCAL cursor_tuple_fraction = 1")  # the plan for all rows, not for the first ones
    with psycopg.ServerCursor(connection, "audit_rows") as cursor:
        cursor.itersize = 10_000
        cursor.execute(query.encode(), binary=True)
        yield from cursor
