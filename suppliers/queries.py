"""Reads of the registry. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.types import String

from app import direct
from app.auth.models import Organisation
from app.db import db, spelled
from app.errors import NotFound
from suppliers import rules
from suppliers.models import HeldLicence, Review, Sanction, Stay, Supplier
from suppliers.models import RegisteredRepresentative as Rep
from suppliers.states import UNDER_REVIEW, SanctionState
from suppliers.types import Standing, SupplierSummary


def get_supplier(supplier_id: UUID) -> Supplier:
    """By its own id. NotFound."""
    supplier = db.session.get(Supplier, supplier_id)
    if supplier is None:
        raise NotFound("no such supplier", what="supplier")
    return supplier


def find_supplier_of(organisation_id: UUID | None) -> Supplier | None:
    """The registration of an organisation."""
    if organisation_id is None:
        return None
    return db.session.scalar(select(Supplier).where(Supplier.organisation_id == organisation_id))


def get_registered(business_number: str) -> Supplier:
    """The supplier on the register under this number, its lists with it. NotFound."""
    query = (
        select(Supplier)
        .where(Supplier.business_number == business_number, Supplier.registered_at.is_not(None))
        .options(selectinload(Supplier.licences), selectinload(Supplier.products))
    )
    supplier = db.session.scalar(query)
    if supplier is None:
        raise NotFound("no supplier with this number", what="supplier")
    return supplier


# Written out, so that the statement needs no values but its caller's.
IN_FORCE: tuple[ColumnElement[str], ...] = tuple(
    literal_column(f"'{state}'") for state in (SanctionState.DECIDED, SanctionState.LIFTED)
)


def binds_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """Whether a sanction binds on `day`: decided, within its days, neither lifted nor stayed."""
    stayed = exists().where(
        Stay.sanction_id == Sanction.id, Stay.begins_on <= day, or_(Stay.ends_on.is_(None), Stay.ends_on >= day)
    )
    return and_(
        Sanction.state.in_(IN_FORCE),
        Sanction.begins_on <= day,
        Sanction.ends_on >= day,
        or_(Sanction.lifted_on.is_(None), Sanction.lifted_on > day),
        ~stayed,
    )


def standing_query(organisation_id: ColumnElement[UUID], codes: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """All that eligibility asks of a supplier on the day that is the parameter `on`, as columns for `read_standing`.

    `codes`: the licences that matter, an array of texts.
    """
    on: BindParameter[date] = bindparam("on", type_=Date)
    sanctioned = (
        select(func.max(func.least(Sanction.ends_on, Sanction.lifted_on - literal_column("1"))))
        .where(Sanction.supplier_id == Supplier.id, binds_on(on))
        .correlate(Supplier)
        .scalar_subquery()
    )
    held = (
        select(func.json_agg(func.json_build_array(HeldLicence.code, HeldLicence.valid_from, HeldLicence.valid_to)))
        .where(HeldLicence.supplier_id == Supplier.id, HeldLicence.code == any_(codes))
        .correlate_except(HeldLicence)
        .scalar_subquery()
    )
    query = select(
        Supplier.state,
        Supplier.registered_at,
        Supplier.valid_until_on,
        Supplier.region,
        Supplier.size,
        Supplier.kinds,
        sanctioned.label("sanctioned_until_on"),
        held.label("licences"),
    )
    return query.where(Supplier.organisation_id == organisation_id)


STANDING = spelled(standing_query(bindparam("organisation_id"), bindparam("licence_codes", type_=ARRAY(String))))


def find_standing(
    organisation_id: UUID, licence_codes: Sequence[str], on: date, run: direct.Run = direct.in_session
) -> Standing | None:
    """What the register knows of a supplier on the day `on`; its licences only among `licence_codes`."""
    values = {"organisation_id": organisation_id, "licence_codes": list(licence_codes), "on": on}
    row = next(iter(run(STANDING, values)), None)
    return None if row is None else read_standing(row)


def read_standing(row: Any) -> Standing:
    """The standing in a row of `standing_query`."""
    return Standing(
        state=row.state,
        registered_at=row.registered_at,
        valid_until_on=row.valid_until_on,
        region=row.region or "",
        size=row.size or "",
        kinds=tuple(row.kinds or ()),
        licences=tuple(
            (code, date.fromisoformat(since), date.fromisoformat(until) if until else None)
            for code, since, until in row.licences or ()
        ),
        sanctioned_until_on=row.sanctioned_until_on,
    )


def summaries(organisation_ids: Iterable[UUID]) -> dict[UUID, SupplierSummary]:
    """What is registered about each of these organisations, in one query; those not on the register are left out."""
    names = (
        select(func.array_agg(aggregate_order_by(Rep.name, Rep.position_number)))
        .where(Rep.supplier_id == Supplier.id)
        .correlate(Supplier)
        .scalar_subquery()
    )
    query = select(
        Supplier.organisation_id,
        Supplier.business_number,
        Supplier.name_ko,
        Supplier.name_en,
        names.label("representatives"),
        Supplier.region,
        Supplier.address,
        Supplier.address_detail,
        Supplier.size,
    ).where(Supplier.organisation_id.in_(list(organisation_ids)), Supplier.registered_at.is_not(None))
    return {
        row.organisation_id: SupplierSummary(
            organisation_id=row.organisation_id,
            business_number=row.business_number,
            name_ko=row.name_ko,
            name_en=row.name_en,
            representatives=tuple(row.representatives or ()),
            region=row.region,
            address=" ".join(part for part in (row.address, row.address_detail) if part),
            size=row.size,
        )
        for row in db.session.execute(query)
    }


def state_on(sanction: Sanction, day: date) -> str:
    """What a sanction is on `day`: proposed, rejected, coming, in-force, stayed, lifted or over."""
    if sanction.state in (SanctionState.PROPOSED, SanctionState.REJECTED):
        return str(sanction.state)
    if sanction.lifted_on is not None and sanction.lifted_on <= day:
        return "lifted"
    if day < sanction.begins_on:
        return "coming"
    if day > sanction.ends_on:
        return "over"
    is_stayed = any(stay.begins_on <= day and (stay.ends_on is None or day <= stay.ends_on) for stay in sanction.stays)
    return "stayed" if is_stayed else "in-force"


def sanctions_of(supplier_id: UUID) -> list[Sanction]:
    """Every public sanction of a supplier, newest first."""
    query = (
        select(Sanction)
        .where(Sanction.supplier_id == supplier_id, Sanction.state.in_((SanctionState.DECIDED, SanctionState.LIFTED)))
        .options(joinedload(Sanction.agency), selectinload(Sanction.stays))
        .order_by(Sanction.begins_on.desc(), Sanction.id)
    )
    return list(db.session.scalars(query).unique())


def reviews_of(supplier_id: UUID) -> list[Review]:
    """Every round of review, newest first."""
    return list(
        db.session.scalars(select(Review).where(Review.supplier_id == supplier_id).order_by(Review.number.desc()))
    )


@dataclass(frozen=True, slots=True)
class Filters:
    """What the public directory is narrowed to; empty means everything."""

    words: tuple[str, ...] = ()
    region: str = ""
    kind: str = ""
    licence: str = ""
    sort: str = "name"


SORTS = {
    "name": (Supplier.name_ko, Supplier.id),
    "-name": (Supplier.name_ko.desc(), Supplier.id),
    "registered": (Supplier.registered_at, Supplier.id),
    "-registered": (Supplier.registered_at.desc(), Supplier.id),
}


def directory(filters: Filters) -> Select[Any]:
    """The suppliers on the register (active or expired) that fit."""
    query = select(Supplier).where(Supplier.registered_at.is_not(None))
    for word in filters.words:
        query = query.where(_has_word(word))
    if filters.region:
        query = query.where(Supplier.region == filters.region)
    if filters.kind:
        query = query.where(Supplier.kinds.contains([filters.kind]))
    if filters.licence:
        held = exists().where(HeldLicence.supplier_id == Supplier.id, HeldLicence.code == filters.licence)
        query = query.where(held)
    return query.order_by(*SORTS.get(filters.sort, SORTS["name"]))


def _has_word(word: str) -> ColumnElement[bool]:
    """A name (or the number) holds the word. The grams let the index find candidates, the comparison decides."""
    close = or_(
        func.replace(Supplier.name_ko, " ", "").icontains(word, autoescape=True),
        func.replace(Supplier.name_en, " ", "").icontains(word, autoescape=True),
        Supplier.business_number.contains(word, autoescape=True),
    )
    found = sorted(rules.grams(word))
    return and_(Supplier.grams.contains(literal(found, ARRAY(String(2)))), close) if found else close


def with_lists(query: Select[Any]) -> Select[Any]:
    """The directory's rows with their licences, two queries for the whole page."""
    return query.options(selectinload(Supplier.licences))


def sanctioned_among(supplier_ids: Sequence[UUID], on: date) -> set[UUID]:
    """Which of these suppliers a sanction binds on `on`."""
    if not supplier_ids:
        return set()
    query = select(Sanction.supplier_id).where(Sanction.supplier_id.in_(supplier_ids), binds_on(on))
    return set(db.session.scalars(query))


def sanctioned_organisations(organisation_ids: Iterable[UUID], on: date) -> set[UUID]:
    """Which of these organisations' suppliers a sanction binds on `on`. One query."""
    query = (
        select(Supplier.organisation_id)
        .join(Sanction, Sanction.supplier_id == Supplier.id)
        .where(Supplier.organisation_id.in_(list(organisation_ids)), binds_on(on))
    )
    return {organisation_id for organisation_id in db.session.scalars(query) if organisation_id is not None}


def public_sanctions(words: tuple[str, ...], when: str, on: date) -> Select[Any]:
    """The public list; `when` is in-force, coming, over or empty for all. Newest first."""
    query = (
        select(Sanction)
        .join(Supplier, Supplier.id == Sanction.supplier_id)
        .where(Sanction.state.in_((SanctionState.DECIDED, SanctionState.LIFTED)))
        .options(joinedload(Sanction.agency), joinedload(Sanction.supplier), selectinload(Sanction.stays))
    )
    for word in words:
        query = query.where(_has_word(word))
    end = func.coalesce(func.least(Sanction.ends_on, Sanction.lifted_on - literal(1)), Sanction.ends_on)
    if when == "in-force":
        query = query.where(binds_on(on))
    elif when == "coming":
        query = query.where(Sanction.begins_on > on, end >= Sanction.begins_on)
    elif when == "over":
        query = query.where(end < on)
    return query.order_by(Sanction.begins_on.desc(), Sanction.id)


def sanctions_of_agency(agency_id: UUID) -> Select[Any]:
    """An agency's own sanctions, whatever their state: what waits first."""
    return (
        select(Sanction)
        .where(Sanction.agency_id == agency_id)
        .options(joinedload(Sanction.supplier), joinedload(Sanction.agency), selectinload(Sanction.stays))
        .order_by((Sanction.state != SanctionState.PROPOSED), Sanction.proposed_at.desc())
    )


def get_sanction(sanction_id: UUID) -> Sanction:
    """NotFound."""
    sanction = db.session.get(Sanction, sanction_id)
    if sanction is None:
        raise NotFound("no such sanction", what="sanction")
    return sanction


def review_queue() -> Select[Any]:
    """What waits for a registrar, longest waiting first."""
    return (
        select(Review)
        .join(Supplier, Supplier.id == Review.supplier_id)
        .where(Review.decision.is_(None), Supplier.state.in_(UNDER_REVIEW))
        .options(joinedload(Review.supplier))
        .order_by(Review.submitted_at, Review.id)
    )


def decided_reviews() -> Select[Any]:
    """What registrars decided, newest first."""
    return (
        select(Review)
        .where(Review.decision.in_(("approved", "returned", "refused")))
        .options(joinedload(Review.supplier))
        .order_by(Review.decided_at.desc())
    )


def expiring(supplier: Supplier, on: date) -> list[HeldLicence]:
    """Licences that end within sixty days, or have ended."""
    return [
        each for each in supplier.licences if each.valid_to is not None and each.valid_to <= on + timedelta(days=60)
    ]


def find_organisation(organisation_id: UUID) -> Organisation | None:
    return db.session.get(Organisation, organisation_id)
