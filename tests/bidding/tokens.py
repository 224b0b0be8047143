"""A time-stamp authority in memory: RFC 3161 tokens made by hand, byte by byte, for tests without a network."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("06092a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("06092a864886f70d010904")
SHA256 = bytes.fromhex("0609608648016503040201")
ECDSA_SHA256 = bytes.fromhex("06082a8648ce3d040302")
POLICY = bytes.fromhex("06042a030401")


def der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


@dataclass
class Stamps:
    """`certificate` (DER) is what a verifier pins."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    serial: int = 0

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tsa.example")])
        began = datetime(2026, 1, 1, tzinfo=UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(7)
            .not_valid_before(began)
            .not_valid_after(began + timedelta(days=3650))
            .sign(self.key, hashes.SHA256())
        )
        self.certificate = made.public_bytes(Encoding.DER)

    def stamp(self, text: str, at: datetime, *, status: int = 0, algorithm: bytes = SHA256) -> bytes:
        """A DER TimeStampResp over `text`."""
        self.serial += 1
        time = der(0x18, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())
        imprint = der(0x30, der(0x30, algorithm, b"\x05\x00"), der(0x04, hashlib.sha256(text.encode()).digest()))
        info = der(0x30, integer(1), POLICY, imprint, integer(self.serial), time)
        attributes = der(0x30, CONTENT_TYPE, der(0x31, TST_INFO))
        attributes += der(0x30, MESSAGE_DIGEST, der(0x31, der(0x04, hashlib.sha256(info).digest())))
        signature = self.key.sign(der(0x31, attributes), ec.ECDSA(hashes.SHA256()))
        sha256 = der(0x30, SHA256)
        signer = der(
            0x30,
            integer(1),
            der(0x30, der(0x30), integer(7)),
            sha256,
            der(0xA0, attributes),
            der(0x30, ECDSA_SHA256),
            der(0x04, signature),
        )
        content = der(0x30, TST_INFO, der(0xA0, der(0x04, info)))
        signed = der(0x30, integer(3), der(0x31, sha256), content, der(0x31, signer))
        return der(0x30, der(0x30, integer(status)), der(0x30, SIGNED_DATA, der(0xA0, signed)))
