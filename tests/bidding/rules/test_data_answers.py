"""Every lookup answers with the whole row: figures, legal basis and certainty; and asks the book that it is given."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from types import MappingProxyType

import pytest

from bidding.rules import data
from bidding.rules.data import Certainty
from bidding.rules.data.rows import Value

TODAY = date(2026, 11, 23)
OLD = "2026-11-24-174a3fcb498c"
NEGOTIATION = "계약예규 협상에 의한 계약체결기준 별표"
KEYHOLDERS = "국가계약법 시행령 제40조"


@pytest.fixture
def old() -> data.Book:
    return data.archived()[OLD]


@pytest.fixture
def empty() -> data.Book:
    """A book of no tables."""
    return replace(data.shipped(), tables=MappingProxyType({}))


def with_figure(table: str, name: str, value: Value) -> data.Book:
    """The shipped book with one member of one table changed in every row that has it."""
    shipped = data.shipped()
    rows = tuple(
        replace(row, values=MappingProxyType({**row.values, name: value})) if name in row.values else row
        for row in shipped.tables[table]
    )
    return replace(shipped, tables=MappingProxyType({**shipped.tables, table: rows}))


def test_a_method_is_answered_whole() -> None:
    assert data.find_method("national", "negotiation", TODAY) == data.Method(
        "negotiation",
        "points",
        ("technical", "price-formula"),
        ("estimated-price", "base-amount", "ceiling"),
        "국가계약법 시행령 제43조",
        Certainty.OFFICIAL,
        is_own=False,
    )


def test_a_floor_and_a_score_table_are_answered_whole() -> None:
    assert data.find_floor("national", "services", "qualification", 1, TODAY, "facility") == data.FloorRate(
        89_995, "facility", "조달청 일반용역 적격심사 세부기준 제2026-260호", Certainty.SECONDARY
    )
    assert data.find_score_table("national", "works", 500_000_000, TODAY) == data.ScoreTable(
        "works-3",
        80,
        Fraction(20),
        90,
        95,
        90_250,
        "조달청 시설공사 적격심사세부기준 제9269호 별표 3",
        Certainty.OFFICIAL,
    )


@pytest.mark.parametrize(("variant", "is_lifted"), [("standard", False), ("lifted", True)])
def test_a_negotiation_formula_is_answered_whole(variant: str, is_lifted: bool) -> None:
    assert data.find_negotiation_formula("national", TODAY, variant=variant) == data.NegotiationFormula(
        variant,
        20,
        "estimated-price",
        80,
        60,
        Fraction(2),
        is_lifted,
        "line",
        "valid",
        NEGOTIATION,
        Certainty.SECONDARY,
    )


def test_a_notice_period_says_what_it_counts_and_how_sure_it_is() -> None:
    assert data.find_notice_period("national", "services", "quote", 1, TODAY) == data.NoticePeriod(
        "quote", 3, is_working=True, legal_basis="정부 입찰·계약 집행기준 (견적 안내공고)", is_verified=False
    )
    assert data.find_notice_period("national", "services", "lowest", 1, TODAY) == data.NoticePeriod(
        "basic", 7, is_working=False, legal_basis="국가계약법 시행령 제35조제1항", is_verified=True
    )


def test_ranges_and_limits_are_answered_whole() -> None:
    assert data.find_price_range("local", TODAY) == data.PriceRange(
        "split", 97_000, 103_000, 7, 8, "지방자치단체 입찰시 낙찰자 결정기준 (±3%)"
    )
    assert data.find_quote_limit("national", "goods", TODAY) == data.QuoteLimit(
        100_000_000, "국가계약법 시행령 제26조제1항제5호", Certainty.OFFICIAL
    )


def test_complaint_periods_are_answered_whole() -> None:
    assert data.find_complaint_periods("national", TODAY) == data.ComplaintPeriods(
        30, 25, 15, 30, 50, 15, "국가계약법 제28조, 제29조", Certainty.OFFICIAL
    )


def test_figures_of_contracts_are_answered_whole() -> None:
    assert data.find_bond("national", "bid", TODAY) == data.BondRate(
        5_000, None, "국가계약법 시행령 제37조", Certainty.OFFICIAL
    )
    assert data.find_late_penalty("national", "works", TODAY) == data.LatePenalty(
        50, 30_000, "국가계약법 시행규칙 제75조", "국가계약법 시행령 제74조", Certainty.OFFICIAL
    )
    assert data.find_stamp_duty(10_000_001, TODAY) == data.Figure(20_000, "인지세법 제3조", Certainty.OFFICIAL)
    assert data.find_threshold("national", "goods", "notified-amount", TODAY) == data.Figure(
        230_000_000, "국제입찰대상 고시금액 (기획재정부 고시)", Certainty.SECONDARY
    )
    assert data.find_complaint_threshold("national", "works", TODAY) == data.Figure(
        400_000_000, "국가계약법 시행령 제110조", Certainty.OFFICIAL
    )
    assert data.find_figure("national", "review-document-days", TODAY) == data.Figure(
        7, "조달청 시설공사 적격심사세부기준 제9269호 제4조", Certainty.OFFICIAL
    )


def test_a_figure_that_nobody_has_is_none(empty: data.Book) -> None:
    assert data.find_figure("local", "review-document-days", TODAY) is None
    assert data.find_threshold("national", "goods", "notified-amount", date(1990, 1, 1)) is None
    assert data.find_complaint_threshold("national", "works", date(1990, 1, 1)) is None
    assert data.find_late_penalty("national", "works", TODAY, book=with_figure("figures", "value", 1)) is not None
    assert data.negotiation_variants("national", TODAY, book=empty) == ()
    assert data.floor_categories("national", "services", book=empty) == ()
    assert list(empty.holding("bonds", TODAY)) == []


def test_a_gap_says_why_and_on_what_authority_in_the_band_of_the_amount() -> None:
    key = {"regime": "national", "kind": "works", "category": "", "method": "qualification"}
    assert data.find_gap("floor_rates", dict(key), TODAY, 9_999_999_999) is None
    assert data.find_gap("floor_rates", dict(key), TODAY) is None
    assert data.find_gap("floor_rates", dict(key), TODAY, 10_000_000_000) == data.Gap(
        data.Standing.NONE,
        {"ko": "종합심사낙찰제 대상이라 하한율이 없음", "en": "Comprehensive review applies instead; it has no floor"},
        "국가계약법 시행령 제42조제4항",
    )


def test_categories_are_those_of_their_own_table_regime_and_kind(old: data.Book) -> None:
    assert data.score_categories("national", "works") == ("specialised", "electrical")
    assert data.score_categories("national", "services") == ("facility", "transport-and-software", "insurance")
    assert data.score_categories("local", "works") == ()
    assert data.floor_categories("national", "works") == ()
    assert data.score_categories("national", "works", book=old) == ()
    assert data.floor_categories("national", "goods", book=old) == ()


# ---- who holds the keys


@pytest.mark.parametrize(
    ("won", "from_won", "policy", "least"),
    [
        (999_999_999, None, "services", 0),
        (1_000_000_000, None, "committee", 1_000_000_000),
        (4, 5, "services", 0),
        (5, 5, "committee", 5),
        (10**12, 10**13, "services", 0),
    ],
)
def test_a_committee_holds_the_keys_from_the_data_s_amount_or_the_agency_s(
    won: int, from_won: int | None, policy: str, least: int
) -> None:
    found = data.find_holder_policy("national", won, TODAY, from_won=from_won)
    assert found == data.HolderProposal(policy, least, is_own=True, legal_basis=KEYHOLDERS, is_verified=False)


def test_the_keys_of_a_local_tender_go_by_the_local_law() -> None:
    found = [data.find_holder_policy("local", 5, TODAY, from_won=least).legal_basis for least in (None, 1, 9)]
    assert found == ["지방계약법 시행령 제39조"] * 3


def test_before_the_data_begin_nobody_is_proposed_to_hold_the_keys(empty: data.Book) -> None:
    for book, on in ((None, date(2025, 12, 31)), (empty, TODAY)):
        for from_won in (None, 5):
            with pytest.raises(ValueError, match="national"):
                data.find_holder_policy("national", 5, on, from_won=from_won, book=book)


def test_a_policy_read_in_the_text_itself_is_verified() -> None:
    shipped = data.shipped()
    rows = tuple(replace(row, certainty=Certainty.OFFICIAL) for row in shipped.tables["holder_policies"])
    book = replace(shipped, tables=MappingProxyType({"holder_policies": rows}))
    assert data.find_holder_policy("national", 5, TODAY, book=book).is_verified
    assert data.find_holder_policy("national", 5, TODAY, from_won=5, book=book).is_verified


# ---- the book that is asked


def test_each_lookup_asks_the_book_that_it_is_given() -> None:
    """Another book, another figure: a notice is judged by the data of its day."""
    assert data.find_price_range("local", TODAY, book=with_figure("price_ranges", "lo", 1)).lo == 1
    assert (
        data.find_quote_limit("national", "goods", TODAY, book=with_figure("quote_limits", "max_won", 2)).max_won == 2
    )
    assert data.find_stamp_duty(10_000_001, TODAY, book=with_figure("stamp_duties", "won", 3)).value == 3
    other = with_figure("holder_policies", "policy", "hybrid")
    assert data.find_holder_policy("national", 5, TODAY, book=other).policy == "hybrid"
    assert data.find_holder_policy("national", 5, TODAY, from_won=5, book=other).policy == "hybrid"
    late = data.find_late_penalty("national", "works", TODAY, book=with_figure("figures", "value", 4))
    assert late is not None
    assert (late.daily_rate, late.cap) == (50, 4)


def test_the_grounds_of_a_book_are_its_own_and_no_other_s() -> None:
    shipped = data.shipped()
    rows = tuple(replace(row, legal_basis="제99조") for row in shipped.tables["exclusion_grounds"])
    few = [row for row in rows if row.key["ground"] in ("sanctioned", "late")]
    few[0] = replace(few[0], standing=data.Standing.UNKNOWN)  # the State's, so that it has one left
    book = replace(shipped, tables=MappingProxyType({"exclusion_grounds": tuple(few)}))
    found = {regime: data.find_grounds(regime, TODAY, book=book) for regime in ("national", "local")}
    assert {regime: list(grounds) for regime, grounds in found.items()} == {
        "national": ["late"],
        "local": ["sanctioned", "late"],
    }
    assert {one.legal_basis for grounds in found.values() for one in grounds.values()} == {"제99조"}


def test_a_figure_that_is_computed_with_is_the_book_s_else_the_software_s(empty: data.Book) -> None:
    other = with_figure("figures", "value", 4)
    asked = ("national", "inspection-days", TODAY)
    assert [data.find_known_figure(*asked, book=book).value for book in (None, empty, other)] == [14, 14, 4]
    with pytest.raises(ValueError, match=r"^no inspection-days is known for national on 1990-01-01$"):
        data.find_known_figure("national", "inspection-days", date(1990, 1, 1), book=other)


def test_what_is_missing_is_named_with_the_day() -> None:
    with pytest.raises(ValueError, match=r"^no price range is known for local on 2000-01-01$"):
        data.find_price_range("local", date(2000, 1, 1))
    with pytest.raises(ValueError, match=r"^no quote limit is known for national, goods,  on 2000-01-01$"):
        data.find_quote_limit("national", "goods", date(2000, 1, 1))
