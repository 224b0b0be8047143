"""Charts drawn by the server: safe, without inline style, with the same figures as a table."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from app import charts

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def shapes(chart: Markup, name: str) -> list[ET.Element]:
    return list(ET.fromstring(str(chart)).iter(name))


def percent(text: str) -> float:
    return float(text.removesuffix("%"))


def test_bars_are_as_long_as_their_values_and_escape_labels() -> None:
    chart = charts.bars([("<script>", 50), ("b", 100, "warning"), ("c", 0)], "건")
    assert [bar.get("width") for bar in shapes(chart, "rect")] == ["50.0%", "100.0%", "0.0%"]
    assert [bar.get("class") for bar in shapes(chart, "rect")] == ["bar", "warning", "bar"]
    assert "&lt;script&gt;" in chart
    assert "50건" in chart


def test_nothing_to_draw_draws_nothing() -> None:
    assert charts.bars([]) == charts.columns([]) == charts.bid_strip([], 1, 2) == charts.schedule([], NOW) == ""


def test_all_zero_is_drawn_without_dividing_by_it() -> None:
    assert [bar.get("width") for bar in shapes(charts.bars([("a", 0)]), "rect")] == ["0.0%"]
    assert charts.columns([("a", 0)])


def test_every_chart_says_its_figures_in_a_table_and_has_no_inline_style() -> None:
    strip = charts.bid_strip([("갑", 900, "success"), ("을", 950, "neutral")], 880, 1000, caption="bids")
    columns = charts.columns([("1", 3), ("2", 5)], caption="by day")
    schedule = charts.schedule([("from", NOW), ("to", NOW + timedelta(hours=1))], NOW)
    for chart, rows in ((strip, 2), (columns, 2), (schedule, 2)):
        assert len(shapes(chart, "tr")) == rows
        assert "style=" not in chart
        assert shapes(chart, "svg")[0].get("aria-hidden") == "true"


def test_a_tone_that_is_not_known_is_neutral() -> None:
    chart = charts.bid_strip([("a", 10, '"><x'), ("b", 20, "danger")], None, 30)
    assert [dot.get("class") for dot in shapes(chart, "circle")] == ["dot neutral", "dot danger"]


def test_a_bid_far_away_does_not_squeeze_the_rest() -> None:
    near = [("a", 900, "neutral"), ("b", 990, "neutral")]
    chart = charts.bid_strip([*near, ("wrong by ten", 9_900, "danger")], 880, 1_000)
    places = [percent(dot.get("cx") or "") for dot in shapes(chart, "circle")]
    assert places[1] - places[0] > 40
    assert places[2] <= 100


@pytest.mark.parametrize(("floor", "ceiling"), [(880, 1000), (None, 1000), (880, None), (None, None), (5, 5)])
@given(bids=st.lists(st.integers(min_value=0, max_value=10**15), min_size=1, max_size=60))
def test_every_bid_is_a_dot_inside_the_picture(floor: int | None, ceiling: int | None, bids: list[int]) -> None:
    chart = charts.bid_strip([(str(won), won, "neutral") for won in bids], floor, ceiling)
    dots = shapes(chart, "circle")
    assert len(dots) == len(bids)
    height = int(shapes(chart, "svg")[0].get("height") or "0")
    for dot in dots:
        assert 0 < percent(dot.get("cx") or "") < 100
        assert 0 < int(dot.get("cy") or "0") < height


def test_equal_bids_are_stacked_so_that_each_is_seen() -> None:
    dots = shapes(charts.bid_strip([(str(n), 500, "neutral") for n in range(5)], 400, 600), "circle")
    assert len({dot.get("cy") for dot in dots}) == 5


def test_the_schedule_fills_up_to_now() -> None:
    points = [("from", NOW), ("to", NOW + timedelta(hours=10))]

    def filled(at: datetime) -> str | None:
        return shapes(charts.schedule(points, at), "rect")[1].get("width")

    assert percent(filled(NOW + timedelta(hours=5)) or "") == pytest.approx(50, abs=0.2)
    assert percent(filled(NOW - timedelta(hours=1)) or "") < 2
    assert percent(filled(NOW + timedelta(hours=99)) or "") > 98


def test_columns_label_at_most_a_dozen() -> None:
    chart = charts.columns([(f"d{n}", 1) for n in range(31)])
    assert len(re.findall(r">d\d+</text>", chart)) <= 12


def test_a_limit_alone_opens_the_band_to_the_side_that_may_win() -> None:
    bids = [("a", 900, "success"), ("b", 1_100, "success")]
    least = shapes(charts.bid_strip(bids, 950, None, floor_name="least"), "rect")[0]
    most = shapes(charts.bid_strip(bids, None, 950), "rect")[0]
    assert percent(str(least.get("x"))) + percent(str(least.get("width"))) == 100
    assert most.get("x") == "0.0%"
    assert most.get("width") == least.get("x")
    assert shapes(charts.bid_strip(bids, None, None), "rect") == []
