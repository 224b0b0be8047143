"""Proofs of single entries, computed from the published files alone."""

from __future__ import annotations

from dataclasses import dataclass

from app.audit.publication import Publication
from app.tlog import merkle, proof, tiles
from app.tlog.checkpoint import Checkpoint
from app.tlog.merkle import Step
from app.tlog.tiles import ENTRIES, WIDTH


@dataclass(frozen=True, slots=True)
class Proved:
    """`leaf_hash` climbs by `steps` to the root of `checkpoint`; `is_right` says whether it arrived."""

    proof: proof.Proof
    checkpoint: Checkpoint
    leaf_hash: bytes
    steps: list[Step]

    @property
    def is_right(self) -> bool:
        return ([self.leaf_hash] + [step.result for step in self.steps])[-1] == self.checkpoint.root


def prove(publication: Publication, index: int) -> Proved | None:
    """The proof of entry `index` under the newest published checkpoint; None while that does not cover it."""
    newest = publication.newest()
    if newest is None or not 0 <= index < newest[1].size:
        return None
    signed, covering = newest
    hashes = merkle.inclusion_proof(index, covering.size, publication.node(covering.size))
    bundle = publication.read(tiles.tile_at(ENTRIES, index // WIDTH, covering.size))
    leaf_hash = merkle.leaf_hash(tiles.parse_bundle(bundle)[index % WIDTH])
    steps = merkle.climb(leaf_hash, index, covering.size, hashes)
    return Proved(proof.Proof(index, tuple(hashes), signed), covering, leaf_hash, steps)
