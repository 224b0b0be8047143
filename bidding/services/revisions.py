"""Changes of a published notice: one person asks, a second approves. A deadline only moves later."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, DeadlinePassed, Forbidden, IllegalTransition, InvalidInput, NotFound, SamePerson
from app.jobs import enqueue
from app.notifications import notify
from app.time import from_wire, wire
from bidding.models import Bid, Revision, Tender
from bidding.services import witnessing
from bidding.services.access import lock_own_tender, person_id
from bidding.services.lots import lock_notice
from bidding.services.renotice import is_followed
from bidding.services.schedule import extension_findings, refuse_errors
from bidding.states import TENDER, TenderState

RUNNING = (TenderState.PUBLISHED, TenderState.CLOSED)
CORRECTABLE = frozenset({"description", "delivery_place"})


def ask_revision(
    tender_id: UUID, kind: str, reason: str, changes: dict[str, Any], actor: Actor, now: datetime
) -> Revision:
    """Ask for a correction (texts), an extension (`closes_at`, `opens_at`), a cancellation, or an override: an opening
    without the quorum of witnesses, once it has been missing for ten minutes.

    Raises InvalidInput (unknown field, nothing changed, no reason), RuleBroken (an extension that the calendar
    forbids), DeadlinePassed, AlreadyDone (another change waits for approval), IllegalTransition.
    """
    rows = lock_notice(tender_id, actor)
    if not actor.may("tender:draft"):
        raise Forbidden("only an officer asks for a change", permission="tender:draft")
    # An opening is a lot's own; everything else is asked for the notice, and kept with its first lot.
    tender = rows[0] if kind != "override" else _among(rows, tender_id)
    if kind == "override":
        if witnessing.of_opening(tender, now) is not witnessing.Standing.UNWITNESSED:
            raise IllegalTransition("the witnesses' quorum is not missing", state=tender.state, event=kind)
    elif not _touched(rows, kind):
        raise IllegalTransition("only a published notice is revised", state=tender.state, event=kind)
    if not reason.strip():
        raise InvalidInput("a change needs its reason", field="reason")
    if kind not in ("cancellation", "override"):
        _refuse_after_deadline(tender, now)
    if _waiting(tender.id) is not None:
        raise AlreadyDone("another change waits for approval")
    revision = Revision(
        tender_id=tender.id,
        kind=kind,
        reason=reason,
        changes=_differences(tender, kind, changes, now),
        asked_by_id=person_id(actor),
        asked_at=now,
    )
    db.session.add(revision)
    db.session.flush()
    _log(revision, tender, "tender.revision_asked", actor, now)
    notify(
        tender.agency_id, "tender.revision_asked", now, href=f"/tenders/{tender.reference}/manage", title=tender.title
    )
    return revision


def approve_revision(revision_id: UUID, actor: Actor, now: datetime) -> Tender:
    """Put the change in force. Raises SamePerson, AlreadyDone, DeadlinePassed, RuleBroken."""
    revision = _pending(revision_id)
    rows = lock_notice(revision.tender_id, actor)
    tender = _among(rows, revision.tender_id)
    if revision.asked_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    if not actor.may("tender:approve"):
        raise Forbidden("only an approver puts a change in force", permission="tender:approve")
    revision.approved_by_id, revision.approved_at = person_id(actor), now
    approvals = [f"person:{revision.asked_by_id}", actor.handle]
    if revision.kind == "override":
        audit.emit(
            "opening.override", actor, now, subject=tender.audit_subject, tender=tender.reference,
            reason=revision.reason, approvals=approvals,
        )  # fmt: skip
        return tender
    touched = _touched(rows, revision.kind)
    if not touched and is_followed(tender.id):
        raise AlreadyDone("something follows it already")
    # Where no lot can be changed any more, the transition of the first says so.
    for row in touched or [tender]:
        _apply(row, revision, approvals, actor, now)
    return tender


def _apply(tender: Tender, revision: Revision, approvals: list[str], actor: Actor, now: datetime) -> None:
    if revision.kind == "cancellation":
        TENDER.fire(tender, "cancel", actor, now, reason=revision.reason, approvals=approvals)
        tender.cancel_reason = revision.reason
    elif revision.kind == "extension":
        _extend(tender, revision, approvals, actor, now)
    else:
        _refuse_after_deadline(tender, now)
        tender.ord += 1
        revision.ord = tender.ord
        for field, (_, new) in revision.changes.items():
            setattr(tender, field, new)
        TENDER.fire(
            tender,
            "correct",
            actor,
            now,
            ord=tender.ord,
            reason=revision.reason,
            # By hash: two versions of a long text would not fit into a leaf of the log.
            changes={name: [_sha256(old), _sha256(new)] for name, (old, new) in revision.changes.items()},
            approvals=approvals,
        )
    _tell(tender, revision, now)


def _touched(rows: Sequence[Tender], kind: str) -> list[Tender]:
    """The lots that a change of the notice still concerns: others have gone on by themselves.

    Where nothing runs any more, a cancellation gives up what has failed.
    """
    running = [row for row in rows if row.state in RUNNING]
    if running or kind != "cancellation":
        return running
    return [row for row in rows if row.state == TenderState.FAILED and not is_followed(row.id)]


def _among(rows: Sequence[Tender], tender_id: UUID) -> Tender:
    return next(row for row in rows if row.id == tender_id)


def refuse_revision(revision_id: UUID, actor: Actor, now: datetime) -> None:
    """The second person does not want it; the notice stays as it was. Raises AlreadyDone, Forbidden."""
    revision = _pending(revision_id)
    tender = lock_own_tender(revision.tender_id, actor)
    if not actor.may("tender:approve"):
        raise Forbidden("only an approver refuses a change", permission="tender:approve")
    revision.refused_at = now
    _log(revision, tender, "tender.revision_refused", actor, now)


def _log(revision: Revision, tender: Tender, kind: str, actor: Actor, now: datetime) -> None:
    """Sealed: what was only asked for is not public."""
    audit.emit(
        kind,
        actor,
        now,
        subject=f"revision:{revision.id}",
        tender=tender.reference,
        is_open=False,
        kind=revision.kind,
    )


def _refuse_after_deadline(tender: Tender, now: datetime) -> None:
    if tender.closes_at is None or now >= tender.closes_at:
        raise DeadlinePassed("the deadline has passed", deadline_at=tender.closes_at)


def _extend(tender: Tender, revision: Revision, approvals: list[str], actor: Actor, now: datetime) -> None:
    _refuse_after_deadline(tender, now)
    assert tender.closes_at is not None  # published, by CHECK
    closes_at, opens_at = (from_wire(revision.changes[name][1]) for name in ("closes_at", "opens_at"))
    refuse_errors(extension_findings(tender, closes_at, opens_at, now))
    tender.ord += 1
    revision.ord = tender.ord
    old = [wire(tender.closes_at), wire(tender.opens_at or tender.closes_at)]
    tender.closes_at, tender.opens_at = closes_at, opens_at
    TENDER.fire(
        tender,
        "extend",
        actor,
        now,
        ord=tender.ord,
        old=old[0],
        new=wire(closes_at),
        old_opens_at=old[1],
        opens_at=wire(opens_at),
        reason=revision.reason,
        approvals=approvals,
    )
    enqueue("bidding.close_tender", f"{tender.id}:{wire(closes_at)}", due_at=closes_at, tender_id=str(tender.id))


def _differences(tender: Tender, kind: str, changes: dict[str, Any], now: datetime) -> dict[str, Any]:
    if kind in ("cancellation", "override"):
        return {}
    if kind == "extension":
        closes_at, opens_at = changes["closes_at"], changes["opens_at"]
        refuse_errors(extension_findings(tender, closes_at, opens_at, now))
        assert tender.closes_at is not None  # published, by CHECK
        assert tender.opens_at is not None
        return {
            "closes_at": [wire(tender.closes_at), wire(closes_at)],
            "opens_at": [wire(tender.opens_at), wire(opens_at)],
        }
    if kind != "correction" or not set(changes) <= CORRECTABLE:
        raise InvalidInput("only texts are corrected; anything else needs a new notice", field="changes")
    different = {name: [getattr(tender, name), new] for name, new in changes.items() if getattr(tender, name) != new}
    if not different:
        raise InvalidInput("nothing is changed", field="changes")
    return different


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _waiting(tender_id: UUID) -> Revision | None:
    return db.session.scalar(
        select(Revision).where(
            Revision.tender_id == tender_id, Revision.approved_at.is_(None), Revision.refused_at.is_(None)
        )
    )


def _pending(revision_id: UUID) -> Revision:
    revision = db.session.get(Revision, revision_id, with_for_update=True)
    if revision is None:
        raise NotFound(f"no revision {revision_id}")
    if revision.approved_at is not None or revision.refused_at is not None:
        raise AlreadyDone("this change has been decided")
    return revision


def _tell(tender: Tender, revision: Revision, now: datetime) -> None:
    """Those who have bid hear of it. Their number leaves through no list: each gets their own message."""
    for organisation_id in db.session.scalars(select(Bid.organisation_id).where(Bid.tender_id == tender.id)):
        notify(organisation_id, f"tender.{revision.kind}", now, href=f"/tenders/{tender.reference}", title=tender.title)
