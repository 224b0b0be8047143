"""RFC 3161 tokens by our own small reader: those of openssl, and what is wrong with others."""

from __future__ import annotations

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from app.tlog import timestamp
from tests.app.audit.tsa import Authority
from tests.bidding.tokens import Stamps, der, integer

AT = datetime(2026, 11, 12, 1, 0, 6, tzinfo=UTC)
TEXT = "log.naru.example\n7\nAAAA\n"


def test_a_token_of_openssl_is_read_and_its_signature_checked(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "tsa")
    asked = TimestampRequestBuilder().data(TEXT.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    token = timestamp.parse(authority.answer(asked.as_bytes()))
    assert token.imprint == hashlib.sha256(TEXT.encode()).digest()
    assert abs(token.at - datetime.now(UTC)) < timedelta(minutes=5)
    signer = x509.load_pem_x509_certificate((authority.folder / "tsa.pem").read_bytes()).public_bytes(Encoding.DER)
    assert token.is_signed_by([Stamps().certificate, signer])
    assert not token.is_signed_by([Stamps().certificate])
    assert not token.is_signed_by([b"", b"no certificate", signer[:-1]])


def test_what_our_own_authority_makes_is_read_alike() -> None:
    stamps = Stamps()
    token = timestamp.parse(stamps.stamp(TEXT, AT))
    assert (token.imprint, token.at) == (hashlib.sha256(TEXT.encode()).digest(), AT)
    assert token.is_signed_by([stamps.certificate])


def test_a_refusal_and_another_hash_are_no_time_stamp() -> None:
    stamps = Stamps()
    sha1 = bytes.fromhex("06052b0e03021a")
    for data in (stamps.stamp(TEXT, AT, status=2), stamps.stamp(TEXT, AT, algorithm=sha1), b"", b"\x30\x00"):
        with pytest.raises(ValueError):
            timestamp.parse(data)


def test_no_change_of_a_byte_makes_another_valid_token() -> None:
    """It is refused, or says the same of the same text, or its signature is wrong; it never crashes."""
    stamps, chance = Stamps(), random.Random(3161)
    data = stamps.stamp(TEXT, AT)
    honest = timestamp.parse(data)
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        try:
            token = timestamp.parse(bytes(changed))
        except ValueError:
            continue
        is_same = (token.imprint, token.at) == (honest.imprint, honest.at)
        assert is_same or not token.is_signed_by([stamps.certificate])


def test_anything_else_is_refused_and_never_crashes() -> None:
    chance = random.Random(17)
    for _ in range(3000):
        noise = der(0x30, der(0x30, integer(0)), der(0x30, chance.randbytes(chance.randrange(60))))
        for data in (noise, chance.randbytes(chance.randrange(80))):
            with pytest.raises(ValueError):
                timestamp.parse(data)
    with pytest.raises(ValueError, match="too long"):
        timestamp.parse(bytes(timestamp.MAX_TOKEN + 1))
