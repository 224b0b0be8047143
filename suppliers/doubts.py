"""What a registrar should look at twice before approving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select

from app.db import db
from suppliers import rules
from suppliers.models import RegisteredRepresentative, Sanction, Supplier
from suppliers.queries import binds_on
from suppliers.types import Profile


@dataclass(frozen=True, slots=True)
class Doubt:
    """`code`: number-taken, number-applied, same-name, same-phone, same-address, representative-sanctioned,
    representative-elsewhere, licence-ended, licence-unknown. `about` names the firm or licence concerned."""

    code: str
    about: str
    business_number: str = ""


def doubts_of(supplier: Supplier, profile: Profile, on: date) -> list[Doubt]:
    """A handful of queries, for one decision page."""
    return [
        *_same_number(supplier, profile),
        *_lookalikes(supplier, profile),
        *_shared_representatives(supplier, profile, on),
        *_licences(profile, on),
    ]


def _same_number(supplier: Supplier, profile: Profile) -> list[Doubt]:
    query = select(Supplier).where(
        Supplier.id != supplier.id,
        or_(
            Supplier.business_number == profile.business_number,
            Supplier.working["business_number"].astext == profile.business_number,
        ),
        Supplier.state.not_in(("draft", "refused")),
    )
    return [
        Doubt("number-taken" if other.registered_at else "number-applied", _name(other), other.business_number or "")
        for other in db.session.scalars(query.limit(10))
    ]


def _lookalikes(supplier: Supplier, profile: Profile) -> list[Doubt]:
    others = select(Supplier).where(Supplier.id != supplier.id, Supplier.registered_at.is_not(None))
    key = rules.name_key(profile.name_ko)
    same_name = func.lower(func.replace(Supplier.name_ko, " ", "")) == key
    same_detail = func.coalesce(Supplier.address_detail, "") == profile.address_detail
    alike = {
        "same-name": same_name,
        "same-phone": Supplier.phone == profile.phone,
        "same-address": and_(Supplier.address == profile.address, same_detail),
    }
    return [
        Doubt(code, _name(each), each.business_number or "")
        for code, is_alike in alike.items()
        for each in db.session.scalars(others.where(is_alike).limit(5))
    ]


def _shared_representatives(supplier: Supplier, profile: Profile, on: date) -> list[Doubt]:
    """A debarred representative makes bids invalid [국가칙§44①1의2]; one of several firms bids once [§44①4]."""
    names = [each.name for each in profile.representatives]
    bound = select(Sanction.id).where(Sanction.supplier_id == Supplier.id, binds_on(on)).correlate(Supplier).exists()
    query = (
        select(Supplier, bound.label("is_bound"))
        .join(RegisteredRepresentative, RegisteredRepresentative.supplier_id == Supplier.id)
        .where(RegisteredRepresentative.name.in_(names), Supplier.id != supplier.id)
        .distinct()
        .limit(10)
    )
    return [
        Doubt(
            "representative-sanctioned" if row.is_bound else "representative-elsewhere",
            _name(row.Supplier),
            row.Supplier.business_number or "",
        )
        for row in db.session.execute(query)
    ]


def barred_by_representative(supplier: Supplier, profile: Profile, on: date) -> tuple[str, ...]:
    """The names of other firms that are barred on that day and share the name of a representative."""
    shared = _shared_representatives(supplier, profile, on)
    return tuple(one.about for one in shared if one.code == "representative-sanctioned")


def _licences(profile: Profile, on: date) -> list[Doubt]:
    ended = [each for each in profile.licences if each.valid_to is not None and each.valid_to < on]
    return [Doubt("licence-ended", f"{each.name_ko} ({each.code})") for each in ended]


def _name(supplier: Supplier) -> str:
    return supplier.name_ko or supplier.working.get("name_ko") or ""
