"""Rule data: what holds on which day, and on what authority."""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from importlib.resources import files

import pytest

from bidding.rules import data

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
    assert data.floor_categories("national", "goods") == ()


def test_rows_that_nobody_verified_say_so() -> None:
    goods = data.find_floor("national", "goods", "quote", 1, TODAY)
    works = data.find_floor("national", "works", "qualification", 1, TODAY)
    assert goods is not None
    assert works is not None
    assert (goods.is_verified, works.is_verified) == (False, True)


def test_no_two_floors_hold_for_one_tender_on_one_day() -> None:
    rows = tomllib.loads(files(data.__name__).joinpath("floor_rates.toml").read_text())["floor"]
    days = sorted({row["from"] for row in rows} | {row["to"] - timedelta(days=1) for row in rows if "to" in row})
    edges = sorted({row.get(name, 0) for row in rows for name in ("min_won", "below_won")})
    keys = {(row["regime"], row["kind"], row["method"], row.get("category", "")) for row in rows}
    for key in keys:
        mine = [row for row in rows if (row["regime"], row["kind"], row["method"], row.get("category", "")) == key]
        for on in days:
            for won in edges:
                assert sum(data._fits(row, won, on) for row in mine) <= 1, (key, on, won)


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
    assert re.fullmatch(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}", data.RULE_VERSION)
    assert data.version() == data.RULE_VERSION
