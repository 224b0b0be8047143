"""A committee member's key file for one tender: the pure twin of `static/bidding/keyfile.js`.

One line of canonical JSON. The secret part (the member's Ed25519 note key and one X25519 key a lane) is encrypted with
AES-256-GCM under PBKDF2-HMAC-SHA-256; all that stands in clear is its additional data:

    v, type "keyfile", tender, holder, vkey, lanes {lane: b64u}, log {origin, vkey, size, root}, agency, created,
    kdf, iterations, salt, iv, ct, sum (SHA-256 of the rest: a damaged file is told from a wrong passphrase)

`log` and `agency` are what the member saw when the keys were made: the opening is checked against them, not against
what the server says on that day. A file is attack surface: nothing of it is believed before its shape, its sum, its
seal and its own public keys have been checked.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.tlog import note
from app.tlog.canon import b64u, jcs, parse, unb64u

Json = dict[str, Any]

ITERATIONS = 600_000  # the least that is taken
MOST_ITERATIONS = 10_000_000
PASSPHRASE_LEAST = 12
LARGEST = 65_536
LANES = frozenset({"price", "docs"})
KDF = "PBKDF2-HMAC-SHA-256"
_HEAD = frozenset(
    ("v", "type", "tender", "holder", "vkey", "lanes", "log", "agency", "created", "kdf", "iterations", "salt", "iv")
)
_SECRET = frozenset(("v", "type", "tender", "holder", "note", "lanes"))
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_HOLDER = re.compile(r"[A-Z][A-Z0-9]{0,7}", re.ASCII)
_TENDER = re.compile(r"[0-9A-Z]{1,20}-\d{3}(-[0-9A-Z]{1,8}){0,2}", re.ASCII)


class KeyFileError(ValueError):
    """`code`: not-a-key-file, cut, damaged, weak, passphrase, other-tender, other-holder, other-keys, short."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Keys:
    """One member's keys for one tender. `log` is {origin, vkey, size, root}, `agency` a verifier key."""

    tender: str
    holder: str
    log: Json
    agency: str
    created: str
    note: Ed25519PrivateKey
    lanes: Mapping[str, X25519PrivateKey]

    @property
    def vkey(self) -> str:
        return note.vkey(key_name(self.holder), self.note.public_key().public_bytes_raw())

    def public(self, lane: str) -> str:
        """The public key of a lane as boxes spell it (base64url)."""
        return b64u(self.lanes[lane].public_key().public_bytes_raw())


def key_name(holder: str) -> str:
    """The name in the verifier key of `holder`, the same as a keyholder service's."""
    return f"keyholder-{holder}"


def make_keys(*, tender: str, holder: str, lanes: tuple[str, ...], log: Json, agency: str, created: str) -> Keys:
    """Fresh keys: one to sign notes with, one for each lane."""
    made = {lane: X25519PrivateKey.generate() for lane in lanes}
    return Keys(tender, holder, log, agency, created, Ed25519PrivateKey.generate(), made)


def write_key_file(keys: Keys, passphrase: str, *, iterations: int = ITERATIONS) -> str:
    """The file's text. KeyFileError `short` or `weak`."""
    _demand(len(passphrase) >= PASSPHRASE_LEAST, "short")
    _demand(iterations >= ITERATIONS, "weak")
    salt, iv = os.urandom(16), os.urandom(12)
    head = {
        "v": 1,
        "type": "keyfile",
        "tender": keys.tender,
        "holder": keys.holder,
        "vkey": keys.vkey,
        "lanes": {lane: keys.public(lane) for lane in keys.lanes},
        "log": keys.log,
        "agency": keys.agency,
        "created": keys.created,
        "kdf": KDF,
        "iterations": iterations,
        "salt": b64u(salt),
        "iv": b64u(iv),
    }
    secret = {
        "v": 1,
        "type": "keyfile-secret",
        "tender": keys.tender,
        "holder": keys.holder,
        "note": b64u(keys.note.private_bytes_raw()),
        "lanes": {lane: b64u(key.private_bytes_raw()) for lane, key in keys.lanes.items()},
    }
    file = {**head, "ct": b64u(AESGCM(_key(passphrase, salt, iterations)).encrypt(iv, jcs(secret), _bound(head)))}
    return jcs({**file, "sum": _sum(file)}).decode() + "\n"


def read_key_file(text: str, *, tender: str | None = None, holder: str | None = None) -> tuple[Json, bytes]:
    """What stands in clear and the ciphertext; shape and sum checked, not yet proved by the passphrase."""
    _demand(len(text) <= LARGEST and text.startswith("{"))
    _demand(text.rstrip().endswith("}"), "cut")
    try:
        file = parse(text.rstrip().encode())
        _demand(isinstance(file, dict))
        total = file.pop("sum", None)
        _demand(file.get("type") == "keyfile" and type(file.get("v")) is int and file["v"] == 1)
        _demand(total == _sum(file), "damaged")
    except KeyFileError:
        raise
    except ValueError as error:
        raise KeyFileError("damaged") from error
    try:
        ct = unb64u(file.pop("ct"))
        _check_head(file, ct)
    except KeyFileError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeyFileError("not-a-key-file") from error
    _demand(file["iterations"] >= ITERATIONS, "weak")
    _demand(tender in (None, file["tender"]), "other-tender")
    _demand(holder in (None, file["holder"]), "other-holder")
    return file, ct


def open_key_file(text: str, passphrase: str, *, tender: str | None = None, holder: str | None = None) -> Keys:
    """The keys of a file, each proved to belong to the public half that stands in clear. Raises KeyFileError."""
    head, ct = read_key_file(text, tender=tender, holder=holder)
    key = _key(passphrase, unb64u(head["salt"]), head["iterations"])
    try:
        plain = AESGCM(key).decrypt(unb64u(head["iv"]), ct, _bound(head))
    except InvalidTag as error:
        raise KeyFileError("passphrase") from error
    try:
        return _keys_of(head, parse(plain))
    except KeyFileError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise KeyFileError("other-keys") from error


def _check_head(head: Json, ct: bytes) -> None:
    _demand(set(head) == _HEAD and head["kdf"] == KDF)
    _demand(bool(_TENDER.fullmatch(head["tender"]) and _HOLDER.fullmatch(head["holder"])))
    _demand(_INSTANT.fullmatch(head["created"]) is not None)
    _demand(type(head["iterations"]) is int and 1 <= head["iterations"] <= MOST_ITERATIONS)
    _demand(len(unb64u(head["salt"])) == 16 and len(unb64u(head["iv"])) == 12 and len(ct) > 16)
    _demand("price" in head["lanes"] and set(head["lanes"]) <= LANES)
    _demand(all(len(unb64u(public)) == 32 for public in head["lanes"].values()))
    log = head["log"]
    _demand(set(log) == {"origin", "vkey", "size", "root"} and len(unb64u(log["root"])) == 32)
    _demand(isinstance(log["origin"], str) and type(log["size"]) is int and log["size"] >= 0)
    verifiers = [note.Verifier.from_vkey(vkey) for vkey in (head["vkey"], log["vkey"], head["agency"])]
    _demand(verifiers[0].name == key_name(head["holder"]))


def _keys_of(head: Json, secret: Json) -> Keys:
    _demand(set(secret) == _SECRET and secret["v"] == 1 and secret["type"] == "keyfile-secret", "other-keys")
    signing = Ed25519PrivateKey.from_private_bytes(unb64u(secret["note"]))
    lanes = {lane: X25519PrivateKey.from_private_bytes(unb64u(key)) for lane, key in secret["lanes"].items()}
    keys = Keys(secret["tender"], secret["holder"], head["log"], head["agency"], head["created"], signing, lanes)
    _demand((keys.tender, keys.holder) == (head["tender"], head["holder"]), "other-keys")
    _demand(keys.vkey == head["vkey"] and {lane: keys.public(lane) for lane in lanes} == head["lanes"], "other-keys")
    return keys


def _key(passphrase: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", unicodedata.normalize("NFC", passphrase).encode(), salt, iterations, 32)


def _bound(head: Json) -> bytes:
    return b"koneps/v1/keyfile\0" + jcs(head)


def _sum(file: Json) -> str:
    return hashlib.sha256(jcs(file)).hexdigest()


def _demand(holds: bool, code: str = "not-a-key-file") -> None:
    if not holds:
        raise KeyFileError(code)
