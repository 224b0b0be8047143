"""The probe against a real server: it says what is wrong, and nothing else is right."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug import Request, Response
from werkzeug.serving import make_server

from app import direct, keys, time
from app.db import db
from app.embedded.process import free_port
from bidding import measures
from bidding.intake_probe import probe
from bidding.models import IntakeMinute

WORD = "0123456789abcdef" * 2


def test_a_server_that_could_take_a_bid_passes(app: Flask, live_server: Any) -> None:
    assert probe(live_server.url, keys.vkey_of("receipt")) is None


def test_nobody_there_is_no_answer(app: Flask) -> None:
    assert probe(f"http://127.0.0.1:{free_port()}", keys.vkey_of("receipt")) == "http"


def test_another_key_or_another_word_is_no_proper_answer(app: Flask, live_server: Any, replayer: str) -> None:
    assert probe(live_server.url, keys.vkey_of("agency")) == "answer"
    assert probe(replayer, keys.vkey_of("receipt")) == "answer"


@pytest.fixture
def replayer(app: Flask, client: FlaskClient) -> Iterator[str]:
    """A cache in between that gives everybody the same old answer."""
    kept = client.get(f"/api/intake/{WORD}").text

    @Request.application
    def answer(_request: Request) -> Response:
        return Response(kept)

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join(5)


def test_a_server_without_its_database_says_that_it_cannot(
    app: Flask, live_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    direct.close()
    monkeypatch.setitem(app.config, "DATABASE_URL", "postgresql://naru_app@127.0.0.1:9/naru")
    monkeypatch.setitem(app.config, "SQLALCHEMY_DATABASE_URI", "postgresql+psycopg://naru_app@127.0.0.1:9/naru")
    monkeypatch.setattr(direct, "WAIT_SECONDS", 0.5)
    try:
        assert probe(live_server.url, keys.vkey_of("receipt")) in ("intake", "http")
    finally:
        direct.close()


def test_only_a_proper_word_is_answered(client: FlaskClient) -> None:
    assert client.get(f"/api/intake/{WORD}").status_code == 200
    for word in ("x" * 32, WORD[:-1], WORD.upper()):
        assert client.get(f"/api/intake/{word}").status_code == 404


def test_the_clockworks_measure_writes_what_it_found(app: Flask, live_server: Any) -> None:
    before = app.config["NARU_PROBE_URL"]
    app.config["NARU_PROBE_URL"] = live_server.url
    try:
        measures.probe_intake(time.now())
        app.config["NARU_PROBE_URL"] = f"http://127.0.0.1:{free_port()}"
        measures.probe_intake(time.now())
        app.config["NARU_PROBE"] = False
        measures.probe_intake(time.now())
    finally:
        app.config["NARU_PROBE_URL"], app.config["NARU_PROBE"] = before, True
    minutes = db.session.scalars(select(IntakeMinute)).all()
    assert (sum(one.tried for one in minutes), sum(one.failed for one in minutes)) == (2, 1)
