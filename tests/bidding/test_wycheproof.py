"""Wycheproof's hostile vectors against every primitive that an envelope, a note or a draw rests on (C2).

They lie beside the project (`../shared/data/vectors/wycheproof`); a clone without them says that it left them out. The
AES-GCM that envelopes use has nonces of 12 bytes and tags of 16, so others are passed over, and counted.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.app.tlog import published

Test = dict[str, Any]
Group = dict[str, Any]
NONCE, TAG_BITS = 12, 128


def cases(name: str) -> list[tuple[Group, Test]]:
    file = f"wycheproof/{name}_test.json"
    listed = published.load(file, None)
    if listed is None:
        pytest.skip(f"{file} is not there: left out")
    found = [(group, test) for group in listed["testGroups"] for test in group["tests"]]
    assert len(found) == listed["numberOfTests"]
    return found


def raw(test: Test, name: str) -> bytes:
    return bytes.fromhex(test[name])


def is_gcm_right(test: Test) -> bool:
    try:
        cipher = AESGCM(raw(test, "key"))
        plain = cipher.decrypt(raw(test, "iv"), raw(test, "ct") + raw(test, "tag"), raw(test, "aad"))
    except InvalidTag:
        return False
    return plain == raw(test, "msg")


def test_aes_gcm_opens_what_is_valid_and_nothing_else() -> None:
    ours, others = [], 0
    for group, test in cases("aes_gcm"):
        if group["tagSize"] == TAG_BITS and len(raw(test, "iv")) == NONCE:
            ours.append(test)
        else:
            others += 1
    wrong = [test["tcId"] for test in ours if is_gcm_right(test) != (test["result"] == "valid")]
    assert wrong == []
    assert (len(ours), others) == (197, 119)


def is_signed(group: Group, test: Test) -> bool:
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(group["publicKey"]["pk"]))
        public.verify(raw(test, "sig"), raw(test, "msg"))
    except (InvalidSignature, ValueError):
        return False
    return True


def test_ed25519_takes_no_signature_that_is_not_one() -> None:
    found = cases("ed25519")
    wrong = [test["tcId"] for group, test in found if is_signed(group, test) != (test["result"] == "valid")]
    assert wrong == []
    assert len(found) == 151


def shared(test: Test) -> bytes | None:
    """None where the library refuses the point: an all-zero secret is no secret."""
    try:
        public = X25519PublicKey.from_public_bytes(raw(test, "public"))
        return X25519PrivateKey.from_private_bytes(raw(test, "private")).exchange(public)
    except ValueError:
        return None


def test_x25519_gives_the_published_secret_or_refuses_a_point_of_small_order() -> None:
    found = [test for _, test in cases("x25519")]
    wrong = [test["tcId"] for test in found if shared(test) not in (raw(test, "shared"), None)]
    assert wrong == []
    refused = [test for test in found if shared(test) is None]
    assert {test["result"] for test in refused} <= {"acceptable"}
    assert all(raw(test, "shared") == bytes(32) for test in refused)
    assert len(found) == 518


def is_derived(test: Test) -> bool:
    try:
        derive = HKDF(algorithm=SHA256(), length=test["size"], salt=raw(test, "salt") or None, info=raw(test, "info"))
        return derive.derive(raw(test, "ikm")) == raw(test, "okm")
    except ValueError:  # longer than the hash can give
        return False


def test_hkdf_gives_the_published_bytes_and_refuses_too_many() -> None:
    found = [test for _, test in cases("hkdf_sha256")]
    assert [test["tcId"] for test in found if is_derived(test) != (test["result"] == "valid")] == []
    assert len(found) == 86


def test_hmac_gives_the_published_tags() -> None:
    found = cases("hmac_sha256")
    wrong = []
    for group, test in found:
        tag = hmac.digest(raw(test, "key"), raw(test, "msg"), hashlib.sha256)[: group["tagSize"] // 8]
        if hmac.compare_digest(tag, raw(test, "tag")) != (test["result"] == "valid"):
            wrong.append(test["tcId"])
    assert wrong == []
    assert len(found) == 174
