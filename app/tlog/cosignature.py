"""A witness's signature on a checkpoint (C2SP tlog-cosignature, Ed25519, type 0x04).

It says: at this time this was the largest tree of this log that I had seen, and it continued all that I saw before.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import note
from app.tlog.note import COSIGNATURE, Signature, Verifier

MAX_TIME = 2**63 - 1
_TIME_SIZE = 8


def vkey(name: str, public: bytes) -> str:
    """The verifier key of a cosigner: type 0x04, so it cannot be taken for a key that signs the text itself."""
    return note.vkey(name, public, COSIGNATURE)


def sign(text: str, name: str, key: Ed25519PrivateKey, seconds: int) -> Signature:
    """The cosignature of the checkpoint's `text` at `seconds` since 1970."""
    blob = seconds.to_bytes(_TIME_SIZE, "big") + key.sign(_message(text, seconds))
    return note.signature_of(name, key.public_key().public_bytes_raw(), COSIGNATURE, blob)


def verify(text: str, signature: Signature, verifier: Verifier) -> int:
    """The time in seconds since 1970 at which `verifier` cosigned `text`.

    `verifier` is of type COSIGNATURE. ValueError where the signature is another's, malformed or wrong.
    """
    if (signature.name, signature.key_id) != (verifier.name, verifier.key_id):
        raise ValueError(f"not a cosignature of {verifier.name}")
    seconds = int.from_bytes(signature.blob[:_TIME_SIZE], "big")
    if len(signature.blob) != _TIME_SIZE + 64 or seconds > MAX_TIME:
        raise ValueError(f"a malformed cosignature of {verifier.name}")
    try:
        verifier.public.verify(signature.blob[_TIME_SIZE:], _message(text, seconds))
    except InvalidSignature:
        raise ValueError(f"the cosignature of {verifier.name} is wrong") from None
    return seconds


def add(signed: str, lines: list[Signature]) -> str:
    """The note `signed` with these signature lines at its end; one that it has already is not added again."""
    there = {one.line for one in note.split(signed)[1]}
    return signed + "".join(one.line for one in lines if one.line not in there)


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
