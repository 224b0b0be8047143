"""Shape of what the forms of reviews send. Meaning is checked in rules and services."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, validate

from app.fields import WonField
from bidding.rules.bonds import KINDS
from bidding.rules.scoring_fields import score_field
from bidding.schemas import ReasonIn, _one_of, _required, _text


class PointsField(fields.Field[int]):
    """Points as people write them (`18.5`); the value counts ten-thousandths."""

    def _deserialize(self, value: object, attr: str | None, data: object, **more: object) -> int:
        try:
            points = score_field("own", str(value)).points
        except ValueError:
            raise ValidationError(_l("Enter points as a number, for example 18.5.")) from None
        if not 0 <= points <= 1_000_000:
            raise ValidationError(_l("Points lie between 0 and 100."))
        return points


class AskIn(Schema):
    asked_for = _text(5, 2000, required=True)
    with_finances = fields.Boolean(load_default=False)


class WantedIn(Schema):
    wanted = _text(5, 2000, required=True)


class SubmitIn(Schema):
    own_points = PointsField(load_default=None)
    own_note = _text(0, 2000, load_default="")


class PointsIn(Schema):
    """Beside the points themselves, which come as pairs of `name` and `typed`."""

    explanation = _text(5, 2000, required=True)


class VerdictIn(Schema):
    result = _one_of(("pass", "fail"), required=True)
    agreed_won = WonField(load_default=None)
    ground = _text(0, 60, load_default="")
    legal_basis = _text(0, 200, load_default="")
    explanation = _text(0, 2000, load_default="")


class ReturnIn(ReasonIn):
    pass


class BondIn(Schema):
    kind = _one_of(KINDS, required=True)
    covers_won = WonField(load_default=None)
    number = fields.String(load_default="", validate=validate.Length(max=80), error_messages=_required)
