"""Each block of a `Document` as reportlab flowables, each with its place in the structure tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_CENTER, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Table as Grid

from app.documents import model
from app.documents.fonts import BOLD, REGULAR
from app.documents.tags import LinesAreArtifacts, Node, Text

LINE, HEAD, PANEL, ALERT = (HexColor(code) for code in ("#cdd1d5", "#eef2f7", "#f4f5f6", "#fdefec"))


def _style(name: str, size: float, *, bold: bool = False, **more: Any) -> ParagraphStyle:
    font = BOLD if bold else REGULAR
    facts: dict[str, Any] = {"fontName": font, "bulletFontName": font, "fontSize": size, "leading": size * 1.5}
    return ParagraphStyle(name, **(facts | {"textColor": HexColor("#1e2124"), "splitLongWords": 1} | more))


BODY = _style("body", 10)
CELL = _style("cell", 9, leading=12.5)
LABEL = _style("label", 9, bold=True, leading=12.5)
CELL_RIGHT = _style("cell-right", 9, leading=12.5, alignment=TA_RIGHT)
LABEL_RIGHT = _style("label-right", 9, bold=True, leading=12.5, alignment=TA_RIGHT)
TITLE = _style("title", 20, bold=True, leading=28, alignment=TA_CENTER)
CAPTION = _style("caption", 9.5, bold=True, spaceBefore=6, spaceAfter=3)
HEADINGS = {
    2: _style("h2", 13, bold=True, spaceBefore=14, spaceAfter=5),
    3: _style("h3", 11, bold=True, spaceBefore=9, spaceAfter=3),
}


def flow(document: model.Document, root: Node, width: float) -> list[Flowable]:
    """All flowables of `document` for a column of `width` points; `root` receives its structure."""
    title = Text.of(_markup(document.title), TITLE, root.add("H1"))
    story: list[Flowable] = [Spacer(1, 6 * mm), title, Spacer(1, 6 * mm)]
    for block in document.blocks:
        story.extend(_MAKERS[type(block)](block, root, width))
    return story


def _markup(text: str) -> str:
    """Text as reportlab's mini-XML: nothing in it can be taken for markup."""
    return escape(text).replace("\n", "<br/>")


def _heading(block: model.Heading, root: Node, _width: float) -> list[Flowable]:
    heading = Text.of(_markup(block.text), HEADINGS[block.level], root.add(f"H{block.level}"))
    return [CondPageBreak(40 * mm), heading]


def _paragraph(block: model.Paragraph, root: Node, _width: float) -> list[Flowable]:
    return [Text.of(_markup(block.text), BODY, root.add("P")), Spacer(1, 2 * mm)]


def _clauses(block: model.Clauses, root: Node, _width: float) -> list[Flowable]:
    style = ParagraphStyle("clause", BODY, leftIndent=16, firstLineIndent=-16, spaceAfter=2)
    return [Text.of(_markup(f"{number}. {text}"), style, root.add("P")) for number, text in enumerate(block.texts, 1)]


def _grid(cells: list[list[Any]], widths: list[float], style: list[tuple[Any, ...]], **more: Any) -> Grid:
    base: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 5),
        ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("FONTNAME", (0, 0), (-1, -1), REGULAR),  # empty cells name a font too
    ]
    return Grid(cells, colWidths=widths, style=base + style, renderCB=LinesAreArtifacts(), **more)


def _key_values(block: model.KeyValues, root: Node, width: float) -> list[Flowable]:
    if not block.rows:
        return []
    table = root.add("Table")
    cells = []
    for label, value in block.rows:
        row = table.add("TR")
        cells.append(
            [Text.of(_markup(label), LABEL, row.add("TH", scope="Row")), Text.of(_markup(value), CELL, row.add("TD"))]
        )
    style: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (0, -1), HEAD),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.8, LINE),
    ]
    return [_grid(cells, [width * 0.28, width * 0.72], style), Spacer(1, 3 * mm)]


def _table(block: model.Table, root: Node, width: float) -> list[Flowable]:
    shares = block.widths or (1,) * len(block.head)
    widths = [width * share / sum(shares) for share in shares]
    story: list[Flowable] = []
    if block.caption:
        story.append(CondPageBreak(30 * mm))  # its head and a row stay with it
        story.append(Text.of(_markup(block.caption), ParagraphStyle("kept", CAPTION), root.add("P")))
    if not block.rows:
        return [*story, *_paragraph(model.Paragraph(block.empty or "–"), root, width)]
    table = root.add("Table")
    head = table.add("TR")
    cells = [
        _cells(block.head, block.numeric, lambda: head.add("TH", scope="Column", is_repeated=True), LABEL, LABEL_RIGHT)
    ]
    for values in block.rows:
        row = table.add("TR")
        cells.append(_cells(values, block.numeric, lambda row=row: row.add("TD"), CELL, CELL_RIGHT))  # type: ignore[misc]
    style: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, 0), HEAD),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, LINE),
        ("LINEABOVE", (0, 0), (-1, 0), 0.8, LINE),
    ]
    return [*story, _grid(cells, widths, style, repeatRows=1), Spacer(1, 3 * mm)]


def _cells(
    values: Iterable[str],
    numeric: frozenset[int],
    node: Callable[[], Node],
    left: ParagraphStyle,
    right: ParagraphStyle,
) -> list[Any]:
    return [Text.of(_markup(value), right if index in numeric else left, node()) for index, value in enumerate(values)]


def _note(block: model.Note, root: Node, width: float) -> list[Flowable]:
    fill = ALERT if block.tone == model.Tone.IMPORTANT else PANEL
    text = Text.of(_markup(block.text), BODY, root.add("P"))
    return [Spacer(1, 2 * mm), _grid([[text]], [width], [("BACKGROUND", (0, 0), (-1, -1), fill)]), Spacer(1, 3 * mm)]


def _signatures(block: model.Signatures, root: Node, width: float) -> list[Flowable]:
    if not block.parties:
        return []
    table = root.add("Table")
    heads, bodies, signed = (table.add("TR") for _ in range(3))
    cells: list[list[Any]] = [[], [], []]
    for party in block.parties:
        cells[0].append(Text.of(_markup(party.role), LABEL, heads.add("TH", scope="Column")))
        cells[1].append(Text.of(_markup("\n".join(party.lines)), CELL, bodies.add("TD")))
        cells[2].append(Text.of(_markup(party.signed), CELL, signed.add("TD")))
    style: list[tuple[Any, ...]] = [("BACKGROUND", (0, 0), (-1, 0), HEAD), ("GRID", (0, 0), (-1, -1), 0.5, LINE)]
    columns = len(block.parties)
    return [Spacer(1, 4 * mm), KeepTogether([_grid(cells, [width / columns] * columns, style)])]


def _page_break(_block: model.PageBreak, _root: Node, _width: float) -> list[Flowable]:
    return [NewPage()]


_MAKERS: dict[type, Callable[[Any, Node, float], list[Flowable]]] = {
    model.Heading: _heading,
    model.Paragraph: _paragraph,
    model.Clauses: _clauses,
    model.KeyValues: _key_values,
    model.Table: _table,
    model.Note: _note,
    model.Signatures: _signatures,
    model.PageBreak: _page_break,
}
