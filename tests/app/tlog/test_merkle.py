"""Roots and proofs of the Merkle tree against published vectors, a plain definition, and every small tree."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tlog import merkle
from tests.app.tlog import published

ROOT_OF_1 = base64.b64encode(merkle.leaf_hash(b"")).decode()
EMPTY = base64.b64encode(hashlib.sha256(b"").digest()).decode()
OWN: dict[str, list[dict[str, Any]]] = {
    "inclusion": [
        {
            "name": "one",
            "leafIdx": 0,
            "treeSize": 1,
            "leafHash": ROOT_OF_1,
            "root": ROOT_OF_1,
            "proof": None,
            "wantErr": False,
        },
        {
            "name": "beyond",
            "leafIdx": 1,
            "treeSize": 1,
            "leafHash": ROOT_OF_1,
            "root": ROOT_OF_1,
            "proof": None,
            "wantErr": True,
        },
    ],
    "consistency": [
        {
            "name": "same",
            "size1": 1,
            "size2": 1,
            "root1": ROOT_OF_1,
            "root2": ROOT_OF_1,
            "proof": None,
            "wantErr": False,
        },
        {"name": "other", "size1": 1, "size2": 1, "root1": ROOT_OF_1, "root2": EMPTY, "proof": None, "wantErr": True},
    ],
}
VECTORS = published.load("rfc6962/merkle.json", OWN)


def _decode(hashes: list[str] | None) -> list[bytes]:
    return [base64.b64decode(one) for one in hashes or []]


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda vector: vector["name"])
def test_published_inclusion_proofs_get_the_published_verdict(vector: dict[str, Any]) -> None:
    leaf, root = _decode([vector["leafHash"], vector["root"]])
    is_right = merkle.verify_inclusion(leaf, vector["leafIdx"], vector["treeSize"], _decode(vector["proof"]), root)
    assert is_right is not vector["wantErr"]


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda vector: vector["name"])
def test_published_consistency_proofs_get_the_published_verdict(vector: dict[str, Any]) -> None:
    old_root, new_root = _decode([vector["root1"], vector["root2"]])
    proof = _decode(vector["proof"])
    is_right = merkle.verify_consistency(vector["size1"], vector["size2"], proof, old_root, new_root)
    assert is_right is not vector["wantErr"]


def test_every_tree_extends_the_empty_one_without_a_proof() -> None:
    """As tlog-witness has it; the published cases from size 0 all carry impossible roots or a superfluous proof."""
    some = bytes(32)
    assert merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, some)
    assert merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(0, 5, [], some, some)
    assert not merkle.verify_consistency(0, 0, [], some, some)
    assert not merkle.verify_consistency(0, 5, [some], merkle.EMPTY_ROOT, some)


def test_the_published_vectors_were_used() -> None:
    published.say_whether_there("rfc6962/merkle.json")


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_hash_of_another_length_proves_nothing(length: int) -> None:
    odd, good = bytes(length), bytes(32)
    assert not merkle.verify_inclusion(odd, 0, 1, [], odd)
    assert not merkle.verify_inclusion(good, 0, 2, [odd], merkle.node_hash(good, odd))
    assert not merkle.verify_consistency(1, 2, [odd], good, merkle.node_hash(good, odd))


def _leaves(count: int) -> list[bytes]:
    return [merkle.leaf_hash(n.to_bytes(4, "big")) for n in range(count)]


def _defined_root(hashes: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as it is written."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    left = 1
    while left * 2 < len(hashes):
        left *= 2
    return hashlib.sha256(b"\1" + _defined_root(hashes[:left]) + _defined_root(hashes[left:])).digest()


@pytest.mark.parametrize("size", range(70))
def test_the_root_is_the_one_of_the_definition_however_it_is_computed(size: int) -> None:
    hashes = _leaves(size)
    frontier = merkle.Frontier()
    for one in hashes:
        frontier.append(one)
    reread = merkle.Frontier.from_bytes(size, frontier.to_bytes())
    expected = _defined_root(hashes)
    assert (
        merkle.root(hashes)
        == frontier.root()
        == reread.root()
        == merkle.root_at(size, merkle.memory(hashes))
        == expected
    )


@pytest.mark.parametrize("size", range(1, 34))
def test_each_leaf_of_each_small_tree_is_proved_and_no_other_place_is(size: int) -> None:
    hashes = _leaves(size)
    root, node = merkle.root(hashes), merkle.memory(hashes)
    for index in range(size):
        proof = merkle.inclusion_proof(index, size, node)
        for claimed in range(size + 1):
            assert merkle.verify_inclusion(hashes[index], claimed, size, proof, root) is (claimed == index)
        assert not merkle.verify_inclusion(hashes[index], index, size, [*proof, bytes(32)], root)
        assert not merkle.verify_inclusion(merkle.leaf_hash(b"other"), index, size, proof, root)
        for at in range(len(proof)):
            assert not merkle.verify_inclusion(hashes[index], index, size, proof[:at] + proof[at + 1 :], root)


@pytest.mark.parametrize("new", range(34))
def test_each_small_tree_is_proved_to_extend_each_smaller_one(new: int) -> None:
    hashes = _leaves(new)
    node, new_root = merkle.memory(hashes), merkle.root(hashes)
    for old in range(new + 1):
        old_root, proof = merkle.root(hashes[:old]), merkle.consistency_proof(old, new, node)
        assert merkle.verify_consistency(old, new, proof, old_root, new_root)
        assert not merkle.verify_consistency(old, new, [*proof, bytes(32)], old_root, new_root)
        assert not merkle.verify_consistency(old, new, proof, bytes(32), new_root)
        assert not merkle.verify_consistency(old, new, proof, old_root, bytes(32)) or old == 0
        for at in range(len(proof)):
            assert not merkle.verify_consistency(old, new, proof[:at] + proof[at + 1 :], old_root, new_root)


@given(st.data(), st.integers(1, 600))
def test_a_tree_whose_past_was_changed_is_not_consistent(data: st.DataObject, new: int) -> None:
    hashes = _leaves(new)
    old = data.draw(st.integers(1, new))
    changed = data.draw(st.integers(0, old - 1))
    old_root = merkle.root(hashes[:old])
    hashes[changed] = merkle.leaf_hash(b"changed")
    proof = merkle.consistency_proof(old, new, merkle.memory(hashes))
    assert not merkle.verify_consistency(old, new, proof, old_root, merkle.root(hashes))


@given(st.integers(1, 3000), st.data())
def test_the_climb_ends_at_the_root(size: int, data: st.DataObject) -> None:
    hashes = _leaves(size)
    index = data.draw(st.integers(0, size - 1))
    steps = merkle.climb(hashes[index], index, size, merkle.inclusion_proof(index, size, merkle.memory(hashes)))
    assert ([hashes[index]] + [step.result for step in steps])[-1] == merkle.root(hashes)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3)])
def test_a_place_outside_the_tree_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        merkle.inclusion_proof(index, size, merkle.memory(_leaves(8)))
    assert not merkle.verify_inclusion(bytes(32), index, size, [], bytes(32))


@pytest.mark.parametrize(("old", "new"), [(2, 1), (-1, 1)])
def test_sizes_that_shrink_have_no_proof(old: int, new: int) -> None:
    with pytest.raises(ValueError):
        merkle.consistency_proof(old, new, merkle.memory(_leaves(8)))
    assert not merkle.verify_consistency(old, new, [], bytes(32), bytes(32))


@pytest.mark.parametrize(("size", "length"), [(-1, 0), (0, 32), (3, 32), (3, 96), (4, 31), (4, 64)])
def test_a_frontier_of_the_wrong_length_is_refused(size: int, length: int) -> None:
    with pytest.raises(ValueError):
        merkle.Frontier.from_bytes(size, bytes(length))
