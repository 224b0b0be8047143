"""The auditor's desk: cases, one case's whole trail, recomputing it, checking a bundle. Every reading is recorded."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import audit, time
from app.audit.labels import label_of
from app.audit.queries import TrailEntry
from app.auth import current_actor, requires
from app.db import transaction
from app.exports import cell
from app.formats import kst
from app.time import from_wire, wire
from bidding import audit_labels, queries
from bidding.labels import FIELD
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.services import auditing
from bidding.views import steps_of


@blueprint.get("/audit/cases")
@requires("tender:audit")
def audit_cases() -> ResponseReturnValue:
    """Every tender that was ever submitted, of every agency; what is not public yet is read on the record."""
    words, state = request.args.get("q", "").strip()[:100], request.args.get("state", "")
    page = auditing.cases(words, state, request.args.get("page", 1, int))
    hidden = [str(tender.reference) for tender in page.items if not queries.is_public(tender)]
    if hidden:
        with transaction():
            audit.read_access(current_actor(), time.now(), subject="tenders", what=f"list: {', '.join(hidden)}")
    return render_template("bidding/audit/cases.html", page=page, words=words, state=state, now=time.now())


@blueprint.get("/audit/cases/<reference>")
@requires("tender:audit")
def audit_case(reference: str) -> ResponseReturnValue:
    """Who did what, when, and the log entry behind it."""
    tender = _read(reference, "case")
    page = auditing.trail(tender, request.args.get("page", 1, int))
    award = queries.find_award(tender.id)
    acted = [
        (_("Sent to the approver"), tender.submitted_by_id, tender.submitted_at),
        (_("Published"), tender.approved_by_id, tender.published_at),
        (_("Award proposed"), award.proposed_by_id if award else None, award.proposed_at if award else None),
        (_("Award confirmed"), award.confirmed_by_id if award else None, award.confirmed_at if award else None),
    ]
    decisions = [(what, f"person:{who}", at) for what, who, at in acted if who is not None and at is not None]
    handles = [entry.actor for entry in page.items] + [handle for _what, handle, _at in decisions]
    return render_template(
        "bidding/audit/case.html",
        tender=tender,
        steps=steps_of(tender),
        page=page,
        names=auditing.names_of(handles),
        decisions=decisions,
        label_of=label_of,
        shown_facts=shown_facts,
        opening=queries.find_opening(tender.id),
    )


@blueprint.get("/audit/cases/<reference>/trail.csv")
@requires("tender:audit")
def audit_trail_csv(reference: str) -> ResponseReturnValue:
    """The whole trail, one row an event, at most 50,000."""
    tender = _read(reference, "trail.csv")
    entries = auditing.trail(tender, 1, auditing.EXPORT_ROWS).items
    names = auditing.names_of([entry.actor for entry in entries])
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["at", "type", "label", "subject", "actor", "name", "log_index", "open", "facts"])
    for entry in entries:
        writer.writerow([cell(value) for value in _row(entry, names.get(entry.actor, ""))])
    # The mark makes spreadsheet programs read the Korean as UTF-8.
    response = Response("\ufeff" + written.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f"attachment; filename={tender.reference}-trail.csv"
    return response


@blueprint.post("/audit/cases/<reference>/recompute")
@requires("tender:audit")
def audit_recompute(reference: str) -> ResponseReturnValue:
    """The evaluation again from the stored opening, and the offline verifier on every published bundle."""
    tender = _read(reference, "recompute")
    opening = queries.find_opening(tender.id)
    return render_template(
        "bidding/audit/recomputed.html",
        tender=tender,
        recomputed=auditing.recompute(tender, opening) if opening is not None else None,
        reports=auditing.check_published(tender),
        labels=audit_labels,
        made_at=time.now(),
    )


@blueprint.get("/audit/check")
@requires("tender:audit")
def audit_check() -> ResponseReturnValue:
    return _check_page(None, "")


@blueprint.post("/audit/check")
@requires("tender:audit")
def audit_check_file() -> ResponseReturnValue:
    """The verifier on a bundle that somebody brought. Nothing of it is kept."""
    sent = request.files.get("bundle")
    data = sent.stream.read(auditing.UPLOAD_MAX + 1) if sent is not None and sent.filename else b""
    if not data:
        return _check_page(None, _("Choose a bundle first.")), 422
    if len(data) > auditing.UPLOAD_MAX:
        return _check_page(None, _("Larger than 32 MB: check it with python -m bidding.verify instead.")), 422
    return _check_page(auditing.check_bytes(data), "")


def _check_page(report: auditing.BundleReport | None, error: str) -> str:
    return render_template("bidding/audit/check.html", report=report, error=error, labels=audit_labels)


def _read(reference: str, what: str) -> Tender:
    """The case, its reading written to the log first."""
    tender = auditing.find_case(reference)
    with transaction():
        audit.read_access(current_actor(), time.now(), subject=tender.audit_subject, what=what)
    return tender


def shown_facts(entry: TrailEntry) -> list[tuple[str, str]]:
    """The facts of an open entry as pairs of texts, in their names' order: as logged, with what they are called."""
    facts = entry.facts or {}
    return [(f"{FIELD[name]} ({name})" if name in FIELD else name, _told(fact)) for name, fact in facts.items()]


def _told(fact: Any) -> str:
    if not isinstance(fact, str):
        return json.dumps(fact, ensure_ascii=False)
    try:
        return f"{kst(from_wire(fact))}, {fact}"
    except ValueError:
        return fact


def _row(entry: TrailEntry, name: str) -> list[object]:
    return [
        wire(entry.at),
        entry.type,
        label_of(entry.type),
        entry.subject,
        entry.actor,
        name,
        entry.index,
        "open" if entry.is_open else "sealed",
        json.dumps(entry.facts, ensure_ascii=False, sort_keys=True) if entry.facts is not None else "",
    ]
