"""Rule data of earlier releases: kept as they were, and still answering."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

from app.tlog.canon import jcs
from bidding.rules import data

OLD = "2026-11-24-174a3fcb498c"
TODAY = date(2026, 11, 23)


@pytest.fixture
def book() -> data.Book:
    return data.archived()[OLD]


def test_the_first_release_is_kept_byte_by_byte(book: data.Book) -> None:
    files = ("floor_rates", "holder_policies", "notice_periods", "price_ranges", "quote_limits")
    assert hashlib.sha256("".join(book.texts[name] for name in files).encode()).hexdigest()[:12] == OLD[-12:]
    assert book.version == OLD


def test_what_comes_along_has_the_shipped_one_and_the_old_ones() -> None:
    assert set(data.shipped_versions()) == {OLD, data.version()}


@pytest.mark.parametrize(
    ("kind", "won", "is_urgent", "days"),
    [
        ("services", 10**12, False, 7),
        ("works", 999_999_999, False, 7),
        ("works", 1_000_000_000, False, 15),
        ("works", 5_000_000_000, False, 40),
        ("works", 5_000_000_000, True, 5),
    ],
)
def test_notice_periods_of_that_time(book: data.Book, kind: str, won: int, is_urgent: bool, days: int) -> None:
    found = data.find_notice_period("national", kind, "lowest", won, TODAY, is_urgent=is_urgent, book=book)
    assert found.days == days


def test_local_works_had_a_step_of_thirty_days(book: data.Book) -> None:
    days = [
        data.find_notice_period("local", "works", "lowest", won, TODAY, book=book).days
        for won in (4_999_999_999, 5_000_000_000, 24_900_000_000)
    ]
    assert days == [15, 30, 40]


def test_a_negotiated_contract_stood_seven_days_then(book: data.Book) -> None:
    """The release of that time knew no period of its own for it: a notice of then is shown as it was judged then."""
    assert data.find_notice_period("national", "services", "negotiation", 10**9, TODAY, book=book).days == 7
    assert data.find_notice_period("national", "services", "negotiation", 10**9, TODAY).days == 40


def test_figures_and_certainty_of_that_time(book: data.Book) -> None:
    floor = data.find_floor("national", "goods", "qualification", 1, TODAY, book=book)
    assert floor is not None
    assert (floor.rate, floor.is_verified) == (84_245, False)
    assert data.find_quote_limit("local", "works", TODAY, book=book).max_won == 400_000_000
    assert data.find_price_range("local", TODAY, book=book).below == 8
    assert data.find_holder_policy("national", 10**9, TODAY, book=book).policy == "committee"


def test_tables_that_it_did_not_have_propose_nothing(book: data.Book) -> None:
    assert data.find_score_table("national", "works", 1, TODAY, book=book) is None
    with pytest.raises(ValueError, match="complaint period"):
        data.find_complaint_periods("national", TODAY, book=book)


def spelt(row: data.Row) -> list[object]:
    """All of a row that counts, as canonical JSON can carry it."""
    figures = [dict(row.key), dict(row.values), row.from_on.isoformat(), row.to_on and row.to_on.isoformat()]
    return [row.number, *figures, row.min_won, row.below_won, row.legal_basis, row.source, row.certainty, row.is_own]


@pytest.mark.parametrize(
    ("table", "rows", "sha256"),
    [
        ("floor_rates", 29, "b6d3fe191114ec67"),
        ("price_ranges", 2, "ce773a7916c0d6c7"),
        ("quote_limits", 6, "1e04e49cc242e36c"),
        ("holder_policies", 4, "eef4bc0c6de6e609"),
        ("notice_periods", 17, "2a8f7f63820ffe9e"),
    ],
)
def test_what_is_archived_reads_today_as_it_read_then(book: data.Book, table: str, rows: int, sha256: str) -> None:
    """Published notices stand on these rows: whoever changes how the old format is read must see it here."""
    whole = [spelt(row) for row in book.tables[table]]
    assert len(whole) == rows
    assert hashlib.sha256(jcs(whole)).hexdigest()[:16] == sha256
    assert all(row.is_known and not row.or_earlier and not row.note for row in book.tables[table])


def test_the_archived_book_says_that_its_sources_were_not_recorded(book: data.Book) -> None:
    says = {"ko": "이 판은 출처를 따로 적지 않음", "en": "This version did not record its sources"}
    assert book.sources == {"not-recorded": data.Source("not-recorded", says, data.Certainty.OFFICIAL)}
    assert book.revised_on == date(2026, 11, 24)
    assert set(book.texts) == set(book.tables)
    assert book.sha256.startswith(OLD[-12:])
    assert len(book.sha256) == 64
