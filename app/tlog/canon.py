"""The one spelling of a value in bytes (RFC 8785, narrowed), and the labelled hash over it.

Narrowed: null, booleans, integers up to 2^53-1 either way, strings, arrays, and objects with ASCII keys. No floats
(money is a decimal string), at most MAX_DEPTH levels. What `parse` accepts is byte for byte what `jcs` writes, so two
readers can never see different values in one body.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_INTEGER = 2**53 - 1
# In the narrowed set this is RFC 8785 to the byte, at the speed of C: ASCII keys sort alike by code point and by UTF-16
# unit, there are no floats to spell, and Python escapes in strings exactly what the RFC does.
_spell = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


def jcs(value: Any) -> bytes:
    """Canonical UTF-8 bytes of `value`. ValueError for anything outside the narrowed value set."""
    _check(value, MAX_DEPTH)
    return _spell(value).encode()


def respelled(value: Any) -> bytes:
    """The canonical bytes of (a part of) what `parse` gave, which need no second look."""
    return _spell(value).encode()


def parse(data: bytes) -> Any:
    """The value that `jcs` wrote as `data`. ValueError for any other bytes, even if a JSON reader would take them."""
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        # Kinds, keys and integers were looked at on the way; so few brackets cannot be nested too deeply.
        is_flat = data.count(b"{") + data.count(b"[") <= MAX_DEPTH
        canonical = respelled(value) if is_flat else jcs(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if canonical != data:
        raise ValueError("not the canonical spelling")
    return value


def digest(label: str, data: bytes) -> bytes:
    """SHA-256 of `data` in the domain `label`: equal bytes under two labels never share a hash."""
    return hashlib.sha256(b"koneps/v1/" + label.encode("ascii") + b"\0" + data).digest()


def b64u(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(spelling: str) -> bytes:
    """The bytes that `b64u` spelled. ValueError for padding, foreign characters, or stray trailing bits."""
    if not _BASE64URL.fullmatch(spelling):
        raise ValueError("not base64url")
    try:
        data = base64.urlsafe_b64decode(spelling + "=" * (-len(spelling) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if b64u(data) != spelling:
        raise ValueError("not the canonical base64url")
    return data


def _check(value: Any, levels: int) -> None:
    if value is None or isinstance(value, str):
        return
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise ValueError(f"{value} is beyond 2^53-1")
    elif isinstance(value, (dict, list, tuple)):
        if levels == 0:
            raise ValueError("nested too deeply")
        for inner in _members(value) if isinstance(value, dict) else value:
            if type(inner) is not str:  # most of them are
                _check(inner, levels - 1)
    else:
        raise ValueError(f"{type(value).__name__} has no canonical form here")  # noqa: TRY004 - every refusal is one kind


def _members(value: dict[Any, Any]) -> Iterable[Any]:
    for key in value:
        if not (isinstance(key, str) and key.isascii()):
            raise ValueError("object keys are ASCII strings")
    return value.values()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate key")
    if not "".join(members).isascii():
        raise ValueError("object keys are ASCII strings")
    return members


def _integer(spelling: str) -> int:
    if len(spelling) > 17 or not -MAX_INTEGER <= (value := int(spelling)) <= MAX_INTEGER:
        raise ValueError(f"{spelling} is beyond 2^53-1")
    return value


def _no_float(spelling: str) -> NoReturn:
    raise ValueError(f"{spelling} is not an integer")
