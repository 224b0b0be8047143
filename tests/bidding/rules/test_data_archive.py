"""Rule data of earlier releases: kept as they were, and still answering."""

from __future__ import annotations

import hashlib
from datetime import date

import pytest

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
