"""A proof in one text file (C2SP tlog-proof): that an entry stands at an index of the log, for checking offline.

c2sp.org/tlog-proof@v1
extra <base64>              (may be absent)
index <n>
<base64 of a hash>          (one line each, lowest first)
(empty line)
<the signed checkpoint>
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.tlog import checkpoint, merkle, note

HEADING = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proof:
    """`signed` is the checkpoint as a note; `extra` is opaque here (a receipt's salt)."""

    index: int
    hashes: tuple[bytes, ...]
    signed: str
    extra: bytes | None = None

    @property
    def text(self) -> str:
        lines = [HEADING] + ([] if self.extra is None else [f"extra {_base64(self.extra)}"])
        lines += [f"index {self.index}", *map(_base64, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.signed


def parse(text: str) -> Proof:
    """The proof that `Proof.text` spelled. ValueError for anything else."""
    head, gap, signed = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != HEADING:
        raise ValueError("not a tlog-proof")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = note.decode_base64(lines.pop(0).removeprefix("extra "))
    match = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if not match:
        raise ValueError("a tlog-proof names its index")
    hashes = tuple(note.decode_base64(line) for line in lines)
    if any(len(one) != merkle.HASH_SIZE for one in hashes):
        raise ValueError("a hash has 32 bytes")
    return Proof(int(match[1]), hashes, signed, extra)


def verify(proof: Proof, leaf: bytes, origin: str, vkeys: Iterable[str]) -> checkpoint.Checkpoint:
    """Check that the entry `leaf` (its bytes) is in the log `origin`; return the checkpoint that covers it.

    ValueError where the checkpoint is not signed by one of `vkeys`, is another log's, or the path does not lead to it.
    """
    covered = checkpoint.open_checkpoint(proof.signed, vkeys)
    if covered.origin != origin:
        raise ValueError(f"a checkpoint of {covered.origin}, not of {origin}")
    leaf_hash = merkle.leaf_hash(leaf)
    if not merkle.verify_inclusion(leaf_hash, proof.index, covered.size, proof.hashes, covered.root):
        raise ValueError("the entry is not in the tree")
    return covered


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
