"""Signed notes (C2SP signed-note, Ed25519): one text, one or more signature lines, one parser for all of them.

    text, ending in a newline
    (empty line)
    — name base64(key id, 4 bytes ‖ signature)

A verifier key is spelled `name+keyid+base64(type ‖ public key)`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.tlog import canon

ED25519 = 1
COSIGNATURE = 4  # Ed25519 over a checkpoint and a time: `app.tlog.cosignature`
MAX_SIGNATURES = 100
_LINE_START = "\u2014 "


@dataclass(frozen=True, slots=True)
class Verifier:
    """`key_id` is a hint that picks the key; only the signature proves anything."""

    name: str
    key_id: bytes
    public: Ed25519PublicKey

    @classmethod
    def from_vkey(cls, spelling: str) -> Verifier:
        """Raises ValueError where the spelling is malformed, of another algorithm, or its key id is not the key's."""
        return cls.of_type(spelling, ED25519)

    @classmethod
    def of_type(cls, spelling: str, algorithm: int) -> Verifier:
        """The same for either use of an Ed25519 key: `algorithm` is ED25519 or COSIGNATURE."""
        name, plus, rest = spelling.partition("+")
        key_id, second_plus, encoded = rest.partition("+")
        if not (plus and second_plus):
            raise ValueError("a verifier key is name+id+key")
        typed = decode_base64(encoded)
        if len(typed) != 33 or typed[0] != algorithm:
            raise ValueError("not an Ed25519 verifier key" if algorithm == ED25519 else "not a cosigner's verifier key")
        if vkey(name, typed[1:], algorithm) != spelling or key_id != _key_id(name, typed[1:], algorithm).hex():
            raise ValueError("the key id does not belong to the key")
        return cls(name, _key_id(name, typed[1:], algorithm), Ed25519PublicKey.from_public_bytes(typed[1:]))


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not verified."""

    name: str
    key_id: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """As it stands in a note, with its newline."""
        return f"{_LINE_START}{self.name} {_base64(self.key_id + self.blob)}\n"


def vkey(name: str, public: bytes, algorithm: int = ED25519) -> str:
    """The verifier key of an Ed25519 public key (32 bytes)."""
    _check_name(name)
    return f"{name}+{_key_id(name, public, algorithm).hex()}+{_base64(bytes([algorithm]) + public)}"


def sign(text: str, name: str, key: Ed25519PrivateKey) -> str:
    """The note of `text` (which ends in a newline) with one signature."""
    _check_name(name)
    _check_text(text)
    signature = Signature(name, _own_key_id(name, key), key.sign(text.encode()))
    return f"{text}\n{signature.line}"


@lru_cache(maxsize=64)
def _own_key_id(name: str, key: Ed25519PrivateKey) -> bytes:
    """To find the public half of a key takes as long as to sign with it."""
    return _key_id(name, key.public_key().public_bytes_raw(), ED25519)


def signature_of(name: str, public: bytes, algorithm: int, blob: bytes) -> Signature:
    """The signature `blob` that the key `public` named `name` made, ready to stand in a note."""
    _check_name(name)
    return Signature(name, _key_id(name, public, algorithm), blob)


def open_note(note: str, vkeys: Iterable[str]) -> str:
    """The text of a note that at least one of `vkeys` signed.

    Signatures of keys not listed are ignored. ValueError where none is by a listed key, or one that claims to be is
    wrong, or the note is malformed.
    """
    verifiers = {(v.name, v.key_id): v.public for v in map(Verifier.from_vkey, vkeys)}
    text, signatures = split(note)
    is_signed = False
    for one in signatures:
        public = verifiers.get((one.name, one.key_id))
        if public is None:
            continue
        try:
            public.verify(one.blob, text.encode())
        except InvalidSignature:
            raise ValueError(f"the signature of {one.name} is wrong") from None
        is_signed = True
    if not is_signed:
        raise ValueError("no signature by a known key")
    return text


def text_of(note: str) -> str:
    """The text of a note, its signatures not looked at: for one's own notes only. ValueError where malformed."""
    return split(note)[0]


def split(note: str) -> tuple[str, list[Signature]]:
    """The text of a note and its signature lines, none of them verified. ValueError where malformed."""
    _check_text(note)
    body, separator, lines = note.rpartition("\n\n")
    if not separator or not lines:
        raise ValueError("no signatures")
    return body + "\n", parse_lines(lines)


def parse_lines(lines: str) -> list[Signature]:
    """Signature lines, each with its newline. ValueError where one is malformed."""
    if not lines.endswith("\n"):
        raise ValueError("a signature line ends in a newline")
    spelled = lines[:-1].split("\n")
    if len(spelled) > MAX_SIGNATURES:
        raise ValueError("too many signatures")
    return [_parse_line(line) for line in spelled]


def sign_object(kind: str, value: dict[str, Any], name: str, key: Ed25519PrivateKey) -> str:
    """A note whose text is a type line and the canonical form of `value`."""
    return sign(f"koneps/v1/{kind}\n{canon.jcs(value).decode()}\n", name, key)


def open_object(note: str, kind: str, vkeys: Iterable[str]) -> dict[str, Any]:
    """The object in a note made by `sign_object`. ValueError as `open_note`, and for another type or spelling."""
    heading, newline, body = open_note(note, vkeys).partition("\n")
    if heading != f"koneps/v1/{kind}" or not newline or not body.endswith("\n"):
        raise ValueError(f"not a note of type {kind}")
    value = canon.parse(body[:-1].encode())
    if not isinstance(value, dict):
        raise ValueError("the body is not an object")  # noqa: TRY004  (bad input, not a programming error)
    return value


def decode_base64(spelling: str) -> bytes:
    """Standard base64, strictly: one spelling for each value."""
    try:
        data = base64.b64decode(spelling, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64") from error
    if _base64(data) != spelling:
        raise ValueError("not the canonical base64")
    return data


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


@lru_cache(maxsize=1024)
def _key_id(name: str, public: bytes, algorithm: int) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def _parse_line(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_LINE_START).partition(" ")
    if not line.startswith(_LINE_START) or not space:
        raise ValueError("malformed signature line")
    _check_name(name)
    signature = decode_base64(encoded)
    if len(signature) < 5:
        raise ValueError("a signature is a key id and at least one byte")
    return Signature(name, signature[:4], signature[4:])


@lru_cache(maxsize=256)
def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ValueError(f"not a key name: {name!r}")


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # everything below a space but the newline


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise ValueError("a note's text ends in a newline")
    if _CONTROL.search(text):
        raise ValueError("control characters in a note")
    text.encode()  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
