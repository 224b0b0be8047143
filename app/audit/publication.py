"""The log as files in one folder, which any static web server can serve: tiles, entry bundles, the checkpoint.

The checkpoint is replaced last, so whoever reads it finds everything it covers. All of it can be written anew from the
database at any time: what is missing after a crash comes with the next step, and after the loss of the folder, all.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from app.audit import durable
from app.tlog import checkpoint, merkle, note, tiles
from app.tlog.checkpoint import Checkpoint
from app.tlog.tiles import ENTRIES, HEIGHT, WIDTH, Tile

Leaves = Callable[[int, int], list[bytes]]  # (start, end) -> the leaves' bytes


class Publication:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def signed(self) -> str | None:
        """The published checkpoint as a signed note; None before the first."""
        try:
            return (self.folder / "checkpoint").read_text("utf-8")
        except FileNotFoundError:
            return None

    def newest(self) -> tuple[str, Checkpoint] | None:
        """The published checkpoint, as signed and as it reads. Its signature is not checked: the file is our own."""
        signed = self.signed()
        return None if signed is None else (signed, checkpoint.parse(note.text_of(signed)))

    def checkpoint(self) -> Checkpoint | None:
        """The published checkpoint as it reads; None before the first."""
        newest = self.newest()
        return None if newest is None else newest[1]

    def cosigned(self) -> tuple[str, Checkpoint] | None:
        """The newest checkpoint that enough witnesses cosigned, with their lines; None before the first."""
        try:
            signed = (self.folder / "cosigned").read_text("utf-8")
        except FileNotFoundError:
            return None
        return signed, checkpoint.parse(note.text_of(signed))

    def write_cosigned(self, signed: str) -> None:
        durable.write(self.folder / "cosigned", signed.encode())

    def read(self, tile: Tile) -> bytes:
        """The bytes of a tile or bundle; a partial one that was tidied away is cut from the full one.

        Raises LookupError where it was never published.
        """
        for there in (tile, Tile(tile.level, tile.index)):
            try:
                data = (self.folder / there.path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                continue
            return data if there == tile else _cut(data, tile)
        raise LookupError(f"{tile.path} is not published")

    def node(self, size: int) -> merkle.Node:
        """Nodes of the tree of `size` leaves, from the published tiles."""
        return tiles.node_reader(self.read, size)

    def write_tiles(self, old: int, new: int, leaves: Leaves) -> None:
        """Write what a log of `new` entries has beyond one of `old`. Hashes are computed anew from the leaves."""
        for tile in tiles.tiles_between(old, new):
            start = tile.index * WIDTH
            if tile.level == ENTRIES:
                durable.write(self.folder / tile.path, tiles.bundle_bytes(leaves(start, start + tile.width)))
            elif tile.level == 0:
                bundle = self.read(Tile(ENTRIES, tile.index, tile.width))
                durable.write(self.folder / tile.path, b"".join(map(merkle.leaf_hash, tiles.parse_bundle(bundle))))
            else:
                durable.write(self.folder / tile.path, tiles.tile_bytes(tile, self._root_of_tile))

    def write_checkpoint(self, signed: str) -> None:
        durable.write(self.folder / "checkpoint", signed.encode())

    def tidy(self, old: int, new: int) -> None:
        """Drop partial tiles whose full tile is there: a day's steps would leave millions of them."""
        for tile in tiles.tiles_between(old, new):
            if tile.width == WIDTH:
                shutil.rmtree(self.folder / f"{tile.path}.p", ignore_errors=True)

    def _root_of_tile(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree as tall as `level` (a multiple of 8): the root of the full tile below it."""
        return merkle.root(_hashes(self.read(Tile(level // HEIGHT - 1, index))))


def _hashes(data: bytes) -> list[bytes]:
    return [data[at : at + merkle.HASH_SIZE] for at in range(0, len(data), merkle.HASH_SIZE)]


def _cut(data: bytes, tile: Tile) -> bytes:
    if tile.level == ENTRIES:
        return tiles.bundle_bytes(tiles.parse_bundle(data)[: tile.width])
    return data[: tile.width * merkle.HASH_SIZE]
