"""The keyholder that this application asks, from its settings."""

from __future__ import annotations

from flask import current_app

from app import keys
from bidding.keyholder.client import KeyholderClient
from bidding.services.box import Keyholder


def local_keyholder() -> Keyholder:
    """The one keyholder of this cut. Raises TemporarilyUnavailable if it does not answer, KeyholderRefused if it is
    not the pinned one (NARU_KEYHOLDER_VKEY)."""
    client = KeyholderClient(
        url=current_app.config["NARU_KEYHOLDER_URL"],
        key_name=keys.name_of("agency"),
        key=keys.load("agency"),
        pinned_vkey=current_app.config.get("NARU_KEYHOLDER_VKEY") or None,
    )
    return Keyholder(client, client.who())
