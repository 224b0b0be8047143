"""A side door for the few requests on which a deadline depends: in by the same guards, without the way past every hook.

It answers only what is plainly in order: a signed-in person, from this site by the browser's own word, with the CSRF
token of its session, within its limit. Whatever is out of the ordinary it hands on untouched, and the application
refuses, redirects or answers it in full; so nothing is decided here but a yes. A feature gives the handler
(`register`), which reads what it needs with one query and returns None to hand on.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
import time as stopwatch
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from typing import Any

import structlog
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from werkzeug.http import parse_cookie

from app.errors import DomainError
from app.ids import new_id
from app.lines import say
from app.web import health, limits
from app.web.headers import FIXED, TWO_YEARS, content_security_policy
from app.web.logging import REQUEST_ID

MOST_BYTES = 64 * 1024
CSRF_SALT = "wtf-csrf-token"  # Flask-WTF's
USER = "_user_id"  # where Flask-Login keeps the token
log = logging.getLogger("http")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that passed the guards. `token` names the session; whether it is alive is the handler's to find out."""

    token: str
    place: dict[str, str]  # what the address holds
    body: bytes
    environ: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """`handle` is the caller's, for the process's log."""

    status: int
    body: dict[str, Any]
    handle: str


Handler = Callable[[Asked], Answer | None]
_spell = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_STATUS = {200: "200 OK", 201: "201 CREATED"}


class Signer(TimestampSigner):
    """The library's, which would derive the same key from the same secret for every signature it looks at."""

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        return _derived(secret_key or self.secret_key, self.salt, self.key_derivation, self.digest_method)


@lru_cache(maxsize=16)
def _derived(secret: str | bytes, salt: bytes, derivation: str, digest: Any) -> bytes:
    return TimestampSigner(secret, salt, key_derivation=derivation, digest_method=digest).derive_key()


class Door:
    """WSGI around the application's own. `routes`: method, pattern of the address, rule as the front door names it."""

    def __init__(self, app: Flask) -> None:
        self.app, self.inner = app, app.wsgi_app
        self.routes: list[tuple[re.Pattern[str], str, Handler]] = []
        interface = app.session_interface
        assert isinstance(interface, SecureCookieSessionInterface)
        self._sessions = interface.get_signing_serializer(app)
        if self._sessions is not None:
            self._sessions.signer = Signer
        self._tokens = URLSafeTimedSerializer(app.secret_key or "", salt=CSRF_SALT, signer=Signer)
        self._lasts = int(app.permanent_session_lifetime.total_seconds())

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            for pattern, rule, handler in self.routes:
                found = pattern.fullmatch(environ.get("PATH_INFO", ""))
                if found is not None:
                    answered = self._try(environ, start_response, found.groupdict(), rule, handler)
                    if answered is not None:
                        return answered
        return self.inner(environ, start_response)

    def _try(
        self, environ: dict[str, Any], start_response: Any, place: dict[str, str], rule: str, handler: Handler
    ) -> Iterable[bytes] | None:
        began = stopwatch.perf_counter()
        token = self._token(environ)
        if token is None:
            return None
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(body)  # as it was, for whoever comes after us
        given = environ.get("HTTP_X_REQUEST_ID", "")
        request_id = given if REQUEST_ID.match(given) else new_id().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        with self.app.app_context():
            try:
                answer = handler(Asked(token, place, body, environ))
            except DomainError:
                return None  # the front door refuses, in words
            if answer is None:
                return None
            spent = stopwatch.perf_counter() - began
            health.count("POST", rule, answer.status, spent)
            facts = {"method": "POST", "route": rule, "status": answer.status, "ms": round(spent * 1000, 1)}
            say(log, "http.request", actor=answer.handle, **facts)
        written = _spell(answer.body).encode() + b"\n"
        start_response(_STATUS[answer.status], [*self._headers(), *_about(written, request_id)])
        return [written]

    def _token(self, environ: dict[str, Any]) -> str | None:
        """The session's token, where every guard is passed. The rules are those of `app.web.csrf`, each at its
        strictest: what they would think over is handed on."""
        config = self.app.config
        length = environ.get("CONTENT_LENGTH") or ""
        is_plain = length.isdecimal() and int(length) <= MOST_BYTES and not environ.get("HTTP_TRANSFER_ENCODING")
        is_json = environ.get("CONTENT_TYPE", "").partition(";")[0].strip() == "application/json"
        is_ours = environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"
        if not (config["WTF_CSRF_ENABLED"] and is_plain and is_json and is_ours and self._sessions is not None):
            return None
        cookie = parse_cookie(environ).get(config["SESSION_COOKIE_NAME"])
        if cookie is None:
            return None
        try:
            session = self._sessions.loads(cookie, max_age=self._lasts)
            sent = self._tokens.loads(environ.get("HTTP_X_CSRFTOKEN", ""), max_age=config["WTF_CSRF_TIME_LIMIT"])
            is_same = hmac.compare_digest(session["csrf_token"], sent)
        except (BadData, KeyError, TypeError):
            return None
        token = session.get(USER)
        return token if is_same and isinstance(token, str) else None

    def _headers(self) -> tuple[tuple[str, str], ...]:
        return headers(is_https=self.app.config["NARU_BASE_URL"].startswith("https://"))


@cache
def headers(*, is_https: bool) -> tuple[tuple[str, str], ...]:
    """Those of every response. Nothing of the answer may run, so the policy's nonce is one that no script has."""
    policy = content_security_policy("none", is_https=is_https)
    always = (*FIXED.items(), ("Content-Security-Policy", policy))
    return (*always, ("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")) if is_https else always


def _about(written: bytes, request_id: str) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(written))),
        ("Cache-Control", "no-store"),
        ("Vary", "Cookie"),
        ("X-Request-ID", request_id),
    ]


def is_within_limit(handle: str) -> bool:
    """Count one more request of this person; False where it is one too many."""
    return limits.count(f"person:{handle}")


def register(app: Flask, pattern: str, rule: str, handler: Handler) -> None:
    """Answer POST to addresses of `pattern` (a regular expression) at the side door; `rule` is the route's own."""
    door: Door = app.extensions["naru-door"]
    door.routes.append((re.compile(pattern), rule, handler))


def init_app(app: Flask) -> None:
    door = Door(app)
    app.extensions["naru-door"] = door
    app.wsgi_app = door  # type: ignore[method-assign]
