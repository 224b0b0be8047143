"""Plain words for three kinds of readers, in both languages; what they point at is there."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from bidding.routes.guides import READERS
from tests.axe import look


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("reader", READERS)
def test_every_link_of_a_guide_leads_somewhere(client: FlaskClient, reader: str, lang: str) -> None:
    answer = client.get(f"/guides/{reader}?lang={lang}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    main = text[text.index("<main") : text.index("</main>")]
    for href in set(re.findall(r'href="(/[^"#]*)"', main)):
        assert client.get(href).status_code == 200, href


def test_another_reader_has_no_guide(client: FlaskClient) -> None:
    assert client.get("/guides/everybody").status_code == 404


def test_the_way_in_is_where_one_looks(client: FlaskClient) -> None:
    text = client.get("/how-it-works").get_data(as_text=True)
    assert all(f"/guides/{reader}" in text for reader in READERS)


@pytest.mark.parametrize("width", [390, 1280])
def test_a_guide_reads_well_narrow_and_wide(app: Flask, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for reader in READERS:
        page.goto(f"/guides/{reader}")
        look(page)
