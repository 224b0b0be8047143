"""Business registration numbers, resident numbers, product codes: the forms of what is typed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.rules import (
    complete_business_number,
    digits_of,
    format_business_number,
    has_resident_number,
    is_business_number,
    is_product_code,
)

REAL = [
    "1408121883",
    "4188124255",
    "1428139282",
    "6438701544",
    "1078648444",
    "1051842348",
    "1160178265",
    "1058763392",
    "3088103521",
    "1168200276",
    "1234567891",
]


@pytest.mark.parametrize("number", REAL)
def test_numbers_printed_in_official_documents_are_well_formed(number: str) -> None:
    assert is_business_number(number)


@pytest.mark.parametrize("number", REAL)
def test_any_other_last_digit_is_refused(number: str) -> None:
    others = [number[:9] + str(digit) for digit in range(10) if str(digit) != number[9]]
    assert not [other for other in others if is_business_number(other)]


@pytest.mark.parametrize(
    "typed",
    [
        "1234567890",
        "",
        "123456789",
        "12345678911",
        "123-45-67891",
        "12345678a1",
        "１２３４５６７８９１",
        "1234567891\n",
    ],
)
def test_what_is_not_ten_fitting_digits_is_refused(typed: str) -> None:
    assert not is_business_number(typed)


@given(st.text(alphabet="0123456789", min_size=9, max_size=9))
def test_exactly_one_last_digit_fits_nine_others(first_nine: str) -> None:
    fitting = [digit for digit in "0123456789" if is_business_number(first_nine + digit)]
    assert len(fitting) == 1
    assert complete_business_number(first_nine) == first_nine + fitting[0]


@given(st.text(alphabet="0123456789", min_size=9, max_size=9), st.integers(0, 7), st.integers(1, 9))
def test_a_slip_in_one_of_the_first_eight_digits_is_noticed(first_nine: str, place: int, step: int) -> None:
    # The weights 1, 3 and 7 share no factor with ten, so that no single slip there goes unseen.
    number = complete_business_number(first_nine)
    slipped = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert not is_business_number(slipped)


@pytest.mark.parametrize("typed", ["124-81-00998", " 124 81 00998 ", "１２４－８１－００９９８", "124–81–00998"])
def test_hyphens_spaces_and_wide_digits_are_forgiven(typed: str) -> None:
    assert digits_of(typed) == "1248100998"


def test_a_number_is_printed_in_its_three_groups() -> None:
    assert format_business_number("1248100998") == "124-81-00998"
    assert format_business_number("none") == "none"


@pytest.mark.parametrize("digits", ["", "12345678", "1234567890", "12345678x"])
def test_a_check_digit_is_given_to_nine_digits_only(digits: str) -> None:
    with pytest.raises(ValueError, match="nine digits"):
        complete_business_number(digits)


@pytest.mark.parametrize(
    "text",
    [
        "900101-1234567",
        "9001011234567",
        "900101 2234567",
        "900101 - 2234567",
        "대표 홍길동(900101-1234567)",
        "주민번호:050315-3123456입니다",
        "050315-4123456",
        "880229-1123456",  # 1988 was a leap year
        "850101-5123456",  # a foreigner's
        "010101-8123456",
        "900101-1******",
        "900101-2●●●●●●",
        "９００１０１－１２３４５６７",
        "900101–1234567",
        "211231-1234567",  # born in 1921
    ],
)
def test_resident_numbers_are_found_however_they_are_written(text: str) -> None:
    assert has_resident_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "124-81-00998",
        "02-1234-5678",
        "010-1234-5678",
        "110111-1234567",  # a corporate number: nobody born in 1911
        "110111-0012345",
        "201231-1234567",  # the last day that counts as too old
        "901301-1234567",  # month 13
        "900230-1234567",  # 30 February
        "890229-1234567",  # 1989 had no 29 February
        "900101-9234567",  # the century digit of the 1800s
        "900101-0234567",
        "900101-123456",  # six digits
        "900101-12345678",  # eight
        "1900101-1234567",  # part of something longer
        "20260101-1234567",
        "R26BK00000001-000",
        "8111159901",
        "계좌 900101-12-345678",
    ],
)
def test_other_numbers_are_let_pass(text: str) -> None:
    assert not has_resident_number(text)


@given(st.dates(min_value=date(1921, 1, 1), max_value=date(2099, 12, 31)), st.integers(0, 999999))
def test_every_birthday_with_its_century_digit_is_found(day: date, serial: int) -> None:
    century = 1 if day.year < 2000 else 3
    assert has_resident_number(f"x {day:%y%m%d}-{century}{serial:06d} y")


@pytest.mark.parametrize(
    ("code", "fits"), [("43211503", True), ("4321150301", True), ("432115030", False), ("", False), ("4321150a", False)]
)
def test_a_product_code_has_eight_or_ten_digits(code: str, fits: bool) -> None:
    assert is_product_code(code) is fits
