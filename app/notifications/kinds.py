"""The kinds of notification that features register, and how one becomes a subject and a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.time import KST, from_wire, wire

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """`subject` and `body` are lazy translations with named placeholders (`%(title)s`) for the facts."""

    name: str
    subject: Any
    body: Any
    is_always_mailed: bool = False


_kinds: dict[str, Kind] = {}


def register_notification(kind: str, subject: Any, body: Any, *, is_always_mailed: bool = False) -> None:
    """Make `kind` known. `is_always_mailed`: security notices, which no preference switches off."""
    _kinds[kind] = Kind(kind, subject, body, is_always_mailed)


def find_kind(name: str) -> Kind | None:
    return _kinds.get(name)


def get_kind(name: str) -> Kind:
    """Raises LookupError for a kind that nobody registered: a fault of the program, found by its first test."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(f"notification kind {name} is not registered") from None


def storable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON can carry them: instants in their one spelling, ids as text, the rest as it is."""
    return {name: _stored(value) for name, value in facts.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return wire(value)
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)


class _Shown(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "–"


def text_of(kind: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body in the language now in force. A kind that is no longer known shows its name."""
    known = find_kind(kind)
    if known is None:
        return kind, ""
    shown = _Shown({name: _shown(name, value) for name, value in facts.items()})
    return str(known.subject) % shown, str(known.body) % shown


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith("_won") and isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return f"{from_wire(value).astimezone(KST):%Y-%m-%d %H:%M:%S} (UTC+9)"
    return str(value)
