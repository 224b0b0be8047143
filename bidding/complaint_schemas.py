"""Shape of what the forms of complaints send. Meaning is checked in rules and services."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from bidding.complaint_queries import GROUPS
from bidding.complaint_states import DECIDED
from bidding.models.complaint import ACTS, OUTCOMES, REMEDIES

_required = {"required": _l("Fill in this field.")}
_DAY = {"invalid": _l("Enter a date, for example 2026-12-31."), **_required}


def _text(shortest: int, longest: int, **more: object) -> fields.String:
    length = validate.Length(shortest, longest, error=_l("Between {min} and {max} characters."))
    return fields.String(validate=length, error_messages=_required, **more)  # type: ignore[arg-type]


def _one_of(choices: tuple[str, ...], **more: object) -> fields.String:
    known = validate.OneOf(choices, error=_l("Choose one of the options."))
    return fields.String(validate=known, error_messages=_required, **more)  # type: ignore[arg-type]


class ComplaintIn(Schema):
    act = _one_of(ACTS, required=True)
    line = _text(0, 200, load_default="")
    known_on = fields.Date(load_default=None, error_messages=_DAY)
    reason = _text(10, 5000, required=True)
    wish = _text(5, 2000, required=True)


class DecisionIn(Schema):
    decision = _one_of(tuple(str(state) for state in DECIDED), required=True)
    remedy = _one_of(REMEDIES, load_default="none")
    text = _text(10, 10_000, required=True)
    is_withheld = fields.Boolean(load_default=False)


class AppealIn(Schema):
    reason = _text(10, 5000, required=True)


class OutcomeIn(Schema):
    outcome = _one_of(OUTCOMES, required=True)
    text = _text(10, 10_000, required=True)
    on = fields.Date(required=True, error_messages=_DAY)


class RegisterIn(Schema):
    q = _text(0, 100, load_default="")
    state = _one_of(("", *GROUPS), load_default="")
    act = _one_of(("", *ACTS), load_default="")
    practice = _one_of(("", "only", "without"), load_default="")
