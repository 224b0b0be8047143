"""Fetching from a log what ties two of its checkpoints together. Nothing is believed: the proof is checked."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request

from app.tlog import checkpoint, merkle, note, tiles
from app.tlog.tiles import Tile

TIMEOUT = 20
_FULL = merkle.HASH_SIZE * tiles.WIDTH


def fetch_proof(url: str, one: str, other: str) -> tuple[bytes, ...]:
    """The consistency proof between two checkpoints (notes), from the tiles of the log at `url`.

    OSError where the log does not answer; ValueError for an address that is not http(s), or notes that are none.
    """
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise ValueError("a log's address begins with http:// or https://")
    old, new = sorted(checkpoint.parse(note.text_of(signed)).size for signed in (one, other))
    node = tiles.node_reader(lambda tile: _fetch(url.rstrip("/"), tile), new)
    return tuple(merkle.consistency_proof(old, new, node))


def _fetch(url: str, tile: Tile) -> bytes:
    """A tile; of a partial one that is gone, the beginning of the full one that took its place."""
    try:
        return _get(f"{url}/{tile.path}")
    except urllib.error.HTTPError:
        if tile.width == tiles.WIDTH:
            raise
        full = _get(f"{url}/{Tile(tile.level, tile.index).path}")
        return full[: merkle.HASH_SIZE * tile.width]


def _get(address: str) -> bytes:
    # The address is what the person who checks has typed, and nothing is sent.
    with urllib.request.urlopen(address, timeout=TIMEOUT) as response:  # noqa: S310
        return bytes(response.read(_FULL + 1))
