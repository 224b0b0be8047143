"""What people type into the pages of this package: shapes and lengths; what it means is decided in the services."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.auth.administration import MADE_BY_OPERATOR
from app.auth.models import LOCALES
from app.auth.passwords import Weakness
from app.auth.people import EMAIL, MAX_EMAIL
from app.auth.permissions import Role

NOT_AN_ADDRESS = _l("Enter an e-mail address, for example name@agency.go.kr.")
TAKEN = _l("Somebody uses this already.")
DIFFER = _l("The two do not match. Type the new password again.")
WRONG_PASSWORD = _l("This is not your present password.")
WEAKNESSES = {
    Weakness.TOO_SHORT: _l("Use 15 characters or more. A sentence or four random words are easy to keep in mind."),
    Weakness.TOO_LONG: _l("Use at most 128 characters."),
    Weakness.COMMON: _l("This is one of the first things that somebody would try. Choose something less common."),
    Weakness.ABOUT_YOU: _l("This is mostly your own name or address. Choose something that nobody can guess from it."),
    Weakness.SAME: _l("This is your present password. Choose another one."),
}


class Typed(Schema):
    """Passwords are taken as typed, blanks and all; a blank inside is as good as a letter."""

    class Meta:
        ordered = True


def is_address(value: str) -> None:
    if len(value) > MAX_EMAIL or not EMAIL.fullmatch(value.strip().lower()):
        raise ValidationError(str(NOT_AN_ADDRESS))


class SignInIn(Typed):
    email = fields.String(required=True, validate=validate.Length(1, MAX_EMAIL))
    password = fields.String(required=True, validate=validate.Length(1, 1000))
    next = fields.String(load_default="")


class StepUpIn(Typed):
    password = fields.String(required=True, validate=validate.Length(1, 1000))
    next = fields.String(load_default="")


class _Repeated(Typed):
    password = fields.String(required=True, validate=validate.Length(1, 1000))
    again = fields.String(required=True, validate=validate.Length(1, 1000))

    @validates_schema
    def _match(self, data: dict[str, Any], **more: Any) -> None:
        if data.get("password") != data.get("again"):
            raise ValidationError(str(DIFFER), "again")


class PasswordIn(_Repeated):
    present = fields.String(required=True, validate=validate.Length(1, 1000))
    next = fields.String(load_default="")


class ForgottenIn(Typed):
    email = fields.String(required=True, validate=is_address)


class ResetIn(_Repeated):
    email = fields.String(required=True, validate=is_address)
    code = fields.String(required=True, validate=validate.Length(1, 40))
    recovery = fields.String(required=True, validate=validate.Length(1, 40))


class MeIn(Typed):
    name = fields.String(required=True, validate=validate.Length(1, 80))
    locale = fields.String(required=True, validate=validate.OneOf(LOCALES))
    wants_mail = fields.Boolean(load_default=False)


class OrganisationIn(Typed):
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in MADE_BY_OPERATOR]))
    code = fields.String(
        required=True,
        validate=validate.Regexp(r"[A-Za-z0-9-]{2,20}\Z", error=_l("Use 2 to 20 letters, digits or hyphens.")),
    )
    name_ko = fields.String(required=True, validate=validate.Length(1, 120))
    name_en = fields.String(required=True, validate=validate.Length(1, 120))


class OrganisationNameIn(Typed):
    name_ko = fields.String(required=True, validate=validate.Length(1, 120))
    name_en = fields.String(required=True, validate=validate.Length(1, 120))


class RolesIn(Typed):
    roles = fields.List(fields.String(validate=validate.OneOf([role.value for role in Role])), load_default=list)


class PersonIn(RolesIn):
    name = fields.String(required=True, validate=validate.Length(1, 80))
    email = fields.String(required=True, validate=is_address)

    @post_load
    def _lower(self, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        return data | {"email": data["email"].strip().lower()}
