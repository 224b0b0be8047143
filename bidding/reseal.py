"""One HPKE seal made again from its ephemeral key: what an audited envelope reveals so that nothing in it stays hidden.

RFC 9180 base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; sections 4.1, 5.1 and 5.2. Libraries choose
the ephemeral key themselves and tell nobody; here it was revealed on purpose, for an envelope that is thrown away.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEM = b"KEM\x00\x20"
_HPKE = b"HPKE\x00\x20\x00\x01\x00\x02"
_KEY, _NONCE, _HASH = 32, 12, 32


def reseal(ephemeral: bytes, recipient: bytes, info: bytes, plain: bytes) -> bytes:
    """`enc ‖ ct` of `plain` for `recipient` (32-byte public key) with the private key `ephemeral`."""
    secret = X25519PrivateKey.from_private_bytes(ephemeral)
    enc = secret.public_key().public_bytes_raw()
    shared = secret.exchange(X25519PublicKey.from_public_bytes(recipient))
    prk = _extract(_KEM, b"", b"eae_prk", shared)
    shared_secret = _expand(_KEM, prk, b"shared_secret", enc + recipient, _HASH)
    context = b"\0" + _extract(_HPKE, b"", b"psk_id_hash", b"") + _extract(_HPKE, b"", b"info_hash", info)
    schedule = _extract(_HPKE, shared_secret, b"secret", b"")
    key = _expand(_HPKE, schedule, b"key", context, _KEY)
    nonce = _expand(_HPKE, schedule, b"base_nonce", context, _NONCE)
    return enc + AESGCM(key).encrypt(nonce, plain, b"")


def _extract(suite: bytes, salt: bytes, label: bytes, material: bytes) -> bytes:
    return hmac.new(salt or bytes(_HASH), b"HPKE-v1" + suite + label + material, hashlib.sha256).digest()


def _expand(suite: bytes, prk: bytes, label: bytes, info: bytes, length: int) -> bytes:
    labelled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info
    return hmac.new(prk, labelled + b"\1", hashlib.sha256).digest()[:length]
