"""The key file of an offline machine: an Ed25519 signing key under a passphrase. Twin of `static/bidding/key_file.js`.

    v 1, type "signing-key-file", kid, supplier, label, public b64u(32),
    key: the private half (32 bytes) locked (`bidding.locking`), bound to all the rest

(A committee member's key file is another thing: `bidding.keyfile`.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog.canon import b64u, jcs, parse
from bidding.locking import lock, unlock

Json = dict[str, Any]

LARGEST = 8_192  # bytes
_HEAD = ("v", "type", "kid", "supplier", "label", "public")


@dataclass(frozen=True, slots=True)
class Bidder:
    """`supplier` is the business registration number; `key` was enrolled as `kid`."""

    supplier: str
    kid: str
    key: Ed25519PrivateKey


def write_key_file(bidder: Bidder, label: str, passphrase: str) -> bytes:
    """The file's bytes. LockError `short` for a passphrase under 12 characters."""
    public = b64u(bidder.key.public_key().public_bytes_raw())
    values = (1, "signing-key-file", bidder.kid, bidder.supplier, label, public)
    head = dict(zip(_HEAD, values, strict=True))
    return jcs({**head, "key": lock(bidder.key.private_bytes_raw(), passphrase, _bound(head))})


def open_key_file(data: bytes, passphrase: str) -> Bidder:
    """The key in the file. ValueError if it is none; LockError `passphrase`."""
    file = parse(data.rstrip(b"\n")) if len(data) <= LARGEST else None
    if (
        not isinstance(file, dict)
        or set(file) != {*_HEAD, "key"}
        or (file["v"], file["type"]) != (1, "signing-key-file")
    ):
        raise ValueError("not a signing key file")
    if not all(isinstance(file[name], str) for name in _HEAD[1:]) or str(UUID(file["kid"])) != file["kid"]:
        raise ValueError("not a signing key file")
    head = {name: file[name] for name in _HEAD}
    key = Ed25519PrivateKey.from_private_bytes(unlock(file["key"], passphrase, _bound(head)))
    if b64u(key.public_key().public_bytes_raw()) != file["public"]:
        raise ValueError("the file holds another key than it says")
    return Bidder(file["supplier"], file["kid"], key)


def _bound(head: Json) -> bytes:
    return b"koneps/v1/signing-key-file\0" + jcs(head)
