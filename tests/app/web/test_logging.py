"""A line names the request and the route, and nobody's secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient

from app.web.logging import HIDDEN


@pytest.fixture
def lines() -> Iterator[StringIO]:
    """What our handler writes from now on."""
    (handler,) = [handler for handler in logging.getLogger().handlers if handler.name == "naru"]
    assert isinstance(handler, logging.StreamHandler)
    written = StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


def parsed(lines: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_each_request_is_one_line_with_its_id(client: FlaskClient, lines: StringIO) -> None:
    response = client.get("/no-such-page?token=canary-secret")
    (line,) = [line for line in parsed(lines) if line["event"] == "http.request"]
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert (line["method"], line["status"], line["route"], line["actor"]) == ("GET", 404, "-", "anonymous")
    assert "canary-secret" not in lines.getvalue()


def test_an_id_from_the_proxy_is_kept_and_a_strange_one_is_not(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": "abcd-1234"}).headers["X-Request-ID"] == "abcd-1234"
    for strange in ("short", "x" * 65, 'a"b{c}defgh', "spaces in it"):
        assert client.get("/healthz", headers={"X-Request-ID": strange}).headers["X-Request-ID"] != strange


TELLING = ["password", "new_password", "api_key", "Authorization", "csrf_token", "price_won", "email"]


@pytest.mark.parametrize("name", TELLING)
def test_fields_with_telling_names_are_hidden_however_deep(lines: StringIO, name: str) -> None:
    structlog.get_logger("test").info("test.said", **{name: "canary"}, deep=[{"er": {name: "canary"}}])
    assert "canary" not in lines.getvalue()
    (line,) = parsed(lines)
    assert line[name] == HIDDEN


def test_the_database_s_details_are_hidden_in_tracebacks(lines: StringIO) -> None:
    try:
        raise ValueError("duplicate key\nDETAIL: Key (email)=(canary@example.com) already exists.")
    except ValueError:
        structlog.get_logger("test").exception("test.failed")
    assert "canary" not in lines.getvalue()
    assert "duplicate key" in lines.getvalue()


def test_tracebacks_show_no_values_of_variables(lines: StringIO) -> None:
    secret = "canary-in-a-variable"
    try:
        raise ValueError(str(len(secret)))
    except ValueError:
        structlog.get_logger("test").exception("test.failed")
    assert "canary-in-a-variable" not in lines.getvalue()


def test_lines_of_libraries_are_json_too(lines: StringIO) -> None:
    logging.getLogger("some.library").warning("mind %s", "the gap")
    (line,) = parsed(lines)
    assert (line["event"], line["level"], line["logger"]) == ("mind the gap", "warning", "some.library")
