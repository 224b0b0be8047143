"""Signs checkpoints, and never two that contradict each other.

It trusts neither the database nor the sequencer: it remembers the last size and root that it signed in a file of its
own, and signs another tree only with the proof that the last one is its beginning. A larger site runs it as another
user or on another machine; what it needs is in `sign`'s arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.audit import durable
from app.tlog import checkpoint, merkle
from app.tlog.checkpoint import Checkpoint


class SignerRefused(Exception):
    """The tree to be signed does not continue the last one signed: a fork, a shrink, or a lost memory."""


class Signer:
    """`memory` is the file with the text of the last checkpoint signed; its folder belongs to the signer alone."""

    def __init__(self, key: Ed25519PrivateKey, origin: str, memory: Path) -> None:
        self._key, self.origin, self._memory = key, origin, memory

    def last(self) -> Checkpoint:
        """What was signed last; of a signer that never signed, the empty tree."""
        try:
            return checkpoint.parse(self._memory.read_text("utf-8"))
        except FileNotFoundError:
            return Checkpoint(self.origin, 0, merkle.EMPTY_ROOT)

    def sign(self, size: int, root: bytes, proof: Sequence[bytes]) -> str:
        """The signed note for this tree. `proof` shows the tree of `last()` to be its beginning.

        Raises SignerRefused. What was signed is remembered on disk before anybody sees the signature.
        """
        last, new = self.last(), Checkpoint(self.origin, size, root)
        if last.origin != self.origin:
            raise SignerRefused(f"the memory is of the log {last.origin}")
        if not merkle.verify_consistency(last.size, size, proof, last.root, root):
            raise SignerRefused(f"a tree of {size} that does not continue the signed one of {last.size}")
        if new != last or not self._memory.exists():
            durable.write(self._memory, new.text.encode())
        return checkpoint.sign(new, self._key)
