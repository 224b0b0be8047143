"""The officer's draft: saved as it is typed, checked against the rules at every look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

import puremagic
from sqlalchemy import func, select

from app import audit, config, files
from app.auth import Actor
from app.db import db
from app.errors import Forbidden, IllegalTransition, InvalidInput, NotFound
from bidding.models import Attachment, Tender
from bidding.notice_terms import FLOORED
from bidding.scoring import read_scoring
from bidding.services.access import person_id
from bidding.services.lots import align, lock_draft

EDITABLE = frozenset(
    [
        "title",
        "kind",
        "description",
        "delivery_place",
        "delivery_on",
        "regime",
        "method",
        "scoring",
        "bid_bond_rate",
        "estimated_value_won",
        "base_amount_won",
        "a_value_won",
        "floor_rate",
        "range_low",
        "range_high",
        "rounding",
        "draw_mode",
        "draw_order",
        "minimum_bids",
        "regions",
        "licence_codes",
        "sizes",
        "asked_documents",
        "joint",
        "framework_winners",
        "is_urgent",
        "urgent_reason",
        "deadline_reason",
        "bids_from_at",
        "closes_at",
        "opens_at",
        "standstill_days",
    ]
)
# 국가계약법 시행령 20조 3항: nothing but the time limit of a re-notice may differ.
RENOTICE_EDITABLE = frozenset(
    ["is_urgent", "urgent_reason", "deadline_reason", "bids_from_at", "closes_at", "opens_at", "delivery_on"]
)
MAX_ATTACHMENT = 20 * 1024 * 1024  # what one request may carry
MAX_ATTACHMENTS = 30
# What a machine or a browser could run is not taken, by what it holds or by what it is called.
REFUSED_TYPES = ("text/html", "image/svg+xml", "text/javascript", "application/javascript", "application/x-script")
_RUNS = ("exe", "com", "scr", "dll", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "wsf", "hta", "lnk", "jar", "sh")
_RUNS_IN_BROWSERS = ("js", "jse", "mjs", "html", "htm", "xhtml", "svg")
REFUSED_ENDINGS = frozenset(f".{ending}" for ending in (*_RUNS, *_RUNS_IN_BROWSERS))
REFUSED_BEGINNINGS = (b"MZ", b"\x7fELF", b"#!")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f/\\]")


def start_draft(actor: Actor, now: datetime, *, title: str, kind: str, is_practice: bool) -> Tender:
    """A new draft of the actor's agency. Raises Forbidden for whoever belongs to none."""
    if actor.organisation_id is None or actor.organisation_kind != "agency":
        raise Forbidden("only an agency drafts tenders")
    tender = Tender(
        agency_id=actor.organisation_id,
        author_id=person_id(actor),
        title=title,
        kind=kind,
        is_practice=is_practice,
        standstill_days=config.current("NARU_STANDSTILL_DAYS"),
        created_at=now,
    )
    db.session.add(tender)
    db.session.flush()
    audit.emit("tender.drafted", actor, now, subject=tender.audit_subject, is_open=False)
    return tender


# What each lot of a notice has of its own; everything else that an officer writes holds for all of them.
OWN = frozenset({"title", "estimated_value_won", "base_amount_won", "a_value_won"})


def save_draft(tender_id: UUID, values: Mapping[str, Any], actor: Actor) -> Tender:
    """Write the named fields of a draft; others stay. Not audited line by line: what counts is what is submitted.

    Raises IllegalTransition once the tender is in review, InvalidInput for instants out of order, or where a re-notice
    would no longer be the same (`fault="renotice"`).
    """
    rows = lock_draft(tender_id, actor)
    tender = rows[0]
    unknown = set(values) - EDITABLE
    if unknown:
        raise InvalidInput(f"not fields of a draft: {sorted(unknown)}")
    if tender.previous_id is not None:
        for name in values.keys() - RENOTICE_EDITABLE:
            kept = tender.notice_title if name == "title" else getattr(tender, name)
            if _plain(kept) != _plain(values[name]):
                raise InvalidInput("a re-notice keeps its terms", field=name, fault="renotice")
    for name, value in values.items():
        setattr(tender, name, value)
    if tender.lot_group is not None:
        tender.lot_group.title = values.get("title", tender.lot_group.title)
    if tender.method not in FLOORED:
        tender.floor_rate = None
    if "scoring" not in values and not _is_of_method(tender):
        tender.scoring = None  # that of another method: its terms are entered anew
    align(rows, EDITABLE - OWN)
    instants = [at for at in (tender.bids_from_at, tender.closes_at, tender.opens_at) if at is not None]
    if instants != sorted(set(instants)):
        raise InvalidInput("instants out of order", field="closes_at")
    return tender


@dataclass(frozen=True, slots=True)
class TakenFile:
    """A file that somebody gave: under its hash in the file store."""

    name: str
    media_type: str
    sha256: str


def take_file(name: str, content: bytes) -> TakenFile:
    """Keep a file. Raises InvalidInput for its size, or for what a machine or a browser could run."""
    if not content or len(content) > MAX_ATTACHMENT:
        raise InvalidInput("attachment size", field="file", max=MAX_ATTACHMENT)
    name = _UNPRINTABLE.sub("_", name).strip()[-200:] or "file"
    media_type = _media_type(content, name)
    if media_type in REFUSED_TYPES or content.startswith(REFUSED_BEGINNINGS) or _ending(name) in REFUSED_ENDINGS:
        raise InvalidInput(f"{media_type} is not taken", field="file")
    return TakenFile(name, media_type, files.store(content))


def _is_of_method(tender: Tender) -> bool:
    try:
        read_scoring(tender.method, tender.scoring)
    except ValueError:
        return tender.scoring is None
    return True


def add_attachment(tender_id: UUID, name: str, content: bytes, actor: Actor, now: datetime) -> Attachment:
    """Add a file to a draft; the same bytes twice are one. Raises InvalidInput for size, number or kind."""
    tender = _editable(tender_id, actor)
    taken = take_file(name, content)
    same = db.session.scalar(
        select(Attachment).where(Attachment.tender_id == tender.id, Attachment.sha256 == taken.sha256)
    )
    if same is not None:
        return same
    held = db.session.scalar(select(func.count()).where(Attachment.tender_id == tender.id)) or 0
    if held >= MAX_ATTACHMENTS:
        raise InvalidInput("too many attachments", field="file")
    attachment = Attachment(
        tender_id=tender.id,
        name=taken.name,
        media_type=taken.media_type,
        size=len(content),
        sha256=taken.sha256,
        added_at=now,
    )
    db.session.add(attachment)
    return attachment


def remove_attachment(tender_id: UUID, attachment_id: UUID, actor: Actor) -> None:
    tender = _editable(tender_id, actor)
    attachment = db.session.get(Attachment, attachment_id)
    if attachment is None or attachment.tender_id != tender.id:
        raise NotFound("no such attachment")
    db.session.delete(attachment)


def discard_draft(tender_id: UUID, actor: Actor, now: datetime) -> None:
    """Throw away a draft that was never submitted: nothing of it is in the log but that it was begun."""
    rows = lock_draft(tender_id, actor)
    group = rows[0].lot_group
    for tender in rows:
        if tender.reference is not None:
            raise IllegalTransition("a draft that was submitted stays", state=tender.state, event="discard")
        for attachment in db.session.scalars(select(Attachment).where(Attachment.tender_id == tender.id)):
            db.session.delete(attachment)
        db.session.flush()
        if tender.is_first_lot:
            audit.emit("tender.discarded", actor, now, subject=tender.audit_subject, is_open=False)
        db.session.delete(tender)
    db.session.flush()
    if group is not None:
        db.session.delete(group)


def _editable(tender_id: UUID, actor: Actor) -> Tender:
    return lock_draft(tender_id, actor)[0]


def _plain(value: Any) -> Any:
    """Without what a form alone changes: line ends, and the order of ticked boxes."""
    if isinstance(value, str):
        return value.splitlines()
    return sorted(value) if isinstance(value, list) else value


def _ending(name: str) -> str:
    """Windows takes `a.exe. ` for `a.exe`."""
    return PurePath(name.rstrip(". ").lower()).suffix


def _media_type(content: bytes, name: str) -> str:
    try:
        return str(puremagic.from_string(content, mime=True, filename=name)) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
