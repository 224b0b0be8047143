"""gunicorn's settings, for `make run` and production alike; the command line and GUNICORN_CMD_ARGS go over them."""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import multiprocess

wsgi_app = "wsgi:app"
bind = os.environ.get("NARU_BIND", f"127.0.0.1:{os.environ.get('NARU_PORT', '8080')}")
worker_class = "gthread"
workers = int(os.environ.get("NARU_WORKERS", "2"))
threads = int(os.environ.get("NARU_THREADS", "8"))
preload_app = True  # built once; workers share the memory, and a wrong setting stops the start, not a worker
timeout = 60
graceful_timeout = 20
keepalive = 5
control_socket_disable = True  # it would lie in the home of whoever starts us, one for all
max_requests = 20_000
max_requests_jitter = 2_000
limit_request_line = 8190
# Through the root logger, whose lines are JSON (app.web.logging).
logconfig_dict = {
    "root": {"level": "INFO", "handlers": []},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        "gunicorn.access": {"level": "WARNING", "handlers": [], "propagate": False},
    },
}
forwarded_allow_ips = os.environ.get("NARU_FORWARDED_ALLOW_IPS", "127.0.0.1")


def post_fork(_server: Any, worker: Any) -> None:
    """A connection made before the fork must not be used on both sides of it."""
    from app.db import db

    application = worker.app.wsgi()
    with application.app_context():
        db.engine.dispose(close=False)


def child_exit(_server: Any, worker: Any) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
