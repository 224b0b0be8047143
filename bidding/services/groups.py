"""Which group of holders opens: fixed in the log before any piece, replaced in the log when a holder falls away.

The first group fixed is the machine's move into `opening`; a later one is an `opening.fallback` with who was missing.
Whichever group opens, the same keys come out (protocol 3.11), so that there is nothing to choose among groups.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor, system
from app.db import db
from app.errors import IllegalTransition, InvalidInput
from app.notifications import notify
from bidding.models import OpeningGroup, Tender
from bidding.policy import Group, HolderPolicy, first_group
from bidding.sealing import Lane
from bidding.services.access import lock_tender
from bidding.states import TENDER, WITH_RESULT, TenderState

OPENER: Actor = system("tender:open")
NEXT = timedelta(microseconds=1)  # so that the log keeps the order in which things were decided
PRICE, DOCS = "price", "docs"
FALLBACK_REASONS = ("no-answer", "refused", "wrong-piece", "absent")


def groups_in(tender: Tender, lane: str) -> tuple[Group, ...]:
    assert tender.box is not None  # in review, by CHECK
    return Lane.from_json(tender.box["lanes"][lane]).groups


def lanes_in(tender: Tender) -> list[str]:
    assert tender.box is not None
    return sorted(tender.box["lanes"], reverse=True)  # price first


def is_documents_first(tender: Tender) -> bool:
    """Whether the box says that proposals are opened and scored before any price is."""
    return tender.box is not None and tender.box.get("first") == DOCS


def leading_lane(tender: Tender) -> str:
    """The lane that is opened next, or being opened: people hold a session for it."""
    is_before = tender.state in (TenderState.CLOSED, TenderState.EVALUATING) and tender.docs_opened_at is None
    return DOCS if is_documents_first(tender) and is_before else PRICE


def is_being_opened(tender: Tender, lane: str) -> bool:
    """Whether pieces of a lane are asked for. The documents' come before the price lane where proposals are scored,
    else they may come after it has been opened."""
    is_owed = lane == DOCS and tender.docs_opened_at is None
    if is_documents_first(tender):
        return tender.state == TenderState.EVALUATING if is_owed else lane == PRICE and _is_opening(tender)
    return _is_opening(tender) or (is_owed and tender.state in WITH_RESULT)


def _is_opening(tender: Tender) -> bool:
    return tender.state == TenderState.OPENING


def is_automatic(tender: Tender) -> bool:
    """Whether the group is fixed by the clock; a committee's is fixed by who has come."""
    return tender.holder_policy == HolderPolicy.SERVICES


def fix_groups(
    tender: Tender,
    group: Sequence[str],
    at: datetime,
    *,
    cancelled: int = 0,
    unqualified: int | None = None,
    approvals: Sequence[str] = (),
) -> None:
    """`opening.group` of every lane that is opened now: these holders, a group of the box, are the ones that are asked.

    Where proposals are scored first, that is the documents' lane alone, and later the price lane alone. `cancelled` and
    `unqualified` bids are said again here, so that no keyholder can be shown the group without them; `approvals` are
    the handles of those who started a committee's session. Raises InvalidInput for no group of the box,
    IllegalTransition unless the tender waits for this.
    """
    chosen = tuple(group)
    first = leading_lane(tender)
    lanes = [first] if is_documents_first(tender) else lanes_in(tender)
    if any(chosen not in groups_in(tender, lane) for lane in lanes):
        raise InvalidInput("no group of the box", field="group")
    facts: dict[str, Any] = {"group": list(chosen)}
    facts |= {"cancelled": cancelled} if cancelled else {}
    facts |= {"unqualified": unqualified} if unqualified is not None else {}
    facts |= {"approvals": list(approvals)} if approvals else {}
    TENDER.fire(tender, "open_proposals" if first == DOCS else "fix_group", OPENER, at, lane=first, **facts)
    subject, reference = tender.audit_subject, tender.reference
    for number, lane in enumerate(lanes):
        fixed_at = at + number * NEXT
        if number:
            audit.emit("opening.group", OPENER, fixed_at, subject=subject, tender=reference, lane=lane, **facts)
        db.session.add(OpeningGroup(tender_id=tender.id, lane=lane, number=0, holders=list(chosen), fixed_at=fixed_at))
    db.session.flush()


def in_force(tender_id: UUID, lane: str) -> OpeningGroup | None:
    """The group that is asked for pieces of a lane now; None before the opening, one without holders if it is stuck."""
    query = select(OpeningGroup).where(OpeningGroup.tender_id == tender_id, OpeningGroup.lane == lane)
    return db.session.scalar(query.order_by(OpeningGroup.number.desc()).limit(1))


def history(tender_id: UUID) -> list[OpeningGroup]:
    query = select(OpeningGroup).where(OpeningGroup.tender_id == tender_id)
    return list(db.session.scalars(query.order_by(OpeningGroup.lane.desc(), OpeningGroup.number)))


def gone(tender_id: UUID, lane: str) -> set[str]:
    """Every holder that has fallen away in this opening."""
    query = select(OpeningGroup.missing).where(OpeningGroup.tender_id == tender_id, OpeningGroup.lane == lane)
    return {holder for missing in db.session.scalars(query) for holder in missing}


def fall_back(
    tender_id: UUID,
    lane: str,
    missing: Collection[str],
    reason: str,
    at: datetime,
    *,
    group: Sequence[str] | None = None,
    approvals: Sequence[str] = (),
) -> OpeningGroup:
    """Ask another group, for these holders of the present one have fallen away; logged as `opening.fallback`.

    `reason` is one of FALLBACK_REASONS. Without `group` the first of the box that does without all who are gone. Where
    none is left the one in force is empty from now on: `opening.stuck` in the log, the agency is told. Services fall
    back by themselves; for people, two officers decide, and their handles are `approvals`.

    Raises IllegalTransition where nothing is being opened, InvalidInput for a group that is none, or needs somebody who
    is gone.
    """
    tender = lock_tender(tender_id)
    now_in_force = in_force(tender_id, lane)
    if not is_being_opened(tender, lane) or now_in_force is None:
        raise IllegalTransition("nothing is being opened", state=tender.state, event="fall_back")
    if reason not in FALLBACK_REASONS or not set(missing) & set(now_in_force.holders):
        raise InvalidInput("a fallback names who of the group is missing, and why", field="missing")
    lost = gone(tender_id, lane) | set(missing)
    chosen = first_group(groups_in(tender, lane), lost) if group is None else tuple(group)
    if chosen is not None and (chosen not in groups_in(tender, lane) or lost & set(chosen)):
        raise InvalidInput("no group of the box, or one that needs a holder that is gone", field="group")
    facts: dict[str, Any] = {"lane": lane, "missing": sorted(missing), "reason": reason, "approvals": list(approvals)}
    subject = tender.audit_subject
    if chosen is None:
        audit.emit("opening.stuck", OPENER, at, subject=subject, tender=tender.reference, **facts)
        notify(tender.agency_id, "opening.stuck", at, href=f"/tenders/{tender.reference}/manage", title=tender.title)
    else:
        facts["group"] = list(chosen)
        audit.emit("opening.fallback", OPENER, at, subject=subject, tender=tender.reference, **facts)
    fixed = OpeningGroup(
        tender_id=tender.id, lane=lane, number=now_in_force.number + 1, holders=list(chosen or ()),
        missing=sorted(missing), reason=reason, fixed_at=at,
    )  # fmt: skip
    db.session.add(fixed)
    db.session.flush()
    return fixed
