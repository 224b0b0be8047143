"""How figures and times are spelled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import formats

NOON = datetime(2026, 11, 23, 3, 0, 0, 120_000, tzinfo=UTC)


def test_won_is_grouped_and_says_its_currency_in_either_language() -> None:
    assert formats.won(1_234_000, "ko") == "1,234,000원"
    assert formats.won(1_234_000, "en") == "₩1,234,000"
    assert formats.won(-500, "en") == "-₩500"
    assert formats.won(-500, "ko") == "-500원"


@pytest.mark.parametrize(
    ("amount", "spelled"),
    [
        (0, "0원"),
        (9_999, "9,999원"),
        (10_000, "1만원"),
        (10_001, "1만 1원"),
        (100_000_000, "1억원"),
        (1_234_005_678, "12억 3,400만 5,678원"),
        (1_000_000_000_000, "1조원"),
        (-30_000, "-3만원"),
    ],
)
def test_korean_units_lose_nothing(amount: int, spelled: str) -> None:
    assert formats.won_units(amount) == spelled


@given(st.integers(min_value=0, max_value=10**16))
def test_korean_units_can_be_read_back(amount: int) -> None:
    total = 0
    for part in formats.won_units(amount).removesuffix("원").split():
        size = next((10_000**power for power, unit in enumerate("만억조경", 1) if part.endswith(unit)), 1)
        total += int(part.rstrip("만억조경").replace(",", "")) * size
    assert total == amount


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (99_999_999, "9,999만 9,999원", "₩100 million"),
        (100_004_999, "1억원", "₩100.005 million"),
        (100_005_000, "1억 1만원", "₩100.005 million"),
        (1_234_005_678, "12억 3,401만원", "₩1.234 billion"),
        (999_999, "99만 9,999원", "₩999,999"),
        (1_000_000, "100만원", "₩1 million"),
        (2_500_000_000_000, "2조 5,000억원", "₩2.5 trillion"),
    ],
)
def test_short_amounts_are_rounded_only_where_they_are_large(amount: int, korean: str, english: str) -> None:
    assert formats.won_short(amount, "ko") == korean
    assert formats.won_short(amount, "en") == english


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (0, "금 영원정", "zero won"),
        (10, "금 일십원정", "ten won"),
        (10_000, "금 일만원정", "ten thousand won"),
        (123_000_000, "금 일억이천삼백만원정", "one hundred and twenty-three million won"),
        (100_000_001, "금 일억일원정", "one hundred million one won"),
        (21_110_019, "금 이천일백일십일만일십구원정", "twenty-one million one hundred and ten thousand nineteen won"),
    ],
)
def test_words_keep_every_digit_that_could_be_written_in_front_of(amount: int, korean: str, english: str) -> None:
    assert formats.won_words(amount, "ko") == korean
    assert formats.won_words(amount, "en") == english


def test_a_negative_amount_has_no_words() -> None:
    with pytest.raises(ValueError, match="negative"):
        formats.won_words(-1, "ko")


def test_instants_are_shown_in_korean_time_with_the_offset() -> None:
    assert formats.kst(NOON) == "2026-11-23 12:00:00 (UTC+9)"
    assert formats.kst_micro(NOON) == "2026-11-23 12:00:00.120000 (UTC+9)"
    assert formats.kst_short(NOON, "ko") == "11. 23. 12:00"
    assert formats.kst_short(NOON, "en") == "23 Nov 12:00"


def test_the_day_of_an_instant_is_its_day_in_korea() -> None:
    assert formats.kst_day(datetime(2026, 11, 22, 14, 59, 59, tzinfo=UTC), "ko") == "2026-11-22 (일)"
    assert formats.kst_day(datetime(2026, 11, 22, 15, 0, 0, tzinfo=UTC), "en") == "2026-11-23 (Mon)"
    assert formats.kst_day(date(2026, 11, 23), "ko") == "2026-11-23 (월)"


@pytest.mark.parametrize(
    ("seconds", "korean", "english"),
    [
        (0, "0초", "0 seconds"),
        (1, "1초", "1 second"),
        (59, "59초", "59 seconds"),
        (60, "1분", "1 minute"),
        (61, "1분 1초", "1 minute 1 second"),
        (3_600, "1시간", "1 hour"),
        (3_601, "1시간", "1 hour"),
        (86_399, "23시간 59분", "23 hours 59 minutes"),
        (2 * 86_400 + 3 * 3_600 + 59, "2일 3시간", "2 days 3 hours"),
        (-5, "0초", "0 seconds"),
    ],
)
def test_a_duration_says_its_two_largest_units(seconds: int, korean: str, english: str) -> None:
    assert formats.duration(seconds, "ko") == korean
    assert formats.duration(seconds, "en") == english


def test_relative_times_look_both_ways() -> None:
    assert formats.relative(NOON + timedelta(hours=3, minutes=5), NOON, "ko") == "3시간 5분 후"
    assert formats.relative(NOON - timedelta(minutes=4), NOON, "en") == "4 minutes ago"
    assert formats.relative(NOON + timedelta(days=2), NOON, "en") == "in 2 days"
    assert formats.relative(NOON + timedelta(milliseconds=900), NOON, "ko") == "지금"


def test_rates_keep_their_three_decimals_unless_told() -> None:
    assert formats.percent(87_745) == "87.745%"
    assert formats.percent(88_000) == "88.000%"
    assert formats.percent(88_000, 0) == "88%"
    assert formats.percent(87_745, 1) == "87.745%"
    assert formats.percent(-250) == "-0.250%"


@pytest.mark.parametrize(
    ("size", "spelled"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (1_234_567, "1.2 MB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5 * 10**12, "5000.0 GB"),
    ],
)
def test_file_sizes(size: int, spelled: str) -> None:
    assert formats.file_size(size) == spelled


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (50_000_000, "5천만원", "50 million won"),
        (100_000_000, "1억원", "100 million won"),
        (30_000_000, "3천만원", "30 million won"),
        (55_500_000, "55,500,000원", "₩55,500,000"),
        (0, "0원", "₩0"),
    ],
)
def test_a_round_amount_is_said_as_the_law_says_it(amount: int, korean: str, english: str) -> None:
    assert (formats.won_round(amount, "ko"), formats.won_round(amount, "en")) == (korean, english)
