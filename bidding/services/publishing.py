"""From draft to notice: the officer submits, a second person publishes exactly what was submitted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import (
    AlreadyDone,
    Forbidden,
    HoldersNotReady,
    IllegalTransition,
    InvalidInput,
    SamePerson,
    StaleConfirmation,
)
from app.jobs import enqueue
from app.notifications import notify
from app.time import wire
from bidding.keyholder.panel import Panel
from bidding.models import Attachment, Tender
from bidding.policy import has_spare
from bidding.services import rulebook
from bidding.services.access import person_id
from bidding.services.box import PRICES, make_box, sign_box
from bidding.services.committee import tell_members
from bidding.services.drafting import EDITABLE, OWN
from bidding.services.holders import drop_services, give_reference, missing_seeds
from bidding.services.lots import align, boxes_digest, lock_notice, share_files
from bidding.services.readiness import box_groups, ready_holders, unready
from bidding.services.schedule import notice_findings, refuse_errors
from bidding.states import TENDER, TenderState


def submit_for_review(
    tender_id: UUID, actor: Actor, now: datetime, *, panel: Panel, prices: Sequence[int] = ()
) -> Tender:
    """Give the draft its number, freeze it into a box, and hand it to the approver.

    `prices`: mode M3, the fifteen reserve prices, or none to have them drawn here. Raises RuleBroken with the
    findings, InvalidInput for misshapen prices or a committee without keys, KeyholderRefused, TemporarilyUnavailable
    (a keyholder does not answer), IllegalTransition, Forbidden.
    """
    rows = lock_notice(tender_id, actor)
    first = rows[0]
    refuse_errors([found.finding for row in rows for found in notice_findings(row, now)])
    if prices and len(rows) > 1:
        raise InvalidInput("the reserve prices of several lots are drawn here", field="prices", low=0, high=0)
    align(rows, EDITABLE - OWN)
    book = rulebook.current()
    rulebook.keep(book, now)
    share_files(rows)
    for row in rows:
        give_reference(row, now)
    for row in rows:
        _check_prices(row, prices)
        row.rule_version = book.version
        make_box(row, rows, _attachments(row), panel, prices, now)
        row.submitted_by_id = person_id(actor)
        row.review_comment = ""
        TENDER.fire(row, "submit", actor, now, box=row.box_id, notice_sha256=row.notice_sha256)
        if row.draw_mode == "M2":
            tell_members(row, "keyholder.contribute", now)
    href = f"/agency/tenders/{first.id}/review"
    notify(first.agency_id, "tender.submitted", now, href=href, title=first.notice_title)
    return first


def send_back(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> Tender:
    """The approver wants changes. The box is void."""
    rows = lock_notice(tender_id, actor)
    first = rows[0]
    for row in rows:
        TENDER.fire(row, "send_back", actor, now)
        row.review_comment = reason
        _void_box(row)
    href = f"/agency/tenders/{first.id}/draft/check"
    notify(first.agency_id, "tender.sent_back", now, href=href, title=first.notice_title)
    return first


def take_back(tender_id: UUID, actor: Actor, now: datetime) -> Tender:
    """The officer takes the submission back before it is published. The box is void."""
    rows = lock_notice(tender_id, actor)
    for row in rows:
        TENDER.fire(row, "take_back", actor, now)
        _void_box(row)
    return rows[0]


def publish(tender_id: UUID, box: str, actor: Actor, now: datetime) -> Tender:
    """입찰공고: the second person publishes the box whose id is `box`, as it was shown; of several lots all boxes at
    once, `box` being the hash of their ids.

    Raises SamePerson, StaleConfirmation (another box by now), RuleBroken (a period has run out since), HoldersNotReady,
    IllegalTransition, Forbidden.
    """
    rows = lock_notice(tender_id, actor)
    if boxes_digest(rows) not in (None, box):
        raise StaleConfirmation("the box is not the one that was shown")
    if rows[0].submitted_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    refuse_errors([found.finding for row in rows for found in notice_findings(row, now)])
    for row in rows:
        _publish(row, actor, now)
    return rows[0]


def _publish(tender: Tender, actor: Actor, now: datetime) -> None:
    _refuse_unready(tender)
    tender.approved_by_id = person_id(actor)
    assert tender.closes_at  # checked by the findings
    assert tender.opens_at
    assert tender.bids_from_at
    TENDER.fire(
        tender,
        "publish",
        actor,
        now,
        box=tender.box_id,
        notice_sha256=tender.notice_sha256,
        bids_from_at=wire(tender.bids_from_at),
        closes_at=wire(tender.closes_at),
        opens_at=wire(tender.opens_at),
        holders=tender.holder_vkeys,
        operators={one.holder: one.operator for one in tender.holders},
        **_readiness(tender),
        seeds=[seed["stmt"] for seed in tender.seeds],
        approvals=[f"person:{tender.submitted_by_id}", actor.handle],
        is_practice=tender.is_practice,
    )
    tender.box_note = sign_box(tender)
    closing = {"tender_id": str(tender.id)}
    enqueue("bidding.close_tender", f"{tender.id}:{wire(tender.closes_at)}", due_at=tender.closes_at, **closing)
    enqueue("bidding.issue_notice", str(tender.id), due_at=now, **closing)


def accept_unready(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> Tender:
    """The officer says why the tender goes out though a holder is not ready; the approver decides by publishing.

    Raises HoldersNotReady where too few have, AlreadyDone where all have, InvalidInput without a reason.
    """
    rows = lock_notice(tender_id, actor)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer asks for it", permission="tender:draft")
    if rows[0].state != TenderState.IN_REVIEW:
        raise IllegalTransition("only what is in review", state=rows[0].state, event="accept_unready")
    if not reason.strip():
        raise InvalidInput("an exception needs its reason", field="reason")
    late = {row.id: holders for row in rows if (holders := unready(row))}
    if not late:
        raise AlreadyDone("every keyholder is ready")
    for row in rows:
        if row.id in late:
            row.unready_reason = reason.strip()
            _refuse_unready(row)
            audit.emit(
                "tender.unready_accepted", actor, now, subject=row.audit_subject, tender=row.reference,
                unready=late[row.id], reason=row.unready_reason,
            )  # fmt: skip
    return rows[0]


def _refuse_unready(tender: Tender) -> None:
    """All holders are ready; or two persons accept that a few are not, and still one of the others could fail."""
    late = unready(tender)
    if not late:
        return
    there = set(ready_holders(tender)) - set(missing_seeds(tender))
    is_accepted = bool(tender.unready_reason) and not missing_seeds(tender) and has_spare(box_groups(tender), there)
    if not is_accepted:
        raise HoldersNotReady("not every keyholder has proved that it can open", holders=late)


def _readiness(tender: Tender) -> dict[str, Any]:
    """In clear, where somebody is not ready."""
    late = unready(tender)
    return {"unready": late, "unready_reason": tender.unready_reason} if late else {}


def _void_box(tender: Tender) -> None:
    tender.box = tender.box_id = tender.box_note = tender.submitted_at = tender.submitted_by_id = None
    tender.seeds, tender.unready_reason = [], ""
    drop_services(tender)


def _check_prices(tender: Tender, prices: Sequence[int]) -> None:
    """Given reserve prices are fifteen or none, and lie in the notice's range (`domain` invariant viii)."""
    if tender.draw_mode != "M3" or not prices:
        if prices:
            raise InvalidInput("prices are given in mode M3 only", field="prices")
        return
    base = tender.base_amount_won or 0
    low, high = base * tender.range_low // 100_000, -(-base * tender.range_high // 100_000) + 100
    # The mean of four hundreds is whole; other amounts need a rounding.
    is_whole = tender.rounding != "exact" or all(won % 100 == 0 for won in prices)
    if len(prices) != PRICES or not is_whole or not all(low <= won <= high for won in prices):
        raise InvalidInput("fifteen prices within the range", field="prices", low=low, high=high)


def _attachments(tender: Tender) -> list[Attachment]:
    query = select(Attachment).where(Attachment.tender_id == tender.id)
    return list(db.session.scalars(query.order_by(Attachment.added_at, Attachment.id)))
