"""Bars of parts and supplies side by side: in proportion, safe, with the same figures as a table."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from markupsafe import Markup

from app.part_charts import NAME, Offer, Part, short, stacked, supply

PARTS = (Part("technical", "info"), Part("price", "success"))


def shapes(chart: Markup, name: str) -> list[ET.Element]:
    return list(ET.fromstring(str(chart)).iter(name))


def rects(chart: Markup) -> list[tuple[str | None, str | None, str | None]]:
    return [(one.get("class"), one.get("x"), one.get("width")) for one in shapes(chart, "rect")]


def test_parts_stand_in_a_row_and_add_up() -> None:
    chart = stacked([("a", (60, 20)), ("<b>", (50, 0))], PARTS, 100, str, mark=85)
    assert rects(chart) == [("info", "0.0%", "60.0%"), ("success", "60.0%", "20.0%"), ("info", "0.0%", "50.0%")]
    assert [one.get("x1") for one in shapes(chart, "line")] == ["85.0%"]
    assert "&lt;b&gt;" in chart
    assert "technical 60 + price 20 = 80" in chart
    assert [one.text for one in shapes(chart, "span")] == [None, None]
    assert "style=" not in chart


def test_more_than_the_whole_is_cut_at_the_whole_and_the_table_has_it() -> None:
    chart = stacked([("a", (90, 20))], PARTS, 100, str)
    assert rects(chart)[-1] == ("success", "90.0%", "10.0%")
    assert "= 110" in chart


def test_a_long_name_is_cut_in_the_picture_alone() -> None:
    name = "가" * 80
    chart = stacked([(name, (1, 1))], PARTS, 100, str)
    assert next(one.text for one in shapes(chart, "text")) == short(name)
    assert len(short(name)) == NAME
    assert [one.text for one in shapes(chart, "th")] == [name]


def test_offers_are_as_wide_as_their_quantity_the_higher_the_dearer_and_cut_where_it_is_enough() -> None:
    offers = [Offer("a", 600, 50, 600), Offer("b", 400, 100, 150)]
    chart = supply(offers, 750, str, ("taken", "left"), "c")
    assert rects(chart) == [
        ("success", "0.0%", "60.0%"),
        ("success", "60.0%", "15.0%"),
        ("neutral", "75.0%", "25.0%"),
    ]
    assert [one.get("height") for one in shapes(chart, "rect")] == ["60", "180", "180"]
    assert "50 – 100" in chart
    assert [one.get("x1") for one in shapes(chart, "line") if one.get("class") == "mark"] == ["75.0%"]
    assert "150 / 400 × 100" in chart


def test_one_offer_that_is_less_than_what_is_wanted_leaves_room() -> None:
    assert rects(supply([Offer("a", 250, 7, 250)], 1_000, str, ("t", "l"), "")) == [("success", "0.0%", "25.0%")]


def test_nothing_draws_nothing() -> None:
    assert stacked([], PARTS, 100, str) == supply([], 5, str, ("t", "l"), "") == ""
    assert supply([Offer("a", 0, 0, 0)], 0, str, ("t", "l"), "") == ""
