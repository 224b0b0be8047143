"""Every response carries the security headers; only scripts with the page's nonce may run."""

from __future__ import annotations

import re
from contextvars import Context

import pytest
from flask import Flask, Response, render_template_string
from flask.testing import FlaskClient

from app.web.headers import content_security_policy

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.mark.parametrize("path", ["/healthz", "/no-such-page", "/metrics", "/", "/static/no-such-file.css"])
def test_every_response_carries_the_security_headers(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    for name, value in ALWAYS.items():
        assert response.headers[name] == value
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_refused_method_carries_them_too(client: FlaskClient) -> None:
    assert client.post("/healthz").headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_lets_nothing_run_or_load_from_elsewhere() -> None:
    policy = content_security_policy("abc", is_https=True)
    assert "script-src 'nonce-abc' 'strict-dynamic';" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http:" not in policy


def test_the_nonce_of_the_page_is_the_nonce_of_the_header_and_new_each_time(app: Flask) -> None:
    def answer() -> tuple[str, Response]:
        with app.test_request_context("/healthz"):
            app.preprocess_request()
            shown = render_template_string("{{ csp_nonce }}")
            return shown, app.process_response(app.make_response(shown))

    seen = set()
    for _ in range(2):
        shown, response = Context().run(answer)
        (sent,) = re.findall(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
        assert sent == shown
        seen.add(sent)
    assert len(seen) == 2


def test_https_is_made_to_stick_where_the_system_is_served_over_https(app: Flask, client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    before = app.config["NARU_BASE_URL"]
    app.config["NARU_BASE_URL"] = "https://naru.example"
    try:
        headers = client.get("/healthz").headers
    finally:
        app.config["NARU_BASE_URL"] = before
    assert headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "upgrade-insecure-requests" in headers["Content-Security-Policy"]


def test_versioned_static_files_are_kept_and_others_asked_for_again(app: Flask, client: FlaskClient) -> None:
    kept = client.get("/static/none.css?v=1").headers["Cache-Control"]
    asked = client.get("/static/none.css").headers["Cache-Control"]
    assert "immutable" in kept
    assert "no-cache" in asked
