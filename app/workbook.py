"""Workbooks (XLSX) of plain sheets: values in, bytes out. The same sheets always give the same bytes.

No cell is ever a formula, a link or markup, whatever a text begins with. Money, rates and points are numbers in their
exact digits; an amount with more digits than a spreadsheet program keeps is written as text.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

LONGEST = 32_767  # characters that a cell holds
ROWS = 1_048_575  # of a sheet, its head apart
DIGITS = 10**15  # spreadsheet programs keep fifteen digits of a number

# By kind of column: how its numbers look, and how many decimals its integers stand for.
KINDS: dict[str, tuple[str, int]] = {
    "count": ("#,##0", 0),
    "won": ('"₩"#,##0', 0),
    "rate": ('0.000"%"', 3),  # thousandths of a percent
    "points": ("0.0000", 4),  # ten-thousandths
}


@dataclass(frozen=True, slots=True)
class Column:
    """`kind`: `text`, or one of KINDS, whose values are integers in the unit named there. `width` in characters."""

    title: str
    kind: str = "text"
    width: int = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """`name`: at most 31 characters, none of `[]:*?/\\`. None leaves a cell empty."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def write(sheets: Iterable[Sheet], title: str, made_at: datetime) -> bytes:
    """The bytes of a workbook that says it was made at `made_at` (aware)."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": title, "created": made_at.replace(tzinfo=None)})
    formats = {kind: book.add_format({"num_format": shown}) for kind, (shown, _decimals) in KINDS.items()}
    formats["text"] = book.add_format({"text_wrap": True, "valign": "top"})
    head = book.add_format({"bold": True, "bg_color": "#EEF2F7", "bottom": 1, "text_wrap": True, "valign": "top"})
    for sheet in sheets:
        _write_sheet(book.add_worksheet(sheet.name), sheet, formats, head)
    book.close()
    return target.getvalue()


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any], head: Any) -> None:
    writers: list[Callable[[int, int, Any], None]] = []
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(0, place, _text(column.title), head)
        writers.append(_writer(page, column.kind, formats))
    page.freeze_panes(1, 0)
    last = 0
    for last, row in zip(range(1, ROWS + 1), sheet.rows, strict=False):
        for place, value in enumerate(row):
            if value is not None:
                writers[place](last, place, value)
    page.autofilter(0, 0, last, len(sheet.columns) - 1)


def _writer(page: Any, kind: str, formats: dict[str, Any]) -> Callable[[int, int, Any], None]:
    look = formats[kind]

    def write_text(row: int, place: int, value: Any) -> None:
        page.write_string(row, place, _text(str(value)), look)

    def write_number(row: int, place: int, value: Any) -> None:
        if abs(int(value)) < DIGITS:
            page.write_number(row, place, Decimal(value).scaleb(-KINDS[kind][1]), look)
        else:
            write_text(row, place, value)

    return write_text if kind == "text" else write_number


def _text(value: str) -> str:
    """As much as a cell holds. The library takes a text in `<r>` for its own markup of rich text."""
    text = value[: LONGEST - 1]
    return f" {text}" if text.startswith("<r>") else text
