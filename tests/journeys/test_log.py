"""The public log in a real browser: readable by everyone, and checked by the reader's own machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.audit import sequencer
from tests import axe
from tests.app.audit import logbook

NewPage = Callable[..., Any]
PATHS = ("/log", "/log?family=tender", "/log?family=bid", "/log/2", "/log/5", "/log/how-to-verify")


@pytest.fixture
def log(app: Flask) -> Flask:
    logbook.write(5)
    sequencer.run_step()
    logbook.write(1, is_open=False)
    sequencer.run_step()
    return app


def _verdict(page: Any) -> str:
    page.get_by_role("button", name="Check now").click()
    panel = page.locator("[data-entry-check][data-verdict]")
    panel.wait_for()
    return str(panel.get_attribute("data-verdict"))


def test_the_reader_checks_an_open_and_a_sealed_entry(log: Flask, new_page: NewPage) -> None:
    page = new_page(locale="en-GB")
    for index in (0, 5):
        page.goto(f"/log/{index}?lang=en")
        assert _verdict(page) in ("right", "unknown")  # unknown: a Chromium without Ed25519 says so
        results = page.locator("[data-results] li").all_inner_texts()
        assert results[0] == "The published entry is the one shown on this page."
        assert results[1].endswith("lead to the root of the tree of 6 entries.")


def test_the_browser_notices_a_changed_entry_a_changed_path_and_a_changed_checkpoint(
    log: Flask, new_page: NewPage
) -> None:
    folder = logbook.folder(log)
    page = new_page(locale="en-GB")
    for name, old, new in (
        ("tile/entries/000.p/6", b"tender:1", b"tender:2"),
        ("tile/0/000.p/6", None, bytes(192)),
        ("checkpoint", b"\n6\n", b"\n7\n"),
    ):
        before = (folder / name).read_bytes()
        page.goto("/log/3?lang=en")
        (folder / name).write_bytes(new if old is None else before.replace(old, new))
        page.evaluate("caches.keys()")
        assert _verdict(page) == "wrong", name
        (folder / name).write_bytes(before)


@pytest.mark.parametrize("look", ["ko-wide", "en-narrow", "ko-dark"])
def test_axe_finds_nothing_on_any_page_and_none_is_wider_than_the_screen(
    log: Flask, new_page: NewPage, look: str
) -> None:
    language, kind = look.split("-")
    size = {"width": 390, "height": 844} if kind == "narrow" else {"width": 1280, "height": 900}
    page = new_page(locale=language, viewport=size, color_scheme="dark" if kind == "dark" else "light", bypass_csp=True)
    for path in PATHS:
        page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
        assert axe.violations(page) == [], f"{path} {look}"
        assert axe.fits(page), f"{path} {look}"


def test_without_javascript_the_page_says_what_to_do_instead(log: Flask, new_page: NewPage) -> None:
    page = new_page(locale="en-GB", java_script_enabled=False)
    page.goto("/log/2?lang=en")
    assert page.get_by_text("This needs JavaScript.").is_visible()
    assert not page.get_by_role("button", name="Check now").is_visible()
    assert page.get_by_role("link", name="Proof of this entry").is_visible()
