"""Shape of an enrolment of a signing key. Meaning is checked in `bidding.services.signing_keys`."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from bidding.services.signing_keys import Enrolment


class EnrolmentIn(Schema):
    """`challenge` is the server's word come back; the rest becomes an `Enrolment`."""

    class Meta:
        unknown = RAISE

    kid = fields.UUID(required=True)
    challenge = fields.String(required=True, validate=validate.Length(1, 400))
    public = fields.String(required=True, validate=validate.Length(equal=43))  # 32 bytes in base64url
    signature = fields.String(required=True, validate=validate.Length(equal=86))  # 64 bytes
    label = fields.String(required=True, validate=validate.Length(1, 80))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> tuple[str, Enrolment]:
        return values.pop("challenge"), Enrolment(**values)
