"""What people call the registry's states, sections, sizes and reasons: lazy translations by code."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.formats import kst_day
from app.i18n import language
from app.regions import region_name
from suppliers.codes import licence_name
from suppliers.profiles import Difference
from suppliers.rules import format_business_number
from suppliers.types import Ineligible, Licence, Product, Representative

STATES: dict[str, tuple[Any, str]] = {
    "draft": (_l("being entered"), "neutral"),
    "submitted": (_l("under review"), "info"),
    "returned": (_l("changes asked for"), "warning"),
    "refused": (_l("refused"), "danger"),
    "active": (_l("registered"), "success"),
    "changes_pending": (_l("changes under review"), "info"),
    "expired": (_l("expired"), "danger"),
}

KINDS = {"goods": _l("Goods"), "services": _l("Services"), "works": _l("Works")}

SIZES = {
    "micro": _l("Micro enterprise"),
    "small": _l("Small enterprise"),
    "medium": _l("Medium-sized enterprise"),
    "middle": _l("Middle-standing enterprise"),
    "large": _l("Large enterprise"),
}

LEGAL_FORMS = {"corporation": _l("Corporation"), "individual": _l("Sole proprietor")}

SECTION_TITLES = {
    "firm": _l("The firm"),
    "person": _l("Administrator"),
    "representatives": _l("Representatives"),
    "place": _l("Address and contact"),
    "business": _l("Kinds of business"),
    "licences": _l("Licences"),
    "products": _l("Products"),
}

FIELDS = {
    "business_number": _l("Business registration number"),
    "name_ko": _l("Name in Korean"),
    "name_en": _l("Name in English"),
    "legal_form": _l("Form of business"),
    "size": _l("Size of the firm"),
    "opened_on": _l("In business since"),
    "representatives": _l("Representatives"),
    "region": _l("Region of the head office"),
    "postal_code": _l("Postal code"),
    "address": _l("Address"),
    "address_detail": _l("Floor, room"),
    "phone": _l("Telephone"),
    "homepage": _l("Website"),
    "kinds": _l("Kinds of business"),
    "licences": _l("Licences"),
    "products": _l("Products"),
    "email": _l("Verified e-mail address"),
}

REVIEW_KINDS = {"first": _l("First registration"), "changes": _l("Changes"), "renewal": _l("Renewal")}

DECISIONS: dict[str, tuple[Any, str]] = {
    "approved": (_l("approved"), "success"),
    "returned": (_l("changes asked for"), "warning"),
    "refused": (_l("refused"), "danger"),
    "taken-back": (_l("taken back"), "neutral"),
}

SANCTION_STATES: dict[str, tuple[Any, str]] = {
    "proposed": (_l("to be decided"), "warning"),
    "rejected": (_l("not decided"), "neutral"),
    "coming": (_l("decided, not yet in force"), "info"),
    "in-force": (_l("in force"), "danger"),
    "stayed": (_l("stayed by a court"), "warning"),
    "lifted": (_l("lifted"), "neutral"),
    "over": (_l("over"), "neutral"),
}

PERIOD_FINDINGS = {
    "ends-before-it-begins": _l("The last day comes before the first."),
    "shorter-than-a-month": _l("A sanction lasts at least one month."),
    "longer-than-two-years": _l("A sanction lasts at most two years."),
    "begins-before-it-is-public": _l("A sanction is made public before it begins: its first day must lie after today."),
}

DOUBTS: dict[str, tuple[Any, str]] = {
    "number-taken": (_l("A supplier is registered with this business number"), "danger"),
    "number-applied": (_l("Another application names this business number"), "warning"),
    "same-name": (_l("A registered supplier has the same name"), "warning"),
    "same-phone": (_l("A registered supplier has the same telephone number"), "warning"),
    "same-address": (_l("A registered supplier has the same address"), "warning"),
    "representative-sanctioned": (
        _l("A representative of the same name belongs to a supplier under sanction"),
        "danger",
    ),
    "representative-elsewhere": (_l("A representative of the same name belongs to another supplier"), "warning"),
    "licence-ended": (_l("A licence has ended"), "warning"),
}


def options(names: dict[str, Any]) -> list[tuple[str, Any]]:
    """(value, label) pairs for a select or radio group."""
    return list(names.items())


def licence_label(licence: Any) -> str:
    """`정보통신공사업 (0036)`, of a registered licence or of the value."""
    return f"{licence_name(licence.code, language(), licence.name_ko, licence.name_en)} ({licence.code})"


def shown(name: str, value: Any) -> str:
    """A field of the profile as people read it; what is a list, one line each."""
    if value in ("", None, ()):
        return "–"
    if isinstance(value, tuple):
        apart = Markup(", ") if name == "kinds" else Markup("<br>")
        return apart.join(_shown_item(each) for each in value)
    if name == "business_number":
        return format_business_number(value)
    if name == "region":
        return region_name(value, language())
    if name == "opened_on":
        return kst_day(value, language())
    names = {"size": SIZES, "legal_form": LEGAL_FORMS}.get(name, {})
    return str(names.get(value, value))


def _shown_item(item: Any) -> str:
    if isinstance(item, Representative):
        return f"{item.name} ({item.position})" if item.position else item.name
    if isinstance(item, Licence):
        until = item.valid_to.isoformat() if item.valid_to else ""
        return f"{licence_label(item)} {item.number}, {item.valid_from.isoformat()} ~ {until}"
    if isinstance(item, Product):
        return f"{item.name} ({item.code})"
    return str(KINDS.get(item, item))


def spell_difference(difference: Difference) -> dict[str, Any]:
    """One changed field for a table: its name, before, after."""
    return {
        "label": FIELDS[difference.name],
        "before": shown(difference.name, difference.before),
        "after": shown(difference.name, difference.after),
        "needs_review": difference.needs_review,
    }


def spell_ineligible(found: Ineligible) -> str:
    """Why a supplier may not bid, in a sentence that says what would help."""
    return str(_sentence_about(found))


def _sentence_about(found: Ineligible) -> Any:
    facts, lang = found.facts, language()
    if found.code == "expired":
        return _("The registration ended on %(day)s. Renew it first.", day=facts["valid_until_on"])
    if found.code == "sanctioned":
        return _("The supplier is barred from bidding until %(day)s.", day=facts["until_on"])
    if found.code == "registered-too-late":
        return _(
            "Registration must be granted on the day before the deadline at the latest; it was granted on %(day)s.",
            day=facts["registered_on"],
        )
    if found.code == "business-kind":
        return _("The supplier is not registered for %(kind)s.", kind=KINDS[facts["asked"]])
    if found.code == "region":
        asked = ", ".join(region_name(code, lang) for code in facts["asked"])
        return _("Only suppliers from %(regions)s may bid.", regions=asked)
    if found.code == "size":
        return _(
            "Only these sizes of firm may bid: %(sizes)s.", sizes=", ".join(str(SIZES[size]) for size in facts["asked"])
        )
    if found.code == "licence":
        names = ", ".join(f"{licence_name(code, lang, code)} ({code})" for code in facts["asked"])
        return _("One of these licences is needed: %(licences)s.", licences=names)
    if found.code == "licence-expired":
        return _("The licence that is needed is not valid today.")
    if found.code == "not-active":
        return _("The registration is not in force at present.")
    return _("Not on the register of suppliers.")
