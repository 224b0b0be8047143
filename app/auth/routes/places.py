"""Where a request comes from, and where it may be sent on to."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from app.auth.models import Person
from app.auth.signing_in import Origin

DEVICE_SECONDS = 180 * 24 * 3600
NOT_AFTERWARDS = ("/sign-in", "/sign-out", "/step-up", "/password")


def local_path(target: str | None, default: str) -> str:
    """`target` if it is a page of ours that a GET may open, else `default`.

    Anything that a browser could read as another site is refused: a scheme, `//`, a backslash, control characters.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if "\\" in target or any(ord(char) < 33 or ord(char) == 127 for char in target):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.startswith(NOT_AFTERWARDS) or not is_served(parts.path, "GET"):
        return default
    return target


def is_served(path: str, method: str) -> bool:
    """Whether the application has a page at this path for this method."""
    try:
        current_app.url_map.bind(request.host).match(path, method=method)
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def origin() -> Origin:
    """Who is trying: the address, and the device if its cookie is one that we signed."""
    number, owner = _known_device()
    return Origin(request.remote_addr or "-", current_app.config["SECRET_KEY"], number, owner)


def _device_cookie() -> str:
    return "__Host-naru-device" if current_app.config["SESSION_COOKIE_SECURE"] else "naru-device"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="known-device")


def _known_device() -> tuple[str | None, str | None]:
    try:
        number, owner = _signer().loads(request.cookies.get(_device_cookie(), ""))
    except (BadSignature, ValueError, TypeError):
        return None, None
    return str(number), str(owner)


def remember_device(response: Response, person: Person) -> None:
    """This browser has signed the person in: strangers' wrong tries do not slow it. It opens nothing."""
    value = _signer().dumps([secrets.token_urlsafe(12), str(person.id)])
    response.set_cookie(
        _device_cookie(),
        str(value),
        max_age=DEVICE_SECONDS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
