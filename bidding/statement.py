"""What a bidder signs, how it signs, and the receipt that answers it (protocol 3.3).

The statement names the box, the tender, the bidder and the envelope by hash; `stmt`, the hash of the statement, names
the bid everywhere from then on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.time import from_wire, wire
from app.tlog import note
from app.tlog.canon import b64u, digest, jcs, unb64u
from bidding import webauthn
from bidding.sealing import SealingError, envelope_hash, make_ctx

Json = dict[str, Any]

MMD_SECONDS = 60
_NAMED = ("box", "tender", "lot", "supplier", "bid", "ver")
_MEMBERS = frozenset({*_NAMED, "v", "type", "prev", "notice_sha256", "env", "client", "made"})
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGN = b"koneps/v1/sign\0"
ED25519, WEBAUTHN = "Ed25519", "webauthn"
_ED25519_MEMBERS = frozenset({"alg", "kid", "signature"})


class BadStatement(SealingError):
    """The statement is not one that this box can take."""

    kind = "statement"


class BadSignature(SealingError):
    kind = "signature"


def make_statement(
    ctx: Json, envelope: Json, *, notice_sha256: str, client: str, made: datetime, docs: Json | None = None
) -> Json:
    """The statement of a bid. `client` is the sha-256 of the program that sealed it, `docs` the envelope of its
    documents where there are any."""
    return {
        "v": 1,
        "type": "bid",
        **{name: ctx[name] for name in _NAMED},
        "prev": None,
        "notice_sha256": notice_sha256,
        "env": {"price": envelope_hash(envelope), "docs": envelope_hash(docs) if docs is not None else None},
        "client": client,
        "made": wire(made),
    }


def statement_hash(statement: Json) -> str:
    """`stmt`."""
    return digest("bid", jcs(statement)).hex()


def ctx_of(statement: Json, lane: str = "price") -> Json:
    """The context that the statement's envelope of `lane` must carry."""
    return make_ctx(**{name: statement[name] for name in _NAMED}, lane=lane)


def check_statement(statement: Any, *, box: str, tender: str, notice_sha256: str, lots: frozenset[str]) -> None:
    """Shape and belonging. The envelope is checked on its own, by `check_pair`. Raises BadStatement with a code."""
    if not isinstance(statement, dict) or set(statement) != _MEMBERS:
        raise BadStatement("members")
    if type(statement["v"]) is not int or statement["v"] != 1 or statement["type"] != "bid":
        raise BadStatement("type")
    if type(statement["ver"]) is not int or statement["ver"] != 1 or statement["prev"] is not None:
        raise BadStatement("version")  # a submitted bid is final: there is no second version
    if statement["box"] != box or statement["tender"] != tender or statement["notice_sha256"] != notice_sha256:
        raise BadStatement("box")
    if not isinstance(statement["lot"], str) or statement["lot"] not in lots:
        raise BadStatement("lot")
    if not isinstance(statement["supplier"], str) or not 1 <= len(statement["supplier"]) <= 40:
        raise BadStatement("supplier")
    _check_spellings(statement)


def _check_spellings(statement: Json) -> None:
    env = statement["env"]
    if not isinstance(env, dict) or set(env) != {"price", "docs"}:
        raise BadStatement("env")
    hashes = [env["price"], statement["client"]] + ([] if env["docs"] is None else [env["docs"]])
    if not all(isinstance(value, str) and _HEX.fullmatch(value) for value in hashes):
        raise BadStatement("hash")
    try:
        if str(UUID(statement["bid"])) != statement["bid"]:
            raise ValueError("spelling")
        from_wire(statement["made"])
    except (ValueError, TypeError, AttributeError) as error:
        raise BadStatement("spelling") from error


def check_pair(statement: Json, envelope: Json, hashed: str | None = None) -> None:
    """The envelope is the one that the statement signs for. `hashed`: its hash, where it is known. BadStatement."""
    if (hashed or envelope_hash(envelope)) != statement["env"]["price"]:
        raise BadStatement("envelope-hash")


def check_docs_pair(statement: Json, docs: Json | None) -> None:
    """The documents' envelope is the one that the statement signs for; None where it signs for none. BadStatement."""
    if (envelope_hash(docs) if docs is not None else None) != statement["env"]["docs"]:
        raise BadStatement("docs-hash")


def sign_statement(stmt: str, kid: str, key: Ed25519PrivateKey) -> Json:
    """The supplier's signature over `stmt`, by the key enrolled as `kid`."""
    return {"alg": ED25519, "kid": kid, "signature": b64u(key.sign(_SIGN + bytes.fromhex(stmt)))}


@dataclass(frozen=True, slots=True)
class SupplierKey:
    """A key enrolled for signing statements, as its log entry gives it.

    `alg` Ed25519: `public` is the 32 raw bytes, the rest is empty. `alg` webauthn: `public` is the DER
    SubjectPublicKeyInfo, with the COSE number of its algorithm and the site that it was made for.
    """

    alg: str
    public: bytes
    cose_alg: int = 0
    rp_id: str = ""
    origins: tuple[str, ...] = ()

    @classmethod
    def from_entry(cls, event: Json) -> SupplierKey:
        """The key that a `supplier.key_added` enrolled. ValueError, KeyError or TypeError if it names none."""
        public = unb64u(event["public"])
        if event["alg"] == ED25519:
            return cls(ED25519, public)
        return cls(event["alg"], public, event["cose_alg"], event["rp_id"], tuple(event["origins"]))


def verify_signature(stmt: str, signature: Any, key: SupplierKey) -> None:
    """Raises BadSignature unless `key` signed `stmt`; its code says what is wrong (a passkey's: as in `webauthn`)."""
    if not isinstance(signature, dict) or not isinstance(signature.get("alg"), str):
        raise BadSignature("members")
    expected = {ED25519: _ED25519_MEMBERS, WEBAUTHN: webauthn.MEMBERS}.get(signature["alg"])
    if expected is None or signature["alg"] != key.alg:
        raise BadSignature("alg")
    if set(signature) != expected:
        raise BadSignature("members")
    if not isinstance(signature["kid"], str):
        raise BadSignature("alg")
    if key.alg == ED25519:
        _verify_ed25519(stmt, signature, key.public)
        return
    try:
        webauthn.verify_assertion(
            bytes.fromhex(stmt),
            signature,
            public=key.public,
            cose_alg=key.cose_alg,
            rp_id=key.rp_id,
            origins=key.origins,
        )
    except webauthn.BadAssertion as error:
        raise BadSignature(error.code) from error


def _verify_ed25519(stmt: str, signature: Json, public: bytes) -> None:
    try:
        _load_ed25519(public).verify(unb64u(signature["signature"]), _SIGN + bytes.fromhex(stmt))
    except (InvalidSignature, ValueError, TypeError) as error:
        raise BadSignature("signature") from error


@lru_cache(maxsize=4096)
def _load_ed25519(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def make_receipt(
    statement: Json,
    stmt: str,
    *,
    received: datetime,
    commitment: bytes,
    salt: bytes,
    origin: str,
    mmd_s: int = MMD_SECONDS,
) -> Json:
    """The receipt of an accepted bid. The same row gives the same bytes at any time.

    `commitment` and `salt` (32 bytes each) are those of the bid's sealed log entry; `origin` names the log.
    """
    if len(commitment) != 32 or len(salt) != 32:
        raise ValueError("commitment and salt have 32 bytes")
    return {
        "v": 1,
        "type": "receipt",
        **{name: statement[name] for name in ("tender", "bid", "ver")},
        "stmt": stmt,
        "received": wire(received),
        "c": commitment.hex(),
        "salt": b64u(salt),
        "origin": origin,
        "mmd_s": mmd_s,
    }


def receipt_note(receipt: Json, name: str, key: Ed25519PrivateKey) -> str:
    """The receipt as a signed note. Ed25519 is deterministic, so it can be made again byte for byte."""
    return note.sign_object("receipt", receipt, name, key)


def open_receipt(signed: str, stmt: str, vkeys: list[str]) -> Json:
    """The receipt in `signed`, if it is a proper one for `stmt` by one of `vkeys`. ValueError otherwise."""
    receipt = note.open_object(signed, "receipt", vkeys)
    if receipt.get("type") != "receipt" or receipt.get("stmt") != stmt:
        raise ValueError("a receipt of another bid")
    return receipt
