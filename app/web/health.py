"""For the machines that watch: alive, ready, and figures for Prometheus."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from typing import Any

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.auth import public
from app.db import db
from app.errors import NotFound
from app.web.logging import route

blueprint = Blueprint("health", __name__)
REQUESTS = Counter("naru_http_requests", "Requests answered", ["method", "route", "status"])
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
SECONDS = Histogram("naru_http_request_seconds", "Time to answer", ["route"], buckets=BUCKETS)
WAITING = text(
    "SELECT count(*) FILTER (WHERE state = 'waiting' AND due_at <= now()), count(*) FILTER (WHERE state = 'given-up'), "
    "coalesce(extract(epoch FROM now() - min(due_at) FILTER (WHERE state = 'waiting' AND due_at <= now())), 0) "
    "FROM jobs WHERE state IN ('waiting', 'given-up')"
)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """This process answers. Says nothing of what it needs."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """Whether to send requests here: 503 without the database or with one that another version migrated.

    Redis is reported, but its absence does not make the answer 503: bids are still received without it.
    """
    found = {"database": _database_state(), "redis": _redis_state()}
    is_ready = found["database"] == "ok"
    return jsonify(status="ready" if is_ready else "not ready", **found), 200 if is_ready else 503


def _database_state() -> str:
    try:
        held = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        return "away"
    finally:
        db.session.rollback()
    return "ok" if held == migration_head() else "another version"


def _redis_state() -> str:
    try:
        current_app.extensions["redis"].ping()
    except RedisError:
        return "away"
    return "ok"


@cache
def migration_head() -> str | None:
    """The newest migration that this code knows."""
    folder = current_app.extensions["migrate"].directory
    return ScriptDirectory(folder).get_current_head()


class JobFigures:
    """Read from the database when asked, so that every process gives the same answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            due, given_up, oldest = db.session.execute(WAITING).one()
        except SQLAlchemyError:
            return
        finally:
            db.session.rollback()
        yield GaugeMetricFamily("naru_jobs_due", "Jobs due and not done", value=due)
        yield GaugeMetricFamily("naru_jobs_given_up", "Jobs that failed too often", value=given_up)
        yield GaugeMetricFamily("naru_jobs_oldest_due_seconds", "Age of the oldest due job", value=float(oldest))


def may_see_metrics() -> bool:
    """With the bearer token where one is set; else only from this machine itself, not through a proxy on it."""
    token: str = current_app.config["NARU_METRICS_TOKEN"]
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    is_forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not is_forwarded and ip_address(request.remote_addr or "0.0.0.0").is_loopback  # noqa: S104 - "nobody"


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Prometheus figures of all web processes of this machine, for this machine or a bearer of the token."""
    if not may_see_metrics():
        raise NotFound
    registry: Any = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    jobs = CollectorRegistry()
    jobs.register(JobFigures())
    return Response(generate_latest(registry) + generate_latest(jobs), content_type=CONTENT_TYPE_LATEST)


def _count(response: Response) -> Response:
    count(request.method, route(), response.status_code, time.perf_counter() - g.began if "began" in g else None)
    return response


def count(method: str, rule: str, status: int, seconds: float | None) -> None:
    """One request more, under the route's own name."""
    _requests(method, rule, status).inc()
    if seconds is not None:
        _seconds(rule).observe(seconds)


# Finding one figure among its labels costs more than adding to it.
@cache
def _requests(method: str, rule: str, status: int) -> Counter:
    return REQUESTS.labels(method, rule, str(status))


@cache
def _seconds(rule: str) -> Histogram:
    return SECONDS.labels(rule)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.after_request(_count)
