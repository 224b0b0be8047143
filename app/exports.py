"""Cells of exported tables."""

from __future__ import annotations

from typing import Any

# Wide ones too: Korean and Japanese spreadsheet programs read them as the narrow.
_BEGINS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def cell(value: Any) -> str:
    """`value` as text that no spreadsheet program takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in _BEGINS_FORMULA else text
