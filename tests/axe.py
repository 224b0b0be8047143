"""Axe in a page of a journey: what it finds, and whether everything fits the window."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_FILE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
_RUN = "rules => axe.run(document, rules ? {runOnly: rules} : {}).then(result => result.violations)"
_TRIES = 3


def violations(page: Page, *, only_wcag: bool = True) -> list[tuple[str, list[str]]]:
    """Every rule that is broken, with the elements that break it; `only_wcag` False: axe's best practices too.

    The page needs `bypass_csp`. Axe walks a document that a click may be replacing at that moment: then it is run
    anew in the one that came.
    """
    found = _run(page, WCAG if only_wcag else None)
    return [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found]


def serious(page: Page) -> list[tuple[str, str]]:
    """What every user would stumble over, of all rules that axe knows."""
    return [
        (one["id"], one["nodes"][0]["html"]) for one in _run(page, None) if one["impact"] in ("serious", "critical")
    ]


def look(page: Page, name: str = "") -> None:
    """Nothing serious by axe, and nothing wider than the window."""
    assert serious(page) == [], name
    assert fits(page), name


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def _run(page: Page, rules: list[str] | None) -> list[dict[str, Any]]:
    for attempt in range(1, _TRIES + 1):
        page.wait_for_load_state("load")
        try:
            page.evaluate(_source())
            return list(page.evaluate(_RUN, rules))
        except Error:
            if attempt == _TRIES:
                raise
    raise AssertionError("unreachable")


@cache
def _source() -> str:
    return _FILE.read_text("utf-8")
