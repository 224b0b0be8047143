"""Bidding's documents: what each must say, what it must never say, in both languages and on paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from app.documents import Clauses, Document, Heading, KeyValues, Note, Paragraph, Table
from app.documents.layout import Seal, render
from bidding.documents import (
    Attachment,
    AwardFacts,
    BidLine,
    Correction,
    Lang,
    NoticeFacts,
    OpeningFacts,
    ReceiptFacts,
    ReservePrice,
    award_notice,
    bid_receipt,
    notice,
    opening_record,
)

CLOSES = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
NOTICE = NoticeFacts(
    reference="R26BK00000007-000",
    title="청사 승강기 유지보수 용역",
    agency_name="서울특별시 종로구",
    business_kind="services",
    method="quote",
    base_amount_won=123_456_789,
    range_rates=(98_000, 102_000),
    floor_rate=89_745,
    published_at=CLOSES - timedelta(days=9),
    bids_from_at=CLOSES - timedelta(days=8),
    bids_until_at=CLOSES,
    opening_at=CLOSES + timedelta(hours=1),
    requirements=("소재지가 서울특별시인 자",),
    delivery_place="종로구청",
    delivery_on=date(2027, 3, 31),
    terms=("대금은 검사 후 5일 이내에 지급합니다.",),
    attachments=(Attachment("과업지시서.pdf", "ab" * 32),),
    corrections=(Correction(CLOSES - timedelta(days=5), "마감 연장"),),
    legal_basis=("국가계약법 시행령 제30조",),
    rule_version="2026-11",
)
RECEIPT = ReceiptFacts(
    receipt_number="R26BK00000007-000/1",
    reference=NOTICE.reference,
    title=NOTICE.title,
    agency_name=NOTICE.agency_name,
    supplier_name="나루상사",
    business_number="123-45-67891",
    statement_sha256="cd" * 32,
    received_at=datetime(2026, 12, 1, 0, 59, 59, 123456, tzinfo=UTC),
    bids_until_at=CLOSES,
    opening_at=CLOSES + timedelta(hours=1),
)
RANKED = tuple(
    BidLine(
        supplier_name=f"업체 {serial}",
        business_number="123-45-67891",
        received_at=CLOSES - timedelta(hours=serial),
        price_won=110_000_000 + serial,
        bid_rate=89_800,
        picks=(serial % 15 + 1, 15),
        rank=serial,
    )
    for serial in range(1, 41)
)
BIDS = (
    *RANKED,
    BidLine(
        supplier_name="낮은가",
        business_number="123-45-67891",
        received_at=CLOSES,
        price_won=1_000,
        bid_rate=1,
        reason="낙찰하한율 미달",
    ),
)
OPENING = OpeningFacts(
    reference=NOTICE.reference,
    title=NOTICE.title,
    agency_name=NOTICE.agency_name,
    business_kind="services",
    method="quote",
    base_amount_won=123_456_789,
    opened_at=CLOSES + timedelta(hours=1),
    reserve_prices=tuple(
        ReservePrice(serial, 120_000_000 + serial, serial, serial > 11) for serial in range(15, 0, -1)
    ),
    bids=BIDS,
    estimated_price_won=120_000_014,
    floor_rate=89_745,
    floor_price_won=107_694_013,
    rounding="원 미만 올림",
    evaluation_sha256="ef" * 32,
    frozen_root="12" * 32,
)
AWARD = AwardFacts(
    reference=NOTICE.reference,
    title=NOTICE.title,
    agency_name=NOTICE.agency_name,
    business_kind="services",
    method="quote",
    supplier_name="나루상사",
    business_number="123-45-67891",
    amount_won=110_000_001,
    estimated_price_won=120_000_014,
    bid_rate=91_666,
    bid_count=41,
    decided_at=CLOSES + timedelta(hours=5),
)


def said(document: Document) -> str:
    """Every word of a document, in order."""
    words = [document.title, document.number]
    for block in document.blocks:
        if isinstance(block, KeyValues):
            words += chain.from_iterable(block.rows)
        elif isinstance(block, Table):
            words += [*block.head, *chain.from_iterable(block.rows)]
        elif isinstance(block, Clauses):
            words += block.texts
        elif isinstance(block, Paragraph | Note | Heading):
            words.append(block.text)
    return "\n".join(words)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_notice_says_what_the_law_wants_stated(lang: Lang) -> None:
    text = said(notice(NOTICE, lang))
    for stated in (
        "R26BK00000007-000",
        "89.745%",
        "98.000%",
        "102.000%",
        "종로구청",
        "과업지시서.pdf",
        "ab" * 32,
        "마감 연장",
    ):
        assert stated in text
    assert "2026-12-01 10:00:00 (UTC+9)" in text
    assert "2026-12-01 11:00:00 (UTC+9)" in text
    assert ("123,456,789원" if lang == "ko" else "₩123,456,789") in text


def test_a_notice_without_floor_says_that_there_is_none() -> None:
    from dataclasses import replace

    assert "없음" in said(notice(replace(NOTICE, method="lowest", floor_rate=None)))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_receipt_says_the_microsecond_and_the_hash_and_no_money(lang: Lang) -> None:
    text = said(bid_receipt(RECEIPT, lang))
    assert "2026-12-01 09:59:59.123456 (UTC+9)" in text
    assert "cd" * 32 in text
    assert "R26BK00000007-000/1" in text
    assert "원정" not in text
    assert "₩" not in text
    assert not any(line.endswith("원") for line in text.splitlines())


def test_the_opening_record_lists_all_fifteen_prices_in_order_with_picks_and_draw() -> None:
    tables = [block for block in opening_record(OPENING).blocks if isinstance(block, Table)]
    reserve = tables[0]
    assert [row[0] for row in reserve.rows] == [str(serial) for serial in range(1, 16)]
    assert [row[3] for row in reserve.rows].count("추첨됨") == 4
    assert reserve.rows[14] == ("15", "120,000,015원", "15", "추첨됨")


def test_the_opening_record_lists_every_bid_ranked_ones_first_and_reasons_for_the_rest() -> None:
    bids = [block for block in opening_record(OPENING).blocks if isinstance(block, Table)][1]
    assert len(bids.rows) == 41
    assert [row[0] for row in bids.rows[:40]] == [str(rank) for rank in range(1, 41)]
    assert bids.rows[40][0] == "–"
    assert bids.rows[40][6] == "낙찰하한율 미달"


def test_a_failed_tender_says_why_and_invents_no_price() -> None:
    from dataclasses import replace

    failed = replace(
        OPENING,
        bids=(),
        reserve_prices=(),
        estimated_price_won=None,
        floor_price_won=None,
        failure="유효한 입찰 2인 미만",
    )
    text = said(opening_record(failed))
    assert "유찰: 유효한 입찰 2인 미만" in text
    assert "정해지지 않음" in text


def test_the_award_notice_says_the_amount_in_figures_and_words() -> None:
    assert "110,000,001원\n금 일억일천만일원정" in said(award_notice(AWARD))
    assert "one hundred and ten million one won" in said(award_notice(AWARD, "en"))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_each_of_them_can_be_laid_out(lang: Lang) -> None:
    seal = Seal("7K2M-9QPD-4XRT-H3VW", "https://naru.example/documents/7K2M-9QPD-4XRT-H3VW", CLOSES)
    for document in (
        notice(NOTICE, lang),
        bid_receipt(RECEIPT, lang),
        opening_record(OPENING, lang),
        award_notice(AWARD, lang),
    ):
        assert render(document, seal, Path("app/static/vendor/fonts")).startswith(b"%PDF")


def test_korean_and_english_say_the_same_number_of_things() -> None:
    """A clause that exists in one language only would be a different document."""
    pairs = (
        (notice(NOTICE, "ko"), notice(NOTICE, "en")),
        (bid_receipt(RECEIPT, "ko"), bid_receipt(RECEIPT, "en")),
        (opening_record(OPENING, "ko"), opening_record(OPENING, "en")),
        (award_notice(AWARD, "ko"), award_notice(AWARD, "en")),
    )
    for korean, english in pairs:
        assert [type(block) for block in korean.blocks] == [type(block) for block in english.blocks]


def test_importing_the_builders_brings_neither_flask_nor_sql_nor_reportlab() -> None:
    import subprocess
    import sys

    code = (
        "import sys, bidding.documents; print(*(m for m in ('flask', 'sqlalchemy', 'reportlab') if m in sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert found.strip() == ""
