"""Shape of what people send about contracts. Meaning is checked in services."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from app.fields import WonField
from contracts.queries import SORTS, Wanted
from contracts.rules import DelayClass, Regime
from contracts.states import IN_FORCE
from contracts.types import Inspection, Terms

_missing = {"required": _l("Fill in this field.")}
_no_day = _missing | {"invalid": _l("Enter a date, for example 2026-12-31.")}
KINDS = ("goods", "services", "works")


def _text(shortest: int, longest: int, **more: Any) -> fields.String:
    length = validate.Length(shortest, longest, error=_l("Between {min} and {max} characters."))
    return fields.String(validate=length, error_messages=_missing, **more)


def _one_of(choices: tuple[str, ...], **more: Any) -> fields.String:
    known = validate.OneOf(choices, error=_l("Choose one of the options."))
    return fields.String(validate=known, error_messages=_missing, **more)


class RegisterIn(Schema):
    """The register's filters; all optional."""

    class Meta:
        unknown = EXCLUDE

    q = _text(0, 100, load_default="")
    kind = _one_of(KINDS, load_default="")
    state = _one_of(tuple(IN_FORCE), load_default="")
    least_won = WonField(load_default=None)
    most_won = WonField(load_default=None)
    from_on = fields.Date(load_default=None, error_messages=_no_day)
    to_on = fields.Date(load_default=None, error_messages=_no_day)
    practice = _one_of(("only", "without"), load_default="")
    sort = _one_of(tuple(SORTS) + tuple(f"-{name}" for name in SORTS), load_default="-concluded")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Wanted:
        return Wanted(**data)


class TermsIn(Schema):
    starts_on = fields.Date(required=True, error_messages=_no_day)
    due_on = fields.Date(required=True, error_messages=_no_day)
    delivery_place = _text(2, 300, required=True)
    payment_terms = _text(2, 2000, required=True)
    special_terms = _text(0, 10_000, load_default="")
    delay_class = _one_of(tuple(DelayClass), required=True)
    regime = _one_of(tuple(Regime), required=True)
    lang = _one_of(("ko", "en"), required=True)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Terms:
        return Terms(**data)


class SendIn(Schema):
    """The digest of the terms that were on the page."""

    digest = _text(64, 64, required=True)


class ConfirmIn(Schema):
    """The hash of the document that was on the page, and that it was read."""

    sha256 = _text(64, 64, required=True)
    is_read = fields.Boolean(
        required=True,
        validate=validate.Equal(True, error=_l("Confirm that you have read the document.")),
        error_messages={"required": _l("Confirm that you have read the document.")},
    )


class AgreeIn(ConfirmIn):
    bond_reference = _text(0, 100, load_default="")


class ReasonIn(Schema):
    reason = _text(2, 1000, required=True)


class DeliveryIn(Schema):
    note = _text(0, 2000, load_default="")


class InspectionIn(Schema):
    result = _one_of(("pass", "fix"), required=True)
    finding = _text(0, 2000, load_default="")
    accepted_won = WonField(minimum=0, load_default=0)
    excused_days = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 10_000, error=_l("A number of days, 0 or more.")),
        error_messages={"invalid": _l("A number of days, 0 or more.")},
    )
    excuse = _text(0, 1000, load_default="")

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> Inspection:
        return Inspection(**data)


class PaymentIn(Schema):
    paid_on = fields.Date(required=True, error_messages=_no_day)
