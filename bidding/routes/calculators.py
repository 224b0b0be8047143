"""The public calculator: floors, points of qualification reviews, points of negotiated prices. It keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from marshmallow import Schema

from app import time
from app.auth import public
from app.forms import Form
from app.i18n import language
from app.time import kst_date
from bidding.calculating import NegotiatedPrice, Score, negotiation_price, qualification_score
from bidding.calculator_schemas import FloorCalcIn, NegotiationCalcIn, ScoreCalcIn
from bidding.price_bounds import Bounds, price_bounds
from bidding.price_scoring import PriceFormula, PriceTable
from bidding.routes import blueprint
from bidding.rules.data import ScoreTable, find_gap, find_score_table
from bidding.services import rulebook
from bidding.types import DrawRule

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rated:
    """The score with the table that it was reckoned by."""

    table: ScoreTable
    score: Score


@blueprint.get("/calculator")
@public
def calculator() -> ResponseReturnValue:
    return _page("floor")


@blueprint.get("/calculator/<about>")
@public
def calculator_of(about: str) -> ResponseReturnValue:
    """One of the three; its figures are in the query, so that an address shows the same to whoever opens it."""
    if about not in PARTS:
        abort(404)
    return _page(about)


def _page(about: str) -> ResponseReturnValue:
    schema, reckon = PARTS[about]
    form = Form(schema())
    is_asked = any(name in form.schema.fields for name in request.args)
    data = form.load(request.args) if is_asked else None
    made = reckon(data, form, time.now()) if data is not None else None
    page = render_template(
        "bidding/calculator.html", about=about, parts=list(PARTS), form=form, made=made, data=data, is_asked=is_asked
    )
    return page, 422 if form.errors else 200


def _floor(data: Values, form: Form, _now: datetime) -> Bounds | None:
    width, base = int(data["range_percent"]) * 1000, data["base_amount_won"]
    kind = "split" if width == 3000 else "segments"
    rule = DrawRule(base={"1": base}, kind=kind, lo=100_000 - width, hi=100_000 + width, round=data["rounding"])
    try:
        return price_bounds(rule, "1", data["floor_rate"], data["a_value_won"])
    except ValueError:
        form.add_error("a_value_won", _("The costs that no bid may cut (A값) leave nothing to bid for."))
        return None


def _score(data: Values, form: Form, now: datetime) -> Rated | None:
    regime, kind, category, on = data["regime"], data["kind"], data["category"], data["on"] or kst_date(now)
    book = rulebook.current()
    table = find_score_table(regime, kind, data["estimated_value_won"], on, category, book=book)
    if table is None:
        key = {"regime": regime, "kind": kind, "category": category}
        gap = find_gap("score_tables", key, on, data["estimated_value_won"], book=book)
        form.add_error("estimated_value_won", _why_no_table(gap.why if gap else {}))
        return None
    values = (data["amount_won"], data["estimated_price_won"], data["a_value_won"])
    try:
        price_table = PriceTable(table.full, table.slope, table.base, table.pass_mark, table.plateau)
        return Rated(table, qualification_score(price_table, *values))
    except ValueError:
        form.add_error("a_value_won", _("The costs that no bid may cut (A값) leave nothing to bid for."))
        return None


def _why_no_table(why: Mapping[str, str]) -> str:
    told = why.get(language(), "")
    nothing: str = _("The rule tables know no price table for this.")
    return f"{nothing} {told}".strip()


def _negotiation(data: Values, form: Form, _now: datetime) -> NegotiatedPrice | None:
    if data["amount_won"] < data["lowest_won"]:
        form.add_error("amount_won", _("No bid is below the lowest one."))
    if data["low"] >= data["mark"]:
        form.add_error("low", _("The low mark lies below the mark from which the line begins."))
    if form.errors:
        return None
    formula = PriceFormula(
        full=data["full"],
        break_at=data["mark"],
        low=data["low"],
        extra=Fraction(data["extra"]),
        below_low=data["below_low"],
        is_lowest_lifted=data["lifted"],
        reference="given",
        reference_won=data["reference_won"],
    )
    return negotiation_price(formula, data["amount_won"], data["lowest_won"], data["reference_won"])


Reckon = Callable[[Values, Form, datetime], Any]
PARTS: Mapping[str, tuple[type[Schema], Reckon]] = {
    "floor": (FloorCalcIn, _floor),
    "score": (ScoreCalcIn, _score),
    "negotiation": (NegotiationCalcIn, _negotiation),
}
