"""An award beside similar ones: figures that occur, exact, and none where there are too few; only what is public."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app import time
from app.db import db, transaction
from bidding.comparison import BINS, FEWEST, Past, band, bins_of, compare, months_before, nearest_rank, spread_of
from bidding.keyholder.panel import Panel
from bidding.models import Opening, Tender
from bidding.similar_queries import similar_awards, similar_query
from tests.bidding.conftest import Stage, holder, keyholder, later, stage
from tests.bidding.reviewing import award
from tests.bidding.staging import PLAN, an_agency, bidders, place, published

__all__ = ["holder", "keyholder", "later", "stage"]

# Slow where the machine is busy, not where the code is.
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def past(rate: int | None, bidders: int = 3) -> Past:
    return Past("R26BK00000001-000", "t", "a", AT, 10**8, 9 * 10**7, rate, bidders)


def test_quartiles_are_values_that_occur() -> None:
    spread = spread_of([5, 1, 4, 2, 3], 3)
    assert spread is not None
    assert (spread.lowest, spread.first, spread.median, spread.third, spread.highest) == (1, 2, 3, 4, 5)
    assert (spread.below, spread.equal, spread.above) == (2, 1, 2)
    eight = spread_of([80, 10, 70, 20, 60, 30, 50, 40])
    assert eight is not None
    assert (eight.first, eight.median, eight.third) == (20, 40, 60)
    assert eight.own is None


@QUIET
@given(st.lists(st.integers(0, 10**6), min_size=FEWEST, max_size=60), st.integers(0, 10**6))
def test_at_least_each_quarter_is_at_or_below_its_quartile_and_not_one_less(values: list[int], own: int) -> None:
    ordered = sorted(values)
    for quarters in (1, 2, 3):
        cut = nearest_rank(ordered, quarters)
        assert cut in values
        assert 4 * sum(value <= cut for value in values) >= quarters * len(values)
        assert 4 * sum(value < cut for value in values) < quarters * len(values)
    spread = spread_of(values, own)
    assert spread is not None
    assert spread.below + spread.equal + spread.above == len(values)


@QUIET
@given(st.lists(st.integers(1, 200_000), min_size=1, max_size=60))
def test_every_rate_is_in_one_column_and_columns_are_few(rates: list[int]) -> None:
    bins = bins_of(rates, min(rates), max(rates))
    assert sum(count for _low, _high, count in bins) == len(rates)
    assert len(bins) <= BINS + 1
    assert all(low % 100 == 0 for low, _high, _count in bins)


def test_too_few_awards_give_no_figures_and_are_still_listed() -> None:
    made = compare([past(90_000)] * (FEWEST - 1), 90_000, 3)
    assert (made.rates, made.bidders, made.bins, made.is_enough) == (None, None, (), False)
    assert len(made.awards) == FEWEST - 1


def test_awards_without_an_estimated_price_count_for_the_bidders_alone() -> None:
    made = compare([past(None)] * FEWEST, None, 4)
    assert made.rates is None
    assert made.bidders is not None
    assert (made.bidders.below, made.bidders.own) == (FEWEST, 4)


def test_the_band_reaches_from_a_half_to_twice_the_amount() -> None:
    assert band(101) == (51, 202)


@pytest.mark.parametrize(
    ("at", "before"),
    [
        (datetime(2026, 11, 24, 3, 4, tzinfo=UTC), datetime(2024, 11, 24, 3, 4, tzinfo=UTC)),
        (datetime(2024, 2, 29, tzinfo=UTC), datetime(2022, 2, 28, tzinfo=UTC)),
        (datetime(2026, 1, 31, tzinfo=UTC), datetime(2024, 1, 31, tzinfo=UTC)),
    ],
)
def test_two_years_before_is_the_same_day(at: datetime, before: datetime) -> None:
    assert months_before(at) == before


def test_only_awards_like_it_and_before_it_are_compared(
    app: Flask, client: FlaskClient, keyholder: Panel, stage: Stage
) -> None:
    agency, firms = an_agency(), bidders(2)

    def finished(is_awarded: bool = True) -> Tender:
        tender = published(agency, keyholder, PLAN)
        for one, amount in zip(firms, (90_000_000, 91_000_000), strict=True):
            place(tender, one, amount)
        stage.close(tender)
        stage.open(tender)
        db.session.expire_all()
        if is_awarded:
            award(tender, agency)
        return tender

    like, later_one, mine = finished(), finished(), finished(is_awarded=False)
    with transaction():
        mine.opened_at = time.now()
        like.awarded_at = mine.opened_at - timedelta(days=30)
        later_one.awarded_at = mine.opened_at
    page = client.get(f"/tenders/{mine.reference}/result/similar?lang=en").get_data(as_text=True)
    assert "Too few for a comparison" in page
    assert f"/tenders/{like.reference}/result" in page
    assert f"/tenders/{later_one.reference}/result" not in page
    assert f"/tenders/{mine.reference}/result/similar" in client.get(f"/tenders/{mine.reference}/result").text
    (found,) = similar_awards(mine)
    assert (found.reference, found.amount_won, found.bidders) == (like.reference, 90_000_000, 2)
    price = db.session.get_one(Opening, like.id).estimated_price_won
    assert price is not None
    assert found.rate == 90_000_000 * 100_000 // price
    with_index = similar_query(mine).compile(db.engine, compile_kwargs={"literal_binds": True})
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    plan = "\n".join(row[0] for row in db.session.execute(text(f"EXPLAIN {with_index}")))
    assert "ix_tenders_awarded" in plan
    # What is compared with follows the tender's own facts, one by one.
    opened_at = mine.opened_at
    db.session.expunge(mine)
    for name, value, is_found in (
        ("kind", "goods", False),
        ("method", "lowest", False),
        ("is_practice", False, False),
        ("base_amount_won", 200_000_000, True),
        ("base_amount_won", 200_000_001, False),
        ("base_amount_won", 50_000_000, True),
        ("base_amount_won", 49_999_999, False),
        ("opened_at", opened_at + timedelta(days=695), True),
        ("opened_at", opened_at + timedelta(days=710), False),
    ):
        before = getattr(mine, name)
        setattr(mine, name, value)
        seen = {one.reference for one in similar_awards(mine)}
        assert (like.reference in seen) is is_found, (name, value)
        setattr(mine, name, before)
