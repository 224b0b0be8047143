"""Carrying a profile over into the register: the one place that writes what is in force."""

from __future__ import annotations

from sqlalchemy import select

from app.auth.models import Organisation
from app.db import db
from suppliers import rules
from suppliers.models import HeldLicence, HeldProduct, RegisteredRepresentative, Supplier
from suppliers.types import Profile

_SCALARS = (
    "business_number",
    "name_ko",
    "name_en",
    "legal_form",
    "size",
    "opened_on",
    "region",
    "postal_code",
    "address",
    "address_detail",
    "phone",
    "homepage",
)


def put_in_force(supplier: Supplier, profile: Profile) -> None:
    """Make `profile` what the register says of `supplier`, and of its organisation."""
    for name in _SCALARS:
        setattr(supplier, name, getattr(profile, name) or None)
    supplier.kinds = list(profile.kinds)
    supplier.grams = sorted(
        rules.grams(profile.name_ko) | rules.grams(profile.name_en) | rules.grams(profile.business_number)
    )
    _put_lists(supplier, profile)
    if supplier.organisation_id is not None:
        organisation = db.session.get_one(Organisation, supplier.organisation_id)
        organisation.code = profile.business_number
        organisation.name_ko, organisation.name_en = profile.name_ko, profile.name_en
    db.session.flush()


def _put_lists(supplier: Supplier, profile: Profile) -> None:
    before = supplier.profile
    if before.representatives != profile.representatives:
        supplier.representatives.clear()
        db.session.flush()  # the old rows leave before new ones take their numbers
        supplier.representatives.extend(
            RegisteredRepresentative(position_number=number, name=each.name, position=each.position)
            for number, each in enumerate(profile.representatives)
        )
    if before.licences != profile.licences:
        supplier.licences.clear()
        db.session.flush()
        supplier.licences.extend(
            HeldLicence(
                code=each.code,
                name_ko=each.name_ko,
                name_en=each.name_en,
                number=each.number,
                valid_from=each.valid_from,
                valid_to=each.valid_to,
            )
            for each in profile.licences
        )
    if before.products != profile.products:
        supplier.products.clear()
        db.session.flush()
        supplier.products.extend(HeldProduct(code=each.code, name=each.name) for each in profile.products)


def get_organisation(supplier: Supplier) -> Organisation:
    """The organisation that a registration belongs to."""
    return db.session.scalars(select(Organisation).where(Organisation.id == supplier.organisation_id)).one()
