"""Decrypted files of strangers: first in quarantine, whence nothing is ever served, then among the cleared."""

from __future__ import annotations

import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path
from uuid import UUID

from flask import current_app

from app.errors import NotFound


def _place(room: str, owner: UUID, number: int) -> Path:
    return Path(current_app.config["NARU_VAR"]) / "documents" / room / str(owner) / f"{number:03d}"


def take_in(owner: UUID, number: int, blocks: Iterable[bytes]) -> Path:
    """Write a file into quarantine, block by block; what was there of it before is gone. Its path, to look into."""
    place = _place("quarantine", owner, number)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileIO(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        for block in blocks:
            file.write(block)
        os.fsync(file.fileno())
    return place


def clear(owner: UUID, number: int) -> None:
    """Out of quarantine, to where it can be handed on. Safe to say twice."""
    place, cleared = _place("quarantine", owner, number), _place("cleared", owner, number)
    cleared.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if place.exists() or not cleared.exists():
        place.replace(cleared)


def discard(owner: UUID, number: int) -> None:
    _place("quarantine", owner, number).unlink(missing_ok=True)


def open_cleared(owner: UUID, number: int) -> FileIO:
    """A cleared file to read. Raises NotFound for one that is not."""
    place = _place("cleared", owner, number)
    if not place.is_file():
        raise NotFound("no such cleared file")
    return FileIO(place)
