"""Who asks too often waits; who is somebody is counted as themselves; and it works while Redis is away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from app.auth.actor import Actor
from app.ids import new_id
from app.web.limits import caller, limiter


@pytest.fixture
def limited(app: Flask) -> Iterator[FlaskClient]:
    before = app.config["NARU_RATE_LIMIT"]
    app.config["NARU_RATE_LIMIT"] = "3 per hour"
    limiter.enabled = True
    limiter.reset()  # also what this process counted by itself while Redis was away
    yield app.test_client()
    limiter.enabled = False
    app.config["NARU_RATE_LIMIT"] = before


def ask(client: FlaskClient, address: str = "192.0.2.1", path: str = "/no-such-page") -> int:
    return client.get(path, environ_base={"REMOTE_ADDR": address}).status_code


def test_the_limit_is_reached_and_not_before(limited: FlaskClient) -> None:
    path = "/tenders"
    assert 429 not in [ask(limited, path=path) for _ in range(3)]
    assert ask(limited, path=path) == 429


def test_who_asked_too_often_is_told_when_to_come_back(limited: FlaskClient) -> None:
    answers = [limited.get("/tenders") for _ in range(4)]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 3601  # a second that has begun counts
    assert "Retry-After" not in answers[0].headers


def test_one_caller_s_limit_is_not_another_s(limited: FlaskClient) -> None:
    for _ in range(4):
        ask(limited, path="/tenders")
    assert ask(limited, "192.0.2.2", "/tenders") != 429


def test_bids_are_counted_without_asking_redis(limited: FlaskClient) -> None:
    redis = limited.application.extensions["redis"]
    asked = redis.info("commandstats")

    def send() -> Any:
        return limited.post("/api/tenders/R26BK00000001-000/bids", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    assert [send().status_code for _ in range(3)] == [401, 401, 401]
    refused = send()
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3601
    counting = ("cmdstat_evalsha", "cmdstat_incrby", "cmdstat_get")
    assert [redis.info("commandstats").get(name) for name in counting] == [asked.get(name) for name in counting]


def test_machines_that_watch_are_not_counted(limited: FlaskClient) -> None:
    assert {ask(limited, path="/healthz") for _ in range(6)} == {200}


def test_a_person_is_counted_by_account_wherever_they_sit(app: Flask) -> None:
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": "192.0.2.1"}):
        g.actor = Actor("person:a", person_id=new_id())
        assert caller() == "person:person:a"
        g.pop("actor")
        assert caller() == "address:192.0.2.1"
