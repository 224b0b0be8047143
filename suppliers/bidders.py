"""What the register knows of the bidders of one tender, many at a time: for the checks at an opening."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, String, literal, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.db import db
from app.errors import NotFound
from app.time import kst_date
from suppliers import queries, rules
from suppliers.models import RegisteredRepresentative, RepresentativeIdentity, Review, Supplier
from suppliers.types import Requirements


@dataclass(frozen=True, slots=True)
class BidderFacts:
    """`ineligible`: why it might not bid on the day of the deadline. `changed`: `before` (a change of name or
    representatives was applied for before the bid and registered after it), `after` (one came to light since, or is
    not decided), or empty. `people`: identities that were confirmed; `names`: of all representatives, as compared.
    """

    ineligible: frozenset[str] = frozenset()
    is_other_now: bool = False
    is_sanctioned: bool = False
    people: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    has_sanctioned_person: bool = False
    changed: str = ""


def bidders_facts(
    received: Mapping[UUID, datetime], requirements: Requirements, closes_at: datetime, opens_at: datetime
) -> dict[UUID, BidderFacts]:
    """Of each organisation that has bid, by when its bid was received. A fixed number of queries."""
    ids = list(received)
    ineligible, others = _ineligible(ids, requirements, closes_at)
    barred = queries.sanctioned_organisations(ids, kst_date(opens_at))
    names, people = _names(ids), _people(ids)
    barred_people = _sanctioned_people({one for found in people.values() for one in found}, opens_at)
    changed = _changed(received, opens_at)
    return {
        one: BidderFacts(
            ineligible=frozenset({ineligible[one]} if one in ineligible else ()),
            is_other_now=one in others,
            is_sanctioned=one in barred,
            people=frozenset(people[one]),
            names=frozenset(names[one]),
            has_sanctioned_person=one not in barred and not barred_people.isdisjoint(people[one]),
            changed=changed.get(one, ""),
        )
        for one in ids
    }


def _ineligible(
    ids: Collection[UUID], requirements: Requirements, closes_at: datetime
) -> tuple[dict[UUID, str], set[UUID]]:
    codes = literal(list(requirements.licence_codes), ARRAY(String))
    query = queries.standing_query(Supplier.organisation_id, codes)  # type: ignore[arg-type]
    query = query.add_columns(Supplier.organisation_id, Supplier.approved_at)
    rows = db.session.execute(query.where(Supplier.organisation_id.in_(ids)), {"on": kst_date(closes_at)}).all()
    found, others = {}, set()
    for row in rows:
        why = rules.why_ineligible(queries.read_standing(row), requirements, kst_date(closes_at))
        if why is not None:
            found[row.organisation_id] = str(why.code)
        if row.approved_at is not None and row.approved_at > closes_at:
            others.add(row.organisation_id)
    return found, others


def _names(ids: Collection[UUID]) -> defaultdict[UUID, set[str]]:
    query = select(Supplier.organisation_id, RegisteredRepresentative.name).join(
        RegisteredRepresentative, RegisteredRepresentative.supplier_id == Supplier.id
    )
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for organisation_id, name in db.session.execute(query.where(Supplier.organisation_id.in_(ids))):
        assert organisation_id is not None  # one of `ids`
        found[organisation_id].add(rules.name_key(name))
    return found


def _people(ids: Collection[UUID]) -> defaultdict[UUID, set[str]]:
    query = select(Supplier.organisation_id, RepresentativeIdentity.identity).join(
        RepresentativeIdentity, RepresentativeIdentity.supplier_id == Supplier.id
    )
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for organisation_id, identity in db.session.execute(query.where(Supplier.organisation_id.in_(ids))):
        assert organisation_id is not None
        found[organisation_id].add(identity)
    return found


def _sanctioned_people(people: Collection[str], at: datetime) -> set[str]:
    """Those who stand behind a supplier, any supplier, that is under sanction that day."""
    query = select(RepresentativeIdentity.identity, RepresentativeIdentity.supplier_id)
    rows = db.session.execute(query.where(RepresentativeIdentity.identity.in_(people))).all()
    barred = queries.sanctioned_among([supplier_id for _, supplier_id in rows], kst_date(at))
    return {identity for identity, supplier_id in rows if supplier_id in barred}


def _changed(received: Mapping[UUID, datetime], opens_at: datetime) -> dict[UUID, str]:
    """By the rounds of review: what was in force when the bid came, and what was asked for or granted around it."""
    query = select(Supplier.organisation_id, Review).join(Review, Review.supplier_id == Supplier.id)
    around = or_(Review.decision == "approved", Review.decision.is_(None))
    rows = db.session.execute(query.where(Supplier.organisation_id.in_(received), around).order_by(Review.number))
    rounds: defaultdict[UUID, list[Review]] = defaultdict(list)
    for organisation_id, review in rows:
        assert organisation_id is not None
        rounds[organisation_id].append(review)
    found = {}
    for organisation_id, at in received.items():
        before = [one for one in rounds[organisation_id] if one.decided_at is not None and one.decided_at <= at]
        later = [one for one in rounds[organisation_id] if one not in before and one.submitted_at <= opens_at]
        others = [one for one in later if before and _named(one) != _named(before[-1])]
        if any(one.submitted_at <= at and one.decision == "approved" for one in others):
            found[organisation_id] = "before"
        elif others:
            found[organisation_id] = "after"
    return found


def _named(review: Review) -> tuple[str, tuple[str, ...]]:
    """The two things whose change has to be registered before a bid: the firm's name, all representatives' names."""
    profile: dict[str, Any] = review.proposed
    people = sorted(rules.name_key(one["name"]) for one in profile.get("representatives", ()))
    return rules.name_key(profile.get("name_ko", "")), tuple(people)


def record_identity(organisation_id: UUID, name: str, identity: str, now: datetime) -> None:
    """A confirming body (본인확인기관) has said who a representative is. `identity`: 64 hex digits. NotFound."""
    supplier_id = db.session.scalar(select(Supplier.id).where(Supplier.organisation_id == organisation_id))
    if supplier_id is None:
        raise NotFound("not on the register of suppliers", what="supplier")
    values = {"supplier_id": supplier_id, "name_key": rules.name_key(name), "identity": identity, "confirmed_at": now}
    keys = ["supplier_id", "name_key"]
    made = insert(RepresentativeIdentity).values(**values)
    db.session.execute(made.on_conflict_do_update(index_elements=keys, set_=values))


__all__ = ["BidderFacts", "bidders_facts", "record_identity"]
