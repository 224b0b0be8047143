"""The keyholder's own memory: its long-term key, a key for each tender and lane, what it gave, what it saw.

SQLite with WAL and full synchronisation: an answer is on disk before it is given. Whatever is written goes to the
backup first, where there is one; a restored keyholder is a program started on that folder. The files are their owner's
alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

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
CREATE TABLE IF NOT EXISTS opens (tender TEXT PRIMARY KEY, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint TEXT NOT NULL);
"""

_claims = Lock()


class Store:
    """`lock` is held by whoever answers: one process has one store, and its threads take turns."""

    def __init__(self, folder: Path, backup: Path | None = None) -> None:
        self.lock = Lock()
        self.path = _prepared(folder)
        self.backup = backup
        self._backup_path = _prepared(backup) if backup is not None else None
        for path in self._paths:
            with _open(path) as database:
                database.executescript(_SCHEMA)
        if self._backup_path is not None and self._read("SELECT 1 FROM identity"):
            self._catch_up(self._backup_path)

    def _catch_up(self, backup: Path) -> None:
        """Fill a backup that was added later, or lost; one that is another keyholder's is a ValueError."""
        with _open(self.path) as mine, _open(backup) as copy:
            here, there = (one.execute("SELECT key FROM identity").fetchone() for one in (mine, copy))
            if there is None:
                mine.backup(copy)
            elif there != here:
                raise ValueError(f"{backup} is another keyholder's")

    def restored(self) -> Store:
        """The keyholder as its backup alone would bring it back. LookupError where it keeps none."""
        if self.backup is None:
            raise LookupError("this keyholder keeps no backup")
        return Store(self.backup)

    @property
    def _paths(self) -> list[Path]:
        """Where everything is written, in this order: what is given was in the backup before."""
        return [path for path in (self._backup_path, self.path) if path is not None]

    def _write(self, statement: str, *rows: Sequence[Any]) -> None:
        for path in self._paths:
            with _open(path) as database:
                database.executemany(statement, rows)

    def _read(self, query: str, values: Sequence[Any] = ()) -> Any:
        with _open(self.path) as database:
            return database.execute(query, values).fetchone()

    def identity(self) -> Ed25519PrivateKey:
        """The long-term signing key, made on first use."""
        row = self._read("SELECT key FROM identity")
        if row is None:
            with _claims:  # whoever asks who this is does not hold the store's lock
                row = self._read("SELECT key FROM identity")
                if row is None:
                    self._write(
                        "INSERT INTO identity VALUES (1, ?)", (Ed25519PrivateKey.generate().private_bytes_raw(),)
                    )
                    row = self._read("SELECT key FROM identity")
        return Ed25519PrivateKey.from_private_bytes(row[0])

    def find_key(self, tender: str, lane: str) -> tuple[X25519PrivateKey, str] | None:
        """The key of a tender's lane and the note that published it."""
        row = self._read("SELECT key, note FROM tender_key WHERE tender = ? AND lane = ?", (tender, lane))
        return (X25519PrivateKey.from_private_bytes(row[0]), row[1]) if row else None

    def keep_key(self, tender: str, lane: str, key: X25519PrivateKey, note: str) -> str:
        """Keep a new key, unless there is one; return the note of the one that stands."""
        row = (tender, lane, key.private_bytes_raw(), note)
        self._write("INSERT OR IGNORE INTO tender_key VALUES (?, ?, ?, ?)", row)
        return str(self._read("SELECT note FROM tender_key WHERE tender = ? AND lane = ?", (tender, lane))[0])

    def keep_seed(self, tender: str, box: str, note: str) -> str:
        """Keep the sealed contribution to a box, unless there is one; return the one that stands."""
        self._write("INSERT OR IGNORE INTO seed VALUES (?, ?, ?)", (tender, box, note))
        return str(self._read("SELECT note FROM seed WHERE tender = ? AND box = ?", (tender, box))[0])

    def keep_list(self, tender: str, lane: str, box_root: str, index: int) -> None:
        """Remember the closed list that pieces are given for. Another one ever after is a ValueError (R1): whoever has
        seen the first list's prices could have written it."""
        self._write("INSERT OR IGNORE INTO closed VALUES (?, ?, ?, ?)", (tender, lane, box_root, index))
        standing = self._read("SELECT box_root, idx FROM closed WHERE tender = ? AND lane = ?", (tender, lane))
        if standing != (box_root, index):
            raise ValueError("pieces were given for another closing")

    def keep_answers(self, tender: str, lane: str, pieces: Mapping[str, str], at: str) -> None:
        """Remember what is about to be given. Another piece for a statement that has one is a ValueError (R1)."""
        find = "SELECT piece FROM given WHERE tender = ? AND lane = ? AND stmt = ?"
        with _open(self.path) as database:
            for stmt, piece in pieces.items():
                standing = database.execute(find, (tender, lane, stmt)).fetchone()
                if standing is not None and standing[0] != piece:
                    raise ValueError(f"another piece was given for {stmt}")
        rows = [(tender, lane, stmt, piece, at) for stmt, piece in pieces.items()]
        self._write("INSERT OR IGNORE INTO given VALUES (?, ?, ?, ?, ?)", *rows)

    def opens_at(self, tender: str) -> str | None:
        """The latest opening time of a tender that the log has shown, as the wire spells it."""
        row = self._read("SELECT at FROM opens WHERE tender = ?", (tender,))
        return row[0] if row else None

    def see_opening_time(self, tender: str, at: str) -> None:
        """A later one replaces an earlier one, never the other way; spellings of the wire sort as instants do."""
        self._write("INSERT INTO opens VALUES (?, ?) ON CONFLICT (tender) DO UPDATE SET at = max(at, excluded.at)",
                    (tender, at))  # fmt: skip

    def last_checkpoint(self) -> str | None:
        row = self._read("SELECT checkpoint FROM seen")
        return row[0] if row else None

    def see(self, checkpoint: str) -> None:
        self._write("INSERT OR REPLACE INTO seen VALUES (1, ?)", (checkpoint,))


def _prepared(folder: Path) -> Path:
    """The database file in a folder that is its owner's alone, also where somebody made it before."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    path = folder / "keyholder.sqlite"
    path.touch(mode=0o600, exist_ok=True)
    path.chmod(0o600)
    return path


@contextmanager
def _open(path: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path, timeout=10)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        with database:
            yield database
    finally:
        database.close()
