"""How often one caller may ask. Counted in Redis for all processes; in this process's memory while Redis is away.

A signed-in person is counted by account, so that an office behind one address is not one caller; the rest by address.
"""

from __future__ import annotations

import time as clock
from collections import Counter
from functools import cache

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse

from app.auth import current_actor
from app.errors import TooManyTries

UNCOUNTED = frozenset({"static", "health.healthz", "health.readyz", "health.metrics"}) | {
    # Who mirrors the log fetches thousands of these, each a small file that never changes.
    "audit.tile",
    "audit.checkpoint",
    # Who watches an auction asks every second; it is kept in the process and made once after each bid.
    "bidding.api_auction",
}


# Those on which a deadline depends: counted in this process alone, so that no other store keeps them waiting.
_counted_here: set[str] = set()
_counts: Counter[str] = Counter()
_window = {"ends": 0.0}  # of the counts


def count_here(endpoint: str) -> None:
    """Count `endpoint` in each process by itself: a caller may then ask as often as there are processes, times the
    limit, and neither a slow nor an absent Redis is noticed."""
    _counted_here.add(endpoint)


def _is_counted_here() -> bool:
    return request.endpoint in _counted_here


def _count_here() -> None:
    """A count for each caller, forgotten together when the window ends. (The library's memory starts a thread at
    nearly every count.)"""
    if _is_counted_here() and not count(caller()):
        raise TooManyTries("asked too often")


def count(who: str) -> bool:
    """One request more of `who`; False where it is one too many."""
    if not limiter.enabled:
        return True
    limit = _limit(current_app.config["NARU_RATE_LIMIT"])
    now = clock.time()
    if now >= _window["ends"]:
        _counts.clear()
        _window["ends"] = now + limit.get_expiry()
    _counts[who] += 1
    return _counts[who] <= limit.amount


@cache
def _limit(spelling: str) -> RateLimitItem:
    return parse(spelling)


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
    if response.status_code != 429:
        return response
    spent = limiter.current_limit
    if _is_counted_here():
        reset_at = _window["ends"]
    elif spent is not None and spent.breached:
        reset_at = spent.reset_at
    else:
        return response
    response.headers.setdefault("Retry-After", str(max(1, round(reset_at - clock.time()))))
    return response


def init_app(app: Flask) -> None:
    app.config.setdefault("RATELIMIT_STORAGE_URI", app.config["REDIS_URL"])
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_timeout": 3, "socket_connect_timeout": 3})
    limiter.request_filter(_is_counted_here)
    limiter.init_app(app)
    app.before_request(_count_here)
    app.after_request(_say_when)
