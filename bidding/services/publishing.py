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
from bidding.rules.data import version
from bidding.services.access import lock_own_tender, person_id
from bidding.services.box import PRICES, make_box, sign_box
from bidding.services.committee import tell_members
from bidding.services.holders import drop_services, give_reference, missing_seeds
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
    tender = lock_own_tender(tender_id, actor)
    refuse_errors([found.finding for found in notice_findings(tender, now)])
    _check_prices(tender, prices)
    give_reference(tender, now)
    tender.rule_version = version()
    make_box(tender, _attachments(tender), panel, prices, now)
    tender.submitted_by_id = person_id(actor)
    tender.review_comment = ""
    TENDER.fire(tender, "submit", actor, now, box=tender.box_id, notice_sha256=tender.notice_sha256)
    if tender.draw_mode == "M2":
        tell_members(tender, "keyholder.contribute", now)
    notify(tender.agency_id, "tender.submitted", now, href=f"/agency/tenders/{tender.id}/review", title=tender.title)
    return tender


def send_back(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> Tender:
    """The approver wants changes. The box is void."""
    tender = lock_own_tender(tender_id, actor)
    TENDER.fire(tender, "send_back", actor, now)
    tender.review_comment = reason
    _void_box(tender)
    notify(
        tender.agency_id, "tender.sent_back", now, href=f"/agency/tenders/{tender.id}/draft/check", title=tender.title
    )
    return tender


def take_back(tender_id: UUID, actor: Actor, now: datetime) -> Tender:
    """The officer takes the submission back before it is published. The box is void."""
    tender = lock_own_tender(tender_id, actor)
    TENDER.fire(tender, "take_back", actor, now)
    _void_box(tender)
    return tender


def publish(tender_id: UUID, box: str, actor: Actor, now: datetime) -> Tender:
    """입찰공고: the second person publishes the box whose id is `box`, as it was shown.

    Raises SamePerson, StaleConfirmation (another box by now), RuleBroken (a period has run out since), HoldersNotReady,
    IllegalTransition, Forbidden.
    """
    tender = lock_own_tender(tender_id, actor)
    if tender.box_id is not None and tender.box_id != box:
        raise StaleConfirmation("the box is not the one that was shown")
    if tender.submitted_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    refuse_errors([found.finding for found in notice_findings(tender, now)])
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
    return tender


def accept_unready(tender_id: UUID, reason: str, actor: Actor, now: datetime) -> Tender:
    """The officer says why the tender goes out though a holder is not ready; the approver decides by publishing.

    Raises HoldersNotReady where too few have, AlreadyDone where all have, InvalidInput without a reason.
    """
    tender = lock_own_tender(tender_id, actor)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer asks for it", permission="tender:draft")
    if tender.state != TenderState.IN_REVIEW:
        raise IllegalTransition("only what is in review", state=tender.state, event="accept_unready")
    if not reason.strip():
        raise InvalidInput("an exception needs its reason", field="reason")
    late = unready(tender)
    if not late:
        raise AlreadyDone("every keyholder is ready")
    tender.unready_reason = reason.strip()
    _refuse_unready(tender)
    audit.emit(
        "tender.unready_accepted", actor, now, subject=tender.audit_subject, tender=tender.reference,
        unready=late, reason=tender.unready_reason,
    )  # fmt: skip
    return tender


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
