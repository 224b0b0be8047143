"""The registration certificate (경쟁입찰참가자격등록증) as a value."""

from __future__ import annotations

from datetime import date

from flask_babel import force_locale
from flask_babel import gettext as _

from app.documents.model import Document, KeyValues, Note, Paragraph, Table
from app.regions import region_name
from app.time import kst_date
from suppliers.codes import licence_name
from suppliers.models import Supplier
from suppliers.rules import format_business_number
from suppliers.wording import KINDS, LEGAL_FORMS, SIZES

KIND = "supplier-certificate"


def certificate(supplier: Supplier, on: date, lang: str) -> Document:
    """What is registered on the day `on`, in `lang`. The supplier is on the register."""
    with force_locale(lang):
        return Document(
            kind=KIND,
            number=supplier.full_number,
            title=_("Certificate of registration for competitive bidding"),
            lang="ko" if lang == "ko" else "en",
            issuer=_("Naru, register of suppliers"),
            blocks=(
                KeyValues(_firm(supplier, lang)),
                _representatives(supplier),
                _licences(supplier, lang),
                *_products(supplier),
                Paragraph(
                    _(
                        "The firm named above is registered as qualified to take part in competitive bidding under "
                        "Article 15 of the Enforcement Rule of the Act on Contracts to Which the State Is a Party. "
                        "One registration holds for every agency."
                    )
                ),
                Note(_state_on(on)),
            ),
        )


def _state_on(day: date) -> str:
    said = _("State of the register on %(day)s. Whether it still holds can be seen on the public page of the supplier.")
    return str(said) % {"day": day.isoformat()}


def _firm(supplier: Supplier, lang: str) -> tuple[tuple[str, str], ...]:
    profile = supplier.profile
    since = kst_date(supplier.registered_at).isoformat() if supplier.registered_at else ""
    address = " ".join(part for part in (profile.address, profile.address_detail) if part)
    return (
        (_("Registration number"), supplier.full_number),
        (_("Name in Korean"), profile.name_ko),
        (_("Name in English"), profile.name_en),
        (_("Business registration number"), format_business_number(profile.business_number)),
        (_("Form and size"), f"{LEGAL_FORMS[profile.legal_form]}, {SIZES[profile.size]}"),
        (_("Address"), f"{address} ({region_name(profile.region, lang)})"),
        (_("Registered for"), ", ".join(str(KINDS[kind]) for kind in profile.kinds)),
        (_("Registered since"), since),
        (_("Valid until"), supplier.valid_until_on.isoformat() if supplier.valid_until_on else ""),
    )


def _representatives(supplier: Supplier) -> Table:
    rows = tuple((each.name, each.position or "–") for each in supplier.profile.representatives)
    return Table(_("Representatives"), (_("Name"), _("Position")), rows)


def _licences(supplier: Supplier, lang: str) -> Table:
    rows = tuple(
        (
            each.code,
            licence_name(each.code, lang, each.name_ko, each.name_en),
            each.number,
            f"{each.valid_from.isoformat()} ~ {each.valid_to.isoformat() if each.valid_to else ''}",
        )
        for each in supplier.profile.licences
    )
    head = (_("Code"), _("Licence"), _("Number"), _("Validity"))
    return Table(_("Licences"), head, rows, widths=(1, 5, 3, 4), empty=_("None registered"))


def _products(supplier: Supplier) -> tuple[Table, ...]:
    rows = tuple((each.code, each.name) for each in supplier.profile.products)
    return (Table(_("Products"), (_("Code"), _("Product")), rows, widths=(2, 6)),) if rows else ()
