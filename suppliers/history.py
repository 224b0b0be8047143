"""A registration's history as a timeline: its rounds of review and its sanctions."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app import audit
from suppliers import queries, wording
from suppliers.codes import law_name
from suppliers.models import Review, Sanction, Supplier


def history_of(supplier: Supplier) -> list[dict[str, Any]]:
    """Items for `ui.timeline`, newest first."""
    items = [_item(supplier.created_at, _("Application begun"))]
    for review in queries.reviews_of(supplier.id):
        items += _of_review(review)
    evidence = _evidence(supplier.audit_subject)
    for sanction in queries.sanctions_of(supplier.id):
        items += _of_sanction(sanction)
        evidence |= _evidence(sanction.audit_subject)
    if supplier.state == "expired" and supplier.expired_at is not None:
        items.append(_item(supplier.expired_at, _("Registration ended: its last day was over")))
    for item in items:
        item["evidence"] = evidence.get(item["at"])
    return sorted(items, key=lambda item: item["at"], reverse=True)


def _evidence(subject: str) -> dict[datetime, int | None]:
    """The places in the log of what is public about `subject`, by the instant that the act and its entry share."""
    return {entry.at: entry.index for entry in audit.entries_about(subject)}


def _item(at: datetime, title: str, text: str = "") -> dict[str, Any]:
    return {"at": at, "title": title, "text": text, "href": None}


def _of_review(review: Review) -> list[dict[str, Any]]:
    kind = str(wording.REVIEW_KINDS[review.kind])
    items = [_item(review.submitted_at, _("Sent for review: %(kind)s", kind=kind), review.answer)]
    if review.decision is not None and review.decided_at is not None:
        said = [f"{wording.SECTION_TITLES[section]}: {comment}" for section, comment in review.comments.items()]
        text = " / ".join(part for part in (review.reason, *said) if part)
        label = str(wording.DECISIONS[review.decision][0])
        items.append(_item(review.decided_at, _("%(kind)s: %(decision)s", kind=kind, decision=label), text))
    return items


def _of_sanction(sanction: Sanction) -> list[dict[str, Any]]:
    items = []
    if sanction.decided_at is not None:
        days = _("%(begins)s to %(ends)s", begins=sanction.begins_on, ends=sanction.ends_on)
        text = f"{sanction.agency.name_ko}, {law_name(sanction.law, 'ko')} {sanction.article}, {days}"
        items.append(_item(sanction.decided_at, _("Sanction decided"), text))
    if sanction.lifted_at is not None:
        items.append(_item(sanction.lifted_at, _("Sanction lifted"), sanction.lift_reason or ""))
    return items + [
        _item(stay.entered_at, _("Sanction stayed by a court"), stay.order_reference) for stay in sanction.stays
    ]
