"""The browser of the tests sees the real thing, and nothing else."""

from __future__ import annotations

from typing import Any


def test_a_page_reaches_the_live_server(page: Any) -> None:
    response = page.goto("/healthz")
    assert response.status == 200
    assert response.json() == {"status": "ok"}


def test_the_browser_reaches_no_other_host(page: Any) -> None:
    page.goto("/healthz")
    blocked = page.evaluate("fetch('https://example.com').then(() => 'reached', () => 'blocked')")
    assert blocked == "blocked"
