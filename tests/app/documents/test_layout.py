"""The PDF itself, judged by outside tools: poppler's pdftotext, pdffonts and pdfinfo, and pikepdf."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from app.documents import (
    Clauses,
    Document,
    Heading,
    KeyValues,
    Note,
    PageBreak,
    Paragraph,
    Party,
    Signatures,
    Table,
)
from app.documents.fonts import FontMissing, _find
from app.documents.layout import Seal, qr_modules, render

SEAL = Seal(
    "7K2M-9QPD-4XRT-H3VW",
    "https://naru.example/documents/7K2M-9QPD-4XRT-H3VW",
    datetime(2026, 11, 23, 0, 59, 59, tzinfo=UTC),
)
FONTS = Path("app/static/vendor/fonts")
RARE = "뷁 똠방각하 펲시콜라 힣 쀍 꿹"


def everything(**changes: object) -> Document:
    rows = tuple((f"{serial}", f"주식회사 {serial}호", f"{serial * 1000:,}원") for serial in range(1, 41))
    made = Document(
        "sample",
        "R26BK00000001-000",
        f"입찰공고 {RARE}",
        "ko",
        (
            Heading("개요"),
            Paragraph("첫 줄 <b>굵게 아님</b> & 둘\n둘째 줄"),
            KeyValues((("금액", "1,234,000원"), ("장소", "서울특별시"))),
            Table("투찰 목록", ("순위", "업체", "금액"), rows, frozenset({0, 2}), (1, 4, 2)),
            Clauses(("하나를 한다.", "둘을 한다.")),
            Note("다음 절차를 기다리십시오."),
            PageBreak(),
            Signatures((Party("발주기관", ("조달청",)), Party("계약상대자", ("나루상사",), "전자서명 2026-11-23"))),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def run(tool: str, content: bytes, tmp_path: Path, *options: str) -> str:
    path = tmp_path / "document.pdf"
    path.write_bytes(content)
    command = [tool, *options, str(path), *_output(tool, tmp_path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _output(tool: str, tmp_path: Path) -> list[str]:
    return {"pdftotext": ["-"], "pdftoppm": [str(tmp_path / "page")]}.get(tool, [])


@pytest.fixture(scope="module")
def content() -> bytes:
    return render(everything(), SEAL, FONTS)


def test_korean_text_comes_out_exactly_as_it_went_in_rare_syllables_too(content: bytes, tmp_path: Path) -> None:
    text = run("pdftotext", content, tmp_path)
    for said in (RARE, "주식회사 17호", "하나를 한다.", "다음 절차를 기다리십시오.", "나루상사", "전자서명 2026-11-23"):
        assert said in text


def test_markup_in_a_value_is_shown_and_not_obeyed(content: bytes, tmp_path: Path) -> None:
    assert "<b>굵게 아님</b> & 둘" in run("pdftotext", content, tmp_path)


def test_every_font_is_embedded_as_a_subset_and_no_other_is_named(content: bytes, tmp_path: Path) -> None:
    fonts = run("pdffonts", content, tmp_path).splitlines()[2:]
    assert fonts
    for line in fonts:
        assert "PretendardGOV" in line
        assert line.split()[-5:-2] == ["yes", "yes", "yes"]  # embedded, subset, mapped to Unicode


def test_the_same_values_give_the_same_bytes_and_other_values_do_not(content: bytes) -> None:
    assert render(everything(), SEAL, FONTS) == content
    assert render(everything(number="R26BK00000002-000"), SEAL, FONTS) != content
    assert render(everything(), replace(SEAL, issued_at=SEAL.issued_at + timedelta(seconds=1)), FONTS) != content


def test_a_table_of_forty_rows_runs_over_pages_and_repeats_its_head(content: bytes, tmp_path: Path) -> None:
    pages = run("pdftotext", content, tmp_path).split("\f")[:-1]
    with_rows = [page for page in pages if "주식회사" in page]
    assert len(with_rows) >= 2
    assert all("순위" in page and "업체" in page for page in with_rows)
    whole = "".join(pages)
    assert all(f"주식회사 {serial}호" in whole for serial in range(1, 41))


def test_each_page_says_its_number_the_code_and_the_address(content: bytes, tmp_path: Path) -> None:
    pages = run("pdftotext", content, tmp_path).split("\f")[:-1]
    assert len(pages) == 3
    for number, page in enumerate(pages, 1):
        assert f"{number}/3" in page.replace(" ", "")
        assert SEAL.code in page
        assert SEAL.url in page
        assert "R26BK00000001-000" in page


def test_a_practice_document_says_so_on_every_page_and_a_real_one_on_none(content: bytes, tmp_path: Path) -> None:
    practice = render(everything(is_practice=True), SEAL, FONTS)
    pages = run("pdftotext", practice, tmp_path).split("\f")[:-1]
    assert all("모의 문서 · 효력 없음" in page for page in pages)
    assert "모의" not in run("pdftotext", content, tmp_path)
    english = render(everything(is_practice=True, lang="en"), SEAL, FONTS)
    assert "PRACTICE · NO LEGAL EFFECT" in run("pdftotext", english, tmp_path)


def test_it_is_tagged_and_a_screen_reader_meets_headings_and_table_heads(content: bytes, tmp_path: Path) -> None:
    assert "Tagged:          yes" in run("pdfinfo", content, tmp_path)
    structure = run("pdfinfo", content, tmp_path, "-struct-text")
    for tag in ("H1 (block)", "H2 (block)", "Table (block)", "/Scope /Column", "/Scope /Row"):
        assert tag in structure
    assert structure.count('"순위"') == 1  # the repeated heads are decoration
    with pikepdf.open(BytesIO(content)) as pdf:
        assert pdf.Root.Lang == "ko-KR"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle


def test_its_dates_are_the_instant_of_issue_and_not_the_clock(content: bytes) -> None:
    with pikepdf.open(BytesIO(content)) as pdf:
        assert str(pdf.docinfo.CreationDate) == "D:20261123005959Z"


def test_the_symbol_on_every_page_is_the_one_that_encodes_the_address(content: bytes, tmp_path: Path) -> None:
    run("pdftoppm", content, tmp_path, "-r", "300", "-png")
    expected = qr_modules(SEAL.url)
    images = sorted(tmp_path.glob("*.png"))
    assert len(images) == 3
    for image in images:
        assert _sampled(Image.open(image).convert("L"), len(expected)) == expected
        if shutil.which("zbarimg"):  # an outside decoder, where the machine has one
            command = ["zbarimg", "-q", "--raw", str(image)]
            assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == SEAL.url


def _sampled(page: Image.Image, modules: int) -> list[list[bool]]:
    """The middle of each module, where the layout puts the symbol: 18 mm wide, 20 mm from the right edge."""
    per_mm = page.width / 210
    left, top, side = page.width - 38 * per_mm, page.height - 27 * per_mm, 18 * per_mm / modules
    return [
        [page.getpixel((int(left + (c + 0.5) * side), int(top + (r + 0.5) * side))) < 128 for c in range(modules)]  # type: ignore[operator]
        for r in range(modules)
    ]


def test_a_document_without_rows_still_lays_out(tmp_path: Path) -> None:
    empty = everything(blocks=(Table("비어 있음", ("가",), (), empty="없습니다."), KeyValues(()), Signatures(())))
    assert "없습니다." in run("pdftotext", render(empty, SEAL, FONTS), tmp_path)


def test_a_cell_longer_than_a_column_wraps_inside_the_page(tmp_path: Path) -> None:
    long = everything(blocks=(KeyValues((("해시", "0123456789abcdef" * 20),)),))
    text = "".join(run("pdftotext", render(long, SEAL, FONTS), tmp_path).split())
    assert "0123456789abcdef" * 20 in text


def test_a_row_of_another_length_than_the_head_is_refused() -> None:
    with pytest.raises(ValueError, match="head"):
        Table("", ("가", "나"), (("하나",),))
    with pytest.raises(ValueError, match="width"):
        Table("", ("가", "나"), (), widths=(1,))


def test_a_language_without_letterhead_is_refused() -> None:
    with pytest.raises(ValueError, match="letterhead"):
        everything(lang="fr")


def test_a_missing_font_is_named_with_the_places_looked_at(tmp_path: Path) -> None:
    with pytest.raises(FontMissing, match=r"Nowhere\.ttf"):
        _find("Nowhere", tmp_path)
