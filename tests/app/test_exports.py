"""A cell is text, and never a formula."""

from __future__ import annotations

import pytest

from app.exports import cell


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_a_spreadsheet_would_run_is_made_text(begins: str) -> None:
    assert cell(f"{begins}1+1") == f"'{begins}1+1"


@pytest.mark.parametrize(("value", "shown"), [(None, ""), (0, "0"), (1_000, "1000"), ("a=b", "a=b"), (-5, "'-5")])
def test_everything_else_stays(value: object, shown: str) -> None:
    assert cell(value) == shown
