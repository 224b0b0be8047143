"""RFC 9180 and its post-quantum successors: the suites that a box may name give the published bytes (C1).

The vectors of the RFC carry additional data, which our envelopes leave empty and the library's public interface has no
argument for; they are opened through the function beneath it, which that interface calls with empty data. What our own
seal adds (context in `info`, key and ciphertext in one string) is compared with two outsiders: pyhpke here and in
`test_sealing`, and the browser's library in `test_js_interop`.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from bidding import sealing

Vector = dict[str, Any]
FOLDER = Path(cryptography_vectors.__file__).parent / "HPKE"
KEMS = {
    0x0010: hpke.KEM.P256,
    0x0011: hpke.KEM.P384,
    0x0012: hpke.KEM.P521,
    0x0020: hpke.KEM.X25519,
    0x647A: hpke.KEM.MLKEM768_X25519,
}
CURVES: dict[int, ec.EllipticCurve] = {0x0010: ec.SECP256R1(), 0x0011: ec.SECP384R1(), 0x0012: ec.SECP521R1()}
KDFS = {1: hpke.KDF.HKDF_SHA256, 2: hpke.KDF.HKDF_SHA384, 3: hpke.KDF.HKDF_SHA512, 16: hpke.KDF.SHAKE128}
KDFS[17] = hpke.KDF.SHAKE256
AEADS = {1: hpke.AEAD.AES_128_GCM, 2: hpke.AEAD.AES_256_GCM, 3: hpke.AEAD.CHACHA20_POLY1305}
BASE_MODE, EXPORT_ONLY, SEED_OF_XWING = 0, 0xFFFF, 0x647A


@cache
def vectors(name: str) -> list[Vector]:
    """Those of the base mode, with a KEM of ours, that encrypt something."""
    listed: list[Vector] = json.loads((FOLDER / name).read_text())
    return [v for v in listed if v["mode"] == BASE_MODE and v["kem_id"] in KEMS and v["aead_id"] != EXPORT_ONLY]


def name_of(vector: Vector) -> str:
    return f"{vector['kem_id']:#06x}-{vector['kdf_id']}-{vector['aead_id']}"


def suite_of(vector: Vector) -> hpke.Suite:
    return hpke.Suite(KEMS[vector["kem_id"]], KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])


def private_key(vector: Vector) -> Any:
    secret = bytes.fromhex(vector["skRm"])
    if vector["kem_id"] == 0x0020:
        return X25519PrivateKey.from_private_bytes(secret)
    if vector["kem_id"] == SEED_OF_XWING:
        # X-Wing: a seed of 32 bytes, spread to one for ML-KEM and a key of X25519.
        spread = hashlib.shake_256(secret).digest(96)
        halves = MLKEM768PrivateKey.from_seed_bytes(spread[:64]), X25519PrivateKey.from_private_bytes(spread[64:])
        return hpke.MLKEM768X25519PrivateKey(*halves)
    return ec.derive_private_key(int.from_bytes(secret, "big"), CURVES[vector["kem_id"]])


def opened(vector: Vector, aad: bytes) -> bytes:
    """The text of the first encryption: the one that a single-shot seal makes."""
    first = vector["encryptions"][0]
    sealed = bytes.fromhex(vector["enc"] + first["ct"])
    plain: bytes = openssl.hpke._decrypt_with_aad(
        suite_of(vector), sealed, private_key(vector), bytes.fromhex(vector["info"]), aad
    )
    return plain


CLASSIC = [v for v in vectors("test-vectors.json") if v["kem_id"] in CURVES or v["kem_id"] == 0x0020]
XWING = [v for v in vectors("hpke-pq-test-vectors.json") if v["kem_id"] == SEED_OF_XWING]


@pytest.mark.parametrize("vector", CLASSIC + XWING, ids=name_of)
def test_a_published_seal_opens_to_the_published_text(vector: Vector) -> None:
    first = vector["encryptions"][0]
    aad, text = bytes.fromhex(first["aad"]), bytes.fromhex(first["pt"])
    assert opened(vector, aad) == text
    with pytest.raises(InvalidTag):
        opened(vector, aad + b"\0")


def test_the_suites_of_the_rfc_were_all_there() -> None:
    """Three curves and X25519 with two hashes and three ciphers; X-Wing as the drafts have it."""
    assert {(v["kem_id"], v["aead_id"]) for v in CLASSIC} >= {(0x0020, 1), (0x0020, 2), (0x0020, 3), (0x0010, 2)}
    assert len(CLASSIC) == 18
    assert len(XWING) == 2


def test_the_suite_of_our_boxes_is_one_of_them() -> None:
    (mine,) = [v for v in CLASSIC if (v["kem_id"], v["kdf_id"], v["aead_id"]) == (0x0020, 1, 2)]
    key = private_key(mine)
    sealed = sealing.SUITE.encrypt(b"text", key.public_key(), b"info")
    assert sealing.SUITE.decrypt(sealed, key, b"info") == b"text"
    assert suite_of(mine).decrypt(sealed, key, b"info") == b"text"
    assert len(sealed) == sealing.ENC + len(b"text") + sealing.TAG
