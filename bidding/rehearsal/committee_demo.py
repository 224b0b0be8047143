"""Five keyholders in the demonstration, and a practice draft that waits for their keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app.auth import OrganisationKind, Role, system
from app.auth.models import Organisation
from app.auth.people import create_person
from app.db import db, transaction
from app.demo import PASSWORD, Demo, Login
from app.time import now
from bidding.rehearsal.cast import Agency
from bidding.rehearsal.stages import Plan, draft
from bidding.services.committee import name_members

NAMES = ("윤서진", "한지우", "오민재", "서다은", "문태윤")
TITLE = "청사 통합관제실 장비 교체 용역 (위원회가 여는 모의 입찰)"


def committee_step(demo: Demo) -> None:
    """Needs the agencies of `demo_step`; two of the five sit in the audit body, where there is one."""
    agencies: Sequence[Agency] = demo.found["agencies"]
    audit_body = select(Organisation).where(Organisation.kind == OrganisationKind.AUDIT).limit(1)
    with transaction():
        auditors = list(db.session.scalars(audit_body))
        bodies = [db.session.get_one(Organisation, agency.organisation_id) for agency in agencies]
        homes = [*auditors * 2, *bodies * len(NAMES)][: len(NAMES)]
        people = []
        for number, (name, home) in enumerate(zip(NAMES, homes, strict=True), start=1):
            email = f"keyholder{number}@naru.example"
            people.append(create_person(home, email, name, PASSWORD, [Role.KEYHOLDER], system(), now()))
            demo.logins.append(Login("keyholder", email, home.name_ko))
    with transaction():
        began = now()
        plan = Plan(TITLE, 88_000_000, more={"description": "관제 서버와 화면 장비를 교체합니다."})
        tender = draft(agencies[0], plan, began, closes_at=began + timedelta(hours=2))
        name_members(tender.id, "committee", [person.id for person in people], agencies[0].officer, began)
