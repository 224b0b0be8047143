"""What each method's form asks beside the amounts: shapes only; `bidding.scoring_forms` makes a scoring of them."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate

from app.fields import PercentField, WonField
from bidding.criteria import DROPS, MOST_EVALUATORS, POINT
from bidding.price_scoring import BELOW_LOW, FORMULAS, FRACTION, LOWEST_OVER, REFERENCES
from bidding.scoring import FORMS, LONGEST_ROUND, MOST_QUANTITY, MOST_ROUNDS

_required = {"required": _l("Fill in this field.")}
_range = _l("A number from {min} to {max}.")


def _choice(*choices: str, default: str) -> fields.String:
    return fields.String(load_default=default, validate=validate.OneOf(choices, error=_l("Choose one of the options.")))


def _whole(low: int, high: int, **more: Any) -> fields.Integer:
    messages = {"invalid": _l("Enter a whole number."), **_required}
    return fields.Integer(validate=validate.Range(low, high, error=_range), error_messages=messages, **more)


class FractionField(fields.Field[str]):
    """A whole number or a fraction, as notices carry it: `20`, `3/8`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        typed = str(value).replace(" ", "")
        if not FRACTION.fullmatch(typed):
            raise ValidationError(_l("Enter a whole number or a fraction, for example 20 or 3/8."))
        return typed


class PointsField(fields.Field[int]):
    """Points with at most four decimals; the value counts ten-thousandths."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        typed = re.fullmatch(r"([0-9]{1,3})(?:\.([0-9]{1,4}))?", str(value).strip(), re.ASCII)
        points = int(typed[1]) * POINT + int((typed[2] or "").ljust(4, "0")) if typed else 0
        if not 0 < points <= 3 * POINT:
            raise ValidationError(_l("Enter points above 0 and up to 3, with at most four decimals."))
        return points


class TechnicalIn(Schema):
    threshold = PercentField(load_default=None)
    drop = _choice(*DROPS, default="none")
    rank_gap = PointsField(load_default=None)
    least_evaluators = _whole(1, MOST_EVALUATORS, required=True)
    blind = fields.Boolean(load_default=False)


class NegotiationIn(TechnicalIn):
    reference = _choice(*REFERENCES, default="given")
    reference_won = WonField(load_default=None)
    mark = _whole(2, 100, required=True)
    low = _whole(1, 99, required=True)
    extra = FractionField(required=True, error_messages=_required)
    lifted = fields.Boolean(load_default=False)
    below_low = _choice(*BELOW_LOW, default="line")
    lowest_over = _choice(*LOWEST_OVER, default="qualified")
    ceiling_won = WonField(load_default=None)


class BestValueIn(TechnicalIn):
    formula = _choice(*FORMULAS, default="lowest-over-bid")
    ceiling_won = WonField(load_default=None)


class TwoStageIn(TechnicalIn):
    form = _choice(*FORMS, default="simultaneous")


class QualificationIn(Schema):
    with_table = fields.Boolean(load_default=False)
    full = _whole(2, 100, load_default=None)
    slope = FractionField(load_default=None)
    base = _whole(1, 100, load_default=None)
    pass_mark = _whole(1, 100, load_default=None)
    plateau = PercentField(load_default=None)
    net_cost_won = WonField(load_default=None)
    net_cost_rate = PercentField(load_default=98_000)


class QuantityIn(Schema):
    quantity = _whole(1, MOST_QUANTITY, required=True)
    unit = fields.String(
        required=True, validate=validate.Length(1, 20, error=_l("Between {min} and {max} characters.")),
        error_messages=_required,
    )  # fmt: skip


class SaleIn(Schema):
    minimum_won = WonField(load_default=None)


class AuctionIn(Schema):
    rounds = _whole(1, MOST_ROUNDS, required=True)
    round_seconds = _whole(1, LONGEST_ROUND, required=True)
    step_rate = PercentField(required=True, error_messages=_required)
    extend_seconds = _whole(0, LONGEST_ROUND, required=True)
    last_seconds = _whole(0, LONGEST_ROUND, required=True)


SCHEMAS: dict[str, type[Schema]] = {
    "qualification": QualificationIn,
    "negotiation": NegotiationIn,
    "two-stage": TwoStageIn,
    "desired-quantity": QuantityIn,
    "sale": SaleIn,
    "best-value": BestValueIn,
    "reverse-auction": AuctionIn,
}
