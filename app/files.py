"""File store: bytes under their own SHA-256, in a folder. What is there is whole and never changes.

Written to a temporary name, synced, renamed, and the folder synced, so that a name that exists after a crash holds
its bytes. Two writers of the same bytes do no harm.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from flask import current_app

from app.errors import NotFound


def _root() -> Path:
    return Path(current_app.config["NARU_VAR"]) / "files"


def _path(sha256: str) -> Path:
    if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
        raise NotFound("not a file's hash")
    return _root() / sha256[:2] / sha256


def store(content: bytes) -> str:
    """Keep `content`; return its SHA-256 in hex. Durable when this returns."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = _path(sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".part-", delete=False) as part:
        part.write(content)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).chmod(0o640)
    Path(part.name).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return sha256


def load(sha256: str) -> bytes:
    """The bytes under `sha256`. Raises NotFound; bytes that no longer match their name are a fault, not an answer."""
    path = _path(sha256)
    if not path.exists():
        raise NotFound(f"no file {sha256}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise OSError(f"file {sha256} is damaged")
    return content
