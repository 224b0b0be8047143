"""A workbook holds what it was given: text stays text, and numbers keep their digits."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from app.workbook import DIGITS, LONGEST, Column, Sheet, write

AT = datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_sheets(data: bytes) -> dict[str, list[list[tuple[str, str]]]]:
    """By sheet the rows of cells as (type, text): type `s` for text, `n` for a number, `f` for a formula."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if name.endswith("xml")}
    parts = {name: ET.fromstring(text) for name, text in files.items()}
    shared = ["".join(one.itertext()) for one in parts["xl/sharedStrings.xml"]]
    names = [one.attrib["name"] for one in parts["xl/workbook.xml"].iter(f"{_MAIN}sheet")]
    found: dict[str, list[list[tuple[str, str]]]] = {}
    for number, name in enumerate(names, start=1):
        rows = parts[f"xl/worksheets/sheet{number}.xml"].iter(f"{_MAIN}row")
        found[name] = [[_cell(cell, shared) for cell in row if cell.find(f"{_MAIN}v") is not None] for row in rows]
    return found


def _cell(cell: ET.Element, shared: list[str]) -> tuple[str, str]:
    value = cell.findtext(f"{_MAIN}v", "")
    if cell.find(f"{_MAIN}f") is not None:
        return "f", value
    return ("s", shared[int(value)]) if cell.attrib.get("t") == "s" else ("n", value)


def one_cell(kind: str, value: object) -> tuple[str, str]:
    return read_sheets(write([Sheet("one", [Column("head", kind)], [[value]])], "t", AT))["one"][1][0]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+82", "-1", "@SUM(A1)", "{=1}", "https://example.kr", "mailto:a@b.kr", "1e5", "0012", "＝1+1", "a\nb"],
)
def test_a_text_stays_the_text_that_it_is(text: str) -> None:
    assert one_cell("text", text) == ("s", text)


def test_a_text_is_no_markup_of_the_workbook() -> None:
    kind, shown = one_cell("text", "<r><t>a</t></r>")
    assert (kind, shown.strip()) == ("s", "<r><t>a</t></r>")


def test_numbers_are_numbers_to_their_last_digit() -> None:
    assert one_cell("won", 123_456_789_012_345) == ("n", "123456789012345")
    assert one_cell("rate", 87_745) == ("n", "87.745")
    assert one_cell("points", 649_600) == ("n", "64.9600")
    assert one_cell("count", 3) == ("n", "3")


def test_an_amount_with_more_digits_than_a_spreadsheet_keeps_is_text() -> None:
    assert one_cell("won", DIGITS + 1) == ("s", "1000000000000001")


def test_a_text_longer_than_a_cell_is_cut_and_not_lost() -> None:
    assert len(one_cell("text", "가" * 40_000)[1]) == LONGEST - 1


def test_nothing_stays_an_empty_cell() -> None:
    sheet = Sheet("one", [Column("a"), Column("b", "won")], [[None, 1], ["x", None]])
    assert read_sheets(write([sheet], "t", AT))["one"][1:] == [[("n", "1")], [("s", "x")]]


def test_the_same_sheets_are_the_same_bytes() -> None:
    sheet = Sheet("가", [Column("a")], [["x"]])
    assert write([sheet], "t", AT) == write([sheet], "t", AT)
