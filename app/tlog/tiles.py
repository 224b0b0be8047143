"""The log as static files (C2SP tlog-tiles): hashes in tiles of 256, entries in bundles of 256.

Tile (L, N) holds the hashes of the complete subtrees of 256^L leaves numbered 256·N upwards; a tile at the right edge
is partial, with its width in its name. A full tile or bundle never changes; nor does a partial one of a given width.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.tlog import merkle

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRIES = -1  # the level of entry bundles
MAX_ENTRY = 65_535
MAX_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """`level` is ENTRIES for a bundle; `width` is 1..256 hashes or entries."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """`tile/1/x001/234.p/17`"""
        level = "entries" if self.level == ENTRIES else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{_spell_index(self.index)}{partial}"


def parse_path(path: str) -> Tile:
    """The tile whose `path` this is. ValueError for any other spelling."""
    match = _PATH.fullmatch(path)
    if not match:
        raise ValueError(f"not a tile's path: {path!r}")
    level = ENTRIES if match["level"] == "entries" else int(match["level"])
    tile = Tile(level, int(match["index"].replace("x", "").replace("/", "")), int(match["width"] or WIDTH))
    if level > MAX_LEVEL or tile.width > WIDTH or tile.path != path:
        raise ValueError(f"not a tile's path: {path!r}")
    return tile


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile (level, index) as it is in a tree of `size` leaves. ValueError where it is still empty."""
    width = min(WIDTH, (size >> (HEIGHT * max(level, 0))) - index * WIDTH)
    if index < 0 or width < 1:
        raise ValueError(f"a tree of {size} has no tile {level}/{index}")
    return Tile(level, index, width)


def tiles_between(old: int, new: int) -> Iterator[Tile]:
    """Every tile and bundle that a tree of `new` leaves has and one of `old` has not, bundles first."""
    yield from _new_in_row(ENTRIES, old, new)
    level = 0
    while new >> (HEIGHT * level):
        yield from _new_in_row(level, old >> (HEIGHT * level), new >> (HEIGHT * level))
        level += 1


def tile_bytes(tile: Tile, node: merkle.Node) -> bytes:
    """The hashes of a tile, one after the other."""
    first = tile.index * WIDTH
    return b"".join(node(HEIGHT * tile.level, first + offset) for offset in range(tile.width))


def node_reader(read: Callable[[Tile], bytes], size: int) -> merkle.Node:
    """Nodes of the tree of `size` leaves from its tiles. ValueError where `read` gives a tile of the wrong length."""
    read = lru_cache(maxsize=64)(read)  # a path asks the same tile for eight of its nodes

    def node(level: int, index: int) -> bytes:
        row, above = divmod(level, HEIGHT)
        first = index << above
        tile = tile_at(row, first // WIDTH, size)
        data = read(tile)
        if len(data) != tile.width * merkle.HASH_SIZE:
            raise ValueError(f"{tile.path} has {len(data)} bytes")
        at = first % WIDTH
        hashes = [data[32 * n : 32 * n + 32] for n in range(at, min(at + (1 << above), tile.width))]
        if len(hashes) != 1 << above:
            raise ValueError(f"a tree of {size} has no complete subtree {level}/{index}")
        return merkle.root(hashes)

    return node


def bundle_bytes(leaves: Sequence[bytes]) -> bytes:
    """Entries, each after its length in two bytes, big-endian. ValueError for one longer than 65,535 bytes."""
    if any(len(leaf) > MAX_ENTRY for leaf in leaves):
        raise ValueError("an entry has at most 65,535 bytes")
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def parse_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. ValueError where the bytes end within one."""
    entries, at = [], 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            raise ValueError("a bundle that ends within an entry")
        entries.append(data[start:at])
    return entries


def _new_in_row(level: int, old: int, new: int) -> Iterator[Tile]:
    if new > old:
        for index in range(old // WIDTH, -(-new // WIDTH)):
            yield Tile(level, index, min(WIDTH, new - index * WIDTH))


def _spell_index(index: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    return "/".join(reversed(groups))
