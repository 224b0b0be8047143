"""Drills a day and an hour before the deadline: can enough holders still open? (protocol 3.4, 7)

Services are asked; people open their test envelope on their own page. Too few a day before is an alarm, too few an hour
before is a reason to postpone, which two officers decide by an extension.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Role
from app.auth.models import Person, PersonRole
from app.db import db
from app.notifications import notify
from bidding.keyholder.panel import Panel
from bidding.models import HolderTest, Tender
from bidding.policy import Medium, can_open, has_spare
from bidding.services.access import lock_tender
from bidding.services.readiness import SETTER, box_groups, last_tests, test_services
from bidding.states import TenderState

AHEAD = {Medium.DAY_BEFORE: timedelta(hours=24), Medium.HOUR_BEFORE: timedelta(hours=1)}
DRILLS = tuple(AHEAD)


def drill(tender_id: UUID, medium: Medium, panel: Panel, now: datetime) -> bool:
    """Test every service of the tender and judge what that means; whether all is well.

    Safe to run again: services that have all opened this drill's envelopes since it came due are not asked anew.
    Nothing happens to a tender that takes no bids any more, or before the drill's time (the deadline has moved).
    """
    tender = lock_tender(tender_id)
    if tender.state != TenderState.PUBLISHED or tender.closes_at is None or now >= tender.closes_at:
        return True
    due_at = tender.closes_at - AHEAD[medium]
    if now < due_at:
        return True
    last = last_tests(tender.id)
    services = [one.holder for one in tender.holders if one.kind == "service"]
    done = {holder for holder in services if _opened_since(last, holder, medium, due_at)}
    if set(services) - done:
        test_services(tender, panel, medium, now)
    there = answering(tender, medium)
    judge = has_spare if medium == Medium.DAY_BEFORE else can_open
    is_enough = judge(box_groups(tender), there)
    if not is_enough:
        _raise_alarm(tender, medium, there, now)
    return is_enough


def answering(tender: Tender, medium: Medium) -> set[str]:
    """Holders that can be counted on: services by this drill; people a day before by their proofs, an hour before only
    if they opened a drill."""
    last = last_tests(tender.id)
    found = set()
    for one in tender.holders:
        tests = last.get(one.holder, {})
        if one.kind == "service":
            is_there = medium in tests and bool(tests[medium].is_opened)
        elif medium == Medium.DAY_BEFORE:
            is_there = one.ready_at is not None
        else:
            is_there = any(drilled in tests and tests[drilled].is_opened for drilled in DRILLS)
        if is_there:
            found.add(one.holder)
    return found


def _opened_since(last: dict[str, dict[str, HolderTest]], holder: str, medium: Medium, since: datetime) -> bool:
    test = last.get(holder, {}).get(medium)
    return test is not None and bool(test.is_opened) and test.asked_at >= since


def _raise_alarm(tender: Tender, medium: Medium, there: set[str], now: datetime) -> None:
    """Written to the log, told to the agency and to the operators."""
    missing = sorted({one.holder for one in tender.holders} - there)
    audit.emit(
        "keyholder.alarm", SETTER, now, subject=tender.audit_subject, tender=tender.reference,
        medium=str(medium), missing=missing,
    )  # fmt: skip
    kind = "keyholder.alarm" if medium == Medium.DAY_BEFORE else "keyholder.postpone"
    href = f"/tenders/{tender.reference}/manage"
    notify(tender.agency_id, kind, now, href=href, title=tender.title)
    operators = select(Person.organisation_id).join(PersonRole, PersonRole.person_id == Person.id)
    for organisation_id in db.session.scalars(operators.where(PersonRole.role == Role.OPERATOR).distinct()):
        notify(organisation_id, kind, now, href="/operator/keyholders", title=tender.title)


def is_postponement_proposed(tender: Tender, now: datetime) -> bool:
    """Within the last hour before the deadline, and too few holders answered the drill."""
    if tender.state != TenderState.PUBLISHED or tender.closes_at is None:
        return False
    if not tender.closes_at - AHEAD[Medium.HOUR_BEFORE] <= now < tender.closes_at:
        return False
    if not any(Medium.HOUR_BEFORE in tests for tests in last_tests(tender.id).values()):
        return False
    return not can_open(box_groups(tender), answering(tender, Medium.HOUR_BEFORE))
