"""What pages show of a complaint, as plain values: who may see what, its course, its log entries, its last days."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _

from app import audit
from app.auth import Actor
from app.errors import InvalidInput
from bidding import complaint_words
from bidding.models import Complaint, Tender
from bidding.models.complaint import ACTS
from bidding.services.access import is_own
from bidding.services.complaining import limit_of


def is_party(complaint: Complaint, actor: Actor) -> bool:
    """The complainant's firm, or the agency."""
    mine = actor.organisation_id is not None and complaint.organisation_id == actor.organisation_id
    return mine or is_own(complaint.tender, actor)


def is_public(complaint: Complaint) -> bool:
    """Decided: its text and the decision are for everybody."""
    return complaint.decided_at is not None


def timeline_of(complaint: Complaint) -> list[dict[str, Any]]:
    """Its course, done steps first, then the days that are ahead."""
    done: list[tuple[datetime | None, Any, str]] = [
        (complaint.filed_at, _("Filed"), str(complaint_words.ACT[complaint.act])),
        (complaint.accepted_at, _("Admitted"), ""),
        (complaint.withdrawn_at, _("Withdrawn"), ""),
        (complaint.decided_at, _("Decided by the agency"), _decided(complaint)),
        (complaint.appealed_at, _("Taken to the dispute mediation committee"), ""),
        (complaint.recommended_at, _("The committee's proposal was recorded"), _outcome(complaint)),
        (complaint.closed_at, _("Closed"), ""),
    ]
    return [{"at": at, "title": title, "text": text} for at, title, text in done if at is not None]


def _decided(complaint: Complaint) -> str:
    if complaint.decided_at is None or complaint.proposal is None:
        return ""
    return f"{complaint_words.STATE[complaint.proposal]} – {complaint_words.REMEDY[complaint.remedy]}"


def _outcome(complaint: Complaint) -> str:
    return str(complaint_words.STATE[complaint.outcome]) if complaint.outcome else ""


def evidence_of(complaint: Complaint) -> list[dict[str, Any]]:
    """The public entries of the log about it."""
    entries = [entry for entry in audit.entries_about(complaint.audit_subject) if entry.type in complaint_words.EVENT]
    return [
        {"at": entry.at, "title": complaint_words.EVENT[entry.type], "text": "", "evidence": entry.index}
        for entry in entries
    ]


def limits_of(tender: Tender, now: datetime) -> list[tuple[str, Any, date]]:
    """Each act that was done, and the last day to complain of it for whoever learned of it at once."""
    found = []
    for act in ACTS:
        try:
            found.append((act, complaint_words.ACT[act], limit_of(tender, act, None, now).last_on))
        except InvalidInput:
            continue
    return found
