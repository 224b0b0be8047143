"""Signing keys of suppliers: enrolment with proof of possession, revocation, and the key that a signature names.

Two kinds: Ed25519 keys, made by a browser or an offline machine and kept there, and passkeys, whose ceremony is in
`bidding.services.passkeys`. What is enrolled is the public half, tied to one person and written to the public log, so
that a bid's signature stays checkable years later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select

from app import audit
from app.auth import Actor
from app.auth.models import Person
from app.db import database_now, db
from app.errors import AlreadyDone, BadSignature, Forbidden, InvalidInput, NotFound
from app.tlog.canon import jcs, unb64u
from bidding.models.bid import Bid
from bidding.models.signing_key import SigningKey
from bidding.services.passkeys import (
    NewPasskey,
    Site,
    public_of,
    registration_challenge,
    verify_first_signature,
    verify_registration,
)
from bidding.statement import ED25519, SupplierKey

LIVE_KEYS_A_PERSON = 10
ENROL_PREFIX = b"koneps/v1/enrol\0"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the browser asks: its key, and its signature (both base64url) over `enrolment_bytes`."""

    kid: UUID
    public: str
    label: str
    signature: str


@dataclass(frozen=True, slots=True)
class PasskeyEnrolment:
    """What the browser asks for a passkey: its registration, and its first signature over the hash of the claim.

    Both as WebAuthn gives them in JSON, bytes as base64url.
    """

    kid: UUID
    credential: dict[str, Any]
    label: str
    assertion: dict[str, Any]


def enrolment_bytes(kid: UUID, public: str, challenge: str, supplier: str) -> bytes:
    """What the new key signs to prove that its holder asked for it just now; no bid signature can be taken for it.

    `challenge` is the server's fresh word, `supplier` the business registration number (10 digits).
    """
    return ENROL_PREFIX + enrolment_claim(kid, public, challenge, supplier)


def enrolment_claim(kid: UUID, public: str, challenge: str, supplier: str) -> bytes:
    claim = {"v": 1, "type": "enrol", "kid": str(kid), "public": public, "challenge": challenge, "supplier": supplier}
    return jcs(claim)


def enrol_key(enrolment: Enrolment, challenge: str, supplier: str, actor: Actor, now: datetime) -> SigningKey:
    """Enrol an Ed25519 key for `actor`, who belongs to the organisation with business number `supplier`.

    `challenge` must have been made for this actor and this kid a moment ago: the route has checked that.
    Asking again with the same kid and key returns the key that is there.

    Raises Forbidden (not a bidder of a supplier), InvalidInput (not an Ed25519 public key, no label, too many live
    keys), BadSignature (possession not proved) or AlreadyDone (the kid or the key is taken).
    """
    _check_bidder(actor)
    key = SupplierKey(ED25519, _prove_possession(enrolment, challenge, supplier))
    return _enrol(enrolment.kid, NewPasskey(key, b"", 0), enrolment.label, supplier, actor, now)


def enrol_passkey(
    enrolment: PasskeyEnrolment, challenge: str, supplier: str, site: Site, actor: Actor, now: datetime
) -> SigningKey:
    """The same for a passkey made at `site`. Raises as `enrol_key`."""
    _check_bidder(actor)
    asked = registration_challenge(enrolment.kid, challenge, supplier)
    key, credential_id = verify_registration(enrolment.credential, asked, site)
    claim = enrolment_claim(enrolment.kid, public_of(key), challenge, supplier)
    made = NewPasskey(key, credential_id, verify_first_signature(key, enrolment.assertion, claim))
    return _enrol(enrolment.kid, made, enrolment.label, supplier, actor, now)


def _check_bidder(actor: Actor) -> None:
    if actor.person_id is None or actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a supplier's bidder enrols a key", permission="bid:submit")


def _enrol(kid: UUID, made: NewPasskey, label: str, supplier: str, actor: Actor, now: datetime) -> SigningKey:
    assert actor.person_id is not None
    assert actor.organisation_id is not None
    label = label.strip()
    if not 1 <= len(label) <= 80:
        raise InvalidInput("label", field="label")
    # Whose keys they are is settled one enrolment at a time.
    db.session.execute(select(Person.id).where(Person.id == actor.person_id).with_for_update())
    standing = db.session.scalar(
        select(SigningKey).where((SigningKey.id == kid) | (SigningKey.public == made.key.public))
    )
    if standing is not None:
        if (standing.id, standing.public, standing.person_id) == (kid, made.key.public, actor.person_id):
            return standing
        raise AlreadyDone("this key is enrolled already")
    if len(list_live_keys(actor.person_id)) >= LIVE_KEYS_A_PERSON:
        raise InvalidInput("too many live keys", field="label", limit=LIVE_KEYS_A_PERSON)
    key = SigningKey(
        id=kid,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        alg=made.key.alg,
        public=made.key.public,
        label=label,
        enrolled_at=now,
    )
    of_its_kind: dict[str, Any] = {}
    if made.key.alg != ED25519:
        of_its_kind = {"cose_alg": made.key.cose_alg, "rp_id": made.key.rp_id, "origins": list(made.key.origins)}
        key.cose_alg, key.rp_id, key.origins = made.key.cose_alg, made.key.rp_id, list(made.key.origins)
        key.credential_id, key.sign_count = made.credential_id, made.first_sign_count
    db.session.add(key)
    db.session.flush()
    # Open: a verifier needs the key.
    audit.emit(
        "supplier.key_added",
        _firm(actor, supplier),
        now,
        subject=key.audit_subject,
        supplier=supplier,
        kid=key.kid,
        alg=key.alg,
        public=public_of(made.key),
        **of_its_kind,
    )
    return key


def _prove_possession(enrolment: Enrolment, challenge: str, supplier: str) -> bytes:
    try:
        public, signature = unb64u(enrolment.public), unb64u(enrolment.signature)
        key = Ed25519PublicKey.from_public_bytes(public)
    except ValueError as error:
        raise InvalidInput("not an Ed25519 public key", field="public") from error
    try:
        key.verify(signature, enrolment_bytes(enrolment.kid, enrolment.public, challenge, supplier))
    except InvalidSignature as error:
        raise BadSignature("the key did not sign its enrolment") from error
    return public


def _firm(actor: Actor, supplier: str) -> Actor:
    """In the log a bidder is its firm: the person behind a key is nobody's business but the firm's."""
    return replace(actor, handle=f"supplier:{supplier}")


def revoke_key(kid: UUID, supplier: str, actor: Actor, clock: Callable[[], datetime] = database_now) -> SigningKey:
    """Stop a key: no bid signed by it is taken from now on; what it signed before stays valid.

    `clock` is read under the key's lock, which waits for bids that are being taken in with it: so the log never shows
    a bid after the revocation of its key. One revokes one's own; who may `key:revoke` any of the own organisation's.
    Revoking twice changes nothing.

    Raises NotFound (no such key here) or Forbidden (a colleague's key).
    """
    key = db.session.scalar(select(SigningKey).where(SigningKey.id == kid).with_for_update())
    if key is None or key.organisation_id != actor.organisation_id:
        raise NotFound(f"no signing key {kid}")
    if key.person_id != actor.person_id and not actor.may("key:revoke"):
        raise Forbidden("a colleague's key", permission="key:revoke")
    if key.revoked_at is None:
        key.revoked_at = now = clock()
        firm = _firm(actor, supplier)
        audit.emit("supplier.key_revoked", firm, now, subject=key.audit_subject, supplier=supplier, kid=key.kid)
    return key


def list_live_keys(person_id: UUID) -> list[SigningKey]:
    """The keys that `person_id` may sign with today, newest first."""
    mine = select(SigningKey).where(SigningKey.person_id == person_id, SigningKey.revoked_at.is_(None))
    return list(db.session.scalars(mine.order_by(SigningKey.enrolled_at.desc(), SigningKey.id)))


def list_keys(organisation_id: UUID) -> list[tuple[SigningKey, str]]:
    """Every key of an organisation with its person's name: live ones first, then newest first."""
    rows = (
        select(SigningKey, Person.name)
        .join(Person, Person.id == SigningKey.person_id)
        .where(SigningKey.organisation_id == organisation_id)
        .order_by(SigningKey.revoked_at.is_not(None), SigningKey.enrolled_at.desc(), SigningKey.id)
    )
    return [(key, name) for key, name in db.session.execute(rows)]


def last_uses(organisation_id: UUID) -> dict[str, datetime]:
    """When each key of an organisation last signed a bid that was accepted, by kid."""
    kid = Bid.signature["kid"].astext
    used = select(kid, func.max(Bid.received_at)).where(Bid.organisation_id == organisation_id).group_by(kid)
    return {name: at for name, at in db.session.execute(used)}  # noqa: C416 - rows are no pairs to the type checker


def find_live_key(kid: str, person_id: UUID) -> SigningKey | None:
    """The key that `person_id` may sign with under this `kid`, or None (unknown, revoked, another person's)."""
    try:
        identity = UUID(kid)
    except ValueError:
        return None
    key = db.session.get(SigningKey, identity)
    if key is None or key.kid != kid or key.person_id != person_id or key.revoked_at is not None:
        return None
    return key
