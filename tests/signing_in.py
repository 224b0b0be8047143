"""A signed-in client or browser without going through the form each time. The sessions are real rows."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient

from app import time
from app.auth import sessions
from app.auth.models import Person
from app.db import transaction


def open_session(person: Person) -> str:
    """The token of a new session of `person`; the password counts as entered just now (step-up)."""
    with transaction():
        _, token = sessions.open_session(person, time.now(), "test")
    return token


def sign_in(client: FlaskClient, person: Person) -> None:
    """`client` is `person` from the next request on."""
    token = open_session(person)
    with client.session_transaction() as cookie:
        cookie.clear()
        cookie.update({"_user_id": token, "_fresh": True})


def sign_in_page(app: Flask, page: Any, person: Person, url: str) -> None:
    """The browser context of `page` (Playwright) is `person` from the next request on."""
    interface = app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    serializer = interface.get_signing_serializer(app)
    assert serializer is not None
    value = serializer.dumps({"_user_id": open_session(person), "_fresh": True})
    name = app.config["SESSION_COOKIE_NAME"]
    page.context.add_cookies([{"name": name, "value": value, "url": url, "httpOnly": True, "sameSite": "Lax"}])
