"""/healthz, /readyz and /metrics tell the truth, and the figures are not for everyone."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.embedded.process import free_port


def test_a_process_that_answers_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_ready_when_the_database_has_our_version(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json == {"status": "ready", "database": "ok", "redis": "ok"}


def test_not_ready_on_a_database_of_another_version(app: Flask, client: FlaskClient) -> None:
    owner = create_engine(app.config["DATABASE_OWNER_URL"], poolclass=NullPool)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'future'"))
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json is not None
    assert response.json["database"] == "another version"


def test_without_redis_it_is_ready_all_the_same_and_says_so(app: Flask, client: FlaskClient) -> None:
    real = app.extensions["redis"]
    app.extensions["redis"] = Redis(host="127.0.0.1", port=free_port(), socket_connect_timeout=0.2)
    try:
        response = client.get("/readyz")
    finally:
        app.extensions["redis"].close()
        app.extensions["redis"] = real
    assert response.status_code == 200
    assert response.json is not None
    assert response.json["redis"] == "away"


def test_this_machine_reads_the_figures(client: FlaskClient) -> None:
    client.get("/healthz")
    response = client.get("/metrics")
    assert response.status_code == 200
    assert 'naru_http_requests_total{method="GET",route="/healthz",status="200"}' in response.text
    assert "naru_jobs_due 0.0" in response.text


def test_nobody_else_reads_the_figures(client: FlaskClient) -> None:
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    # A proxy on this machine stands for somebody else.
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 404


def test_with_a_token_only_its_bearer_reads_them(app: Flask, client: FlaskClient) -> None:
    app.config["NARU_METRICS_TOKEN"] = "figures"
    try:
        elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
        right = client.get("/metrics", headers={"Authorization": "Bearer figures"}, environ_base=elsewhere)
        assert right.status_code == 200
        assert client.get("/metrics", headers={"Authorization": "Bearer figure"}).status_code == 404
        assert client.get("/metrics").status_code == 404
    finally:
        app.config["NARU_METRICS_TOKEN"] = ""
