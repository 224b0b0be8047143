"""From what an officer types to the scoring of a notice, and back. What is made is read again as notices are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.forms import Form
from bidding.criteria_rows import Row, RowError, full_of, read_rows
from bidding.rounding import show_rate
from bidding.rules.steps import show_points
from bidding.scoring import read_scoring

Json = dict[str, Any]
Values = Mapping[str, Any]

TECHNICAL = ("negotiation", "two-stage", "best-value")
TABLE = ("full", "slope", "base", "pass_mark")
ROW_ERROR: Mapping[str, Any] = {
    "no-criteria": _l("Give one criterion at least."),
    "too-many": _l("These are too many criteria."),
    "no-parent": _l("A part needs the criterion that it is part of above it."),
    "name": _l("Give this criterion a name of at most 200 characters."),
    "points": _l("Points of a criterion are whole, from 1 to 100."),
    "leaf-without-points": _l("Criterion %(fact)s has no points."),
    "parts-differ": _l("The parts do not add up: %(fact)s."),
}


def row_error_text(error: RowError) -> str:
    told = str(ROW_ERROR[error.code]) % {"fact": error.fact} if error.fact else str(ROW_ERROR[error.code])
    return f"{_('Criterion in row %(row)s', row=error.row)}: {told}" if error.row else told


def make_scoring(method: str, data: Values, rows: Sequence[Row], form: Form) -> Json | None:
    """The scoring of these values, or None: with errors on the form, or without where the method goes without one."""
    technical = _technical(data, rows, form) if method in TECHNICAL else None
    if form.errors:
        return None
    made: Json | None = _MAKERS[method](data, technical, form)
    if made is None or form.errors:
        return None
    try:
        read_scoring(method, made)
    except ValueError:
        form.add_error("_schema", _("These figures do not fit each other."))
        return None
    return made


def _technical(data: Values, rows: Sequence[Row], form: Form) -> Json | None:
    criteria, errors = read_rows(rows)
    for error in errors:
        form.add_error("criteria", row_error_text(error))
    full = full_of(criteria)
    if criteria and full > 100:
        form.add_error("criteria", _("The criteria make %(full)s points; at most 100 are possible.", full=full))
    if form.errors:
        return None
    names = ("threshold", "drop", "rank_gap", "least_evaluators", "blind")
    return {"criteria": criteria, "full": full} | {name: data[name] for name in names}


def _price_full(technical: Json | None, form: Form) -> int:
    """What is left of a hundred for the price."""
    left = 100 - (technical["full"] if technical else 0)
    if left < 1:
        form.add_error("criteria", _("The criteria make 100 points: nothing is left for the price."))
    return left


def _negotiation(data: Values, technical: Json | None, form: Form) -> Json | None:
    is_given = data["reference"] == "given"
    if is_given and data["reference_won"] is None:
        form.add_error("reference_won", _("Give the amount that the price points refer to."))
    if data["low"] >= data["mark"]:
        form.add_error("low", _("The low mark lies below the mark from which the line begins."))
    price = {
        "full": _price_full(technical, form),
        "reference": data["reference"],
        "reference_won": str(data["reference_won"]) if is_given else None,
        **{name: data[name] for name in ("mark", "low", "extra", "lifted", "below_low", "lowest_over")},
    }
    return {"technical": technical, "price": price, "ceiling_won": _won(data["ceiling_won"])}


def _best_value(data: Values, technical: Json | None, form: Form) -> Json | None:
    price = {"full": _price_full(technical, form), "formula": data["formula"]}
    return {"technical": technical, "price": price, "ceiling_won": _won(data["ceiling_won"])}


def _two_stage(data: Values, technical: Json | None, _form: Form) -> Json:
    return {"technical": technical, "form": data["form"]}


def _qualification(data: Values, _technical: Json | None, form: Form) -> Json | None:
    """None where the officer goes without a table: the price is then ranked, and its points are counted by hand."""
    if not data["with_table"]:
        return None
    for name in TABLE:
        if data[name] is None:
            form.add_error(name, _("Fill in this field."))
    table = {name: data[name] for name in (*TABLE, "plateau")}
    won = data["net_cost_won"]
    return {"table": table, "net_cost": None if won is None else {"won": str(won), "rate": data["net_cost_rate"]}}


def _quantity(data: Values, _technical: Json | None, _form: Form) -> Json:
    return {"quantity": data["quantity"], "unit": data["unit"]}


def _sale(data: Values, _technical: Json | None, _form: Form) -> Json:
    return {} if data["minimum_won"] is None else {"minimum_won": str(data["minimum_won"])}


def _auction(data: Values, _technical: Json | None, form: Form) -> Json:
    for name in ("last_seconds", "extend_seconds"):
        if data[name] > data["round_seconds"]:
            form.add_error(name, _("At most as long as the round itself."))
    return dict(data)


_MAKERS: Mapping[str, Any] = {
    "qualification": _qualification,
    "negotiation": _negotiation,
    "two-stage": _two_stage,
    "desired-quantity": _quantity,
    "sale": _sale,
    "best-value": _best_value,
    "reverse-auction": _auction,
}


def typed_scoring(method: str, scoring: Json) -> dict[str, Any]:
    """A scoring as a person would type it, by the names of the form."""
    shown: dict[str, Any] = {name: value for name, value in scoring.items() if not isinstance(value, dict)}
    for part in ("technical", "price", "table"):
        shown |= {name: value for name, value in scoring.get(part, {}).items() if name != "criteria"}
    if method == "qualification":
        net_cost = scoring["net_cost"] or {}
        shown |= {
            "with_table": True,
            "net_cost_won": net_cost.get("won"),
            "net_cost_rate": net_cost.get("rate", 98_000),
        }
    for name in ("threshold", "plateau", "step_rate", "net_cost_rate"):
        if shown.get(name) is not None:
            shown[name] = show_rate(shown[name])
    if shown.get("rank_gap") is not None:
        shown["rank_gap"] = show_points(shown["rank_gap"])
    return {name: "" if value is None else value for name, value in shown.items()}


def _won(amount: int | None) -> str | None:
    return None if amount is None else str(amount)
