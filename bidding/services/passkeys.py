"""Passkeys of suppliers: what a browser is asked to make, and the proof that it made it (W3C WebAuthn, section 7.1).

Two ceremonies in one go. The registration gives the public key; with attestation `none` nothing in it is signed by that
key, so its first signature follows at once, over the same claim that an Ed25519 key signs when it is enrolled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from webauthn import generate_registration_options, verify_registration_response
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography, options_to_json_dict
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.errors import BadSignature, InvalidInput
from app.tlog.canon import b64u, digest, jcs
from bidding import webauthn
from bidding.statement import WEBAUTHN, SupplierKey

Json = dict[str, Any]
ALGORITHMS = [COSEAlgorithmIdentifier(number) for number in webauthn.ALGORITHMS]
LONGEST_CREDENTIAL_ID = 1023  # bytes, by the standard
TIMEOUT_MS = 120_000


@dataclass(frozen=True, slots=True)
class Site:
    """Whom passkeys belong to: `rp_id` is a host name, `origins` are scheme, host and port of the pages."""

    rp_id: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A registration that checked out. `first_sign_count` is the counter of its first signature."""

    key: SupplierKey
    credential_id: bytes
    first_sign_count: int


def registration_challenge(kid: UUID, challenge: str, supplier: str) -> bytes:
    """What the registration carries: this key's id, the server's fresh word and the firm (10 digits)."""
    claim = {"v": 1, "type": "enrol-passkey", "kid": str(kid), "challenge": challenge, "supplier": supplier}
    return digest("enrol-passkey", jcs(claim))


def enrolment_challenge(claim: bytes) -> bytes:
    """What the new passkey signs: the hash of the claim that an Ed25519 key would sign itself (`enrolment_bytes`).

    Its label differs from a statement's, so that it can never be taken for a bid.
    """
    return digest("enrol", claim)


def registration_options(
    site: Site, *, person_id: UUID, name: str, challenge: bytes, enrolled: Sequence[bytes]
) -> Json:
    """The `publicKey` of `navigator.credentials.create`, bytes as base64url.

    `enrolled` are the credential ids that this person has already: an authenticator makes no second one.
    """
    options = generate_registration_options(
        rp_id=site.rp_id,
        rp_name="Naru",
        user_id=person_id.bytes,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in enrolled],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options)


def verify_registration(credential: Json, challenge: bytes, site: Site) -> tuple[SupplierKey, bytes]:
    """The key and the credential id of a registration made for `challenge`, its user verified.

    Raises BadSignature (not a proper answer to this challenge at this site) or InvalidInput (a key of a kind that
    we do not take).
    """
    try:
        made = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=site.rp_id,
            expected_origin=list(site.origins),
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSignature(f"the passkey's registration does not check out: {error}", fault="registration") from error
    if not 1 <= len(made.credential_id) <= LONGEST_CREDENTIAL_ID:
        raise InvalidInput("the credential id is too long", field="credential")
    try:
        decoded = decode_credential_public_key(made.credential_public_key)
        public = decoded_public_key_to_cryptography(decoded).public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        webauthn.load_public(public, int(decoded.alg))
    except (WebAuthnException, ValueError) as error:
        raise InvalidInput("not a key that signs bids", field="credential") from error
    return SupplierKey(WEBAUTHN, public, int(decoded.alg), site.rp_id, site.origins), made.credential_id


def verify_first_signature(key: SupplierKey, assertion: Json, claim: bytes) -> int:
    """The counter of the passkey's first signature, over `claim`. BadSignature unless it is one."""
    try:
        return webauthn.verify_assertion(
            enrolment_challenge(claim),
            assertion,
            public=key.public,
            cose_alg=key.cose_alg,
            rp_id=key.rp_id,
            origins=key.origins,
        )
    except webauthn.BadAssertion as error:
        raise BadSignature(f"the passkey did not sign its enrolment: {error}", fault=error.code) from error


def public_of(key: SupplierKey) -> str:
    """As the claim and the log spell it."""
    return b64u(key.public)
