"""Each method has the chart that shows how it decides: one bid or a thousand, with limits or without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask_babel import force_locale
from markupsafe import Markup

from bidding import result_charts
from bidding.models import Opening, Tender
from bidding.standing import Due, Place, Standing
from tests.bidding.evaluating import NEGOTIATION
from tests.bidding.rules.methods import WORKS_3

Json = dict[str, Any]


@pytest.fixture(autouse=True)
def english(app: Flask) -> Iterator[None]:
    with app.test_request_context(), force_locale("en"):
        yield


def named(count: int, **more: Any) -> list[tuple[str, Json]]:
    return [
        (f"firm {n}", {"stmt": f"{n:064d}", "rank": n, "reason": "valid", "amount": str(90_000_000 + n), **more})
        for n in range(1, count + 1)
    ]


def parts(chart: Markup, name: str) -> list[ET.Element]:
    return list(ET.fromstring(str(chart)).iter(name))


def words(chart: Markup) -> str:
    return " ".join(ET.fromstring(str(chart)).itertext())


def opening(estimated: int | None = None, floor: int | None = None) -> Opening:
    return Opening(estimated_price_won=estimated, floor_price_won=floor)


def test_one_bid_and_the_first_of_very_many_are_drawn_and_the_rest_counted() -> None:
    tender = Tender(method="quote", scoring=None)
    alone = result_charts.prices(tender, opening(99_000_000, 88_000_000), named(1), 1)
    assert len(parts(alone, "circle")) == 1
    assert "the first" not in words(alone)
    many = result_charts.prices(tender, opening(99_000_000, 88_000_000), named(result_charts.DOTS), 1_204)
    assert len(parts(many, "circle")) == 300
    assert "(the first 300 of 1,204)" in words(many)


def test_a_sale_is_measured_from_below_whether_its_price_is_drawn_or_published() -> None:
    drawn = result_charts.prices(Tender(method="sale", scoring={}), opening(90_000_000), named(3), 3)
    told = Tender(method="sale", scoring={"minimum_won": "90000000"})
    published = result_charts.prices(told, opening(), named(3), 3)
    for chart in (drawn, published):
        assert "Least price ₩90,000,000" in words(chart)
        assert len(parts(chart, "line")) == 2  # the limit and the axis: nothing above


def test_points_stand_in_two_parts_the_first_on_top_and_twenty_at_most() -> None:
    scored = named(25, points={"technical": 760_000, "price": 190_000, "total": 950_000})
    chart = result_charts.points("negotiation", scored)
    assert [bar.get("class") for bar in parts(chart, "rect")] == ["info", "success"] * 20
    assert "(the first 20 of 25)" in words(chart)
    assert "95.0000" in words(chart)
    assert result_charts.points("two-stage", scored) == ""


def test_a_review_shows_its_points_against_the_pass_mark() -> None:
    tender = Tender(method="qualification", scoring={"table": WORKS_3, "net_cost": None})
    bids = named(2)
    place = Place(bids[1][1]["stmt"], 1, "valid", {"price": 750_000, "others": 190_000, "total": 940_000})
    standing = Standing("t", "1", "e", "r", Due.AWARDABLE, (), None, (place,))
    chart = result_charts.reviewed(tender, bids, standing)
    assert [bar.get("width") for bar in parts(chart, "rect")] == ["75.0%", "19.0%"]
    assert [line.get("x1") for line in parts(chart, "line")] == ["95.0%"]
    assert "firm 2" in words(chart)
    assert result_charts.reviewed(tender, bids, None) == ""
    assert result_charts.reviewed(Tender(method="quote", scoring=None), bids, standing) == ""


def test_quantities_say_what_is_wanted_and_what_was_taken() -> None:
    tender = Tender(method="desired-quantity", scoring={"quantity": 1_000, "unit": "t"})
    chart = result_charts.quantities(tender, named(2, quantity=700, allotted=500))
    assert "1,000 t are wanted" in words(chart)
    assert "500 / 700 × ₩90,000,001" in words(chart)
    assert result_charts.quantities(Tender(method="quote", scoring=None), named(2)) == ""


def test_without_any_limit_the_bids_alone_are_drawn() -> None:
    tender = Tender(method="negotiation", scoring=NEGOTIATION)
    chart = result_charts.prices(tender, opening(), named(2), 2)
    assert len(parts(chart, "circle")) == 2
    assert parts(chart, "rect") == []
