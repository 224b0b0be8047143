"""Proofs of the log that this side makes convince the browser, and spoilt ones do not."""

from __future__ import annotations

import random
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.tlog import checkpoint, merkle, note
from app.tlog.canon import jcs
from app.tlog.proof import Proof
from tests.bidding.node import ask

SIZES = [1, 2, 3, 7, 8, 9, 64, 100]


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(sha256(bytes([number])).digest()) for number in range(size)]


def inclusion_cases() -> tuple[list[dict[str, Any]], list[str]]:
    cases, roots = [], []
    for size in SIZES:
        node = merkle.memory(leaves(size))
        for index in sorted({0, size // 2, size - 1}):
            path = [one.hex() for one in merkle.inclusion_proof(index, size, node)]
            cases.append({"index": index, "size": size, "leaf": leaves(size)[index].hex(), "path": path})
            roots.append(merkle.root(leaves(size)).hex())
    return cases, roots


def test_inclusion_proofs_lead_to_the_root() -> None:
    cases, roots = inclusion_cases()
    assert [answer["ok"] for answer in ask("roots", cases)] == roots


@pytest.mark.parametrize("how", ["shorter", "longer", "another leaf", "outside"])
def test_spoilt_inclusion_proofs_lead_nowhere_or_elsewhere(how: str) -> None:
    cases, roots = inclusion_cases()
    spoilt = [(case, root) for case, root in zip(cases, roots, strict=True) if case["path"]]
    answers = ask("roots", [spoil(case, how) for case, _ in spoilt])
    assert all(answer.get("ok") != root for answer, (_, root) in zip(answers, spoilt, strict=True))


def spoil(case: dict[str, Any], how: str) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {
        "shorter": {"path": case["path"][:-1]},
        "longer": {"path": [*case["path"], "00" * 32]},
        "another leaf": {"leaf": "00" * 32},
        "outside": {"index": case["size"]},
    }
    return case | changes[how]


def consistency_cases() -> list[dict[str, Any]]:
    cases = []
    for new in SIZES:
        node = merkle.memory(leaves(new))
        for old in sorted({0, 1, 2, 4, new // 2, new - 1, new} & set(range(new + 1))):
            proof = merkle.consistency_proof(old, new, node) if 0 < old < new else []
            cases.append(
                {
                    "size1": old,
                    "root1": merkle.root(leaves(old)).hex(),
                    "size2": new,
                    "root2": merkle.root(leaves(new)).hex(),
                    "proof": [one.hex() for one in proof],
                }
            )
    return cases


def test_a_log_that_only_grew_is_consistent() -> None:
    cases = consistency_cases()
    assert ask("consistency", cases) == [{"ok": True}] * len(cases)


@pytest.mark.parametrize("part", ["root1", "root2", "proof", "longer", "shrunk"])
def test_a_log_that_was_rewritten_is_not(part: str) -> None:
    cases = [case for case in consistency_cases() if case["proof"]]
    match part:
        case "proof":
            cases = [case | {"proof": case["proof"][:-1]} for case in cases]
        case "longer":
            cases = [case | {"proof": [*case["proof"], "00" * 32]} for case in cases]
        case "shrunk":
            cases = [case | {"size1": case["size2"], "size2": case["size1"]} for case in cases]
        case _:
            cases = [case | {part: "00" * 32} for case in cases]
    assert all("fault" in answer for answer in ask("consistency", cases))


def log_case() -> dict[str, Any]:
    """A receipt whose entry is number 37 of a signed log of 100."""
    rnd, key = random.Random(5), Ed25519PrivateKey.generate()
    receipt = {"c": rnd.randbytes(32).hex(), "origin": "localhost/naru"}
    entries = leaves(100)
    entries[37] = merkle.leaf_hash(jcs({"c": receipt["c"], "v": 1}))
    signed = checkpoint.sign(checkpoint.Checkpoint("localhost/naru", 100, merkle.root(entries)), key)
    path = merkle.inclusion_proof(37, 100, merkle.memory(entries))
    vkey = note.vkey("localhost/naru", key.public_key().public_bytes_raw())
    return {"receipt": receipt, "proof": Proof(37, tuple(path), signed, b"salt").text, "vkey": vkey}


def test_a_receipt_is_found_in_the_log_it_names() -> None:
    assert ask("inLog", [log_case()]) == [{"ok": {"index": 37, "size": 100}}]


def test_a_receipt_is_not_found_by_anything_less() -> None:
    case = log_case()
    other = log_case()
    cases = [
        case | {"receipt": case["receipt"] | {"c": "00" * 32}},
        case | {"receipt": case["receipt"] | {"origin": "elsewhere/log"}},
        case | {"vkey": other["vkey"]},
        case | {"proof": case["proof"].replace("index 37", "index 36")},
        case | {"proof": case["proof"].replace("\n100\n", "\n101\n")},
        case | {"proof": "not a proof"},
    ]
    assert all("fault" in answer for answer in ask("inLog", cases))
