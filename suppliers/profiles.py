"""The profile as JSON (the working copy that a supplier edits) and what differs between two of them. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from suppliers.types import Licence, Product, Profile, Representative

# The steps of a registration and the fields that each one holds.
SECTIONS: dict[str, tuple[str, ...]] = {
    "firm": ("business_number", "name_ko", "name_en", "legal_form", "size", "opened_on"),
    "representatives": ("representatives",),
    "place": ("region", "postal_code", "address", "address_detail", "phone", "homepage"),
    "business": ("kinds",),
    "licences": ("licences",),
    "products": ("products",),
}

# What a registered supplier may change without a review: nobody's right to bid hangs on it.
IMMEDIATE = frozenset({"postal_code", "address_detail", "phone", "homepage", "products"})

SECTION_OF = {name: section for section, names in SECTIONS.items() for name in names}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; values as the profile holds them."""

    section: str
    name: str
    before: Any
    after: Any

    @property
    def needs_review(self) -> bool:
        return self.name not in IMMEDIATE


def to_json(profile: Profile) -> dict[str, Any]:
    """Scalars, lists and objects only; days as YYYY-MM-DD."""
    plain = asdict(profile)
    plain["opened_on"] = profile.opened_on.isoformat() if profile.opened_on else None
    plain["kinds"] = list(profile.kinds)
    plain["representatives"] = [asdict(each) for each in profile.representatives]
    plain["products"] = [asdict(each) for each in profile.products]
    plain["licences"] = [
        asdict(each)
        | {
            "valid_from": each.valid_from.isoformat(),
            "valid_to": each.valid_to.isoformat() if each.valid_to else None,
        }
        for each in profile.licences
    ]
    return plain


def from_json(plain: dict[str, Any]) -> Profile:
    """The profile that `to_json` wrote. Fields that are absent are empty."""
    known = {field.name: plain[field.name] for field in fields(Profile) if field.name in plain}
    known["opened_on"] = _day(known.get("opened_on"))
    known["kinds"] = tuple(known.get("kinds", ()))
    known["representatives"] = tuple(Representative(**each) for each in known.get("representatives", ()))
    known["products"] = tuple(Product(**each) for each in known.get("products", ()))
    known["licences"] = tuple(
        Licence(**{**each, "valid_from": date.fromisoformat(each["valid_from"]), "valid_to": _day(each["valid_to"])})
        for each in known.get("licences", ())
    )
    return tidy(Profile(**known))


def tidy(profile: Profile) -> Profile:
    """Licences and products in the order of their codes, so that two profiles differ only where the firms do."""
    return replace(
        profile,
        licences=tuple(sorted(profile.licences, key=lambda each: (each.code, each.number))),
        products=tuple(sorted(profile.products, key=lambda each: each.code)),
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def differences(before: Profile, after: Profile) -> tuple[Difference, ...]:
    """Every field in which `after` differs, in the order of the steps."""
    return tuple(
        Difference(section, name, getattr(before, name), getattr(after, name))
        for section, names in SECTIONS.items()
        for name in names
        if getattr(before, name) != getattr(after, name)
    )


def with_immediate(in_force: Profile, working: Profile) -> Profile:
    """`in_force` with those fields of `working` that take effect without a review."""
    return replace(in_force, **{name: getattr(working, name) for name in IMMEDIATE})
