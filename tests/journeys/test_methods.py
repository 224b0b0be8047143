"""One purchase by each method, from the empty form to the award: two officers, sealed bids, a result that is read."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.db import db
from bidding.models import Tender
from tests.journeys import method_driver as driver
from tests.journeys.method_driver import TECHNICAL, Case, Typed
from tests.journeys.method_settling import settle
from tests.journeys.method_world import OWN, World, world

__all__ = ["world"]

WORKS_TABLE: Typed = {
    "with_table": True, "full": "80", "slope": "20", "base": "90", "pass_mark": "95", "plateau": "90.25",
    "net_cost_won": "80,000,000", "net_cost_rate": "98",
}  # fmt: skip
OTHER_TABLE: Typed = {
    "with_table": True, "full": "70", "slope": "20", "base": "88", "pass_mark": "85", "plateau": "88.25",
}  # fmt: skip
PRICE: dict[str, str | bool] = {
    "reference": "estimated-price", "mark": "80", "low": "60", "extra": "2", "below_low": "line", "lifted": False,
    "lowest_over": "qualified", "ceiling_won": "",
}  # fmt: skip
AUCTION: Typed = {"rounds": "3", "round_seconds": "60", "step_rate": "1", "last_seconds": "10", "extend_seconds": "20"}

CASES = [
    Case(
        "quote", "quote", (90_500_000, 91_000_000, 80_000_000), floor="88",
        lines=(("1", OWN, "90,500,000원", "유효"), ("2", "공급사 1", "유효"), ("–", "공급사 2", "낙찰하한 미만")),
    ),
    Case(
        "lowest", "lowest", (90_000_000, 92_000_000, 120_000_000),
        lines=(("1", OWN, "90,000,000원"), ("2", "공급사 1"), ("–", "공급사 2", "예정가격 초과")),
    ),
    Case(
        "review-of-works", "qualification", (94_000_000, 94_500_000, 80_000_000), kind="works", floor="89.745",
        terms=WORKS_TABLE,
        lines=(("1", OWN, "94,000,000원"), ("2", "공급사 1"), ("–", "공급사 2", "낙찰하한 미만")),
    ),
    Case(
        "review-of-services", "qualification", (94_000_000, 94_500_000, 80_000_000), floor="87.245", terms=OTHER_TABLE,
        lines=(("1", OWN, "94,000,000원"), ("2", "공급사 1"), ("–", "공급사 2", "낙찰하한 미만")),
    ),
    Case(
        "review-of-goods", "qualification", (94_000_000, 94_500_000, 80_000_000), kind="goods", floor="87.245",
        terms=OTHER_TABLE,
        lines=(("1", OWN, "94,000,000원"), ("2", "공급사 1"), ("–", "공급사 2", "낙찰하한 미만")),
    ),
    Case(
        "negotiation", "negotiation", (90_000_000, 85_000_000, 95_000_000),
        terms=TECHNICAL | PRICE, shares=(95, 84, 90),
        lines=(("1", OWN, "90,000,000원"), ("2", "공급사 2")),
    ),
    Case(
        "two-stage-at-once", "two-stage", (90_000_000, 85_000_000, 95_000_000),
        terms=TECHNICAL | {"form": "simultaneous"},
        shares=(95, 84, 90), lines=(("1", OWN, "90,000,000원"), ("2", "공급사 2", "95,000,000원")),
    ),
    Case(
        "two-stage-separate", "two-stage", (95_000_000, 90_000_000, 85_000_000), terms=TECHNICAL | {"form": "separate"},
        shares=(86, 95, 84), lines=(("1", "공급사 1", "90,000,000원"), ("2", OWN, "95,000,000원")),
    ),
    Case(
        "best-value", "best-value", (90_000_000, 80_000_000, 110_000_000), has_draw=False,
        terms=TECHNICAL | {"threshold": "", "formula": "lowest-over-bid", "ceiling_won": "100,000,000"},
        shares=(95, 70, 90),
        lines=(("1", OWN, "90,000,000원"), ("2", "공급사 1"), ("–", "공급사 2", "초과")),
    ),
    Case(
        "desired-quantity", "desired-quantity", (220_000, 230_000, 240_000), kind="goods", base_won=250_000,
        terms={"quantity": "1000", "unit": "톤"}, quantities=(600, 700, 50),
        lines=(("1", OWN, "220,000원", "600"), ("2", "공급사 1", "400"), ("3", "공급사 2")),
    ),
    Case(
        "sale", "sale", (91_000_000, 90_000_000, 89_999_999), kind="goods", base_won=90_000_000, has_draw=False,
        terms={"minimum_won": "90,000,000"},
        lines=(("1", OWN, "91,000,000원"), ("2", "공급사 1"), ("–", "공급사 2", "예정가격 미달")),
    ),
    Case(
        "reverse-auction", "reverse-auction", (101_000_000, 100_000_000, 110_000_000),
        base_won=120_000_000, has_draw=False, terms=AUCTION,
        lines=(("1", "공급사 1"), ("2", "공급사 2"), ("3", OWN)),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_from_the_empty_form_to_the_award(world: World, case: Case) -> None:
    world.today()
    tender = driver.publish(world, driver.draft(world, case))
    bids = driver.hand_in(world, tender, case)
    driver.open_all(world, tender, bids, case)
    reader = world.page_of("reader")
    driver.read_result(reader, tender, case, is_awarded=False)
    settle(world, tender, case)
    driver.award(world, tender)
    driver.read_result(reader, tender, case, is_awarded=True)
    expect(reader.locator(".outcome")).to_contain_text("낙찰자")
    db.session.expire_all()
    assert db.session.get_one(Tender, tender.id).state == "awarded"
