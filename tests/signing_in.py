"""A signed-in client without going through the form each time."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient


def sign_in(client: FlaskClient, person: Any) -> None:
    """Open a real session for `person` and give its cookie to `client`. Its password counts as entered just now."""
    from app import time
    from app.auth import sessions
    from app.db import transaction

    with transaction():
        sessions.sign_in_for_test(client, person, time.now())
