"""What the log's key signs (C2SP tlog-checkpoint): the log's name, how many entries it has, and their root."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import merkle, note

_SIZE = re.compile(r"0|[1-9][0-9]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`size` entries, numbered 0..size-1, have the root `root` (32 bytes) in the log named `origin`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """The signed note; its key is named after the log."""
    return note.sign(checkpoint.text, checkpoint.origin, key)


def open_checkpoint(signed: str, vkeys: Iterable[str]) -> Checkpoint:
    """The checkpoint in a note that one of `vkeys` signed. ValueError for anything else."""
    return parse(note.open_note(signed, vkeys))


def parse(text: str) -> Checkpoint:
    """The first three lines of a checkpoint's text; further lines (extensions) are not empty. ValueError otherwise."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise ValueError("a checkpoint has three lines")
    origin, size, root = lines[:3]
    if not _SIZE.fullmatch(size):
        raise ValueError("the size is a plain decimal")
    checkpoint = Checkpoint(origin, int(size), note.decode_base64(root))
    if len(checkpoint.root) != merkle.HASH_SIZE:
        raise ValueError("a root has 32 bytes")
    return checkpoint
