"""Five keyholders of different bodies, and a tender that waits for them; each step through the real services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app import time
from app.audit.sequencer import run_step
from app.auth import OrganisationKind, Role
from app.auth.models import Person
from app.db import db, transaction
from bidding.keyholder.panel import Panel
from bidding.models import Tender
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.committee import Member, contribute, prove, sit_down
from bidding.rehearsal.stages import Plan, draft
from bidding.services.committee import name_members
from bidding.services.publishing import publish, submit_for_review
from tests.bidding.staging import PLAN
from tests.builders import actor_of, make_organisation, make_person


@dataclass
class Committee:
    """A tender with its members in the order of their seats: `members[0]` sits in M1."""

    agency: Agency
    tender_id: UUID
    people: list[Person]
    members: list[Member]

    @property
    def tender(self) -> Tender:
        return db.session.get_one(Tender, self.tender_id)

    def of(self, *holders: str) -> list[Member]:
        return [self.members[int(holder[1:]) - 1] for holder in holders]


def keyholders(count: int = 5) -> list[Person]:
    """People with the role, half of them of an audit body."""
    audit_body = make_organisation(OrganisationKind.AUDIT)
    bodies = [audit_body if number % 2 else None for number in range(count)]
    return [make_person([Role.KEYHOLDER], organisation=body) for body in bodies]


def drafted(agency: Agency, plan: Plan = PLAN) -> Tender:
    now = time.now()
    with transaction():
        return draft(agency, plan, now, closes_at=now + timedelta(hours=1))


def named(agency: Agency, people: Sequence[Person], policy: str = "committee", plan: Plan = PLAN) -> Tender:
    """A draft whose committee is named. The log has begun, so that there is a checkpoint to remember."""
    tender = drafted(agency, plan)
    with transaction():
        name_members(tender.id, policy, [one.id for one in people], agency.officer, time.now())
    run_step()
    return tender


def seated(agency: Agency, people: Sequence[Person], policy: str = "committee", plan: Plan = PLAN) -> Committee:
    """Every member has made keys and proved both media."""
    tender = named(agency, people, policy, plan)
    members = []
    for person in people:
        with transaction():
            members.append(sit_down(tender, actor_of(person), time.now()))
        for medium in ("medium-1", "medium-2"):
            with transaction():
                assert prove(members[-1], medium, time.now())
    return Committee(agency, tender.id, list(people), members)


def announced(committee: Committee, panel: Panel) -> Tender:
    """Sent to the approver, every contribution sealed, published."""
    with transaction():
        submit_for_review(committee.tender_id, committee.agency.officer, time.now(), panel=panel)
    for member in committee.members:
        with transaction():
            contribute(member, time.now())
    with transaction():
        publish(committee.tender.id, str(committee.tender.box_id), committee.agency.approver, time.now())
    return committee.tender
