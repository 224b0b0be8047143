"""What the calculator's three forms ask. They travel in the address, so that a calculation can be shared."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.fields import PercentField, WonField
from bidding.price_scoring import BELOW_LOW
from bidding.rules.data.schema import CATEGORIES
from bidding.schemas import KINDS, ROUNDINGS

_required = {"required": _l("Fill in this field.")}
_one_option = _l("Choose one of the options.")


def _choice(*choices: str, default: str) -> fields.String:
    return fields.String(load_default=default, validate=validate.OneOf(choices, error=_one_option))


def _whole(default: int, low: int, high: int) -> fields.Integer:
    return fields.Integer(
        load_default=default,
        validate=validate.Range(low, high, error=_l("A number from {min} to {max}.")),
        error_messages={"invalid": _l("Enter a whole number.")},
    )


class FloorCalcIn(Schema):
    base_amount_won = WonField(required=True, error_messages=_required)
    range_percent = _choice("2", "3", default="2")
    rounding = _choice(*ROUNDINGS, default="up-1")
    floor_rate = PercentField(required=True, error_messages=_required)
    a_value_won = WonField(minimum=0, load_default=0)


class ScoreCalcIn(Schema):
    regime = _choice("national", "local", default="national")
    kind = _choice(*KINDS, default="works")
    category = _choice(*CATEGORIES, default="")
    estimated_value_won = WonField(required=True, error_messages=_required)
    on = fields.Date(load_default=None, error_messages={"invalid": _l("Enter a date, for example 2026-12-31.")})
    estimated_price_won = WonField(required=True, error_messages=_required)
    a_value_won = WonField(minimum=0, load_default=0)
    amount_won = WonField(required=True, error_messages=_required)


class NegotiationCalcIn(Schema):
    full = _whole(20, 1, 99)
    reference_won = WonField(required=True, error_messages=_required)
    lowest_won = WonField(required=True, error_messages=_required)
    amount_won = WonField(required=True, error_messages=_required)
    mark = _whole(80, 2, 100)
    low = _whole(60, 1, 99)
    extra = _whole(2, 0, 20)
    lifted = fields.Boolean(load_default=False)
    below_low = _choice(*BELOW_LOW, default="line")
