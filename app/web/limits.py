"""How often one caller may ask. Counted in Redis for all processes; in this process's memory while Redis is away.

A signed-in person is counted by account, so that an office behind one address is not one caller; the rest by address.
"""

from __future__ import annotations

import time as clock

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter

from app.auth import current_actor

UNCOUNTED = frozenset({"static", "health.healthz", "health.readyz", "health.metrics"}) | {
    # Who mirrors the log fetches thousands of these, each a small file that never changes.
    "audit.tile",
    "audit.checkpoint",
}


def caller() -> str:
    actor = current_actor()
    return f"person:{actor.handle}" if actor.is_signed_in else f"address:{request.remote_addr or '-'}"


limiter = Limiter(
    caller,
    default_limits=[lambda: current_app.config["NARU_RATE_LIMIT"]],
    default_limits_exempt_when=lambda: (request.endpoint or "") in UNCOUNTED,
    in_memory_fallback_enabled=True,
    swallow_errors=True,
    headers_enabled=False,  # they would ask Redis twice more in every request, to say what hardly anybody reads
    key_prefix="naru-limit",
)


def _say_when(response: Response) -> Response:
    """Who asked too often is told after how many seconds to come back."""
    spent = limiter.current_limit
    if response.status_code == 429 and spent is not None and spent.breached:
        response.headers.setdefault("Retry-After", str(max(1, round(spent.reset_at - clock.time()))))
    return response


def init_app(app: Flask) -> None:
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["REDIS_URL"])
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_timeout": 3, "socket_connect_timeout": 3})
    limiter.init_app(app)
    app.after_request(_say_when)
