"""Cells of exported tables, and names of downloads."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

# Wide ones too: Korean and Japanese spreadsheet programs read them as the narrow.
_BEGINS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")


def cell(value: Any) -> str:
    """`value` as text that no spreadsheet program takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in _BEGINS_FORMULA else text


def attachment(name: str) -> str:
    """`Content-Disposition` of a download that is to be saved as `name`, whatever letters that has (RFC 6266)."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\%' else "_" for one in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
