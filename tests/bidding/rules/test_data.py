"""Rule data: what holds on which day, and on what authority."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest

from bidding.price_scoring import PriceTable
from bidding.rules import data
from bidding.rules.qualification import TABLES, lowest_passing

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("regime", "kind", "method", "won", "on", "rate"),
    [
        ("national", "works", "qualification", 999_999_999, "2026-01-29", 87_745),
        ("national", "works", "qualification", 999_999_999, "2026-01-30", 89_745),
        ("national", "works", "qualification", 1_000_000_000, "2026-01-30", 88_745),
        ("national", "works", "qualification", 5_000_000_000, "2026-01-30", 87_495),
        ("national", "works", "qualification", 9_999_999_999, "2026-01-29", 85_495),
        ("local", "works", "qualification", 10_000_000_000, "2025-04-30", 79_995),
        ("local", "works", "qualification", 29_999_999_999, "2025-05-01", 81_995),
        ("local", "works", "quote", 100, "2025-06-30", 87_745),
        ("local", "works", "quote", 100, "2025-07-01", 89_745),
        ("national", "services", "qualification", 229_999_999, "2026-05-25", 84_245),
        ("national", "services", "qualification", 229_999_999, "2026-05-26", 86_245),
        ("national", "services", "qualification", 230_000_000, "2026-05-26", 82_495),
        ("national", "services", "quote", 50_000_000, "2026-11-23", 88_000),
    ],
)
def test_the_floor_is_the_one_in_force_that_day(
    regime: str, kind: str, method: str, won: int, on: str, rate: int
) -> None:
    found = data.find_floor(regime, kind, method, won, date.fromisoformat(on))
    assert found is not None
    assert found.rate == rate
    assert found.legal_basis


@pytest.mark.parametrize(
    ("won", "method"),
    [(10_000_000_000, "qualification"), (1, "lowest")],
    ids=["a band without floor", "no floor at all"],
)
def test_where_nothing_is_known_nothing_is_proposed(won: int, method: str) -> None:
    assert data.find_floor("national", "works", method, won, TODAY) is None


def test_some_services_have_floors_of_their_own() -> None:
    assert data.floor_categories("national", "services") == ("facility", "transport-and-software", "insurance")
    rates = [data.find_floor("national", "services", "qualification", 1, TODAY, c) for c in ("facility", "insurance")]
    assert [rate.rate for rate in rates if rate] == [89_995, 47_995]
    assert data.floor_categories("national", "goods") == ("small-business-competition",)


def test_rows_that_nobody_verified_say_so() -> None:
    goods = data.find_floor("national", "goods", "quote", 1, TODAY)
    works = data.find_floor("national", "works", "qualification", 1, TODAY)
    assert goods is not None
    assert works is not None
    assert (goods.is_verified, works.is_verified) == (False, True)


def test_the_range_of_reserve_prices_follows_the_regime() -> None:
    national, local = data.find_price_range("national", TODAY), data.find_price_range("local", TODAY)
    assert (national.kind, national.lo, national.hi) == ("segments", 98_000, 102_000)
    assert (local.kind, local.lo, local.hi, local.above, local.below) == ("split", 97_000, 103_000, 7, 8)


def test_quotes_have_their_limit() -> None:
    assert data.find_quote_limit("national", "goods", TODAY).max_won == 100_000_000
    assert data.find_quote_limit("local", "works", TODAY).legal_basis.startswith("지방계약법")


def test_before_the_data_begin_they_say_nothing() -> None:
    with pytest.raises(ValueError, match="price range"):
        data.find_price_range("national", date(2000, 1, 1))
    with pytest.raises(ValueError, match="notice period"):
        data.find_notice_period("national", "goods", "lowest", 1, date(2000, 1, 1))
    with pytest.raises(ValueError, match="quote limit"):
        data.find_quote_limit("national", "goods", date(2000, 1, 1))


def test_the_version_names_the_day_and_the_bytes() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}", data.version())
    assert data.version() == f"{data.shipped().revised_on}-{data.shipped().sha256[:12]}"


# ---- score tables


@pytest.mark.parametrize(
    ("category", "won", "on", "code"),
    [
        ("", 199_999_999, "2026-01-30", "works-5"),
        ("", 200_000_000, "2026-01-30", "works-4"),
        ("", 300_000_000, "2026-01-30", "works-3"),
        ("", 1_000_000_000, "2026-01-30", "works-2a"),
        ("", 5_000_000_000, "2026-01-30", "works-1"),
        ("specialised", 80_000_000, "2026-01-30", "works-4"),
        ("electrical", 300_000_000, "2026-01-30", "works-2b"),
    ],
)
def test_works_are_scored_by_the_table_of_their_amount(category: str, won: int, on: str, code: str) -> None:
    table = data.find_score_table("national", "works", won, date.fromisoformat(on), category)
    assert table is not None
    assert table.code == code
    known = TABLES[code]
    assert (table.full, table.slope, table.base, table.pass_mark, table.plateau) == (
        known.full,
        known.slope,
        known.base,
        known.pass_mark,
        known.plateau,
    )


def test_before_2026_works_were_scored_around_88_percent() -> None:
    table = data.find_score_table("national", "works", 500_000_000, date(2026, 1, 29))
    assert table is not None
    assert (table.base, table.plateau, table.certainty) == (88, 88_250, data.Certainty.SECONDARY)


def test_the_points_of_services_go_by_kind_and_half_a_billion() -> None:
    small, middle, large = (
        data.find_score_table("national", "services", won, TODAY) for won in (1, 230_000_000, 500_000_000)
    )
    assert small is not None
    assert middle is not None
    assert large is not None
    assert [(t.full, str(t.slope), t.base) for t in (small, middle, large)] == [
        (70, "4", 90),
        (70, "2", 90),
        (60, "2", 90),
    ]
    insurance = data.find_score_table("national", "services", 1, TODAY, "insurance")
    assert insurance is not None
    assert insurance.slope == Fraction(3, 8)
    assert insurance.to_scoring() == {"full": 70, "slope": "3/8", "base": 88, "pass_mark": 85, "plateau": None}


def test_every_score_table_leads_to_the_floor_that_stands_beside_it() -> None:
    """The closed form: base - (100 - pass mark) / slope - 0.005 percent. Two tables that disagree would be a slip."""
    compared = 0
    for row in data.shipped().tables["score_tables"]:
        if not row.is_known:
            continue
        regime, kind, category = (str(row.key[name]) for name in ("regime", "kind", "category"))
        table = data.find_score_table(regime, kind, row.min_won, row.from_on, category)
        floor_category = "" if kind == "works" else category
        floor = data.find_floor(regime, kind, "qualification", row.min_won, row.from_on, floor_category)
        assert table is not None
        assert floor is not None, row.key
        plain = PriceTable(table.full, table.slope, table.base, table.pass_mark)
        assert lowest_passing(plain, 10**12) == floor.rate * 10**7, row.key
        compared += 1
    assert compared > 50


# ---- negotiation, complaints, contracts, methods


def test_a_negotiated_price_has_its_variants() -> None:
    assert data.negotiation_variants("national", TODAY) == ("standard", "lifted", "flat")
    standard = data.find_negotiation_formula("national", TODAY)
    flat = data.find_negotiation_formula("national", TODAY, variant="flat")
    assert standard is not None
    assert flat is not None
    assert standard.to_scoring(110_000_000) == {
        "full": 20,
        "reference": "estimated-price",
        "reference_won": "110000000",
        "mark": 80,
        "low": 60,
        "extra": "2",
        "lifted": False,
        "below_low": "line",
        "lowest_over": "valid",
    }
    assert (flat.below_low, flat.to_scoring()["reference_won"]) == ("flat", None)


@pytest.mark.parametrize(
    ("regime", "won", "occasion", "days"),
    [
        ("national", 229_999_999, "", 10),
        ("national", 230_000_000, "", 40),
        ("national", 230_000_000, "urgent", 10),
        ("national", 230_000_000, "renotice", 10),
        ("local", 99_999_999, "", 10),
        ("local", 100_000_000, "", 20),
        ("local", 1_000_000_000, "", 40),
        ("local", 1_000_000_000, "urgent", 10),
    ],
)
def test_negotiated_contracts_stand_longer(regime: str, won: int, occasion: str, days: int) -> None:
    found = data.find_notice_period(
        regime,
        "services",
        "negotiation",
        won,
        TODAY,
        is_urgent=occasion == "urgent",
        is_renotice=occasion == "renotice",
    )
    assert found.days == days


def test_complaints_have_their_days() -> None:
    national, local = data.find_complaint_periods("national", TODAY), data.find_complaint_periods("local", TODAY)
    assert (national.days_from_act, national.days_from_knowing, national.acceptance_days) == (30, 25, 15)
    assert (local.days_from_act, local.days_from_knowing, local.acceptance_days) == (20, 15, None)
    assert {one.decision_days for one in (national, local)} == {15}
    threshold = data.find_complaint_threshold("national", "works", TODAY, "other-works")
    assert threshold is not None
    assert threshold.value == 80_000_000


def test_bonds_and_penalties() -> None:
    bid, low = (
        data.find_bond("national", "bid", TODAY),
        data.find_bond("national", "works-completion", TODAY, "low-award"),
    )
    late = data.find_late_penalty("local", "services", TODAY)
    assert bid is not None
    assert low is not None
    assert late is not None
    assert (bid.rate, low.rate, late.daily_rate, late.cap) == (5_000, 50_000, 130, 30_000)
    assert data.find_late_penalty("local", "food", TODAY) is None
    gap = data.find_gap("late_penalties", {"regime": "local", "delay_class": "food"}, TODAY)
    assert gap is not None
    assert gap.standing is data.Standing.NONE


@pytest.mark.parametrize(
    ("amount_won", "duty_won"),
    [(10_000_000, 0), (10_000_001, 20_000), (30_000_000, 20_000), (1_000_000_000, 150_000), (1_000_000_001, 350_000)],
)
def test_stamp_duty_goes_by_steps(amount_won: int, duty_won: int) -> None:
    assert data.find_stamp_duty(amount_won, TODAY).value == duty_won


def test_the_notified_amount_is_dated() -> None:
    old = data.find_threshold("national", "goods", "notified-amount", date(2024, 12, 31))
    new = data.find_threshold("national", "goods", "notified-amount", date(2025, 1, 1))
    assert old is not None
    assert new is not None
    assert (old.value, new.value) == (220_000_000, 230_000_000)


def test_what_is_not_known_says_so() -> None:
    assert data.find_floor("local", "goods", "qualification", 1, TODAY) is None
    key = {"regime": "local", "kind": "goods", "category": "", "method": "qualification"}
    gap = data.find_gap("floor_rates", dict(key), TODAY, 1)
    assert gap is not None
    assert gap.standing is data.Standing.UNKNOWN
    assert set(gap.why) == {"ko", "en"}
    known = {"regime": "national", "kind": "works", "category": "", "method": "qualification"}
    assert data.find_gap("floor_rates", dict(known), TODAY, 1) is None


def test_a_method_says_what_its_notice_needs() -> None:
    method = data.find_method("national", "negotiation", TODAY)
    assert method is not None
    assert method.ranks_by == "points"
    assert {"technical", "price-formula"} <= set(method.needs)
    assert data.find_method("national", "reverse-auction", TODAY).is_own  # type: ignore[union-attr]
    figure = data.find_figure("national", "review-document-days", TODAY)
    assert figure is not None
    assert figure.value == 7
