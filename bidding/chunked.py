"""Chunked authenticated encryption with a key commitment: C2SP chunked-encryption, AES-256-GCM with HMAC-SHA-512.

    salt (24) ‖ commitment (32) ‖ chunk_0 ‖ chunk_1 ‖ …        a chunk: up to 16,384 bytes of text and a 16-byte tag

Every chunk but the last is full and the last is not (it may be empty), so that a cut at a chunk's edge is seen. The
commitment ties the ciphertext to one key: no second key opens it to something else.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 16_384
TAG = 16
SALT = 24
COMMITMENT = 32
KEY = 32
_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"


def sealed_length(length: int) -> int:
    """How long the encryption of `length` bytes is."""
    return SALT + COMMITMENT + length + (length // CHUNK + 1) * TAG


def encrypt(key: bytes, context: bytes, plain: bytes, salt: bytes | None = None) -> bytes:
    """Encrypt under a 32-byte key, bound to `context`. A salt is given only to reproduce a known ciphertext."""
    salt = os.urandom(SALT) if salt is None else salt
    if len(salt) != SALT:
        raise ValueError("a salt has 24 bytes")
    cipher, nonce, commitment = _derive(key, salt, context)
    chunks = [plain[i * CHUNK : (i + 1) * CHUNK] for i in range(len(plain) // CHUNK + 1)]
    return salt + commitment + b"".join(cipher.encrypt(_nonce(nonce, i), chunk, None) for i, chunk in enumerate(chunks))


def decrypt(key: bytes, context: bytes, sealed: bytes) -> bytes:
    """The text. ValueError for another key or context, and for any change, cut or addition."""
    cipher, nonce, commitment = _derive(key, sealed[:SALT], context)
    if not hmac.compare_digest(commitment, sealed[SALT : SALT + COMMITMENT]):
        raise ValueError("the key or its context is another")
    body, parts, step = sealed[SALT + COMMITMENT :], list[bytes](), CHUNK + TAG
    for i in range(len(body) // step + 1):
        chunk = body[i * step : (i + 1) * step]
        try:
            parts.append(cipher.decrypt(_nonce(nonce, i), chunk, None))
        except InvalidTag as error:
            raise ValueError("changed") from error
    return b"".join(parts)


Read = Callable[[int], bytes]


def encrypt_stream(key: bytes, context: bytes, read: Read, salt: bytes) -> Iterator[bytes]:
    """`encrypt` piece by piece: `read(n)` gives up to n bytes of text, fewer than n only at its end."""
    if len(salt) != SALT:
        raise ValueError("a salt has 24 bytes")
    cipher, nonce, commitment = _derive(key, salt, context)
    yield salt + commitment
    number, chunk = 0, read(CHUNK)
    while True:
        yield cipher.encrypt(_nonce(nonce, number), chunk, None)
        if len(chunk) < CHUNK:
            return
        number, chunk = number + 1, read(CHUNK)


def decrypt_stream(key: bytes, context: bytes, read: Read) -> Iterator[bytes]:
    """`decrypt` piece by piece. ValueError as there; what was given before it is good text, but not all of it."""
    head = read(SALT + COMMITMENT)
    cipher, nonce, commitment = _derive(key, head[:SALT], context)
    if not hmac.compare_digest(commitment, head[SALT:]):
        raise ValueError("the key or its context is another")
    step = CHUNK + TAG
    number, sealed = 0, read(step)
    while True:
        try:
            plain = cipher.decrypt(_nonce(nonce, number), sealed, None)
        except InvalidTag as error:
            raise ValueError("changed") from error
        yield plain
        if len(sealed) < step:
            return
        number, sealed = number + 1, read(step)


def _derive(key: bytes, salt: bytes, context: bytes) -> tuple[AESGCM, bytes, bytes]:
    if len(key) != KEY:
        raise ValueError("a key has 32 bytes")
    info = _INFO + salt + context
    first = hmac.digest(key, info + b"\1", hashlib.sha512)
    stream = first + hmac.digest(key, first + info + b"\2", hashlib.sha512)
    return AESGCM(stream[:32]), stream[32:44], stream[44:76]


def _nonce(base: bytes, number: int) -> bytes:
    return (int.from_bytes(base, "big") ^ number).to_bytes(12, "big")
