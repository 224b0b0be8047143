"""Reading an RFC 3161 time-stamp token: what it stamps, when, and whether a known certificate's key signed it.

A small DER reader, for a verifier that should need little. Chains and revocation are not looked at: whoever pins a
certificate trusts it. By hand: `openssl ts -verify -in TOKEN -data TEXT -CAfile CERTIFICATE`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import load_der_x509_certificate

INTEGER, OCTETS, OID, SEQUENCE, SET, GENERALIZED_TIME, EXPLICIT_0 = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18, 0xA0
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SHA256 = bytes.fromhex("608648016503040201")
HASHES: dict[bytes, hashes.HashAlgorithm] = {
    SHA256: hashes.SHA256(),
    bytes.fromhex("608648016503040202"): hashes.SHA384(),
    bytes.fromhex("608648016503040203"): hashes.SHA512(),
}
MAX_TOKEN = 65_536
_TIME = re.compile(r"([0-9]{14})(?:\.([0-9]+))?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Value:
    """One DER value: its tag, what is in it, and all its bytes."""

    tag: int
    content: bytes
    whole: bytes

    def parts(self) -> list[Value]:
        """The values inside a constructed one. ValueError unless they fill it."""
        found, rest = [], self.content
        while rest:
            value = _take(rest)
            found.append(value)
            rest = rest[len(value.whole) :]
        return found


@dataclass(frozen=True, slots=True)
class Token:
    """`imprint` is the SHA-256 that was stamped, `at` when. The rest is what the signature is checked with."""

    imprint: bytes
    at: datetime
    info: bytes
    signer: Value

    def is_signed_by(self, certificates: Iterable[bytes]) -> bool:
        """Whether the key of one of these certificates (DER) signed the token. False for one that is misshapen."""
        try:
            message, algorithm, signature = _signed_part(self)
        except (ValueError, IndexError):
            return False
        return any(_verifies(certificate, message, algorithm, signature) for certificate in certificates)


def parse(data: bytes) -> Token:
    """The token in a DER TimeStampResp. ValueError unless it is granted, whole, and over a SHA-256."""
    if len(data) > MAX_TOKEN:
        raise ValueError("too long for a time stamp")
    try:
        return _parse(data)
    except IndexError:
        raise ValueError("not a time stamp") from None


def _parse(data: bytes) -> Token:
    status, content = _only(data, SEQUENCE).parts()[:2]
    if _integer(status.parts()[0]) not in (0, 1):
        raise ValueError("the time stamp was not granted")
    kind, wrapped = content.parts()
    _expect(kind, OID, SIGNED_DATA)
    signed = _only(_tagged(wrapped, EXPLICIT_0).content, SEQUENCE).parts()
    encapsulated = _tagged(signed[2], SEQUENCE).parts()
    _expect(encapsulated[0], OID, TST_INFO)
    info = _only(_tagged(encapsulated[1], EXPLICIT_0).content, OCTETS).content
    signers = _tagged(signed[-1], SET).parts()
    if len(signers) != 1:
        raise ValueError("a time stamp has one signer")
    imprint, at = _read_info(info)
    return Token(imprint, at, info, signers[0])


def _read_info(info: bytes) -> tuple[bytes, datetime]:
    version, _, imprint, _, time = _only(info, SEQUENCE).parts()[:5]
    if _integer(version) != 1:
        raise ValueError("another version of a time stamp")
    algorithm, hashed = _tagged(imprint, SEQUENCE).parts()
    _expect(_tagged(algorithm, SEQUENCE).parts()[0], OID, SHA256)
    if len(_tagged(hashed, OCTETS).content) != 32:
        raise ValueError("a SHA-256 has 32 bytes")
    spelled = _TIME.fullmatch(_tagged(time, GENERALIZED_TIME).content.decode("ascii"))
    if spelled is None:
        raise ValueError("not a time")
    micros = int((spelled[2] or "0")[:6].ljust(6, "0"))
    return hashed.content, datetime.strptime(spelled[1], "%Y%m%d%H%M%S").replace(microsecond=micros, tzinfo=UTC)


def _signed_part(token: Token) -> tuple[bytes, hashes.HashAlgorithm, bytes]:
    """What was signed, with which hash, and the signature; after what is signed has been seen to be this token."""
    _, _, algorithm, attributes, _, signature = _tagged(token.signer, SEQUENCE).parts()[:6]
    chosen = HASHES.get(_tagged(algorithm, SEQUENCE).parts()[0].content)
    if chosen is None:
        raise ValueError("another hash")
    named: dict[bytes, Value] = {}
    for attribute in _tagged(attributes, EXPLICIT_0).parts():
        kind, values = attribute.parts()
        named[kind.content] = _only(_tagged(values, SET).content, None)
    _expect(named.get(CONTENT_TYPE), OID, TST_INFO)
    _expect(named.get(MESSAGE_DIGEST), OCTETS, hashlib.new(chosen.name, token.info).digest())
    return bytes([SET]) + attributes.whole[1:], chosen, _tagged(signature, OCTETS).content


def _verifies(certificate: bytes, message: bytes, algorithm: hashes.HashAlgorithm, signature: bytes) -> bool:
    try:
        key = load_der_x509_certificate(certificate).public_key()
        if isinstance(key, RSAPublicKey):
            key.verify(signature, message, PKCS1v15(), algorithm)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, message, ECDSA(algorithm))
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _take(data: bytes) -> Value:
    """The first value in `data`: definite lengths in the shortest form, one-byte tags."""
    tag, length, start = data[0], data[1], 2
    if tag & 0x1F == 0x1F:
        raise ValueError("a tag of several bytes")
    if length & 0x80:
        count = length & 0x7F
        length, start = int.from_bytes(data[2 : 2 + count], "big"), 2 + count
        if not 1 <= count <= 4 or length < 0x80 or length.bit_length() <= 8 * (count - 1):
            raise ValueError("a length that is not DER")
    if len(data) < start + length:
        raise ValueError("cut short")
    return Value(tag, data[start : start + length], data[: start + length])


def _only(data: bytes, tag: int | None) -> Value:
    value = _take(data)
    if len(value.whole) != len(data):
        raise ValueError("something after the end")
    return value if tag is None else _tagged(value, tag)


def _tagged(value: Value, tag: int) -> Value:
    if value.tag != tag:
        raise ValueError(f"a value of tag {value.tag:#x}, not {tag:#x}")
    return value


def _integer(value: Value) -> int:
    return int.from_bytes(_tagged(value, INTEGER).content, "big", signed=True)


def _expect(value: Value | None, tag: int, content: bytes) -> None:
    if value is None or value.tag != tag or value.content != content:
        raise ValueError("not what a time stamp has there")
