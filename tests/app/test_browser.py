"""The browser of the tests sees the real thing, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def test_a_page_reaches_the_live_server(page: Any) -> None:
    response = page.goto("/healthz")
    assert response.status == 200
    assert response.json() == {"status": "ok"}


def test_the_browser_reaches_no_other_host(page: Any) -> None:
    page.goto("/healthz")
    blocked = page.evaluate("fetch('https://example.com').then(() => 'reached', () => 'blocked')")
    assert blocked == "blocked"


LEAVE = """async () => {
  document.cookie = "left=behind";
  localStorage.setItem("left", "behind");
  await (await caches.open("left")).put("/left", new Response("behind"));
  await new Promise((done, failed) => {
    const asked = indexedDB.open("left");
    asked.onsuccess = done;
    asked.onerror = failed;
  });
  await fetch("/static/css/tokens.css?v=left", { cache: "force-cache" });
}"""
FIND = """async () => {
  const cached = await fetch("/static/css/tokens.css?v=left", { cache: "only-if-cached", mode: "same-origin" })
    .then((answer) => answer.ok, () => false);
  const bases = (await indexedDB.databases()).length;
  return [document.cookie, localStorage.length, (await caches.keys()).length, bases, cached];
}"""


@pytest.mark.parametrize("time", ["first", "again"])
def test_a_page_finds_nothing_of_what_another_tests_page_left(new_page: Callable[..., Any], time: str) -> None:
    page, other = new_page(), new_page()
    for one in (page, other):
        one.goto("/healthz")
        assert one.evaluate(FIND) == ["", 0, 0, 0, False]
    page.evaluate(LEAVE)
    assert page.evaluate(FIND) == ["left=behind", 1, 1, 1, True]
    assert other.evaluate(FIND) == ["", 0, 0, 0, False]
