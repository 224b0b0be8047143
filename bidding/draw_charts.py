"""The pictures and the scripts' sentences of the page that replays a draw."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app import charts, formats
from app.i18n import language
from bidding.draw_story import DrawStory, Price
from bidding.rounding import show_rate


def rate_chart(story: DrawStory) -> Markup:
    """The rates along the range, its parts marked off where there are equal ones."""
    values = [(show_rate(price.rate), price.rate, _tone(price)) for price in story.prices if price.rate is not None]
    rule = story.rule
    parts = rule.n if rule.kind == "segments" else 0
    return charts.marks(values, rule.lo, rule.hi, parts, _("The rates within the range (green: drawn in the end)"))


def numbering_chart(story: DrawStory) -> Markup:
    """From the order in which the prices were made to the numbers that they got."""
    pairs = [(formats.won(price.won, language()), price.number, _tone(price)) for price in story.prices]
    ends = _("as made"), _("number")
    return charts.crossing(pairs, ends, _("Which number each price got (green: drawn in the end)"))


def story_pick_chart(story: DrawStory) -> Markup:
    ordered = sorted(story.prices, key=lambda price: price.number)
    rows = [(f"{one.number}▲" if one.is_drawn else str(one.number), one.count, _tone(one)) for one in ordered]
    return charts.columns(rows, _("times"), _("How often each number was picked (▲ drawn)"), height=96)


def _tone(price: Price) -> str:
    return "success" if price.is_drawn else "neutral"


def draw_texts() -> dict[str, Any]:
    return {
        "same": _("the same here"),
        "other": _("something else here"),
        "all_same": _("Made again in this browser from the published numbers: every step comes out the same."),
        "differs": _("%(count)s steps come out otherwise. Keep this page and tell the auditors."),
        "failed": _("The draw could not be made again here: %(fault)s"),
        "step_of": _("Step %(step)s of %(steps)s"),
    }
