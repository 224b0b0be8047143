"""A passkey without a browser: makes registrations and signatures as W3C WebAuthn spells them, right ones and wrong.

Written from the standard's text, apart from the code that it tests; real browsers are in the journeys.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.tlog.canon import b64u

Json = dict[str, Any]
UP, UV, AT = 0x01, 0x04, 0x40
RP_ID, ORIGIN = "naru.example", "https://naru.example"


def new_key(cose_alg: int) -> Any:
    if cose_alg == -7:
        return ec.generate_private_key(ec.SECP256R1())
    if cose_alg == -8:
        return Ed25519PrivateKey.generate()
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Authenticator:
    """One passkey. `sign` and `register` take what should be wrong with their answer."""

    cose_alg: int = -7
    rp_id: str = RP_ID
    origin: str = ORIGIN
    counter: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: Any = None

    def __post_init__(self) -> None:
        self.key = self.key or new_key(self.cose_alg)

    @property
    def public(self) -> bytes:
        spki: bytes = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return spki

    def sign(
        self,
        challenge: bytes,
        *,
        flags: int = UP | UV,
        kind: str = "webauthn.get",
        origin: str | None = None,
        rp_id: str | None = None,
        more: Json | None = None,
        client: bytes | None = None,
    ) -> Json:
        """The three parts of an assertion. `client` takes the place of the whole clientDataJSON."""
        self.counter += 1
        data = (
            hashlib.sha256((rp_id or self.rp_id).encode()).digest() + bytes([flags]) + self.counter.to_bytes(4, "big")
        )
        said = {"type": kind, "challenge": b64u(challenge), "origin": origin or self.origin, "crossOrigin": False}
        client = client if client is not None else json.dumps(said | (more or {}), separators=(",", ":")).encode()
        return {
            "authenticatorData": b64u(data),
            "clientDataJSON": b64u(client),
            "signature": b64u(self._sign(data + hashlib.sha256(client).digest())),
        }

    def _sign(self, message: bytes) -> bytes:
        signed: bytes
        if self.cose_alg == -7:
            signed = self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        elif self.cose_alg == -8:
            signed = self.key.sign(message)
        else:
            signed = self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return signed

    def register(self, challenge: bytes, *, flags: int = UP | UV | AT, origin: str | None = None) -> Json:
        """The credential in WebAuthn's JSON, attestation `none`."""
        identity = len(self.credential_id).to_bytes(2, "big") + self.credential_id
        data = hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + bytes(4)
        data += bytes(16) + identity + cbor2.dumps(self._cose())
        said = {"type": "webauthn.create", "challenge": b64u(challenge), "origin": origin or self.origin}
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": b64u(json.dumps(said).encode()), "attestationObject": b64u(attestation)}
        name = b64u(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def _cose(self) -> dict[int, Any]:
        public = self.key.public_key()
        if self.cose_alg == -7:
            numbers = public.public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        if self.cose_alg == -8:
            return {1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()}
        numbers = public.public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}
