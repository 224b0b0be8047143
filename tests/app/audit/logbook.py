"""What the tests of the log share: events to write, and a reader that trusts only what is published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from app import audit, keys
from app.auth import Actor
from app.db import transaction
from app.tlog import checkpoint, merkle, tiles
from app.tlog.checkpoint import Checkpoint
from app.tlog.tiles import ENTRIES, WIDTH

NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
OFFICER = Actor("person:1")
TENDER = "R26BK00000001-000"


def write(count: int = 1, *, is_open: bool = True, tender: str | None = TENDER) -> list[audit.Event]:
    """`count` events in one committed transaction."""
    with transaction():
        return [
            audit.emit("tender.published", OFFICER, NOW, subject="tender:1", tender=tender, is_open=is_open, n=n)
            for n in range(count)
        ]


def folder(app: Flask) -> Path:
    return Path(app.config["NARU_VAR"]) / "log"


def read_published(app: Flask) -> tuple[Checkpoint, list[bytes]]:
    """The signed checkpoint and all leaves, read from the files alone; AssertionError where they do not agree."""
    signed = checkpoint.open_checkpoint((folder(app) / "checkpoint").read_text(), [keys.vkey_of("log")])
    leaves: list[bytes] = []
    for index in range(-(-signed.size // WIDTH)):
        tile = tiles.tile_at(ENTRIES, index, signed.size)
        leaves += tiles.parse_bundle((folder(app) / tile.path).read_bytes())
    assert len(leaves) == signed.size
    assert merkle.root(map(merkle.leaf_hash, leaves)) == signed.root

    def read(tile: tiles.Tile) -> bytes:
        return (folder(app) / tile.path).read_bytes()

    assert merkle.root_at(signed.size, tiles.node_reader(read, signed.size)) == signed.root
    return signed, leaves
