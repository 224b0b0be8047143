"""Large files that arrive in parts, each under the SHA-256 that its sender has announced for it.

    with transaction(): …                                  # whose it is, and whether there is room
    received = append(owner, sha256, start, total, read)   # any number of times, from where the last one stopped

A part is appended to a temporary file at every site (the first folder, and the mirror where one is configured). With
the last byte the whole is hashed, synced, renamed and its folder synced, at each site: a name that exists holds its
bytes. Nothing is ever held in memory but one block.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import FileIO
from pathlib import Path
from uuid import UUID

from flask import current_app

from app.errors import DamagedUpload, InvalidInput, NotFound, TemporarilyUnavailable, UploadOutOfStep

BLOCK = 65_536
Read = Callable[[int], bytes]


def sites() -> tuple[Path, ...]:
    """The folders that must hold a blob before it counts as stored."""
    mirror = current_app.config.get("NARU_BLOBS_MIRROR")
    first = Path(current_app.config["NARU_VAR"]) / "blobs"
    return (first, Path(mirror)) if mirror else (first,)


def _place(site: Path, owner: UUID, sha256: str) -> Path:
    if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
        raise NotFound("not a file's hash")
    return site / str(owner) / sha256[:2] / sha256


def _part(place: Path) -> Path:
    return place.with_name(f".{place.name}.part")


def is_stored(owner: UUID, sha256: str) -> bool:
    """Whether every site holds the whole blob."""
    return all(_place(site, owner, sha256).is_file() for site in sites())


def received(owner: UUID, sha256: str) -> int | None:
    """How many bytes every site has of a blob that is not whole yet; None of one that nobody has begun."""
    parts = [_part(_place(site, owner, sha256)) for site in sites()]
    if not any(part.exists() for part in parts):
        return None
    return min(part.stat().st_size if part.exists() else 0 for part in parts)


def append(owner: UUID, sha256: str, start: int, total: int, read: Read) -> int:
    """Add what `read(n)` gives to the blob of `total` bytes; return how many bytes it has now.

    `start` must be how many it had: else UploadOutOfStep, which says so (also while another part is being added).
    What has arrived stays when the sender goes away in the middle. DamagedUpload: the bytes do not have the hash, and
    all are gone. TemporarilyUnavailable: a disk is full or away.
    """
    places = [_place(site, owner, sha256) for site in sites()]
    if is_stored(owner, sha256):
        return total
    try:
        with ExitStack() as stack:
            parts = [stack.enter_context(_opened(_part(place))) for place in places]
            held = _held(parts, start)
            size = _copy(parts, held, total, read)
            if size == total:
                _finish(parts, places, sha256)
            return size
    except OSError as error:
        raise TemporarilyUnavailable(f"a part could not be stored: {error}") from error


@contextmanager
def _opened(path: Path) -> Iterator[FileIO]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileIO(os.open(path, os.O_RDWR | os.O_CREAT, 0o640), "r+") as part:
        yield part


def _held(parts: list[FileIO], start: int) -> int:
    """What all sites hold, brought to the same length under the first one's lock."""
    try:
        fcntl.flock(parts[0], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UploadOutOfStep("another part is being added", received=start, in_flight=True) from error
    held = min(part.seek(0, os.SEEK_END) for part in parts)
    if start != held:
        raise UploadOutOfStep("not the next part", received=held)
    for part in parts:
        part.truncate(held)
        part.seek(held)
    return held


def _copy(parts: list[FileIO], size: int, total: int, read: Read) -> int:
    while block := read(BLOCK):
        if size + len(block) > total:
            raise InvalidInput("more bytes than were announced", field="content")
        for part in parts:
            _write(part, block)
        size += len(block)
    return size


def _write(part: FileIO, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[part.write(view) :]


def _finish(parts: list[FileIO], places: list[Path], sha256: str) -> None:
    for part in parts:
        part.seek(0)
        if hashlib.file_digest(part, "sha256").hexdigest() != sha256:
            for other in parts:
                other.truncate(0)
            raise DamagedUpload("the bytes do not have the announced hash", received=0)
        os.fsync(part.fileno())
    for place in places:
        _part(place).replace(place)
        _sync(place.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_blob(owner: UUID, sha256: str) -> FileIO:
    """The whole blob to read, from the first site that has it. Raises NotFound."""
    for site in sites():
        place = _place(site, owner, sha256)
        if place.is_file():
            return FileIO(place)
    raise NotFound(f"no blob {sha256}")


def remove(owner: UUID, sha256: str) -> None:
    """Forget the blob, whole or not, at every site."""
    for site in sites():
        place = _place(site, owner, sha256)
        place.unlink(missing_ok=True)
        _part(place).unlink(missing_ok=True)
