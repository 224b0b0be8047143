"""The one typeface of documents: Pretendard GOV (OFL), embedded as a subset, with every Hangul syllable."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "PretendardGOV-Regular", "PretendardGOV-Bold"
FROM_NPM = Path(__file__).parents[2] / "node_modules/pretendard-gov/dist/public/static/alternative"
_lock = Lock()


class FontMissing(RuntimeError):
    """The set-up did not fetch the fonts; documents cannot be made without them."""


def load_fonts(folder: Path) -> None:
    """Register both weights from `folder`, or from the npm package where `folder` has none. Once per process (0.1 s).

    Raises FontMissing with the two places that were looked at.
    """
    with _lock:
        known = set(pdfmetrics.getRegisteredFontNames())
        for name in {REGULAR, BOLD} - known:
            pdfmetrics.registerFont(TTFont(name, _find(name, folder)))
        pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)


def _find(name: str, folder: Path) -> str:
    for place in (folder, FROM_NPM):
        path = place / f"{name}.ttf"
        if path.is_file():
            return str(path)
    raise FontMissing(f"{name}.ttf is neither in {folder} nor in {FROM_NPM}; run `make setup`")
