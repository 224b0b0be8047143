"""A bidder's key of its own bid, sealed to the fresh key of a recovery (protocol 3.11). Pure.

Bound to the bid's own context, so that it is of no use under another bid; 80 bytes.
"""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from app.tlog.canon import jcs, unb64u
from bidding.sealing import SUITE

Json = dict[str, Any]
SIZE = 80  # an X25519 key, 32 bytes, and the tag


def recovery_info(ctx: Json) -> bytes:
    """HPKE `info`: the envelope's context under a label of its own."""
    return b"koneps/v1/recovery\0" + jcs(ctx)


def seal_key(cek: bytes, ctx: Json, public: str) -> bytes:
    """The key, for whoever holds the private half of `public` (base64url)."""
    return SUITE.encrypt(cek, X25519PublicKey.from_public_bytes(unb64u(public)), recovery_info(ctx))


def open_key(sealed: bytes, ctx: Json, key: X25519PrivateKey) -> bytes | None:
    """What was sealed; None for anything else."""
    try:
        return SUITE.decrypt(sealed, key, recovery_info(ctx))
    except (InvalidTag, ValueError):
        return None
