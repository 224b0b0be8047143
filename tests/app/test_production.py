"""Production as the operator's manual starts it: gunicorn, real roles, own keys; and how it refuses to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest
from flask import Flask

from app import keys
from app.embedded.process import free_port

COMMAND = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py"]
Environment = dict[str, str]


@pytest.fixture
def environment(app: Flask, tmp_path: Path) -> Environment:
    keys.make_missing(tmp_path / "keys", "naru.example/log")
    (tmp_path / "metrics").mkdir()
    names = ("DATABASE_URL", "DATABASE_OWNER_URL", "SEQUENCER_DATABASE_URL", "REDIS_URL")
    return {
        **{name: app.config[name] for name in names},
        "PATH": os.environ["PATH"],
        "NARU_ENV": "production",
        "SECRET_KEY": "an-own-secret-of-production-0123456789",
        "NARU_BASE_URL": "https://naru.example",
        "NARU_LOG_ORIGIN": "naru.example/log",
        "NARU_VAR": str(tmp_path / "var"),
        "NARU_KEYS_DIR": str(tmp_path / "keys"),
        "NARU_PROXIES": "1",
        "NARU_BIND": f"127.0.0.1:{free_port()}",
        "NARU_WORKERS": "2",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }


@pytest.fixture
def served(environment: Environment, root: Path, tmp_path: Path) -> Iterator[str]:
    log = (tmp_path / "web.log").open("wb")
    with log, subprocess.Popen(COMMAND, cwd=root, env=environment, stdout=log, stderr=log) as process:
        url = f"http://{environment['NARU_BIND']}"
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            try:
                fetch(f"{url}/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield url
        process.terminate()
        process.wait(30)


def fetch(url: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_it_serves_safely(served: str, tmp_path: Path) -> None:
    status, headers, body = fetch(f"{served}/readyz", **{"X-Request-ID": "given-by-proxy"})
    assert (status, json.loads(body)["status"]) == (200, "ready")
    assert headers["X-Request-ID"] == "given-by-proxy"
    assert headers["Strict-Transport-Security"].startswith("max-age=")

    status, headers, _ = fetch(f"{served}/", **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"})
    assert status == 200
    for cookie in headers.get_all("Set-Cookie") or []:
        assert "Secure" in cookie
        assert "HttpOnly" in cookie or cookie.startswith("lang=")

    # Two workers, one set of figures; a proxy's guests do not see them.
    figures = {fetch(f"{served}/metrics")[2].count(b'route="/readyz"') > 0 for _ in range(6)}
    assert figures == {True}
    assert fetch(f"{served}/metrics", **{"X-Forwarded-For": "192.0.2.1"})[0] == 404

    lines = [json.loads(line) for line in (tmp_path / "web.log").read_text("utf-8").splitlines()]
    seen = [line for line in lines if line.get("event") == "http.request"]
    assert seen
    assert {"request_id", "route", "status", "ms", "actor", "method"} <= set(seen[0])
    assert "192.0.2.1" not in (tmp_path / "web.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "", "SECRET_KEY"),
        ("NARU_BASE_URL", "http://naru.example", "NARU_BASE_URL"),
        ("FLASK_DEBUG", "1", "Debug"),
        ("NARU_KEYS_DIR", "/nonexistent", "signing key"),
    ],
)
def test_it_refuses_to_start_unsafely_and_says_why(
    environment: Environment, root: Path, name: str, value: str, said: str
) -> None:
    changed = environment | {name: value}
    done = subprocess.run(COMMAND, cwd=root, env=changed, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0
    assert "does not start in production" in done.stderr
    assert said in done.stderr
