"""Every page that anybody may read, on a telephone, in one of the languages: nothing too wide or broken, no codes."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import cycle
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect

from bidding.notice_terms import METHODS
from bidding.routes.calculators import PARTS
from tests import axe

NewPage = Callable[..., Any]
WITH_ARGUMENT = (*(f"/methods/{name}" for name in METHODS), *(f"/calculator/{name}" for name in PARTS))
# Instants as machines write them, names of Python's nothing, and messages that nobody filled in.
RAW = re.compile(r"\d{4}-\d\d-\d\dT\d\d|\bNone\b(?! |:)|\bundefined\b|%\(\w+\)s|\{\{")
TEXT = "document.querySelector('main').innerText"


def public_pages(app: Flask, client: FlaskClient) -> list[str]:
    """What answers a visitor with a page; found from the routes themselves, so that a new one is looked at too."""
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    answers = [(rule.rule, client.get(rule.rule)) for rule in rules]
    pages = [(path, one) for path, one in answers if one.status_code == 200 and one.mimetype == "text/html"]
    return sorted(path for path, one in pages if "attachment" not in one.headers.get("Content-Disposition", ""))


def test_every_public_page_fits_a_telephone_and_shows_no_codes(
    app: Flask, client: FlaskClient, new_page: NewPage
) -> None:
    found = public_pages(app, client)
    assert {"/", "/tenders", "/methods", "/calculator", "/rules", "/verify", "/complaints", "/outages"} <= set(found)
    page = new_page(bypass_csp=True, viewport={"width": 390, "height": 844})
    for path, lang in zip([*found, *WITH_ARGUMENT], cycle(("ko", "en")), strict=False):
        page.goto(f"{path}?lang={lang}")
        axe.look(page, f"{path} {lang}")
        assert RAW.findall(page.evaluate(TEXT)) == [], f"{path} {lang}"
        assert page.locator("main h1").count() == 1, path
    page.goto("/log?lang=ko")  # the last of the menu, which a telephone has to scroll to
    expect(page.locator(".site-menu [aria-current]")).to_be_in_viewport()
