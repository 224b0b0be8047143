"""A cell is text, and never a formula."""

from __future__ import annotations

import pytest

from app.exports import attachment, cell


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_is_made_text(begins: str) -> None:
    assert cell(f"{begins}1+1") == f"'{begins}1+1"


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (0, "0"), (1_000, "1000"), ("a=b", "a=b"), (-5, "'-5")])
def test_everything_else_stays(value: object, shown: str) -> None:
    assert cell(value) == shown


def test_a_download_is_saved_under_its_korean_name_and_the_header_is_one_that_travels() -> None:
    header = attachment('서 "최종".pdf')
    assert header == ("attachment; filename=\"_ ____.pdf\"; filename*=UTF-8''%EC%84%9C%20%22%EC%B5%9C%EC%A2%85%22.pdf")
    assert header.encode("latin-1")
    assert "\n" not in attachment("a\r\nSet-Cookie: x")
