"""Composition root: the only module that imports every package.

`gunicorn wsgi:app`, `flask --app wsgi …`, and `create_app(settings)` for tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

import bidding
import contracts
import suppliers
from app.factory import build_app


def create_app(settings: Mapping[str, Any] | None = None) -> Flask:
    """The whole system. `settings` go over what the environment says (`app.config`)."""
    return build_app(settings, features=(suppliers, bidding, contracts))


def __getattr__(name: str) -> Flask:
    # Built when a server asks for it, so that importing this module (tests, tools) builds nothing.
    if name == "app":
        return create_app()
    raise AttributeError(name)
