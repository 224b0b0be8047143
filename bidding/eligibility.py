"""Who may bid in a tender: its conditions as the registry understands them, and its refusals in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import language
from app.regions import region_name
from app.time import kst_date
from bidding import labels
from bidding.models import Tender
from suppliers.front import Ineligible, Reason, Requirements, licence_name

# Meaning and next step by the registry's reason; its facts go in by name.
_WORDS: Mapping[str, tuple[Any, Any]] = {
    Reason.NOT_REGISTERED: (
        _l("Your company is not on the register of suppliers."),
        _l("Apply for registration; a registrar decides on it."),
    ),
    Reason.NOT_ACTIVE: (
        _l("Your company's registration is not in force."),
        _l("See its state on your registration page."),
    ),
    Reason.EXPIRED: (
        _l("Your company's registration ended on %(valid_until_on)s."),
        _l("Renew it on your registration page."),
    ),
    Reason.SANCTIONED: (
        _l("Your company is barred from bidding until %(until_on)s."),
        _l("The sanction is shown on your company's public page; it binds in every tender."),
    ),
    Reason.REGISTERED_TOO_LATE: (
        _l("Your company was registered too late for this tender."),
        _l("The law wants it on the register before the day of the deadline (e-Procurement Decree, Article 11)."),
    ),
    Reason.BUSINESS_KIND: (
        _l("This tender is for suppliers of %(asked)s; your company is registered for %(has)s."),
        _l("Have the kind of business added to your registration."),
    ),
    Reason.REGION: (
        _l("This tender is reserved for companies in %(asked)s; yours is registered in %(has)s."),
        _l("Regional limits are set by the agency; its notice names their basis."),
    ),
    Reason.LICENCE: (
        _l("This tender asks for one of these licences: %(asked)s."),
        _l("If your company holds one, have it added to your registration."),
    ),
    Reason.LICENCE_EXPIRED: (
        _l("Your company's licence (%(has)s) is no longer valid."),
        _l("Have its new term added to your registration."),
    ),
    Reason.SIZE: (
        _l("This tender is reserved for companies of this size: %(asked)s; yours is registered as %(has)s."),
        _l("If your size has changed, have your registration changed."),
    ),
    "joint-member": (
        _l("Your company is a member of a consortium in this tender; its lead bids for all of you."),
        _l("An agreement cannot be left once it is concluded."),
    ),
}
FIRST_ROUND = (
    _l("This rebid (재입찰) is for those who bid in the round before, and your company did not."),
    _l("If it fails as well, the agency may announce the tender again for everybody."),
)
_OTHER = (
    _l("Your company does not meet the conditions of this tender."),
    _l("Read the conditions on the tender's page."),
)


def requirements_of(tender: Tender) -> Requirements:
    """The conditions of `tender`, among them that one was on the register before the day of the deadline."""
    return Requirements(
        business_kind=tender.kind,
        regions=tuple(tender.regions),
        licence_codes=tuple(tender.licence_codes),
        sizes=tuple(tender.sizes),
        # A practice tender may open and close within one day.
        registered_before_on=kst_date(tender.closes_at) if tender.closes_at and not tender.is_practice else None,
    )


def demands_of(tender: Tender) -> list[str]:
    """The same as short phrases for people; empty where anybody registered for the kind may bid."""
    lang = language()
    phrases = [str(labels.KIND[tender.kind])]
    if tender.regions:
        phrases.append(", ".join(region_name(code, lang) for code in tender.regions))
    if tender.licence_codes:
        phrases.append(_(" or ").join(licence_name(code, lang) for code in tender.licence_codes))
    if tender.sizes:
        phrases.append(", ".join(str(labels.SIZE[size]) for size in tender.sizes))
    return phrases


def told_ineligible(why: Ineligible) -> tuple[str, str]:
    """What it means, and what to do about it, in the language of the page."""
    facts = {name: _spelled(why.code, value) for name, value in why.facts.items()}
    meaning, step = _WORDS.get(why.code, _OTHER)
    filled = _Facts(facts)
    return str(meaning) % filled, str(step) % filled


class _Facts(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "–"


def _spelled(code: str, value: Any) -> str:
    values = value if isinstance(value, list) else [value]
    lang = language()
    if code == Reason.REGION:
        return ", ".join(region_name(one, lang) for one in values)
    if code in (Reason.LICENCE, Reason.LICENCE_EXPIRED):
        return ", ".join(licence_name(one, lang) for one in values)
    if code == Reason.BUSINESS_KIND:
        return ", ".join(str(labels.KIND.get(one, one)) for one in values)
    if code == Reason.SIZE:
        return ", ".join(str(labels.SIZE.get(one, one)) for one in values)
    return ", ".join(map(str, values))
