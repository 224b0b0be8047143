"""Signing keys of suppliers: enrolment with proof of possession, revocation, and the key that a signature names.

The browser makes the pair and keeps the private half (not extractable); what is enrolled is the public half, tied to
one person and written to the public log, so that a bid's signature stays checkable years later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.auth.models import Person
from app.db import db
from app.errors import AlreadyDone, BadSignature, Forbidden, InvalidInput, NotFound
from app.tlog.canon import jcs, unb64u
from bidding.models.signing_key import SigningKey

LIVE_KEYS_A_PERSON = 10
ENROL_PREFIX = b"koneps/v1/enrol\0"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the browser asks: its key, and its signature (both base64url) over `enrolment_bytes`."""

    kid: UUID
    public: str
    label: str
    signature: str


def enrolment_bytes(kid: UUID, public: str, challenge: str, supplier: str) -> bytes:
    """What the new key signs to prove that its holder asked for it just now; no bid signature can be taken for it.

    `challenge` is the server's fresh word, `supplier` the business registration number (10 digits).
    """
    claim = {"v": 1, "type": "enrol", "kid": str(kid), "public": public, "challenge": challenge, "supplier": supplier}
    return ENROL_PREFIX + jcs(claim)


def enrol_key(enrolment: Enrolment, challenge: str, supplier: str, actor: Actor, now: datetime) -> SigningKey:
    """Enrol a key for `actor`, who belongs to the organisation with business number `supplier`.

    `challenge` must have been made for this actor and this kid a moment ago: the route has checked that.
    Asking again with the same kid and key returns the key that is there.

    Raises Forbidden (not a bidder of a supplier), InvalidInput (not an Ed25519 public key, no label, too many live
    keys), BadSignature (possession not proved) or AlreadyDone (the kid or the key is taken).
    """
    if actor.person_id is None or actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a supplier's bidder enrols a key", permission="bid:submit")
    public = _prove_possession(enrolment, challenge, supplier)
    label = enrolment.label.strip()
    if not 1 <= len(label) <= 80:
        raise InvalidInput("label", field="label")
    # Whose keys they are is settled one enrolment at a time.
    db.session.execute(select(Person.id).where(Person.id == actor.person_id).with_for_update())
    standing = db.session.scalar(
        select(SigningKey).where((SigningKey.id == enrolment.kid) | (SigningKey.public == public))
    )
    if standing is not None:
        if (standing.id, standing.public, standing.person_id) == (enrolment.kid, public, actor.person_id):
            return standing
        raise AlreadyDone("this key is enrolled already")
    if len(list_live_keys(actor.person_id)) >= LIVE_KEYS_A_PERSON:
        raise InvalidInput("too many live keys", field="label", limit=LIVE_KEYS_A_PERSON)
    key = SigningKey(
        id=enrolment.kid,
        person_id=actor.person_id,
        organisation_id=actor.organisation_id,
        alg="Ed25519",
        public=public,
        label=label,
        enrolled_at=now,
    )
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
        alg="Ed25519",
        public=enrolment.public,
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


def revoke_key(kid: UUID, supplier: str, actor: Actor, now: datetime) -> SigningKey:
    """Stop a key: no bid signed by it is taken from now on; what it signed before stays valid.

    One revokes one's own; who may `key:revoke` any of the own organisation's. Revoking twice changes nothing.

    Raises NotFound (no such key here) or Forbidden (a colleague's key).
    """
    key = db.session.scalar(select(SigningKey).where(SigningKey.id == kid).with_for_update())
    if key is None or key.organisation_id != actor.organisation_id:
        raise NotFound(f"no signing key {kid}")
    if key.person_id != actor.person_id and not actor.may("key:revoke"):
        raise Forbidden("a colleague's key", permission="key:revoke")
    if key.revoked_at is None:
        key.revoked_at = now
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
