"""A supplier registered by the system itself, for demonstrations and replays: the same moves, without the mail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.auth import Actor, OrganisationKind, Role, system
from app.auth.people import create_organisation, create_person
from app.db import db
from app.errors import AlreadyDone
from suppliers.models import Supplier
from suppliers.profiles import to_json
from suppliers.services.registration import empty_draft, is_number_taken, submit
from suppliers.services.reviewing import approve
from suppliers.types import Profile


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """A person of the new supplier. Both roles unless said otherwise."""

    email: str
    name: str
    password: str
    roles: tuple[Role, ...] = (Role.SUPPLIER_ADMIN, Role.SUPPLIER_BIDDER)


def register_supplier_directly(
    profile: Profile, people: Iterable[FirstPerson], now: datetime, actor: Actor | None = None
) -> Supplier:
    """An active supplier with its organisation and people, as if it had applied and been approved at `now`.

    The profile must be complete (InvalidInput), its business number free (AlreadyDone). `actor` is the system with
    the permissions that the moves need, unless another is given. Nothing is mailed.
    """
    by = actor or system("supplier:edit", "supplier:review")
    if is_number_taken(profile.business_number):
        raise AlreadyDone("another supplier is registered with this number", what="business-number")
    supplier = empty_draft("ko", now)
    db.session.add(supplier)
    organisation = create_organisation(
        OrganisationKind.SUPPLIER, profile.business_number, profile.name_ko, profile.name_en, by, now
    )
    db.session.flush()
    supplier.organisation_id = organisation.id
    supplier.working = to_json(profile)
    for person in people:
        create_person(organisation, person.email, person.name, person.password, list(person.roles), by, now)
    review = submit(supplier, by, now)
    approve(supplier, review.id, by, now, is_quiet=True)
    return supplier
