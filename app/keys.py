"""The system's signing keys: Ed25519, one PEM file each in NARU_KEYS_DIR, readable by their owner alone.

`log` signs checkpoints, `receipt` signs receipts and refusals, `agency` signs boxes. Beside each lies `<name>.vkey`,
its public half as others pin it. Outside production a missing key is made; production must bring its own.
"""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from app.tlog import note

NAMES = ("log", "receipt", "agency")


def load(name: str) -> Ed25519PrivateKey:
    """The private key `name`, made on first use outside production.

    Raises LookupError for a name not in NAMES, or in production where the file is missing.
    """
    _check(name)
    config = current_app.config
    return _load(config["NARU_KEYS_DIR"], name, name_of(name), config["NARU_ENV"] != "production")


def name_of(name: str) -> str:
    """The name under which the key signs notes: the log's own, or one under it."""
    _check(name)
    origin: str = current_app.config["NARU_LOG_ORIGIN"]
    return origin if name == "log" else f"{origin}/{name}"


def vkey_of(name: str) -> str:
    """The verifier key that belongs to `load(name)`.

    Read from the public file where there is one, so that a process that only checks needs no private key.
    """
    try:
        written = read_vkey(_folder(), name)
    except LookupError:
        written = ""
    if written.startswith(f"{name_of(name)}+"):
        return written
    return note.vkey(name_of(name), load(name).public_key().public_bytes_raw())


def make_missing(folder: Path, origin: str) -> None:
    """Make every key that `folder` lacks, before any process needs one. Not for production."""
    for name in NAMES:
        _load(str(folder), name, origin if name == "log" else f"{origin}/{name}", True)


def read_vkey(folder: Path, name: str) -> str:
    """The verifier key as it lies in `folder`, for a process without an application. LookupError where missing."""
    try:
        return (folder / f"{name}.vkey").read_text("ascii").strip()
    except OSError as error:
        raise LookupError(f"there is no public key {name}.vkey in {folder}") from error


def _check(name: str) -> None:
    if name not in NAMES:
        raise LookupError(f"there is no key named {name!r}")


def _folder() -> Path:
    return Path(current_app.config["NARU_KEYS_DIR"])


@lru_cache
def _load(place: str, name: str, note_name: str, may_make: bool) -> Ed25519PrivateKey:
    folder = Path(place)
    path = folder / f"{name}.pem"
    if not path.exists():
        if not may_make:
            raise LookupError(f"the signing key {path} is missing")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _place(path, _pem(Ed25519PrivateKey.generate()))
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise LookupError(f"{path} is not an Ed25519 key")  # noqa: TRY004 - the file is wrong, not the program
    public = folder / f"{name}.vkey"
    spelling = note.vkey(note_name, key.public_key().public_bytes_raw()) + "\n"
    if may_make and (not public.exists() or public.read_text("ascii") != spelling):
        public.write_text(spelling, "ascii")
    return key


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _place(path: Path, content: bytes) -> None:
    """Put `content` at `path` unless another process was first; whoever reads sees all of it. Mode 0600."""
    descriptor, part = tempfile.mkstemp(dir=path.parent)  # mkstemp makes files that only their owner reads
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        Path(part).unlink()
