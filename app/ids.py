"""Identifiers: UUIDv7 (RFC 9562), so that keys sort by time and tell a stranger nothing of how many there are."""

from __future__ import annotations

from uuid import UUID

import uuid6


def new_id() -> UUID:
    return UUID(int=uuid6.uuid7().int)
