"""Nobody else's page can make a signed-in browser act here: a token in every form, and the browser's own word.

The token is Flask-WTF's (`{{ ui.csrf() }}`, or the header X-CSRFToken). Before it, `Sec-Fetch-Site` is looked at: a
browser sends it by itself, and no page can forge it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFProtect

from app.errors import Forbidden

csrf = CSRFProtect()
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
OWN_SITES = frozenset({"same-origin", "none"})  # `none`: typed or reloaded by the person


def refuse_other_sites() -> None:
    """Raise Forbidden for an unsafe request that a browser says another site caused."""
    if request.method in SAFE_METHODS or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in OWN_SITES:
        raise Forbidden(f"a {site} request", reason="cross-site")
    origin = request.headers.get("Origin")
    if site is None and origin is not None and urlsplit(origin).netloc != request.host:
        raise Forbidden("a request from another origin", reason="cross-site")


def init_app(app: Flask) -> None:
    app.before_request(refuse_other_sites)
    csrf.init_app(app)
