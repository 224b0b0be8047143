"""Shape of what crosses the wire. Meaning is checked in rules and services."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import RAISE, Schema, fields, validate

from app.fields import KstDateTime, PercentField, WonField
from app.regions import REGIONS
from bidding.notice_terms import METHODS

KINDS = ("goods", "services", "works")
ROUNDINGS = ("up-1", "down-1", "exact", "up-10", "up-100", "up-1000")
ASKED_MB = 50  # megabytes that one document may have, unless the officer says otherwise
SIZES = ("micro", "small", "medium", "middle", "large")

_required = {"required": _l("Fill in this field.")}


def _text(shortest: int, longest: int, **more: object) -> fields.String:
    length = validate.Length(shortest, longest, error=_l("Between {min} and {max} characters."))
    return fields.String(validate=length, error_messages=_required, **more)  # type: ignore[arg-type]


def _one_of(choices: tuple[str, ...], **more: object) -> fields.String:
    known = validate.OneOf(choices, error=_l("Choose one of the options."))
    return fields.String(validate=known, error_messages=_required, **more)  # type: ignore[arg-type]


class NewTenderIn(Schema):
    title = _text(5, 200, required=True)
    kind = _one_of(KINDS, required=True)
    is_practice = fields.Boolean(load_default=False)


class WhatIn(Schema):
    title = _text(5, 200, required=True)
    kind = _one_of(KINDS, required=True)
    description = _text(0, 20_000, load_default="")
    delivery_place = _text(0, 300, load_default="")
    delivery_on = fields.Date(
        load_default=None, error_messages={"invalid": _l("Enter a date, for example 2026-12-31.")}
    )


class AmountIn(Schema):
    regime = _one_of(("national", "local"), required=True)
    estimated_value_won = WonField(required=True, error_messages=_required)
    base_amount_won = WonField(required=True, error_messages=_required)
    a_value_won = WonField(minimum=0, load_default=0)


class MethodIn(Schema):
    method = _one_of(METHODS, required=True)
    floor_rate = PercentField(load_default=None)
    range_percent = _one_of(("2", "3"), required=True)
    rounding = _one_of(ROUNDINGS, load_default="up-1")
    draw_mode = _one_of(("M0", "M1", "M2", "M3"), load_default="M2")


class WhoIn(Schema):
    regions = fields.List(_one_of(tuple(REGIONS)), load_default=list)
    licence_codes = fields.List(_text(1, 20), load_default=list, validate=validate.Length(max=20))
    sizes = fields.List(_one_of(SIZES), load_default=list)
    bid_bond_rate = PercentField(load_default=None)


class WhenIn(Schema):
    bids_from_at = KstDateTime(required=True, error_messages=_required)
    closes_at = KstDateTime(required=True, error_messages=_required)
    opens_at = KstDateTime(required=True, error_messages=_required)
    is_urgent = fields.Boolean(load_default=False)
    urgent_reason = _text(0, 1000, load_default="")
    standstill_days = fields.Integer(
        load_default=0,
        validate=validate.Range(0, 30, error=_l("Between {min} and {max} days.")),
        error_messages={"invalid": _l("Enter a whole number.")},
    )
    deadline_reason = _text(0, 1000, load_default="")


class ReservePricesIn(Schema):
    """M3 only: the fifteen prices, given by the officer. Left empty, the system draws them."""

    prices = fields.List(WonField(), load_default=list, validate=validate.Length(max=15))


class AskedDocumentIn(Schema):
    """A document that a bid has to bring, or may bring."""

    name = _text(2, 100, required=True)
    hint = _text(0, 300, load_default="")
    required = fields.Boolean(load_default=False)
    max_mb = fields.Integer(
        load_default=ASKED_MB,
        validate=validate.Range(1, 200, error=_l("Between {min} and {max} megabytes.")),
        error_messages={"invalid": _l("Enter a whole number.")},
    )


class QuestionIn(Schema):
    question = _text(10, 2000, required=True)


class AnswerIn(Schema):
    answer = _text(1, 5000, required=True)


class ReasonIn(Schema):
    reason = _text(5, 2000, required=True)


class RebidIn(Schema):
    """재입찰: who may bid, and the one thing that may differ."""

    bidders = _one_of(("all", "first-round"), required=True)
    closes_at = KstDateTime(required=True, error_messages=_required)
    opens_at = KstDateTime(required=True, error_messages=_required)


class DirectIn(ReasonIn):
    """수의계약: for how much and why; a firm is named only where no single bidder is."""

    amount_won = WonField(required=True, error_messages=_required)
    business_number = _text(0, 20, load_default="")


class ProposalIn(ReasonIn):
    """What the first officer would do with a request to cancel a bid."""

    proposal = _one_of(("grant", "refuse"), required=True)


class OutageProposalIn(ReasonIn):
    proposal = _one_of(("apply", "dismiss"), required=True)


class CancelIn(Schema):
    """A signed request to cancel a bid; its parts are checked in full by `bidding.cancel_request`."""

    class Meta:
        unknown = RAISE

    request = fields.Dict(required=True)
    signature = fields.Dict(required=True)


class ExtensionIn(ReasonIn):
    closes_at = KstDateTime(required=True, error_messages=_required)
    opens_at = KstDateTime(required=True, error_messages=_required)


class RecoveryIn(ReasonIn):
    until_at = KstDateTime(required=True, error_messages=_required)


class SuppliedKeyIn(Schema):
    """A key sealed to a recovery's: 80 bytes in base64url."""

    sealed = fields.String(required=True, validate=validate.Regexp(r"^\s*[A-Za-z0-9_-]{107}\s*$"))


class CorrectionIn(ReasonIn):
    description = _text(0, 20_000, load_default="")
    delivery_place = _text(0, 300, load_default="")


class DigestIn(Schema):
    digest = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))


class BoardIn(Schema):
    """The board's filters, from the query string. What does not fit is left out, never an error page."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    state = _one_of(("", "open", "closed", "opened", "awarded", "failed", "cancelled"), load_default="")
    kind = _one_of(("", *KINDS), load_default="")
    method = _one_of(("", *METHODS), load_default="")
    region = _one_of(("", *REGIONS), load_default="")
    agency = fields.String(load_default="", validate=validate.Length(max=100))
    min_won = WonField(minimum=0, load_default=None)
    max_won = WonField(minimum=0, load_default=None)
    closes_after = KstDateTime(load_default=None)
    closes_before = KstDateTime(load_default=None)
    practice = _one_of(("", "only", "without"), load_default="")
    sort = _one_of(("newest", "closing", "amount"), load_default="newest")
    page = fields.Integer(load_default=1)


class ResultIn(Schema):
    """Which bids of a result, from the query string. What does not fit is left out, never an error page."""

    q = fields.String(load_default="", validate=validate.Length(max=100))
    show = _one_of(("", "placed", "out", "mine"), load_default="")
    sort = _one_of(("place", "amount", "dearest", "name"), load_default="place")
    page = fields.Integer(load_default=1)


class SealedBidIn(Schema):
    """The one small POST of a bid; its parts are checked in full by the sealing module."""

    class Meta:
        unknown = RAISE

    statement = fields.Dict(required=True)
    signature = fields.Dict(required=True)
    env_price = fields.Dict(required=True)
    env_docs = fields.Dict(required=True, allow_none=True)


class DryRunIn(Schema):
    """Sample bids for a dry run; empty, the system spreads some. `draw` numbers the throw-away seed."""

    bids = fields.String(load_default="")
    draw = fields.Integer(
        load_default=1,
        validate=validate.Range(1, 9_999, error=_l("A number from {min} to {max}.")),
        error_messages={"invalid": _l("Enter a whole number.")},
    )


class RulesIn(Schema):
    """What a reader of the rule data asks for."""

    on = fields.Date(load_default=None, error_messages={"invalid": _l("Enter a date, for example 2026-12-31.")})
    regime = _one_of(("", "national", "local"), load_default="")
    kind = _one_of(("", *KINDS), load_default="")
    q = _text(0, 100, load_default="")
    version = _text(0, 60, load_default="")
