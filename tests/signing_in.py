"""A signed-in client or browser without going through the form each time. The sessions are real rows."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from app import time
from app.auth import sessions
from app.auth.models import Person
from app.db import transaction
from tests.builders import sign_in

__all__ = ["sign_in", "sign_in_page"]


def sign_in_page(app: Flask, page: Any, person: Person, url: str) -> None:
    """The browser context of `page` (Playwright) is `person` from the next request on."""
    interface = app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    serializer = interface.get_signing_serializer(app)
    assert serializer is not None
    with transaction():
        _, token = sessions.open_session(person, time.now(), "test")
    value = serializer.dumps({"_user_id": token, "_fresh": True})
    name = app.config["SESSION_COOKIE_NAME"]
    page.context.add_cookies([{"name": name, "value": value, "url": url, "httpOnly": True, "sameSite": "Lax"}])
