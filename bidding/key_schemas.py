"""Shape of an enrolment of a signing key. Meaning is checked in `bidding.services.signing_keys`."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields, post_load, validate

from bidding.services.signing_keys import Enrolment, PasskeyEnrolment


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


class CredentialIn(Schema):
    """A PublicKeyCredential in WebAuthn's JSON; what `response` says is checked by `bidding.services.passkeys`."""

    class Meta:
        unknown = RAISE

    id = fields.String(required=True, validate=validate.Length(1, 1400))
    rawId = fields.String(required=True, validate=validate.Length(1, 1400))  # noqa: N815 - the standard's name
    type = fields.String(required=True, validate=validate.Equal("public-key"))
    response = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(max=16_384)), required=True
    )


class PasskeyIn(Schema):
    """The same for a passkey: its registration, and its first signature."""

    class Meta:
        unknown = RAISE

    kid = fields.UUID(required=True)
    challenge = fields.String(required=True, validate=validate.Length(1, 400))
    credential = fields.Nested(CredentialIn, required=True)
    assertion = fields.Dict(
        keys=fields.String(), values=fields.String(validate=validate.Length(max=8_192)), required=True
    )
    label = fields.String(required=True, validate=validate.Length(1, 80))

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> tuple[str, PasskeyEnrolment]:
        return values.pop("challenge"), PasskeyEnrolment(**values)
