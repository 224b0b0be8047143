"""The keyholder services that this application asks, from its settings."""

from __future__ import annotations

from flask import current_app

from app import keys
from bidding.keyholder.client import KeyholderClient
from bidding.keyholder.panel import Panel, Service

ONLY = "A"  # the id of the one keyholder that NARU_KEYHOLDER_URL names


def configured() -> Panel:
    """The services of NARU_KEYHOLDERS, or the one of NARU_KEYHOLDER_URL. Nobody is asked anything yet."""
    settings = current_app.config
    urls = settings["NARU_KEYHOLDERS"] or {ONLY: settings["NARU_KEYHOLDER_URL"]}
    name, key = keys.name_of("agency"), keys.load("agency")
    return Panel(
        tuple(
            Service(
                holder=holder,
                operator=settings["NARU_KEYHOLDER_OPERATORS"].get(holder, ""),
                client=KeyholderClient(
                    url=url,
                    key_name=name,
                    key=key,
                    pinned_vkey=settings["NARU_KEYHOLDER_VKEYS"].get(holder),
                    timeout=settings["NARU_KEYHOLDER_TIMEOUT"],
                ),
            )
            for holder, url in urls.items()
        )
    )
