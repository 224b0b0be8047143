"""A registration's history as a timeline: its rounds of review and its sanctions, with their places in the log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app import audit
from app.i18n import language
from suppliers import queries, wording
from suppliers.codes import law_name
from suppliers.models import Review, Sanction, Supplier

_REGISTERED = frozenset({"supplier.registered", "supplier.changed"})


def history_of(supplier: Supplier) -> list[dict[str, Any]]:
    """Items for `ui.timeline`, newest first."""
    reviews = sorted(queries.reviews_of(supplier.id), key=lambda review: review.number)
    items = [_item(supplier.created_at, _("Application begun"))]
    items += [item for review in reviews for item in _of_review(review)]
    if supplier.state == "expired" and supplier.expired_at is not None:
        items.append(_item(supplier.expired_at, _("Registration ended: its last day was over"), log="supplier.expired"))
    _add_evidence(supplier.audit_subject, items)
    for sanction in queries.sanctions_of(supplier.id):
        own = _of_sanction(sanction)
        _add_evidence(sanction.audit_subject, own)
        items += own
    return sorted(items, key=lambda item: item["at"])[::-1]


def _item(at: datetime, title: str, text: str = "", log: str = "") -> dict[str, Any]:
    return {"at": at, "title": title, "text": text, "href": None, "log": log}


def _add_evidence(subject: str, items: Iterable[dict[str, Any]]) -> None:
    """Give each public act its place in the log. Acts and entries of a kind come in the same order."""
    entries = audit.entries_about(subject)
    for item in sorted(items, key=lambda each: each["at"]):
        kinds = _REGISTERED if item["log"] == "registered" else {item["log"]}
        found = next((entry for entry in entries if entry.type in kinds), None)
        if found is not None:
            entries.remove(found)
            item["evidence"] = found.index


def _of_review(review: Review) -> list[dict[str, Any]]:
    kind = str(wording.REVIEW_KINDS[review.kind])
    items = [_item(review.submitted_at, _("Sent for review: %(kind)s", kind=kind), review.answer)]
    if review.decision is not None and review.decided_at is not None:
        said = [f"{wording.SECTION_TITLES[section]}: {comment}" for section, comment in review.comments.items()]
        text = " / ".join(part for part in (review.reason, *said) if part)
        title = _("%(kind)s: %(decision)s", kind=kind, decision=wording.DECISIONS[review.decision][0])
        items.append(_item(review.decided_at, title, text, "registered" if review.decision == "approved" else ""))
    return items


def _of_sanction(sanction: Sanction) -> list[dict[str, Any]]:
    items = []
    if sanction.decided_at is not None:
        basis = f"{sanction.agency.name_in(language())}, {law_name(sanction.law, language())} {sanction.article}"
        text = f"{basis}, {sanction.begins_on} ~ {sanction.ends_on}"
        items.append(_item(sanction.decided_at, _("Sanction decided"), text, "supplier.sanctioned"))
    if sanction.lifted_at is not None:
        items.append(
            _item(sanction.lifted_at, _("Sanction lifted"), sanction.lift_reason or "", "supplier.sanction_lifted")
        )
    return items + [
        _item(stay.entered_at, _("Sanction stayed by a court"), stay.order_reference, "supplier.sanction_stayed")
        for stay in sanction.stays
    ]
