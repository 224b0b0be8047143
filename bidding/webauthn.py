"""Verifying a passkey's signature (WebAuthn assertion): pure, years later, with nothing but the enrolled key.

A passkey does not sign our bytes but `authenticatorData ‖ SHA-256(clientDataJSON)`; the challenge inside clientDataJSON
is what we asked it to sign. The site's own enrolment, with its attestation and COSE keys, is in
`bidding.services.passkeys`: the offline verifier needs none of that.

Source: W3C Web Authentication Level 3, section 7.2 (verifying an authentication assertion).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.tlog.canon import b64u, unb64u

Json = dict[str, Any]
PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey

ES256, EDDSA, RS256 = -7, -8, -257  # COSE algorithm numbers
ALGORITHMS = (ES256, EDDSA, RS256)
MEMBERS = frozenset({"alg", "kid", "authenticatorData", "clientDataJSON", "signature"})
LONGEST = 8_192  # characters of each member; a real one has a few hundred
LEAST_RSA_BITS = 2048
_HEAD = 37  # rpIdHash (32), flags (1), signature counter (4)
_USER_PRESENT, _USER_VERIFIED = 0x01, 0x04


class BadAssertion(ValueError):
    """Not this passkey's word for this challenge. `code` says which rule it breaks."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@lru_cache(maxsize=4096)
def load_public(public: bytes, cose_alg: int) -> PublicKey:
    """The key in a DER SubjectPublicKeyInfo, of the kind that `cose_alg` names. ValueError for any other.

    Parsed once: the same bytes are the same key for ever.
    """
    try:
        key = load_der_public_key(public)
    except UnsupportedAlgorithm as error:
        raise ValueError("not a key of a known kind") from error
    if cose_alg == ES256 and isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return key
    if cose_alg == EDDSA and isinstance(key, Ed25519PublicKey):
        return key
    if cose_alg == RS256 and isinstance(key, RSAPublicKey) and key.key_size >= LEAST_RSA_BITS:
        return key
    raise ValueError("the key is not of the kind that its algorithm names")


def verify_assertion(
    challenge: bytes, assertion: Json, *, public: bytes, cose_alg: int, rp_id: str, origins: Sequence[str]
) -> int:
    """Check that the passkey signed exactly `challenge`, its user present and verified. Returns its signature counter.

    `assertion` has `authenticatorData`, `clientDataJSON` and `signature`, each base64url; `public` is the DER
    SubjectPublicKeyInfo; `origins` are those that the site had when the key was enrolled. Raises BadAssertion.
    """
    spelled = [assertion.get(name) for name in ("authenticatorData", "clientDataJSON", "signature")]
    if not all(isinstance(one, str) and len(one) <= LONGEST for one in spelled):
        raise BadAssertion("members")
    try:
        authenticator, client, signature = (unb64u(str(one)) for one in spelled)
    except ValueError as error:
        raise BadAssertion("members") from error
    _check_client(client, challenge, origins)
    counter = _check_authenticator(authenticator, rp_id)
    try:
        key = load_public(public, cose_alg)
    except (ValueError, TypeError) as error:
        raise BadAssertion("key") from error
    try:
        _verify(key, signature, authenticator + hashlib.sha256(client).digest())
    except InvalidSignature as error:
        raise BadAssertion("signature") from error
    return counter


def _check_client(client: bytes, challenge: bytes, origins: Sequence[str]) -> None:
    try:
        said = json.loads(client.decode("utf-8"), object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise BadAssertion("client-data") from error
    if not isinstance(said, dict):
        raise BadAssertion("client-data")
    if said.get("type") != "webauthn.get":
        raise BadAssertion("type")
    named = said.get("challenge")
    if not isinstance(named, str) or not hmac.compare_digest(named.encode(), b64u(challenge).encode()):
        raise BadAssertion("challenge")
    if said.get("origin") not in origins:
        raise BadAssertion("origin")
    # Inside another site's frame its user may have been shown anything; `topOrigin` names that site.
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise BadAssertion("cross-origin")


def _check_authenticator(data: bytes, rp_id: str) -> int:
    if len(data) < _HEAD:
        raise BadAssertion("authenticator-data")
    if not hmac.compare_digest(data[:32], hashlib.sha256(rp_id.encode()).digest()):
        raise BadAssertion("rp-id")
    flags = data[32]
    if not flags & _USER_PRESENT:
        raise BadAssertion("user-absent")
    if not flags & _USER_VERIFIED:
        raise BadAssertion("user-unverified")
    return int.from_bytes(data[33:_HEAD], "big")


def _verify(key: PublicKey, signature: bytes, message: bytes) -> None:
    if isinstance(key, EllipticCurvePublicKey):
        key.verify(signature, message, ECDSA(hashes.SHA256()))
    elif isinstance(key, RSAPublicKey):
        key.verify(signature, message, PKCS1v15(), hashes.SHA256())
    else:
        key.verify(signature, message)


def _members(pairs: list[tuple[str, Any]]) -> Json:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members
