"""Builds the application: settings, then the kernel's parts in the order they need each other, then the features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

from app import config
from app.db import db

ROOT = Path(__file__).parent.parent
# Order matters: logging sees every request first, the session comes before whatever asks who is calling.
KERNEL = (
    "app.web.logging",
    "app.jobs",
    "app.i18n",
    "app.auth",
    "app.web.headers",
    "app.web.csrf",
    "app.web.limits",
    "app.web.errors",
    "app.web.health",
    "app.web.pages",
    "app.web.door",
    "app.audit",
    "app.documents",
    "app.notifications",
    "app.demo",
)
migrate = Migrate(directory=str(ROOT / "migrations"), compare_type=True)


def build_app(settings: Mapping[str, Any] | None, features: Sequence[ModuleType]) -> Flask:
    """The application with `features` on the kernel.

    `settings` go over what the environment says. Raises `app.config.ConfigurationError` for settings that cannot
    be read, and in production for unsafe ones.
    """
    flask_app = Flask("app")
    flask_app.config.from_mapping(config.complete(config.read() | dict(settings or {})))
    config.refuse_unsafe(flask_app.config)
    if isinstance(flask_app.json, DefaultJSONProvider):
        flask_app.json.sort_keys = False
    if flask_app.config["NARU_PROXIES"]:
        hops = flask_app.config["NARU_PROXIES"]
        flask_app.wsgi_app = ProxyFix(flask_app.wsgi_app, hops, hops, hops)  # type: ignore[method-assign]
    db.init_app(flask_app)
    for name in KERNEL:
        part = import_module(name)
        if hasattr(part, "init_app"):
            part.init_app(flask_app)
    for feature in features:
        feature.init_app(flask_app)
    migrate.init_app(flask_app, db)
    return flask_app
