"""A passkey's signature is over this statement, at this site, by a person who was there and verified; else nothing."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.tlog.canon import b64u, unb64u
from bidding import webauthn
from bidding.statement import BadSignature, SupplierKey, sign_statement, verify_signature
from tests.bidding.authenticator import ORIGIN, RP_ID, UP, UV, Authenticator, new_key

Json = dict[str, Any]
STMT = hashlib.sha256(b"a statement").hexdigest()
OTHER = hashlib.sha256(b"another statement").hexdigest()
ORIGINS = (ORIGIN, "https://www.naru.example")


def key_of(authenticator: Authenticator, **changes: Any) -> SupplierKey:
    facts = {"cose_alg": authenticator.cose_alg, "rp_id": RP_ID, "origins": ORIGINS, **changes}
    return SupplierKey("webauthn", authenticator.public, **facts)


def signature(authenticator: Authenticator, stmt: str = STMT, **wrong: Any) -> Json:
    return {"alg": "webauthn", "kid": "k", **authenticator.sign(bytes.fromhex(stmt), **wrong)}


def refusal(signed: Any, key: SupplierKey, stmt: str = STMT) -> str:
    with pytest.raises(BadSignature) as refused:
        verify_signature(stmt, signed, key)
    return refused.value.code


@pytest.mark.parametrize("cose_alg", webauthn.ALGORITHMS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_passkey_of_each_kind_signs_at_each_origin_of_its_site(cose_alg: int, origin: str) -> None:
    passkey = Authenticator(cose_alg)
    verify_signature(STMT, signature(passkey, origin=origin), key_of(passkey))


@pytest.mark.parametrize("cose_alg", webauthn.ALGORITHMS)
def test_a_signature_for_another_statement_cannot_be_replayed(cose_alg: int) -> None:
    passkey = Authenticator(cose_alg)
    assert refusal(signature(passkey, OTHER), key_of(passkey)) == "challenge"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"origin": "https://naru.example.evil.example"}, "origin"),
        ({"origin": "http://naru.example"}, "origin"),
        ({"origin": "https://naru.example:8443"}, "origin"),
        ({"flags": UP}, "user-unverified"),
        ({"flags": UV}, "user-absent"),
        ({"flags": 0}, "user-absent"),
        ({"rp_id": "evil.example"}, "rp-id"),
        ({"kind": "webauthn.create"}, "type"),
        ({"kind": "payment.get"}, "type"),
        ({"more": {"crossOrigin": True}}, "cross-origin"),
        ({"more": {"crossOrigin": "false"}}, "cross-origin"),
        ({"more": {"crossOrigin": 0}}, "cross-origin"),
        ({"more": {"topOrigin": "https://evil.example"}}, "cross-origin"),
        ({"more": {"challenge": 5}}, "challenge"),
        ({"more": {"challenge": STMT}}, "challenge"),
        ({"more": {"origin": [ORIGIN]}}, "origin"),
        ({"client": b"[]"}, "client-data"),
        ({"client": b"{"}, "client-data"),
        ({"client": b"\xff{}"}, "client-data"),
        ({"client": b"[" * 3000}, "client-data"),
        ({"client": b"{}"}, "type"),
    ],
)
def test_a_proper_signature_over_the_wrong_thing_is_none(wrong: Json, code: str) -> None:
    """Each of these is signed by the right key: only what it says is wrong."""
    passkey = Authenticator()
    assert refusal(signature(passkey, **wrong), key_of(passkey)) == code


def test_a_member_that_stands_twice_in_the_client_data_is_refused() -> None:
    """Readers differ in which of the two they see."""
    passkey = Authenticator()
    said = json.dumps({"type": "webauthn.get", "challenge": b64u(bytes.fromhex(STMT)), "origin": ORIGIN})
    verify_signature(STMT, signature(passkey, client=said.encode()), key_of(passkey))
    twice = said.replace('"origin"', '"origin": "https://evil.example", "origin"')
    assert refusal(signature(passkey, client=twice.encode()), key_of(passkey)) == "client-data"


def test_members_that_browsers_may_add_change_nothing() -> None:
    passkey = Authenticator()
    verify_signature(STMT, signature(passkey, more={"other_keys_can_be_added_here": "x"}), key_of(passkey))


@pytest.mark.parametrize("cose_alg", webauthn.ALGORITHMS)
def test_no_byte_of_what_was_signed_can_be_altered(cose_alg: int) -> None:
    passkey = Authenticator(cose_alg)
    signed, key = signature(passkey), key_of(passkey)
    for member in ("authenticatorData", "clientDataJSON", "signature"):
        whole = unb64u(signed[member])
        for place in (*range(0, len(whole), 7), len(whole) - 1):
            altered = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
            refusal({**signed, member: b64u(altered)}, key)
        refusal({**signed, member: b64u(whole + b"\0")}, key)
        refusal({**signed, member: b64u(whole[:-1])}, key)
    counted = unb64u(signed["authenticatorData"])
    assert refusal({**signed, "authenticatorData": b64u(counted[:33] + b"\0\0\0\x63")}, key) == "signature"


def test_another_key_or_a_key_for_another_site_did_not_sign_it() -> None:
    passkey, other = Authenticator(), Authenticator()
    signed = signature(passkey)
    assert refusal(signed, key_of(other)) == "signature"
    assert refusal(signed, key_of(passkey, rp_id="other.example")) == "rp-id"
    assert refusal(signed, key_of(passkey, origins=("https://other.example",))) == "origin"


@pytest.mark.parametrize("named", [-8, -257, -35, 0])
def test_the_algorithm_is_the_enrolled_one(named: int) -> None:
    passkey = Authenticator(-7)
    assert refusal(signature(passkey), key_of(passkey, cose_alg=named)) == "key"


def test_weak_or_foreign_keys_are_no_keys() -> None:
    weak = Authenticator(-257, key=rsa.generate_private_key(public_exponent=65537, key_size=1024))
    assert refusal(signature(weak), key_of(weak)) == "key"
    p384 = Authenticator(-7, key=ec.generate_private_key(ec.SECP384R1()))
    assert refusal(signature(p384), key_of(p384)) == "key"
    passkey = Authenticator()
    assert refusal(signature(passkey), SupplierKey("webauthn", b"no key", -7, RP_ID, ORIGINS)) == "key"


def test_the_two_kinds_of_signature_do_not_stand_in_for_each_other() -> None:
    passkey = Authenticator(-8)
    plain = new_key(-8)
    ed25519 = SupplierKey("Ed25519", plain.public_key().public_bytes_raw())
    assert refusal(signature(passkey), ed25519) == "alg"
    assert refusal(sign_statement(STMT, "k", plain), key_of(passkey)) == "alg"
    # A passkey's own Ed25519 key, asked to sign the bare statement, has signed nothing that counts.
    raw = SupplierKey("Ed25519", passkey.key.public_key().public_bytes_raw())
    assert refusal({"alg": "Ed25519", "kid": "k", "signature": signature(passkey)["signature"]}, raw) == "signature"


@pytest.mark.parametrize(
    "change",
    [
        {"extra": "x"}, {"signature": None}, {"clientDataJSON": 5}, {"authenticatorData": "!"},
        {"signature": "A" * 8193}, {"authenticatorData": "AA"}, {"kid": 1}, {"alg": "WebAuthn"}, {"userHandle": ""},
    ],
)  # fmt: skip
def test_a_signature_of_another_shape_is_refused(change: Json) -> None:
    passkey = Authenticator()
    refusal({**signature(passkey), **change}, key_of(passkey))


@pytest.mark.parametrize("missing", ["authenticatorData", "clientDataJSON", "signature", "kid"])
def test_a_signature_without_one_of_its_parts_is_refused(missing: str) -> None:
    passkey = Authenticator()
    signed = signature(passkey)
    del signed[missing]
    assert refusal(signed, key_of(passkey)) == "members"


def test_a_key_is_read_from_its_log_entry() -> None:
    passkey = Authenticator()
    entry = {
        "alg": "webauthn", "kid": "k", "public": b64u(passkey.public), "cose_alg": -7, "rp_id": RP_ID,
        "origins": list(ORIGINS),
    }  # fmt: skip
    assert SupplierKey.from_entry(entry) == key_of(passkey)
    for name in ("cose_alg", "rp_id", "origins"):
        with pytest.raises(KeyError):
            SupplierKey.from_entry({key: value for key, value in entry.items() if key != name})
