"""Shape of what is written of joint bids: by the officer in the draft, by a lead for its consortium."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, fields, validate

from app.fields import PercentField
from bidding.rules.joint import LEAST_MEMBERS, MOST_MEMBERS, JointKind

KINDS = tuple(str(kind) for kind in JointKind)
_KNOWN = validate.OneOf(KINDS, error=_l("Choose one of the options."))
_WHOLE = {"invalid": _l("Enter a whole number.")}


class TermsIn(Schema):
    """Whether firms may bid together, and how many win. No kind: each bids alone."""

    kinds = fields.List(fields.String(validate=_KNOWN), load_default=list)
    max_members = fields.Integer(
        load_default=5,
        validate=validate.Range(LEAST_MEMBERS, MOST_MEMBERS, error=_l("Between {min} and {max} firms.")),
        error_messages=_WHOLE,
    )
    min_share = PercentField(load_default=None)
    framework_winners = fields.Integer(
        load_default=None,
        validate=validate.Range(2, 100, error=_l("Between {min} and {max} firms.")),
        error_messages=_WHOLE,
    )


class ConsortiumIn(Schema):
    kind = fields.String(required=True, validate=_KNOWN, error_messages={"required": _l("Choose one of the options.")})
