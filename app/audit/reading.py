"""A log read over HTTP by a stranger: its checkpoint, entries and tiles (C2SP tlog-tiles)."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Iterator

from app.tlog import merkle, tiles
from app.tlog.tiles import ENTRIES, WIDTH, Tile

TIMEOUT = 20
MAX_FILE = 32 * 1024 * 1024  # a bundle: 256 entries of at most 65,537 bytes


class Unreachable(Exception):
    """The address does not answer, or not with what was asked for."""


class LogReader:
    """`url` is the log's prefix: `https://naru.example/log`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def text(self, name: str) -> str:
        """A small text file of the log: `checkpoint`, `policy`. Raises Unreachable."""
        try:
            return fetch(f"{self.url}/{name}").decode()
        except UnicodeDecodeError as error:
            raise Unreachable(f"{name} is not UTF-8") from error

    def tile(self, tile: Tile) -> bytes:
        """The bytes of a tile; a partial one that is gone is cut from the full one. Raises Unreachable."""
        try:
            return fetch(f"{self.url}/{tile.path}")
        except Unreachable:
            if tile.width == WIDTH:
                raise
        full = fetch(f"{self.url}/{Tile(tile.level, tile.index).path}")
        if tile.level == ENTRIES:
            return tiles.bundle_bytes(tiles.parse_bundle(full)[: tile.width])
        return full[: tile.width * merkle.HASH_SIZE]

    def bundles(self, old: int, new: int) -> Iterator[tuple[int, list[bytes]]]:
        """(index of its first entry, entries) of each bundle that holds one of the entries old..new-1, all of it."""
        for index in range(old // WIDTH, -(-new // WIDTH)):
            tile = tiles.tile_at(ENTRIES, index, new)
            try:
                entries = tiles.parse_bundle(self.tile(tile))
            except ValueError as error:
                raise Unreachable(f"{tile.path}: {error}") from error
            if len(entries) != tile.width:
                raise Unreachable(f"{tile.path} has {len(entries)} entries")
            yield index * WIDTH, entries

    def leaf(self, index: int, size: int) -> bytes:
        """The entry `index` of a log of `size` entries, as its bundle gives it."""
        _, entries = next(self.bundles(index, min(size, (index // WIDTH + 1) * WIDTH)))
        return entries[index % WIDTH]

    def root_at(self, size: int, of: int) -> bytes:
        """The root of the first `size` entries by the published tiles of a log of `of`. ValueError, Unreachable."""
        return merkle.root_at(size, tiles.node_reader(self.tile, of))


def witness_view(url: str, origin: str) -> str:
    """The newest checkpoint of the log `origin` that the witness at `url` cosigned. Raises Unreachable."""
    return fetch(f"{url.rstrip('/')}/{hashlib.sha256(origin.encode()).hexdigest()}/checkpoint").decode(
        "utf-8", "replace"
    )


def fetch(url: str) -> bytes:
    if not url.startswith(("http://", "https://")):
        raise Unreachable(f"not an address of the web: {url}")
    request = urllib.request.Request(url, headers={"User-Agent": "naru-monitor"})  # noqa: S310 - checked above
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            content: bytes = answer.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        raise Unreachable(f"{url}: {error}") from error
    if len(content) > MAX_FILE:
        raise Unreachable(f"{url} is too long")
    return content
