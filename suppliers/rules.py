"""Rules of the registry as pure functions: numbers, completeness, eligibility, sanction periods."""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date, timedelta

from app.time import kst_date
from suppliers.types import Ineligible, Profile, Reason, Requirements, Standing

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def digits_of(typed: str) -> str:
    """The digits of what a person typed, full-width ones made plain, hyphens and spaces dropped."""
    return re.sub(r"[\s\-‐-―−]", "", unicodedata.normalize("NFKC", typed))


def is_business_number(digits: str) -> bool:
    """Whether ten digits are a well-formed 사업자등록번호 (the last one is a weighted check digit)."""
    if not re.fullmatch(r"[0-9]{10}", digits):
        return False
    numbers = [int(digit) for digit in digits]
    total = sum(number * weight for number, weight in zip(numbers, _WEIGHTS, strict=False)) + numbers[8] * 5 // 10
    return numbers[9] == (10 - total % 10) % 10


def format_business_number(digits: str) -> str:
    """`1248100998` as it is printed: `124-81-00998`. Anything but ten digits comes back unchanged."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}" if re.fullmatch(r"[0-9]{10}", digits) else digits


def complete_business_number(first_nine: str) -> str:
    """Nine digits with their check digit: for sample data and tests. ValueError unless nine digits."""
    if not re.fullmatch(r"[0-9]{9}", first_nine):
        raise ValueError(f"not nine digits: {first_nine!r}")
    return next(first_nine + str(check) for check in range(10) if is_business_number(first_nine + str(check)))


# Six digits of a birthday, a digit of century and sex, six more (or the stars of a half-hidden number).
_RRN = re.compile(r"(?<![0-9])([0-9]{2})([0-9]{2})([0-9]{2})[ \t]*-?[ \t]*([1-8])([0-9]{6}(?![0-9])|[*●○xX]{6})")


def has_resident_number(text: str) -> bool:
    """Whether `text` holds what looks like a resident or foreigner registration number (주민등록번호).

    These must not be collected unless a statute says so [개인정보 보호법§24의2]. The check digit is no help:
    numbers given since October 2020 do not satisfy it. What counts is a possible birthday and the century digit.
    Corporate registration numbers have the same thirteen digits and often begin 1101 11-0…; those would be people
    born before 1921, so such birthdays are let pass.
    """
    plain = re.sub(r"[‐-―−]", "-", unicodedata.normalize("NFKC", text))
    return any(_is_birthday(*match.groups()[:4]) for match in _RRN.finditer(plain))


def _is_birthday(year: str, month: str, day: str, century: str) -> bool:
    full_year = int(year) + (1900 if century in "1256" else 2000)
    if full_year <= 1920:
        return False
    try:
        date(full_year, int(month), int(day))
    except ValueError:
        return False
    return True


def is_product_code(code: str) -> bool:
    """물품분류번호 (8 digits, four levels of two) or 세부품명번호 (10 digits)."""
    return re.fullmatch(r"[0-9]{8}(?:[0-9]{2})?", code) is not None


def missing(profile: Profile, *, has_verified_email: bool) -> tuple[tuple[str, str], ...]:
    """What still keeps a registration from being submitted: (section, what), in the order of the steps."""
    needs = (
        ("firm", "business_number", is_business_number(profile.business_number)),
        ("firm", "name_ko", bool(profile.name_ko)),
        ("firm", "name_en", bool(profile.name_en)),
        ("firm", "legal_form", bool(profile.legal_form)),
        ("firm", "size", bool(profile.size)),
        ("person", "email", has_verified_email),
        ("representatives", "representatives", bool(profile.representatives)),
        ("place", "region", bool(profile.region)),
        ("place", "address", bool(profile.address)),
        ("place", "phone", bool(profile.phone)),
        ("business", "kinds", bool(profile.kinds)),
        # Construction may be contracted only to who is licensed for it [건설산업기본법§25].
        ("licences", "licences", "works" not in profile.kinds or bool(profile.licences)),
    )
    return tuple((section, what) for section, what, is_there in needs if not is_there)


def why_ineligible(standing: Standing | None, requirements: Requirements, on: date) -> Ineligible | None:
    """The first reason why a supplier may not bid on the day `on`, or None.

    Every interval counts its first and its last day. The registry's own reasons come first, then the tender's.
    """
    if standing is None or standing.registered_at is None or standing.valid_until_on is None:
        return Ineligible(Reason.NOT_REGISTERED)
    if standing.state == "expired" or standing.valid_until_on < on:
        return Ineligible(Reason.EXPIRED, {"valid_until_on": standing.valid_until_on.isoformat()})
    if standing.state not in ("active", "changes_pending"):
        return Ineligible(Reason.NOT_ACTIVE, {"state": standing.state})
    if standing.sanctioned_until_on is not None:
        return Ineligible(Reason.SANCTIONED, {"until_on": standing.sanctioned_until_on.isoformat()})
    limit = requirements.registered_before_on
    if limit is not None and kst_date(standing.registered_at) >= limit:
        facts = {"registered_on": kst_date(standing.registered_at).isoformat(), "before_on": limit.isoformat()}
        return Ineligible(Reason.REGISTERED_TOO_LATE, facts)
    return _why_not_of_the_tender(standing, requirements, on)


def _why_not_of_the_tender(standing: Standing, requirements: Requirements, on: date) -> Ineligible | None:
    kind = requirements.business_kind
    if kind is not None and kind not in standing.kinds:
        return Ineligible(Reason.BUSINESS_KIND, {"asked": kind, "has": list(standing.kinds)})
    if requirements.regions and standing.region not in requirements.regions:
        return Ineligible(Reason.REGION, {"asked": list(requirements.regions), "has": standing.region})
    if requirements.sizes and standing.size not in requirements.sizes:
        return Ineligible(Reason.SIZE, {"asked": list(requirements.sizes), "has": standing.size})
    if requirements.licence_codes:
        return _why_not_licensed(standing, requirements, on)
    return None


def _why_not_licensed(standing: Standing, requirements: Requirements, on: date) -> Ineligible | None:
    held = [licence for licence in standing.licences if licence[0] in requirements.licence_codes]
    if not held:
        return Ineligible(Reason.LICENCE, {"asked": list(requirements.licence_codes)})
    if any(since <= on and (until is None or on <= until) for _, since, until in held):
        return None
    return Ineligible(Reason.LICENCE_EXPIRED, {"has": sorted({code for code, _, _ in held})})


def months_later(day: date, months: int) -> date:
    """The same day `months` later; the month's last day where that month is too short."""
    index = day.month - 1 + months
    year, month = day.year + index // 12, index % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


VALID_MONTHS = 36
RENEWAL_DAYS = 60


def valid_until(registered_on: date) -> date:
    """The last day of a registration granted on `registered_on`. The operator may set the period [국가칙§15⑧]."""
    return months_later(registered_on, VALID_MONTHS) - timedelta(days=1)


def may_renew(valid_until_on: date, on: date) -> bool:
    """Renewal opens sixty days before the end, so that nobody needs to fall out of the registry."""
    return on >= valid_until_on - timedelta(days=RENEWAL_DAYS)


def why_no_sanction_period(begins_on: date, ends_on: date, decided_on: date) -> str | None:
    """What forbids a sanction over these days (both counted), as a code, or None.

    One month to two years [국가법§27, 국가령§76]; it is made public before it begins.
    """
    if ends_on < begins_on:
        return "ends-before-it-begins"
    end = ends_on + timedelta(days=1)
    if end < months_later(begins_on, 1):
        return "shorter-than-a-month"
    if end > months_later(begins_on, 24):
        return "longer-than-two-years"
    if begins_on <= decided_on:
        return "begins-before-it-is-public"
    return None


def name_key(text: str) -> str:
    """A name as it is compared: case, width and spaces do not matter."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def grams(text: str) -> frozenset[str]:
    """Every two neighbouring characters of `text`, for a search that finds 나루 inside 한나루건설."""
    key = name_key(text)
    return frozenset(key[index : index + 2] for index in range(len(key) - 1))


def search_words(query: str) -> tuple[str, ...]:
    """The words of a query as they are compared, hyphens between digits dropped (a business number)."""
    joined = re.sub(r"(?<=[0-9])-(?=[0-9])", "", unicodedata.normalize("NFKC", query))
    return tuple(word.casefold() for word in joined.split())[:8]
