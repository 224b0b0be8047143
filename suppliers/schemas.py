"""Shape of what people type, step by step. Meaning is checked in services."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from app.auth.passwords import why_weak
from app.auth.people import EMAIL, MAX_EMAIL
from app.regions import REGIONS
from suppliers import rules
from suppliers.codes import LICENCES, SANCTION_LAWS
from suppliers.profiles import SECTIONS
from suppliers.services.sanctions import SanctionIn
from suppliers.types import BusinessKind, FirmSize, LegalForm, Licence, Product, Representative

OTHER = "other"


def refuse_resident_number(text: str) -> None:
    """ValidationError where `text` holds what looks like a resident registration number."""
    if rules.has_resident_number(text):
        raise ValidationError(
            _("This looks like a resident registration number. We neither need nor may keep it: please take it out.")
        )


class Words(fields.String):
    """One line of text, or several: composed, trimmed, no control characters, no resident registration number."""

    def __init__(self, most: int, *, lines: bool = False, **more: Any) -> None:
        super().__init__(**more)
        self.most, self.lines = most, lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        typed = unicodedata.normalize("NFC", str(super()._deserialize(value, attr, data, **more))).replace("\r\n", "\n")
        kept = typed.strip() if self.lines else re.sub(r"\s+", " ", typed).strip()
        if any(unicodedata.category(char) in ("Cc", "Cf") and char != "\n" for char in kept):
            raise ValidationError(_("Please take out the invisible characters."))
        if len(kept) > self.most:
            raise ValidationError(_("Enter at most %(most)s characters.", most=self.most))
        refuse_resident_number(kept)
        return kept


class BusinessNumber(fields.String):
    """Ten digits with their check digit; hyphens and spaces as people type them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> str:
        digits = rules.digits_of(str(value))
        if not re.fullmatch(r"[0-9]{10}", digits):
            raise ValidationError(
                _("Enter the ten digits of the business registration number, for example 124-81-00998.")
            )
        if not rules.is_business_number(digits):
            raise ValidationError(
                _("This is not a business registration number: its last digit does not fit. Please check it.")
            )
        return digits


def _one_of(values: Any) -> validate.OneOf:
    return validate.OneOf([str(value) for value in values])


class FirmIn(Schema):
    business_number = BusinessNumber(required=True)
    name_ko = Words(120, required=True)
    name_en = Words(160, required=True)
    legal_form = fields.String(required=True, validate=_one_of(LegalForm))
    size = fields.String(required=True, validate=_one_of(FirmSize))
    opened_on = fields.Date(load_default=None)

    @validates_schema
    def check(self, data: dict[str, Any], **more: Any) -> None:
        if not re.search(r"[A-Za-z0-9]", data.get("name_en", "a")):
            raise ValidationError(_("Enter the name in Latin letters."), "name_en")
        opened = data.get("opened_on")
        if opened is not None and opened.year < 1850:
            raise ValidationError(_("Please check the year."), "opened_on")


class PersonIn(Schema):
    name = Words(80, required=True)
    email = fields.String(required=True)

    @post_load
    def check(self, data: dict[str, str], **more: Any) -> dict[str, str]:
        email = data["email"].strip().lower()
        if len(email) > MAX_EMAIL or not EMAIL.fullmatch(email):
            raise ValidationError(_("Enter an e-mail address, for example name@company.co.kr."), "email")
        return {"name": data["name"], "email": email}


class RepresentativeIn(Schema):
    name = Words(80, required=True)
    position = Words(40, load_default="")

    @post_load
    def build(self, data: dict[str, str], **more: Any) -> Representative:
        return Representative(data["name"], data["position"])


class PlaceIn(Schema):
    region = fields.String(required=True, validate=_one_of(REGIONS))
    postal_code = fields.String(load_default="")
    address = Words(200, required=True)
    address_detail = Words(120, load_default="")
    phone = fields.String(required=True)
    homepage = fields.String(load_default="")

    @post_load
    def check(self, data: dict[str, str], **more: Any) -> dict[str, str]:
        if data["postal_code"] and not re.fullmatch(r"[0-9]{5}", data["postal_code"]):
            raise ValidationError(_("A postal code has five digits."), "postal_code")
        data["phone"] = re.sub(r"[ .]+", "-", unicodedata.normalize("NFKC", data["phone"]).strip())
        if not re.fullmatch(r"\+?[0-9][0-9\-]{6,18}[0-9]", data["phone"]):
            raise ValidationError(_("Enter a telephone number, for example 02-1234-5678."), "phone")
        homepage = data["homepage"].strip()
        if homepage and not re.fullmatch(r"https?://[^\s<>\"']{3,190}", homepage):
            raise ValidationError(_("Enter a web address that starts with https://."), "homepage")
        data["homepage"] = homepage
        return data


class BusinessIn(Schema):
    kinds = fields.List(fields.String(validate=_one_of(BusinessKind)), required=True, validate=validate.Length(min=1))

    @post_load
    def order(self, data: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"kinds": tuple(str(kind) for kind in BusinessKind if kind in data["kinds"])}


class LicenceIn(Schema):
    """`code` from the list, or "other" with a code and a name of its own."""

    code = fields.String(required=True, validate=_one_of([*LICENCES, OTHER]))
    other_code = fields.String(load_default="")
    other_name_ko = Words(120, load_default="")
    other_name_en = Words(160, load_default="")
    number = Words(60, required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(load_default=None)

    @post_load
    def build(self, data: dict[str, Any], **more: Any) -> Licence:
        since, until = data["valid_from"], data["valid_to"]
        if until is not None and until < since:
            raise ValidationError(_("The last day comes before the first."), "valid_to")
        code, names = data["code"], LICENCES.get(data["code"])
        if names is None:
            code, names = self._other(data)
        return Licence(code, names[0], names[1], data["number"], since, until)

    @staticmethod
    def _other(data: dict[str, Any]) -> tuple[str, tuple[str, str]]:
        if not re.fullmatch(r"[0-9]{4}", data["other_code"]):
            raise ValidationError(_("A licence code has four digits."), "other_code")
        if data["other_code"] in LICENCES:
            raise ValidationError(_("This code is in the list: choose it there."), "other_code")
        if not data["other_name_ko"]:
            raise ValidationError(_("Enter the name of the licence."), "other_name_ko")
        return data["other_code"], (data["other_name_ko"], data["other_name_en"])


class ProductIn(Schema):
    code = fields.String(required=True)
    name = Words(120, required=True)

    @post_load
    def build(self, data: dict[str, str], **more: Any) -> Product:
        code = rules.digits_of(data["code"])
        if not rules.is_product_code(code):
            raise ValidationError(_("A product code has 8 digits, a detailed one 10."), "code")
        return Product(code, data["name"])


class PasswordIn(Schema):
    """The first password. `context_words`: the person's name and address, which it must not be made of."""

    def __init__(self, *about: str, **more: Any) -> None:
        super().__init__(**more)
        self.about = about

    password = fields.String(required=True)
    password_again = fields.String(required=True)

    @post_load
    def check(self, data: dict[str, str], **more: Any) -> str:
        if weakness := why_weak(data["password"], *self.about):
            raise ValidationError(str(WEAKNESSES[weakness.value]), "password")
        if data["password"] != data["password_again"]:
            raise ValidationError(_("The two passwords differ."), "password_again")
        return data["password"]


WEAKNESSES = {
    "too-short": _l("A password has at least 15 characters. Three or four words in a row are easy to keep in mind."),
    "too-long": _l("A password has at most 128 characters."),
    "common": _l("This password is among the first that an attacker tries. Please choose another."),
    "about-you": _l("This password is mostly your own name or address. Please choose another."),
}


class AnswerIn(Schema):
    answer = Words(2000, lines=True, load_default="")


class DecisionIn(Schema):
    """The registrar's decision: `comments` by section come as fields `comment.<section>`."""

    review = fields.UUID(required=True)
    decision = fields.String(required=True, validate=_one_of(("approve", "return", "refuse")))
    reason = Words(2000, lines=True, load_default="")

    @validates_schema
    def check(self, data: dict[str, Any], **more: Any) -> None:
        if data["decision"] == "refuse" and not data["reason"]:
            raise ValidationError(_("A refusal needs its reason."), "reason")


COMMENT_SECTIONS = tuple(SECTIONS)


class CommentsIn(Schema):
    firm = Words(1000, lines=True, load_default="", data_key="comment.firm")
    representatives = Words(1000, lines=True, load_default="", data_key="comment.representatives")
    place = Words(1000, lines=True, load_default="", data_key="comment.place")
    business = Words(1000, lines=True, load_default="", data_key="comment.business")
    licences = Words(1000, lines=True, load_default="", data_key="comment.licences")
    products = Words(1000, lines=True, load_default="", data_key="comment.products")


class SanctionFormIn(Schema):
    business_number = BusinessNumber(required=True)
    law = fields.String(required=True, validate=_one_of(SANCTION_LAWS))
    article = Words(120, required=True)
    reason = Words(1000, lines=True, required=True)
    begins_on = fields.Date(required=True)
    ends_on = fields.Date(required=True)

    @post_load
    def build(self, data: dict[str, Any], **more: Any) -> SanctionIn:
        return SanctionIn(**data)


class ReasonIn(Schema):
    reason = Words(1000, lines=True, required=True)


class LiftIn(Schema):
    free_from = fields.Date(required=True)
    reason = Words(1000, lines=True, required=True)


class StayIn(Schema):
    begins_on = fields.Date(required=True)
    ends_on = fields.Date(load_default=None)
    order_reference = Words(120, required=True)

    @validates_schema
    def check(self, data: dict[str, date | None], **more: Any) -> None:
        since, until = data.get("begins_on"), data.get("ends_on")
        if since is not None and until is not None and until < since:
            raise ValidationError(_("The last day comes before the first."), "ends_on")


class EndStayIn(Schema):
    last_day = fields.Date(required=True)
