"""Statements, signatures and receipts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.tlog import note
from app.tlog.canon import b64u, unb64u
from bidding import statement as st
from bidding.sealing import Lane, make_ctx, seal_envelope
from bidding.statement import BadSignature, BadStatement

Json = dict[str, Any]
AT = datetime(2026, 11, 23, 0, 59, 59, 123456, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
SIGNER = st.SupplierKey("Ed25519", PUBLIC)
LANE = Lane({"A": X25519PrivateKey.generate().public_key().public_bytes_raw()}, (("A",),))
CTX = make_ctx(
    box="ab" * 32,
    tender="R26BK00000001-000",
    lot="1",
    supplier="1248100998",
    bid="0198c0de-0000-7000-8000-000000000001",
)
ENVELOPE = seal_envelope(CTX, LANE, bytes(1024))[1]
STATEMENT = st.make_statement(CTX, ENVELOPE, notice_sha256="cd" * 32, client="ef" * 32, made=AT)
STMT = st.statement_hash(STATEMENT)


def check(statement: Any) -> None:
    st.check_statement(
        statement, box="ab" * 32, tender="R26BK00000001-000", notice_sha256="cd" * 32, lots=frozenset({"1"})
    )


def test_a_statement_of_our_own_is_good() -> None:
    check(STATEMENT)
    st.check_pair(STATEMENT, ENVELOPE)
    assert st.ctx_of(STATEMENT) == CTX


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"extra": 1}, "members"),
        ({"v": 2}, "type"),
        ({"v": True}, "type"),
        ({"type": "receipt"}, "type"),
        ({"ver": 2}, "version"),
        ({"ver": True}, "version"),
        ({"prev": "ab" * 32}, "version"),
        ({"box": "ac" * 32}, "box"),
        ({"tender": "R26BK00000002-000"}, "box"),
        ({"notice_sha256": "ce" * 32}, "box"),
        ({"lot": "2"}, "lot"),
        ({"lot": 1}, "lot"),
        ({"lot": ["1"]}, "lot"),
        ({"supplier": ""}, "supplier"),
        ({"supplier": "1" * 41}, "supplier"),
        ({"supplier": 1248100998}, "supplier"),
        ({"env": {"price": "ab" * 32}}, "env"),
        ({"env": {"price": "ab" * 32, "docs": "AB" * 32}}, "hash"),
        ({"env": {"price": "ab" * 32, "docs": 1}}, "hash"),
        ({"env": None}, "env"),
        ({"env": {"price": "AB" * 32, "docs": None}}, "hash"),
        ({"client": "ef" * 31}, "hash"),
        ({"client": None}, "hash"),
        ({"bid": "0198C0DE-0000-7000-8000-000000000001"}, "spelling"),
        ({"bid": "1"}, "spelling"),
        ({"bid": None}, "spelling"),
        ({"made": "2026-11-23T00:59:59Z"}, "spelling"),
        ({"made": None}, "spelling"),
    ],
)
def test_a_statement_that_this_box_cannot_take_is_refused(change: Json, code: str) -> None:
    with pytest.raises(BadStatement) as refusal:
        check({**STATEMENT, **change})
    assert refusal.value.code == code


def test_what_is_no_object_is_no_statement() -> None:
    with pytest.raises(BadStatement):
        check([STATEMENT])


def test_another_envelope_is_not_the_one_signed_for() -> None:
    other = seal_envelope(CTX, LANE, bytes(1024))[1]
    with pytest.raises(BadStatement) as refusal:
        st.check_pair(STATEMENT, other)
    assert refusal.value.code == "envelope-hash"


def test_the_signature_is_over_the_statement_and_by_the_key() -> None:
    signature = st.sign_statement(STMT, "k1", KEY)
    st.verify_signature(STMT, signature, SIGNER)
    KEY.public_key().verify(unb64u(signature["signature"]), b"koneps/v1/sign\0" + bytes.fromhex(STMT))
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    for stmt, public in (("00" * 32, PUBLIC), (STMT, other), (STMT, b"short")):
        with pytest.raises(BadSignature):
            st.verify_signature(stmt, signature, st.SupplierKey("Ed25519", public))


@pytest.mark.parametrize(
    ("signature", "code"),
    [
        (None, "members"),
        ({"alg": "Ed25519", "signature": ""}, "members"),
        ({"alg": "none", "kid": "k", "signature": ""}, "alg"),
        ({"alg": "Ed25519", "kid": 1, "signature": ""}, "alg"),
        ({"alg": "Ed25519", "kid": "k", "signature": 5}, "signature"),
        ({"alg": "Ed25519", "kid": "k", "signature": "!"}, "signature"),
        ({"alg": "Ed25519", "kid": "k", "signature": b64u(bytes(64))}, "signature"),
    ],
)
def test_what_is_no_signature_is_refused(signature: Any, code: str) -> None:
    with pytest.raises(BadSignature) as refusal:
        st.verify_signature(STMT, signature, SIGNER)
    assert refusal.value.code == code


def test_a_bid_signature_cannot_be_had_from_another_message() -> None:
    bare = {"alg": "Ed25519", "kid": "k", "signature": b64u(KEY.sign(bytes.fromhex(STMT)))}
    with pytest.raises(BadSignature):
        st.verify_signature(STMT, bare, SIGNER)


def receipt(received: datetime = AT) -> Json:
    return st.make_receipt(
        STATEMENT, STMT, received=received, commitment=b"\1" * 32, salt=b"\2" * 32, origin="log.naru.example"
    )


def test_a_receipt_is_made_again_byte_for_byte() -> None:
    vkey = note.vkey("naru", PUBLIC)
    signed = st.receipt_note(receipt(), "naru", KEY)
    assert signed == st.receipt_note(receipt(), "naru", KEY)
    assert signed != st.receipt_note(receipt(AT + timedelta(microseconds=1)), "naru", KEY)
    assert st.open_receipt(signed, STMT, [vkey])["received"] == "2026-11-23T00:59:59.123456Z"


def test_a_receipt_of_another_bid_or_by_another_key_is_refused() -> None:
    """P8."""
    signed = st.receipt_note(receipt(), "naru", KEY)
    with pytest.raises(ValueError, match="another bid"):
        st.open_receipt(signed, "00" * 32, [note.vkey("naru", PUBLIC)])
    stranger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(ValueError, match="known key"):
        st.open_receipt(signed, STMT, [note.vkey("naru", stranger)])


@pytest.mark.parametrize(("commitment", "salt"), [(b"", b"\0" * 32), (b"\0" * 32, b"")])
def test_a_receipt_needs_its_commitment(commitment: bytes, salt: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        st.make_receipt(STATEMENT, STMT, received=AT, commitment=commitment, salt=salt, origin="log")
