"""One JSON object a line on standard error, each with the id of the request it belongs to.

No secrets and no personal data: a line names the route, never the address that was asked for (it may hold a token or a
search), and people by their opaque handle. Fields with telling names and the database's DETAIL lines are taken out.
"""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from app.auth import current_actor
from app.ids import new_id
from app.lines import IS_SPELLED, say

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
TELLING = re.compile(
    r"passw|secret|token|cookie|authori[sz]ation|api_?key|private|nonce|price|amount|email|phone|person_?name",
    re.IGNORECASE,
)
DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*$|\[parameters: .*\]", re.MULTILINE)
HIDDEN = "[hidden]"
QUIET_ROUTES = frozenset({"/healthz", "/readyz", "/metrics", "/static/<path:filename>"})

log = logging.getLogger("http")


def _scrub(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what must not be in a log, however deep it sits."""
    return {key: _scrubbed(key, value) for key, value in line.items()}


def _scrubbed(key: str, value: Any) -> Any:
    if TELLING.search(key):
        return HIDDEN
    if isinstance(value, dict):
        return {inner: _scrubbed(str(inner), held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_scrubbed("", held) for held in value]
    return DETAIL.sub(HIDDEN, value) if isinstance(value, str) else value


TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False, max_frames=30)
)
SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    TRACEBACKS,
    _scrub,
]


class Lines(structlog.stdlib.ProcessorFormatter):
    """What `app.lines` has spelled goes out as it is."""

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage() if hasattr(record, IS_SPELLED) else super().format(record)


def configure(level: str) -> None:
    """Send structlog and the standard library's loggers to standard error, as JSON. May be called again."""
    renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    formatter = Lines(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        foreign_pre_chain=SHARED,
    )
    # What no line of ours holds need not be looked up for each.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if handler.name == "naru"]:
        root.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.name = "naru"
    handler.setFormatter(formatter)
    root.addHandler(handler)
    root.setLevel(level.upper())
    # RQ would log a dozen lines for every job, and they spell out its arguments; the others talk to themselves.
    for name in ("rq", "werkzeug", "fontTools", "pikepdf", "alembic", "asyncio", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def route() -> str:
    """The pattern that matched, such as `/tenders/<reference>`; `-` where none did."""
    return request.url_rule.rule if request.url_rule else "-"


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.match(given) else new_id().hex
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    if route() not in QUIET_ROUTES:
        spent_ms = round((time.perf_counter() - g.began) * 1000, 1)
        facts = {"method": request.method, "route": route(), "status": response.status_code, "ms": spent_ms}
        say(log, "http.request", actor=current_actor().handle, **facts)
    return response


def init_app(app: Flask) -> None:
    configure(app.config["NARU_LOG_LEVEL"])
    app.before_request(_begin)
    app.after_request(_end)
