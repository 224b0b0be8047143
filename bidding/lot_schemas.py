"""Shape of what an officer writes of lots. Meaning is checked in `bidding.services.lot_drafting`."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.fields import WonField

_REQUIRED = {"required": _l("Fill in this field.")}
_WHOLE = {"invalid": _l("Enter a whole number.")}


def _text(shortest: int, longest: int, **more: object) -> fields.String:
    length = validate.Length(shortest, longest, error=_l("Between {min} and {max} characters."))
    return fields.String(validate=length, error_messages=_REQUIRED, **more)  # type: ignore[arg-type]


class LotIn(Schema):
    lot_name = _text(1, 80, required=True)
    lot_text = _text(0, 2000, load_default="")
    estimated_value_won = WonField(required=True, error_messages=_REQUIRED)
    base_amount_won = WonField(required=True, error_messages=_REQUIRED)
    a_value_won = WonField(minimum=0, load_default=0)


class LimitIn(Schema):
    """How much of a notice one bidder may win; empty: as much as it can."""

    max_lots = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 20, error=_l("Between {min} and {max} lots.")),
        error_messages=_WHOLE,
    )
    max_won = WonField(load_default=None)
    award_order = fields.String(
        load_default="",
        validate=validate.Regexp(
            r"^\s*([0-9]{1,2}(\s*,\s*[0-9]{1,2})*)?\s*$", error=_l("Numbers of lots, with commas.")
        ),
    )
