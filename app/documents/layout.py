"""From a `Document` to a PDF: A4, letterhead, page numbers, verification mark. The same values give the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from app.documents.blocks import flow
from app.documents.fonts import BOLD, REGULAR, load_fonts
from app.documents.model import Document
from app.documents.tags import Node, add_structure, artifact
from app.documents.wording import wording
from app.formats import kst

WIDTH, HEIGHT = A4
SIDE, TOP, BOTTOM = 20 * mm, 28 * mm, 34 * mm
QR_SIDE = 18 * mm
INK, QUIET, LINE, ACCENT, PALE = (HexColor(code) for code in ("#1e2124", "#58616a", "#cdd1d5", "#0b50d0", "#f0d9d5"))


@dataclass(frozen=True, slots=True)
class Seal:
    """What ties a printed page to the record: the code, the address that tells about it, the instant of issue."""

    code: str
    url: str
    issued_at: datetime


def render(document: Document, seal: Seal, fonts: Path) -> bytes:
    """The PDF. `fonts` is the folder with the two TTF files (FontMissing if they are nowhere).

    Deterministic: no clock, no random identifier; metadata dates are `seal.issued_at`.
    """
    load_fonts(fonts)
    root = Node("Document")
    out = BytesIO()
    frame = Frame(SIDE, BOTTOM, WIDTH - 2 * SIDE, HEIGHT - TOP - BOTTOM, 0, 0, 0, 0)
    template = BaseDocTemplate(
        out,
        pagesize=A4,
        title=document.title,
        invariant=1,
        initialFontName=REGULAR,
        pageTemplates=[PageTemplate("page", [frame])],
    )
    template.build(flow(document, root, WIDTH - 2 * SIDE), canvasmaker=_canvas_for(document, seal))
    return add_structure(
        out.getvalue(), root, title=f"{document.title} {document.number}", lang=document.lang, made_at=seal.issued_at
    )


def _canvas_for(document: Document, seal: Seal) -> Any:
    """A canvas that holds its pages back until it knows how many there are."""

    class Pages(Canvas):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._held: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._held.append(dict(self.__dict__))
            self._startPage()  # type: ignore[attr-defined]

        def save(self) -> None:
            held = self._held
            for number, state in enumerate(held, 1):
                self.__dict__.update(state)
                with artifact(self):
                    _letterhead(self, document)
                    _footer(self, document, seal, f"{number} / {len(held)}")
                Canvas.showPage(self)
            Canvas.save(self)

    return Pages


def _letterhead(canvas: Any, document: Document) -> None:
    say = wording(document.lang)
    y = HEIGHT - 16 * mm
    canvas.setFont(BOLD, 11)
    canvas.setFillColor(ACCENT)
    canvas.drawString(SIDE, y, say("나루", "Naru"))
    canvas.setFont(REGULAR, 8.5)
    canvas.setFillColor(QUIET)
    canvas.drawString(SIDE + 15 * mm, y, document.issuer or say("전자조달", "public e-procurement"))
    canvas.drawRightString(WIDTH - SIDE, y, document.number)
    _rule(canvas, y - 3 * mm)
    if document.is_practice:
        _practice_mark(canvas, say("모의 문서 · 효력 없음", "PRACTICE · NO LEGAL EFFECT"), y - 8 * mm)


def _practice_mark(canvas: Any, text: str, y: float) -> None:
    """In words at the head, and large across the page, so that no cut-out of it passes for a real one."""
    canvas.setFont(BOLD, 9)
    canvas.setFillColor(HexColor("#bd2c0f"))
    canvas.drawCentredString(WIDTH / 2, y, text)
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(45)
    canvas.setFont(BOLD, 96)
    canvas.setFillColor(PALE, alpha=0.45)
    canvas.drawCentredString(0, -30, "모의" if "모의" in text else "PRACTICE")
    canvas.restoreState()


def _footer(canvas: Any, document: Document, seal: Seal, page: str) -> None:
    say = wording(document.lang)
    y = 26 * mm
    _rule(canvas, y + 3 * mm)
    _qr(canvas, seal.url, WIDTH - SIDE - QR_SIDE, y - QR_SIDE + 1 * mm)
    canvas.setFillColor(INK)
    canvas.setFont(BOLD, 8.5)
    canvas.drawString(SIDE, y - 3 * mm, f"{say('확인 번호', 'Verification code')}  {seal.code}")
    canvas.setFont(REGULAR, 8)
    canvas.setFillColor(QUIET)
    canvas.drawString(
        SIDE,
        y - 7.5 * mm,
        say("이 문서의 진위는 아래 주소에서 누구나 확인할 수 있습니다.", "Anyone can check this document at"),
    )
    canvas.drawString(SIDE, y - 11.5 * mm, seal.url)
    canvas.drawString(SIDE, y - 15.5 * mm, f"{say('발급', 'Issued')} {kst(seal.issued_at)}")
    canvas.setFillColor(INK)
    canvas.drawCentredString(WIDTH / 2, 7 * mm, page)


def _rule(canvas: Any, y: float) -> None:
    canvas.setStrokeColor(LINE)
    canvas.setLineWidth(0.5)
    canvas.line(SIDE, y, WIDTH - SIDE, y)


def qr_modules(payload: str) -> list[list[bool]]:
    """The QR symbol of `payload` (level M), row by row from the top; True is dark."""
    symbol = QRCode(None, QRErrorCorrectLevel.M)
    symbol.addData(payload)
    symbol.make()
    return [[bool(module) for module in row] for row in symbol.modules]


def _qr(canvas: Any, payload: str, x: float, y: float) -> None:
    """Drawn by hand: reportlab's own widget would name a font that is not embedded."""
    modules = qr_modules(payload)
    side = QR_SIDE / len(modules)
    canvas.setFillColor(HexColor("#000000"))
    path = canvas.beginPath()
    for r, row in enumerate(modules):
        for c, dark in enumerate(row):
            if dark:
                path.rect(x + c * side, y + QR_SIDE - (r + 1) * side, side, side)
    canvas.drawPath(path, stroke=0, fill=1)
