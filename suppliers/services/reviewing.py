"""The registrar decides: approve, ask for changes, refuse; and registrations run out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, InvalidInput, StaleConfirmation
from app.jobs import enqueue
from app.notifications import notify
from app.time import kst_date
from suppliers import rules
from suppliers.models import Review, Supplier
from suppliers.models.supplier import REGISTRATION_NUMBERS
from suppliers.profiles import SECTIONS, differences, from_json, to_json
from suppliers.services.register import put_in_force
from suppliers.services.registration import get_open_review, is_number_taken
from suppliers.states import SUPPLIER, SupplierState

MY_SUPPLIER = "/my/supplier"


def approve(supplier: Supplier, review_id: UUID, actor: Actor, now: datetime, *, is_quiet: bool = False) -> Review:
    """Put what was sent in force; a first registration gets its number, a first one and a renewal a new period.

    `is_quiet` leaves out the notification and the certificate (registrations made directly by the system).

    Raises StaleConfirmation (another round was sent since it was shown), AlreadyDone (the business number has been
    registered to another), IllegalTransition, Forbidden.
    """
    review = _get_shown_review(supplier, review_id)
    profile, before = from_json(review.proposed), supplier.profile
    # Two approvals of one number at the same moment: the second waits, and is refused kindly.
    db.session.execute(select(func.pg_advisory_xact_lock(5, func.hashtext(profile.business_number))))
    if is_number_taken(profile.business_number, but=supplier.id):
        raise AlreadyDone("another supplier is registered with this number", what="business-number")
    today = kst_date(now)
    if supplier.registered_at is None:
        supplier.registration_number = db.session.scalar(REGISTRATION_NUMBERS)
        supplier.registered_at = now
    if review.kind != "changes":
        supplier.valid_until_on = rules.valid_until(today)
    supplier.approved_at = now
    put_in_force(supplier, profile)
    changed = sorted({each.name for each in differences(before, profile)}) if review.kind == "changes" else []
    SUPPLIER.fire(
        supplier,
        "approve",
        actor,
        now,
        organisation=str(supplier.organisation_id),
        business_number=profile.business_number,
        name_ko=profile.name_ko,
        name_en=profile.name_en,
        registration_number=supplier.full_number,
        valid_until=str(supplier.valid_until_on),
        kind=review.kind,
        changed=changed,
    )
    supplier.working = to_json(profile)
    _decide(review, "approved", actor, now)
    if not is_quiet:
        enqueue("suppliers.issue_certificate", str(review.id), due_at=now, supplier_id=str(supplier.id))
        _tell(supplier, "supplier.approved", now, number=supplier.full_number, until=str(supplier.valid_until_on))
    return review


def ask_for_changes(
    supplier: Supplier, review_id: UUID, comments: Mapping[str, str], reason: str, actor: Actor, now: datetime
) -> Review:
    """Give the application back with what is to be changed, section by section. What is in force stays.

    Raises InvalidInput (nothing said), StaleConfirmation, IllegalTransition, Forbidden.
    """
    said = {section: comment.strip() for section, comment in comments.items() if section in (*SECTIONS, "person")}
    said = {section: comment for section, comment in said.items() if comment}
    if not said and not reason.strip():
        raise InvalidInput("say what to change", field="reason")
    review = _get_shown_review(supplier, review_id)
    SUPPLIER.fire(supplier, "return", actor, now, sections=sorted(said))
    _decide(review, "returned", actor, now, reason=reason, comments=said)
    _tell(supplier, "supplier.returned", now)
    return review


def refuse(supplier: Supplier, review_id: UUID, reason: str, actor: Actor, now: datetime) -> Review:
    """Refuse with a reason. Of changes only the changes are refused: what is in force stays.

    Raises InvalidInput (no reason), StaleConfirmation, IllegalTransition, Forbidden.
    """
    if not reason.strip():
        raise InvalidInput("a refusal needs its reason", field="reason")
    review = _get_shown_review(supplier, review_id)
    SUPPLIER.fire(supplier, "refuse", actor, now)
    _decide(review, "refused", actor, now, reason=reason)
    _tell(supplier, "supplier.refused", now)
    return review


def _get_shown_review(supplier: Supplier, review_id: UUID) -> Review:
    db.session.refresh(supplier, with_for_update=True)
    review = get_open_review(supplier)
    if review.id != review_id:
        raise StaleConfirmation("another round was sent meanwhile")
    return review


def _decide(
    review: Review,
    decision: str,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
    comments: dict[str, str] | None = None,
) -> None:
    review.decision, review.decided_at, review.decided_by_id = decision, now, actor.person_id
    review.reason, review.comments = reason.strip(), comments or {}
    db.session.flush()


def _tell(supplier: Supplier, kind: str, now: datetime, **facts: str) -> None:
    if supplier.organisation_id is not None:
        notify(supplier.organisation_id, kind, now, href=MY_SUPPLIER, **facts)


def expire(supplier_id: UUID, actor: Actor, now: datetime) -> bool:
    """End a registration whose last day is over; whether it was ended here. Safe to run twice."""
    supplier = db.session.get(Supplier, supplier_id, with_for_update=True)
    if supplier is None or supplier.state not in (SupplierState.ACTIVE, SupplierState.CHANGES_PENDING):
        return False
    if supplier.valid_until_on is None or supplier.valid_until_on >= kst_date(now):
        return False
    if supplier.state == SupplierState.CHANGES_PENDING:
        _decide(get_open_review(supplier), "taken-back", actor, now, reason="")
    SUPPLIER.fire(supplier, "expire", actor, now, business_number=supplier.business_number)
    _tell(supplier, "supplier.expired", now)
    return True


def ids_to_expire(now: datetime) -> list[UUID]:
    """Registrations whose last day is over and that still stand as active."""
    query = select(Supplier.id).where(
        Supplier.state.in_((SupplierState.ACTIVE, SupplierState.CHANGES_PENDING)),
        Supplier.valid_until_on < kst_date(now),
    )
    return list(db.session.scalars(query.order_by(Supplier.valid_until_on).limit(500)))
