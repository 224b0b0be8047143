"""The keyholder's own memory: its long-term key, a key for each tender and lane, what it gave, what it saw.

SQLite with WAL and full synchronisation: an answer is on disk before it is given. The file is its owner's alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_SCHEMA = """
CREATE TABLE IF NOT EXISTS identity (one INTEGER PRIMARY KEY CHECK (one = 1), key BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tender_key (
    tender TEXT NOT NULL, lane TEXT NOT NULL, key BLOB NOT NULL, note TEXT NOT NULL, PRIMARY KEY (tender, lane));
CREATE TABLE IF NOT EXISTS seed (
    tender TEXT NOT NULL, box TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY (tender, box));
CREATE TABLE IF NOT EXISTS given (
    tender TEXT NOT NULL, lane TEXT NOT NULL, stmt TEXT NOT NULL, piece TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (tender, lane, stmt));
CREATE TABLE IF NOT EXISTS closed (
    tender TEXT NOT NULL, lane TEXT NOT NULL, box_root TEXT NOT NULL, idx INTEGER NOT NULL,
    PRIMARY KEY (tender, lane));
CREATE TABLE IF NOT EXISTS seen (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint TEXT NOT NULL);
"""


class Store:
    """`lock` is held by whoever answers: one process has one store, and its threads take turns."""

    def __init__(self, folder: Path) -> None:
        self.lock = Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)  # also where somebody made it before
        self.path = folder / "keyholder.sqlite"
        self.path.touch(mode=0o600, exist_ok=True)
        self.path.chmod(0o600)
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.path, timeout=10)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
            with database:
                yield database
        finally:
            database.close()

    def identity(self) -> Ed25519PrivateKey:
        """The long-term signing key, made on first use."""
        fresh = Ed25519PrivateKey.generate().private_bytes_raw()
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO identity VALUES (1, ?)", (fresh,))
            (key,) = database.execute("SELECT key FROM identity").fetchone()
        return Ed25519PrivateKey.from_private_bytes(key)

    def find_key(self, tender: str, lane: str) -> tuple[X25519PrivateKey, str] | None:
        """The key of a tender's lane and the note that published it."""
        with self._open() as database:
            row = database.execute(
                "SELECT key, note FROM tender_key WHERE tender = ? AND lane = ?", (tender, lane)
            ).fetchone()
        return (X25519PrivateKey.from_private_bytes(row[0]), row[1]) if row else None

    def keep_key(self, tender: str, lane: str, key: X25519PrivateKey, note: str) -> str:
        """Keep a new key, unless there is one; return the note of the one that stands."""
        with self._open() as database:
            database.execute(
                "INSERT OR IGNORE INTO tender_key VALUES (?, ?, ?, ?)", (tender, lane, key.private_bytes_raw(), note)
            )
            (standing,) = database.execute(
                "SELECT note FROM tender_key WHERE tender = ? AND lane = ?", (tender, lane)
            ).fetchone()
        return str(standing)

    def keep_seed(self, tender: str, box: str, note: str) -> str:
        """Keep the sealed contribution to a box, unless there is one; return the one that stands."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO seed VALUES (?, ?, ?)", (tender, box, note))
            (standing,) = database.execute(
                "SELECT note FROM seed WHERE tender = ? AND box = ?", (tender, box)
            ).fetchone()
        return str(standing)

    def keep_list(self, tender: str, lane: str, box_root: str, index: int) -> None:
        """Remember the closed list that pieces are given for. Another one ever after is a ValueError (R1): whoever has
        seen the first list's prices could have written it."""
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO closed VALUES (?, ?, ?, ?)", (tender, lane, box_root, index))
            standing = database.execute(
                "SELECT box_root, idx FROM closed WHERE tender = ? AND lane = ?", (tender, lane)
            ).fetchone()
        if standing != (box_root, index):
            raise ValueError("pieces were given for another closing")

    def keep_answers(self, tender: str, lane: str, pieces: dict[str, str], at: str) -> None:
        """Remember what is about to be given. Another piece for a statement that has one is a ValueError (R1)."""
        with self._open() as database:
            for stmt, piece in pieces.items():
                database.execute("INSERT OR IGNORE INTO given VALUES (?, ?, ?, ?, ?)", (tender, lane, stmt, piece, at))
                (standing,) = database.execute(
                    "SELECT piece FROM given WHERE tender = ? AND lane = ? AND stmt = ?", (tender, lane, stmt)
                ).fetchone()
                if standing != piece:
                    raise ValueError(f"another piece was given for {stmt}")

    def last_checkpoint(self) -> str | None:
        with self._open() as database:
            row = database.execute("SELECT checkpoint FROM seen").fetchone()
        return row[0] if row else None

    def see(self, checkpoint: str) -> None:
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO seen VALUES (1, ?)", (checkpoint,))
