"""Shape of what a committee's pages send: who is named, keys, answers to tests, pieces, another group."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import RAISE, Schema, fields, validate

REQUIRED = {"required": _l("Fill in this field.")}
LANES = validate.OneOf(("price", "docs"))


def one_of(*choices: str) -> fields.String:
    known = validate.OneOf(choices, error=_l("Choose one of the options."))
    return fields.String(validate=known, required=True, error_messages=REQUIRED)


def by_lane(longest: int) -> fields.Dict:
    values = fields.String(validate=validate.Length(0, longest))
    return fields.Dict(keys=fields.String(validate=LANES), values=values, required=True)


def text(longest: int) -> fields.String:
    return fields.String(validate=validate.Length(1, longest), required=True, error_messages=REQUIRED)


class HoldersIn(Schema):
    holder_policy = one_of("services", "committee", "hybrid")
    members = fields.List(fields.UUID(), load_default=list)


class KeysIn(Schema):
    class Meta:
        unknown = RAISE

    vkey = text(300)
    khkeys = by_lane(4000)


class StartedTestIn(Schema):
    class Meta:
        unknown = RAISE

    medium = one_of("medium-1", "medium-2", "T-24h", "T-1h")


class AnsweredTestIn(Schema):
    class Meta:
        unknown = RAISE

    texts = by_lane(100)


class SeedIn(Schema):
    class Meta:
        unknown = RAISE

    note = text(60_000)


class PiecesIn(Schema):
    class Meta:
        unknown = RAISE

    lane = one_of("price", "docs")
    part = fields.Integer(strict=True, required=True, validate=validate.Range(0, 100_000))
    note = text(2_000_000)


class FallbackIn(Schema):
    missing = fields.List(
        fields.String(), required=True, validate=validate.Length(1, error=_l("Choose one of the options."))
    )
    group = text(100)
    reason = one_of("absent", "no-answer", "refused", "wrong-piece")
