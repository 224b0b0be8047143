"""Who evaluates: the drawn order of a pool, which anybody who is shown the pool can draw again (protocol section 9).

The pool is frozen in the log at the deadline; the seed is the root of the frozen list of bids, which nobody knows
before the last bid is in. Neither the officer nor a bidder alone can choose the other half. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.tlog.canon import jcs
from bidding.draw import Xof

SALT = b"koneps/v1/committee"


def pool_sha256(pool: Iterable[str]) -> str:
    """The hash of a pool: SHA-256 of the canonical array of its handles, sorted. Handles cannot be guessed."""
    return hashlib.sha256(jcs(sorted(pool))).hexdigest()


def draw_order(pool: Sequence[str], box_root: str, lot: str) -> list[str]:
    """Everybody of the pool in the drawn order: the first take the seats, each next one steps in.

    ValueError if somebody is in the pool twice.
    """
    if len(set(pool)) != len(pool):
        raise ValueError("somebody is in the pool twice")
    info = bytes.fromhex(pool_sha256(pool))
    seed = HKDF(algorithm=SHA256(), length=32, salt=SALT, info=info).derive(bytes.fromhex(box_root))
    return Xof(seed, f"committee:{lot}").shuffle(sorted(pool))


def letter(place: int) -> str:
    """The name under which evaluators meet a proposal: A to Z, then AA, AB, … `place` counts from 0."""
    first, last = divmod(place, 26)
    return (letter(first - 1) if first else "") + chr(ord("A") + last)
