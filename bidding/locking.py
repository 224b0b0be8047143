"""Bytes locked under a passphrase: PBKDF2-HMAC-SHA-256, then AES-256-GCM. The pure twin of `static/bidding/locking.js`.

    {"kdf": "PBKDF2-HMAC-SHA-256", "iterations": n, "salt": b64u(16), "iv": b64u(12), "sealed": b64u}

What a lock belongs to is its additional data: moved to another file, it does not open.
"""

from __future__ import annotations

import hashlib
import os
import unicodedata
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.tlog.canon import b64u, unb64u

Json = dict[str, Any]

KDF = "PBKDF2-HMAC-SHA-256"
ITERATIONS = 600_000  # the least that is taken
MOST_ITERATIONS = 10_000_000  # a file is a stranger's: more would only keep the machine busy
PASSPHRASE_LEAST = 12  # characters
SALT, IV, TAG = 16, 12, 16
_MEMBERS = {"kdf", "iterations", "salt", "iv", "sealed"}


class LockError(ValueError):
    """`code`: short (passphrase), shape, weak (too few iterations), passphrase (or another file's lock)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def lock(secret: bytes, passphrase: str, bound: bytes) -> Json:
    """Lock `secret` so that it opens with `passphrase`, beside `bound` only. LockError `short`."""
    if len(passphrase) < PASSPHRASE_LEAST:
        raise LockError("short")
    salt, iv = os.urandom(SALT), os.urandom(IV)
    sealed = AESGCM(_key(passphrase, salt, ITERATIONS)).encrypt(iv, secret, bound)
    return {"kdf": KDF, "iterations": ITERATIONS, "salt": b64u(salt), "iv": b64u(iv), "sealed": b64u(sealed)}


def check_lock(locked: Any) -> None:
    """Its shape. LockError `shape` or `weak`."""
    if not isinstance(locked, dict) or set(locked) != _MEMBERS or locked["kdf"] != KDF:
        raise LockError("shape")
    if type(locked["iterations"]) is not int or locked["iterations"] > MOST_ITERATIONS:
        raise LockError("shape")
    if locked["iterations"] < ITERATIONS:
        raise LockError("weak")
    try:
        salt, iv, sealed = (unb64u(locked[name]) for name in ("salt", "iv", "sealed"))
    except (TypeError, ValueError) as error:
        raise LockError("shape") from error
    if len(salt) != SALT or len(iv) != IV or len(sealed) <= TAG:
        raise LockError("shape")


def unlock(locked: Any, passphrase: str, bound: bytes) -> bytes:
    """What `lock` locked. Raises LockError."""
    check_lock(locked)
    key = _key(passphrase, unb64u(locked["salt"]), locked["iterations"])
    try:
        return AESGCM(key).decrypt(unb64u(locked["iv"]), unb64u(locked["sealed"]), bound)
    except InvalidTag as error:
        raise LockError("passphrase") from error


def _key(passphrase: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", unicodedata.normalize("NFC", passphrase).encode(), salt, iterations, 32)
