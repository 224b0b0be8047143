"""What a monitor remembers between its turns: one SQLite file, written whole turns at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_TABLES = """
    CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS told (alarm TEXT PRIMARY KEY, at TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS leaf (lh BLOB PRIMARY KEY) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS waiting (lh BLOB PRIMARY KEY, since TEXT NOT NULL) WITHOUT ROWID;
"""


class Store:
    """`path` None: in memory, for a single turn."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None)
        self._connection.executescript(_TABLES)
        self._connection.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """All that is written within is kept together, or not at all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def get(self, name: str) -> Any:
        row = self._connection.execute("SELECT value FROM kept WHERE name = ?", [name]).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, name: str, value: Any) -> None:
        self._connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", [name, json.dumps(value)])

    def is_told(self, alarm: str, at: str) -> bool:
        """Whether `alarm` was told before; from now on it was."""
        added = self._connection.execute("INSERT OR IGNORE INTO told VALUES (?, ?)", [alarm, at])
        return added.rowcount == 0

    def add_leaves(self, hashes: Iterable[bytes]) -> None:
        rows = [(one,) for one in hashes]
        self._connection.executemany("INSERT OR IGNORE INTO leaf VALUES (?)", rows)
        self._connection.executemany("DELETE FROM waiting WHERE lh = ?", rows)

    def expect(self, hashes: Iterable[bytes], since: str) -> None:
        """These leaf hashes were committed; those not in the log yet wait from now on."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO waiting SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM leaf WHERE lh = ?1)",
            [(one, since) for one in hashes],
        )

    def overdue(self, before: str) -> list[bytes]:
        """Leaf hashes that have waited since before that instant."""
        query = "SELECT lh FROM waiting WHERE since < ? ORDER BY since, lh LIMIT 100"
        return [row[0] for row in self._connection.execute(query, [before])]
