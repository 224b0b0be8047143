"""Tagged PDF: reportlab draws marked content, pikepdf adds the structure tree that a screen reader walks.

reportlab has no notion of structure. Each flowable that carries text opens a marked-content sequence of its own
(`mark`), which notes page and number in its `Node`; what is not text (lines, letterhead, footers) is an artifact.
`add_structure` turns the notes into a StructTreeRoot afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from pikepdf import Array, Dictionary, Name, Object, Pdf, String
from reportlab.platypus import Paragraph
from reportlab.platypus.tables import TableRenderCB


@dataclass(slots=True)
class Node:
    """One element of the structure tree. `marks` are (page from 0, number on that page) of its content."""

    tag: str
    children: list[Node] = field(default_factory=list)
    marks: list[tuple[int, int]] = field(default_factory=list)
    scope: str = ""
    is_repeated: bool = False  # head of a table: only its first drawing is content

    def add(self, tag: str, **facts: Any) -> Node:
        child = Node(tag, **facts)
        self.children.append(child)
        return child


@contextmanager
def artifact(canvas: Any) -> Iterator[None]:
    """Draw something that is decoration, not content."""
    canvas._code.append("/Artifact BMC")
    try:
        yield
    finally:
        canvas._code.append("EMC")


@contextmanager
def mark(canvas: Any, node: Node) -> Iterator[None]:
    """Draw content that belongs to `node`."""
    if node.is_repeated and node.marks:
        with artifact(canvas):
            yield
        return
    page = canvas.getPageNumber() - 1
    counts: dict[int, int] = canvas.__dict__.setdefault("naru_marks", {})
    number = counts.get(page, 0)
    counts[page] = number + 1
    node.marks.append((page, number))
    canvas._code.append(f"/{node.tag} <</MCID {number}>> BDC")
    try:
        yield
    finally:
        canvas._code.append("EMC")


class Text(Paragraph):
    """A paragraph that belongs to a node of the structure tree; the pieces it is split into do too."""

    node: Node

    @classmethod
    def of(cls, markup: str, style: Any, node: Node) -> Text:
        made = cls(markup, style)
        made.node = node
        return made

    def split(self, availWidth: float, availHeight: float) -> list[Any]:  # noqa: N803 - reportlab's names
        pieces: list[Any] = super().split(availWidth, availHeight)
        for piece in pieces:
            piece.node = self.node
        return pieces

    def draw(self) -> None:
        with mark(self.canv, self.node):
            super().draw()


class LinesAreArtifacts(TableRenderCB):
    """Backgrounds and lines of a table are decoration."""

    def startTable(self, T: Any) -> None: ...  # noqa: N802, N803
    def startBG(self, T: Any) -> None:  # noqa: N802, N803
        T.canv._code.append("/Artifact BMC")

    def endBG(self, T: Any) -> None:  # noqa: N802, N803
        T.canv._code.append("EMC")

    def startRow(self, T: Any, rowNo: int) -> None: ...  # noqa: N802, N803
    def startCell(self, T: Any, *where: Any) -> None: ...  # noqa: N802, N803
    def endCell(self, T: Any) -> None: ...  # noqa: N802, N803
    def endRow(self, T: Any) -> None: ...  # noqa: N802, N803

    def startLines(self, T: Any) -> None:  # noqa: N802, N803
        self.startBG(T)

    def endLines(self, T: Any) -> None:  # noqa: N802, N803
        self.endBG(T)

    def endTable(self, T: Any) -> None: ...  # noqa: N802, N803


def add_structure(pdf_bytes: bytes, root: Node, *, title: str, lang: str, made_at: datetime) -> bytes:
    """The same pages with a structure tree, language, title and fixed dates. The same input gives the same bytes."""
    with Pdf.open(BytesIO(pdf_bytes)) as pdf:
        _write_tree(pdf, root)
        pdf.Root.MarkInfo = Dictionary(Marked=True)
        pdf.Root.Lang = String("ko-KR" if lang == "ko" else "en-GB")
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        spelled = made_at.strftime("D:%Y%m%d%H%M%SZ")
        pdf.docinfo = pdf.make_indirect(
            Dictionary(
                Title=String(title),
                Creator=String("Naru"),
                Producer=String("Naru"),
                CreationDate=spelled,
                ModDate=spelled,
            )
        )
        out = BytesIO()
        pdf.save(out, deterministic_id=True)
        return out.getvalue()


def _write_tree(pdf: Pdf, root: Node) -> None:
    tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    parents: list[dict[int, Object]] = [{} for _ in pdf.pages]
    tree.K = Array([_element(pdf, root, tree, parents)])
    numbers = Array()
    for index, page in enumerate(pdf.pages):
        page.obj.StructParents = index
        page.obj.Tabs = Name.S
        owners = parents[index]
        numbers.append(index)
        numbers.append(pdf.make_indirect(Array([owners[number] for number in sorted(owners)])))
    tree.ParentTree = pdf.make_indirect(Dictionary(Nums=numbers))
    tree.ParentTreeNextKey = len(pdf.pages)
    pdf.Root.StructTreeRoot = tree


def _element(pdf: Pdf, node: Node, parent: Object, parents: list[dict[int, Object]]) -> Object:
    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{node.tag}"), P=parent))
    kids: list[Any] = []
    for page, number in node.marks:
        kids.append(Dictionary(Type=Name.MCR, Pg=pdf.pages[page].obj, MCID=number))
        parents[page][number] = element
    kids.extend(_element(pdf, child, element, parents) for child in node.children)
    if node.scope:
        element.A = Dictionary(O=Name.Table, Scope=Name(f"/{node.scope}"))
    element.K = Array(kids)
    return element
