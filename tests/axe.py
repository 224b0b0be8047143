"""Axe in a page of a journey: what it finds, and whether everything fits the window."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_FILE = Path(__file__).parent.parent / "node_modules" / "axe-core" / "axe.min.js"
# Only what is broken is described: to name every element that is in order takes axe most of its time.
_RUN = """async rules => {
  const moving = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
  const still = Promise.allSettled([document.fonts.ready, ...moving.map((one) => one.finished)]);
  await Promise.race([still, new Promise((done) => setTimeout(done, 5000))]);
  const result = await axe.run(document, { resultTypes: ["violations"], ...(rules && { runOnly: rules }) });
  return result.violations;
}"""
_TRIES = 3
WIDE, NARROW, HEIGHT = 1280, 390, 844


def violations(page: Page, *, only_wcag: bool = True) -> list[tuple[str, list[str]]]:
    """Every rule that is broken, with the elements that break it; `only_wcag` False: axe's best practices too.

    The page needs `bypass_csp`. A colour halfway to another is not the page's: it is looked at when nothing moves any
    more. Axe walks a document that a click may be replacing at that moment: then it is run anew in the one that came.
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


def look_everywhere(page: Page, name: str) -> None:
    """A Korean page as it stands, and its address again in English: broken rules of WCAG in a wide and in a narrow
    window, and whether everything fits, in both. It ends in Korean, and the window is as it was.

    Each language and each width is looked at by axe once: nothing in a page depends on both.
    """
    before, address = page.viewport_size, page.url.split("?")[0]
    for language, width in (("ko", WIDE), ("en", NARROW)):
        if language != "ko":
            page.goto(f"{address}?lang={language}")
        page.set_viewport_size({"width": width, "height": HEIGHT})
        assert violations(page) == [], (name, language, width)
        for one in (width, WIDE + NARROW - width):
            page.set_viewport_size({"width": one, "height": HEIGHT})
            assert fits(page), (name, language, one)
            shoot(page, f"{name}-{language}-{one}")
    if before is not None:
        page.set_viewport_size(before)
    page.goto(f"{address}?lang=ko")


def shoot(page: Page, name: str) -> None:
    """The whole page as a picture in the folder SHOTS_DIR, for whoever named one."""
    if folder := os.environ.get("SHOTS_DIR"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


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
