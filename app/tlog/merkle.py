"""The Merkle tree of RFC 6962, section 2: roots, proofs, and their verification.

Proofs are computed over `node(level, index)`, the hash of the complete subtree of 2^level leaves that begins at leaf
index·2^level. `memory` gives it for a list of leaf hashes, `app.tlog.tiles.node_reader` for published tiles. All hashes
are 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

HASH_SIZE = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Node = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over all leaf hashes; of none, the hash of nothing."""
    frontier = Frontier()
    for one in leaf_hashes:
        frontier.append(one)
    return frontier.root()


@dataclass(slots=True)
class Frontier:
    """What is needed to go on appending: the complete subtrees along the right edge, largest first.

    Their number is the number of one-bits of `size`.
    """

    size: int = 0
    hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        carry, size = leaf, self.size
        while size & 1:
            carry = node_hash(self.hashes.pop(), carry)
            size >>= 1
        self.hashes.append(carry)
        self.size += 1

    def root(self) -> bytes:
        return _fold(self.hashes)

    def to_bytes(self) -> bytes:
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """What `to_bytes` gave for a tree of `size`. ValueError where the length does not fit the size."""
        if size < 0 or len(data) != HASH_SIZE * size.bit_count():
            raise ValueError("a frontier has one hash for each one-bit of the size")
        return cls(size, [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)])


def memory(leaf_hashes: Sequence[bytes]) -> Node:
    """Nodes of a tree whose leaf hashes are all at hand."""

    def node(level: int, index: int) -> bytes:
        return root(leaf_hashes[index << level : (index + 1) << level])

    return node


def root_at(size: int, node: Node) -> bytes:
    """The root of the first `size` leaves."""
    return _range_root(0, size, node)


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The hashes beside the path from leaf `index` up to the root of the first `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    proof, start, end = [], 0, size
    while end - start > 1:
        middle = start + _left_size(end - start)
        if index < middle:
            proof.append(_range_root(middle, end, node))
            end = middle
        else:
            proof.append(_range_root(start, middle, node))
            start = middle
    return proof[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The hashes that show the tree of `old` leaves to be the beginning of the tree of `new`. Empty from size 0."""
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} is not the beginning of one of {new}")
    if old in (0, new):
        return []
    proof, start, end = [], 0, new
    while old < end:
        middle = start + _left_size(end - start)
        if old <= middle:
            proof.append(_range_root(middle, end, node))
            end = middle
        else:
            proof.append(_range_root(start, middle, node))
            start = middle
    # A whole left part is the old root itself, which the verifier has.
    return ([] if start == 0 else [_range_root(start, end, node)]) + proof[::-1]


@dataclass(frozen=True, slots=True)
class Step:
    """One step up from a leaf: `sibling` is joined on `side` ("left" or "right"), which gives `result`."""

    side: str
    sibling: bytes
    result: bytes


def climb(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> list[Step]:
    """The path from a leaf hash upwards, as a person would recompute it; the last `result` should be the root.

    ValueError where the proof has the wrong length for this place in a tree of this size.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} in a tree of {size}")
    if not _are_hashes(leaf, *proof):
        raise ValueError("a hash has 32 bytes")
    steps, here, place, last = [], leaf, index, size - 1
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        is_left_neighbour = bool(place & 1) or place == last
        here = node_hash(sibling, here) if is_left_neighbour else node_hash(here, sibling)
        steps.append(Step("left" if is_left_neighbour else "right", sibling, here))
        while is_left_neighbour and place and not place & 1:  # levels where the right edge has no sibling
            place, last = place >> 1, last >> 1
        place, last = place >> 1, last >> 1
    if last:
        raise ValueError("the proof is too short")
    return steps


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Whether the leaf hash `leaf` stands at `index` in the tree of `size` leaves with this root."""
    try:
        steps = climb(leaf, index, size, proof)
    except ValueError:
        return False
    return (steps[-1].result if steps else leaf) == expected_root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`): RFC 9162, section 2.1.4.2.

    From size 0 the proof is empty and the old root is the empty one.
    """
    if not 0 <= old <= new or (old == 0 and old_root != EMPTY_ROOT):
        return False
    if old == new:
        return not proof and old_root == new_root
    if old == 0:
        return not proof and _are_hashes(new_root)
    return _are_hashes(old_root, new_root, *proof) and _roots_from(old, new, proof, old_root) == (old_root, new_root)


def _roots_from(old: int, new: int, proof: Sequence[bytes], old_root: bytes) -> tuple[bytes, bytes] | None:
    """Both roots as the proof gives them, for 0 < old < new; None where its length is wrong."""
    is_complete = not old & (old - 1)  # then the old root is itself a node of the new tree, and the proof leaves it out
    hashes = [old_root, *proof] if is_complete else list(proof)
    if not hashes:
        return None
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    seen_old = seen_new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if place & 1 or place == last:
            seen_old, seen_new = node_hash(sibling, seen_old), node_hash(sibling, seen_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            seen_new = node_hash(seen_new, sibling)
        place, last = place >> 1, last >> 1
    return None if last else (seen_old, seen_new)


def _are_hashes(*values: bytes) -> bool:
    # Without this, bytes could be moved between neighbours: node_hash joins them without a separator.
    return all(len(value) == HASH_SIZE for value in values)


def _left_size(count: int) -> int:
    """The largest power of two smaller than `count` (which is at least 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _complete_subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """(level, index) of the complete subtrees that make up the leaves start..end; one of them begins at `start`."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start >> level
        start += 1 << level


def _range_root(start: int, end: int, node: Node) -> bytes:
    return _fold([node(level, index) for level, index in _complete_subtrees(start, end)])


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    joined = hashes[-1]
    for left in reversed(hashes[:-1]):
        joined = node_hash(left, joined)
    return joined
