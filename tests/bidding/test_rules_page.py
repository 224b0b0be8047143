"""The public page of the rule data: each table by day, law and search; sources, certainty, versions, downloads."""

from __future__ import annotations

import hashlib
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bidding.rules import data
from bidding.rules.data.schema import TABLES
from tests.bidding.test_rule_changes import adopted


def read(client: FlaskClient, query: str = "") -> str:
    answer = client.get(f"/rules?{query}")
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def rows_of(page: str, table: str) -> list[str]:
    """The rows of a table that hold on the day asked for, as text."""
    section = page[page.index(f'id="{table}"') :]
    section = section[: section.index("</section>")].partition("<details>")[0]
    rows = re.findall(rf'<tr id="{table}-\d+">(.*?)</tr>', section, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]


def test_every_table_has_its_place_and_every_row_its_anchor(client: FlaskClient) -> None:
    page = read(client, "lang=en")
    for name in TABLES:
        assert f'id="{name}"' in page
        for row in data.shipped().tables[name]:
            assert f'id="{name}-{row.number}"' in page


def test_a_row_says_what_holds_since_when_on_what_ground_and_how_sure(client: FlaskClient) -> None:
    page = read(client, "lang=en&on=2026-11-23&regime=national&kind=works")
    (row,) = [row for row in rows_of(page, "floor_rates") if "89.745%" in row and "Qualification" in row]
    assert "below ₩1 billion" in row
    assert "2026-01-30" in row
    assert "제9269호" in row
    assert "Published text" in row


def test_the_day_decides_what_stands_in_the_table(client: FlaskClient) -> None:
    before = rows_of(read(client, "lang=en&on=2026-01-29&regime=national&kind=works"), "floor_rates")
    after = rows_of(read(client, "lang=en&on=2026-01-30&regime=national&kind=works"), "floor_rates")
    assert any("87.745%" in row and "Second hand" in row for row in before)
    assert not any("87.745%" in row for row in after)


def test_what_is_not_known_is_told_in_the_readers_language(client: FlaskClient) -> None:
    query = "regime=local&kind=goods&on=2026-11-23"
    english, korean = (rows_of(read(client, f"lang={lang}&{query}"), "floor_rates") for lang in ("en", "ko"))
    assert any("Not known: The rates of local governments' goods were not found" in row for row in english)
    assert any("지방자치단체 물품의 율을 찾지 못함" in row for row in korean)


def test_words_are_looked_for_in_everything_a_row_says(client: FlaskClient) -> None:
    page = read(client, "lang=en&q=stayed")
    assert len(rows_of(page, "bonds")) == 1
    assert 'id="floor_rates"' not in page
    assert "No rule fits" in read(client, "lang=en&q=zzzz")


def test_a_filter_that_does_not_fit_is_named_and_left_out(client: FlaskClient) -> None:
    page = read(client, "lang=en&on=soon")
    assert "Enter a date" in page
    assert 'id="floor_rates"' in page


def test_the_bytes_to_download_have_the_hash_that_the_page_names(client: FlaskClient) -> None:
    page, version = read(client), data.version()
    content = client.get(f"/rules/{version}.json").data
    assert hashlib.sha256(content).hexdigest() in page
    assert client.get(f"/rules/{version}/bonds.toml").get_data(as_text=True) == data.shipped().texts["bonds"]


@pytest.mark.parametrize("path", ["/rules/2020-01-01-0.json", "/rules?version=2020-01-01-0", "/rules/{}/secrets.toml"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path.format(data.version())).status_code == 404


def test_the_data_of_the_first_release_can_still_be_read(client: FlaskClient) -> None:
    old = next(iter(data.archived()))
    page = read(client, f"lang=en&version={old}&on=2026-11-23")
    assert "Not the version in force" in page
    assert 'id="score_tables"' not in page
    assert any("84.245%" in row for row in rows_of(page, "floor_rates"))


def test_versions_that_two_operators_made_are_listed_with_their_reason(app: Flask, client: FlaskClient) -> None:
    change = adopted()
    page = read(client, "lang=en")
    assert str(change.version) in page
    assert change.reason in page
    assert data.version() in page
    assert "Not the version in force" in read(client, f"lang=en&version={data.version()}")
