"""The chart of a result, by its method: prices against their limits, points that add up, quantities taken.

Of all bids of the evaluation, whatever page or filter its table shows; of very many the first of the ranking, and it
says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app import charts, formats
from app.i18n import language
from app.part_charts import Offer, Part, stacked, supply
from bidding import queries
from bidding.comparison import Comparison
from bidding.models import Opening, Tender
from bidding.rules.steps import show_points
from bidding.scoring import BestValueScoring, NegotiationScoring, QualificationScoring, QuantityScoring, SaleScoring
from bidding.scoring_texts import scoring_of_tender
from bidding.standing import Standing

Json = Mapping[str, Any]
DOTS, BARS, OFFERS = 300, 20, 60
HUNDRED = 1_000_000  # points in ten-thousandths
TONES = {
    "valid": "success",
    **dict.fromkeys(("below-floor", "below-net-cost", "below-estimated-price"), "danger"),
    **dict.fromkeys(("above-estimated-price", "above-ceiling"), "danger"),
}


def result_chart(tender: Tender, opening: Opening, standing: Standing | None = None) -> Markup:
    """Every chart that the method has something to show in. Two queries, for the names."""
    placings = [one for one in opening.evaluation["placings"] if one["amount"] is not None]
    if not placings:
        return Markup("")
    shown = placings[:DOTS]
    names = queries.firm_names(tender.id, [one["supplier"] for one in shown], language())
    named = [(names.get(one["supplier"], one["supplier"]), one) for one in shown]
    drawn = [points(tender.method, named), quantities(tender, named), reviewed(tender, named, standing)]
    if tender.method != "desired-quantity":
        drawn.append(prices(tender, opening, named, len(placings)))
    return Markup("").join(drawn)


def prices(tender: Tender, opening: Opening, named: Sequence[tuple[str, Json]], count: int) -> Markup:
    """Bids along the price axis, with the limits that the method has."""
    scoring = scoring_of_tender(tender)
    floor, ceiling = opening.floor_price_won, opening.estimated_price_won
    floor_name = ceiling_name = ""
    caption = _("Every bid against the floor and the estimated price")
    if isinstance(scoring, SaleScoring):
        least = ceiling if ceiling is not None else scoring.minimum_won
        floor, ceiling, floor_name = least, None, _("Least price")
        caption = _("Every bid against the least price; the highest wins")
    elif ceiling is None and isinstance(scoring, NegotiationScoring | BestValueScoring):
        ceiling, ceiling_name = scoring.ceiling_won, _("At most paid")
        caption = _("Every bid, against the most that is paid where the notice names it")
    elif floor is None:
        caption = _("Every bid against the estimated price") if ceiling is not None else _("Every bid")
    bids = [(name, int(one["amount"]), TONES.get(one["reason"], "neutral")) for name, one in named]
    told = " ".join((caption, _first_of(len(named), count)))
    return charts.bid_strip(bids, floor, ceiling, told.strip(), ceiling_name, floor_name)


def points(method: str, named: Sequence[tuple[str, Json]]) -> Markup:
    """Technical and price points of the ranked, the first on top."""
    if method not in ("negotiation", "best-value"):
        return Markup("")
    scored = [(name, one["points"]) for name, one in named if one["rank"] is not None and "points" in one]
    rows = [(name, (points["technical"], points["price"])) for name, points in scored[:BARS]]
    parts = [Part(_("Technical points"), "info"), Part(_("Price points"), "success")]
    caption = f"{_('Technical and price points together')} {_first_of(len(rows), len(scored))}"
    return stacked(rows, parts, HUNDRED, show_points, caption.strip())


def reviewed(tender: Tender, named: Sequence[tuple[str, Json]], standing: Standing | None) -> Markup:
    """Of a qualification review: the points of the price and all others, against the pass mark."""
    scoring = scoring_of_tender(tender)
    if standing is None or not isinstance(scoring, QualificationScoring):
        return Markup("")
    names = {one["stmt"]: name for name, one in named}
    scored = [place for place in standing.placings if place.points is not None and place.stmt in names]
    rows = [(names[one.stmt], (one.points["price"], one.points["others"])) for one in scored[:BARS] if one.points]
    parts = [Part(_("Price points"), "success"), Part(_("All other points"), "info")]
    mark = scoring.table.pass_mark * 10_000
    caption = _("Points of the reviewed bids; the line is the pass mark, %(mark)s", mark=show_points(mark))
    return stacked(rows, parts, HUNDRED, show_points, caption, mark)


def quantities(tender: Tender, named: Sequence[tuple[str, Json]]) -> Markup:
    """Offers in the order in which they are taken, as wide as their quantity and as high as their price for one."""
    scoring = scoring_of_tender(tender)
    if not isinstance(scoring, QuantityScoring):
        return Markup("")
    ranked = [(name, one) for name, one in named if one["rank"] is not None]
    offers = [
        Offer(name, one.get("quantity") or 0, int(one["amount"]), one.get("allotted") or 0)
        for name, one in ranked[:OFFERS]
    ]
    facts = {"wanted": f"{scoring.quantity:,}", "unit": scoring.unit}
    caption = _(
        "Offers, the cheapest first: width is quantity, height the price for one. %(wanted)s %(unit)s are wanted.",
        **facts,
    )
    told = f"{caption} {_first_of(len(offers), len(ranked))}"
    return supply(offers, scoring.quantity, _won, (_("taken"), _("not taken")), told.strip())


def similar_chart(made: Comparison) -> Markup:
    """How many similar awards had which rate; the column of this one stands out by a mark and by its tone."""
    if made.rates is None:
        return Markup("")
    own, rows = made.rates.own, []
    for low, high, count in made.bins:
        is_own = own is not None and low <= own < high
        name = formats.percent(low, 1).removesuffix("%")
        rows.append((f"{name}▲" if is_own else name, count, "success" if is_own else "info"))
    caption = _("How many awards had which rate, from the percentage below each column on (▲ this one)")
    return charts.columns(rows, _("awards"), caption, height=96)


def _first_of(shown: int, count: int) -> str:
    """Empty where all are shown."""
    if shown >= count:
        return ""
    return str(_("(the first %(shown)s of %(count)s)", shown=f"{shown:,}", count=f"{count:,}"))


def _won(amount: int) -> str:
    return formats.won(amount, language())
