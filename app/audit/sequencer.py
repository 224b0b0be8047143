"""Gives events their place in the tree, has the tree signed, and publishes it: one step, five times a second.

    pending ─► leaf + tree        one transaction: whatever is pending, so what commits late is in the next step
    leaf    ─► tiles on disk      hashed anew from the events
    tiles   ─► signature          with the proof that the new tree continues the last one signed
            ─► checkpoint row, then the checkpoint file

Each arrow reads only what is durable, and doing it twice gives the same bytes. A step that dies anywhere is
therefore finished by the next: the tree is committed before anything about it is signed, so a size has one root.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, current_app
from sqlalchemy import make_url

from app import keys
from app.audit.publication import Publication
from app.audit.signer import Signer
from app.audit.signer_client import RemoteSigner, Signs
from app.tlog import merkle
from app.tlog.merkle import Frontier

BATCH = 5000
LOCK = 42
SETTINGS = ("SEQUENCER_DATABASE_URL", "NARU_VAR", "NARU_KEYS_DIR", "NARU_LOG_ORIGIN", "NARU_SIGNER")
Connection = psycopg.Connection[tuple[Any, ...]]

_TAKE = """
    WITH taken AS (
        SELECT p.event_id FROM audit.pending p JOIN audit.event e ON e.id = p.event_id
        ORDER BY p.at, p.event_id LIMIT %s)
    DELETE FROM audit.pending p USING taken, audit.event e
    WHERE p.event_id = taken.event_id AND e.id = p.event_id
    RETURNING p.at, p.event_id, e.leaf"""
_LEAVES = """
    SELECT e.leaf FROM audit.leaf l JOIN audit.event e ON e.id = l.event_id
    WHERE l.idx >= %s AND l.idx < %s ORDER BY l.idx"""


class LogFault(Exception):
    """The database contradicts itself or what was signed. Nothing is signed until a person has looked."""


def connect(url: str) -> Connection:
    """An autocommit connection, as `sequence_once` wants it. `url` as SQLAlchemy or the driver spells it."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True, connect_timeout=5)


def sequence_once(connection: Connection, limit: int = BATCH) -> int:
    """Move up to `limit` pending events into the tree, in one transaction; return how many.

    Raises LogFault where the tree row was changed by others, and ValueError for a connection that is not autocommit:
    there `transaction()` would be a savepoint of a transaction that nobody commits, and the step would vanish.
    """
    if not connection.autocommit:
        raise ValueError("the sequencer needs an autocommit connection")
    with connection.transaction():
        size, frontier = _read_tree(connection)
        taken = sorted(connection.execute(_TAKE, [limit]).fetchall())
        if not taken:
            return 0
        hashes = [merkle.leaf_hash(leaf) for _, _, leaf in taken]
        for one in hashes:
            frontier.append(one)
        connection.execute(
            "INSERT INTO audit.leaf (idx, event_id, lh) SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bytea[])",
            [list(range(size, frontier.size)), [event_id for _, event_id, _ in taken], hashes],
        )
        moved = connection.execute(
            "UPDATE audit.tree SET size = %s, frontier = %s, root = %s WHERE size = %s",
            [frontier.size, frontier.to_bytes(), frontier.root(), size],
        )
        if moved.rowcount != 1:
            raise LogFault("another sequencer moved the tree meanwhile")
    return len(taken)


def _read_tree(connection: Connection) -> tuple[int, Frontier]:
    row = connection.execute("SELECT size, frontier, root FROM audit.tree").fetchone()
    if row is None:
        raise LogFault("the tree row is missing")
    size, packed, root = row
    frontier = Frontier.from_bytes(size, packed)
    if frontier.root() != root:
        raise LogFault("the tree's frontier does not give its root")
    return size, frontier


class Sequencer:
    """The whole step, on a connection of its own that is made again when it is lost."""

    def __init__(self, url: str, signer: Signs, publication: Publication) -> None:
        self._url, self._signer, self.publication = url, signer, publication
        self._connection: Connection | None = None
        self._busy = threading.Lock()

    def step(self) -> int:
        """Do one step unless another process is at it; return how many events got their place.

        Raises LogFault, SignerRefused, SignerAway, or psycopg.Error; the next step takes up where this one stopped.
        """
        with self._busy, self._alone() as connection:
            if connection is None:
                return 0
            count = sequence_once(connection)
            self._catch_up(connection)
            return count

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _alone(self) -> Iterator[Connection | None]:
        """The connection, holding the sequencers' lock; None while another process holds it."""
        connection, is_mine = self._lock()
        try:
            yield connection if is_mine else None
        finally:
            if is_mine and not connection.closed:
                connection.execute("SELECT pg_advisory_unlock(%s)", [LOCK])

    def _lock(self) -> tuple[Connection, bool]:
        for is_last_try in (False, True):
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._url)
            try:
                row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone()
                return self._connection, row == (True,)
            except psycopg.OperationalError:
                self.close()
                if is_last_try:
                    raise
        raise AssertionError  # the loop returns or raises

    def _catch_up(self, connection: Connection) -> None:
        """Tiles, signature, checkpoint: whatever of these is missing for the tree as it is committed."""
        size, frontier = _read_tree(connection)
        published = self.publication.checkpoint()
        if published is not None and (published.size, published.root) == (size, frontier.root()):
            return
        old = published.size if published is not None else 0
        if old > size:
            raise LogFault(f"a log of {old} entries is published, the database has {size}")
        self.publication.write_tiles(old, size, lambda start, end: _read_leaves(connection, start, end))
        self._certify(connection, size, frontier.root())
        row = connection.execute("SELECT note FROM audit.checkpoint WHERE size = %s", [size]).fetchone()
        assert row is not None
        self.publication.write_checkpoint(row[0])
        self.publication.tidy(old, size)

    def _certify(self, connection: Connection, size: int, root: bytes) -> None:
        """Have the tree signed, once it is sure that the published tiles give its root and continue what was signed."""
        node = self.publication.node(size)
        if merkle.root_at(size, node) != root:
            raise LogFault(f"the tiles of {size} entries do not give the tree's root")
        row = connection.execute("SELECT size, root FROM audit.checkpoint ORDER BY size DESC LIMIT 1").fetchone()
        last_size, last_root = row or (0, merkle.EMPTY_ROOT)
        proof = merkle.consistency_proof(last_size, size, node) if last_size <= size else []
        if not merkle.verify_consistency(last_size, size, proof, last_root, root):
            raise LogFault(f"the tree of {size} does not continue the checkpoint of {last_size}")
        known = self._signer.last().size
        proof = merkle.consistency_proof(known, size, node) if known <= size else []
        signed = self._signer.sign(size, root, proof)
        connection.execute(
            "INSERT INTO audit.checkpoint (size, root, note, made) VALUES (%s, %s, %s, clock_timestamp()) "
            "ON CONFLICT (size) DO NOTHING",
            [size, root, signed],
        )


def _read_leaves(connection: Connection, start: int, end: int) -> list[bytes]:
    leaves = [row[0] for row in connection.execute(_LEAVES, [start, end], binary=True)]
    if len(leaves) != end - start:
        raise LogFault(f"entries are missing between {start} and {end}")
    return leaves


def publication_of(app: Flask) -> Publication:
    return Publication(Path(app.config["NARU_VAR"]) / "log")


def sequencer_of(app: Flask) -> Sequencer:
    """This application's sequencer, made on first use."""
    wanted = tuple(app.config[name] for name in SETTINGS)
    made = app.extensions.get("naru-sequencer")
    if made is None or made[0] != wanted:
        if made is not None:
            made[1].close()
        made = (wanted, Sequencer(app.config["SEQUENCER_DATABASE_URL"], _signer_of(app), publication_of(app)))
        app.extensions["naru-sequencer"] = made
    sequencer: Sequencer = made[1]
    return sequencer


def _signer_of(app: Flask) -> Signs:
    """The signer's process where NARU_SIGNER names one; else one in this process, with the key at hand."""
    if app.config["NARU_SIGNER"]:
        return RemoteSigner(app.config["NARU_SIGNER"], keys.vkey_of("log"))
    return Signer(keys.load("log"), keys.name_of("log"), Path(app.config["NARU_VAR"]) / "signer" / "last")


def run_step() -> int:
    """One step of the current application's sequencer: for the clockwork, and whoever wants the log up to date."""
    return sequencer_of(current_app._get_current_object()).step()  # type: ignore[attr-defined]
