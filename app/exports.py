"""Cells of exported tables."""

from __future__ import annotations

from typing import Any


def cell(value: Any) -> str:
    """`value` as text that no spreadsheet program takes for a formula (OWASP: CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
