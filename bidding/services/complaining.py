"""The complainant's side of a complaint (이의신청): filing it, taking it back, taking it to the committee."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, InvalidInput, NotFound, RuleBroken
from app.notifications import notify
from app.numbers import next_number
from app.time import kst_date, wire
from app.tlog.canon import jcs
from bidding.calendar import Finding
from bidding.complaint_lines import find_line
from bidding.complaint_states import COMPLAINT, OPEN, ComplaintState
from bidding.models import Bid, Complaint, ComplaintFile, Opening, Tender
from bidding.models.complaint import ACTS
from bidding.rules.complaints import FilingLimit, filing_limit, last_day
from bidding.rules.data import ComplaintPeriods, find_complaint_periods, find_complaint_threshold
from bidding.services import rulebook, standstill
from bidding.services.access import lock_tender, person_id
from bidding.services.drafting import take_file
from bidding.services.standings import decided_reviews
from bidding.states import PUBLIC

FILE = "complaint:file"
MOST_FILES = 5
AFTER_OPENING = frozenset({"opening", "evaluation", "disqualification", "award"})  # of interest to its bidders alone
STAMPS = {"notice": "published_at", "award": "awarded_at", "failure": "failed_at"}


@dataclass(frozen=True, slots=True)
class Filing:
    """What the form holds. `line` is a key of `bidding.complaint_lines`, or empty; `known_on` None: the act's day."""

    act: str
    reason: str
    wish: str
    line: str = ""
    known_on: date | None = None
    files: Sequence[tuple[str, bytes]] = ()


def file_complaint(tender_id: UUID, filing: Filing, actor: Actor, now: datetime) -> Complaint:
    """Raises RuleBroken (too late: the finding holds the computed days), AlreadyDone (an undecided one of this firm),
    InvalidInput (act that was not done, unknown line, files), Forbidden (no supplier, no bidder), NotFound.
    """
    tender = lock_tender(tender_id)
    if tender.state not in PUBLIC:
        raise NotFound("no such tender")
    if actor.organisation_id is None or not actor.may(FILE):
        raise Forbidden("only a supplier complains", permission=FILE)
    _refuse_stranger(tender, filing.act, actor.organisation_id)
    limit = limit_of(tender, filing.act, filing.known_on, now)
    if not limit.allows(kst_date(now)):
        raise RuleBroken("too late to complain", findings=[_too_late(limit, periods_of(tender, limit.act_on, now))])
    open_ones = Complaint.tender_id == tender.id, Complaint.organisation_id == actor.organisation_id
    if db.session.scalar(select(Complaint.id).where(*open_ones, Complaint.state.in_(OPEN))) is not None:
        raise AlreadyDone("a complaint of this supplier is undecided")
    return _keep(tender, filing, limit, actor, now)


def limit_of(tender: Tender, act: str, known_on: date | None, now: datetime) -> FilingLimit:
    """Until when that act can be complained of. InvalidInput for an act that was not done, or a day that cannot be."""
    act_on = _day_of(tender, act, known_on)
    known_on = max(known_on or act_on, act_on)
    if known_on > kst_date(now):
        raise InvalidInput("a day to come", field="known_on")
    return filing_limit(periods_of(tender, act_on, now), act_on, known_on)


def periods_of(tender: Tender, on: date, now: datetime) -> ComplaintPeriods:
    """The law's days for an act of that day; today's, where the data do not reach back."""
    book = rulebook.current()
    try:
        return find_complaint_periods(tender.regime, on, book=book)
    except ValueError:
        return find_complaint_periods(tender.regime, kst_date(now), book=book)


def _day_of(tender: Tender, act: str, known_on: date | None) -> date:
    if act not in ACTS:
        raise InvalidInput("no such act", field="act")
    if act == "other":
        if known_on is None:
            raise InvalidInput("say when you learned of it", field="known_on")
        return known_on
    at: datetime | None = getattr(tender, STAMPS.get(act, "opened_at"))
    if at is None:
        raise InvalidInput("that has not been done", field="act")
    return kst_date(at)


def _refuse_stranger(tender: Tender, act: str, organisation_id: UUID) -> None:
    try:
        suppliers.front.get_summary(organisation_id)
    except NotFound as error:
        raise Forbidden("only a registered supplier complains", permission=FILE) from error
    if act not in AFTER_OPENING:
        return
    mine = Bid.tender_id == tender.id, Bid.organisation_id == organisation_id
    if db.session.scalar(select(Bid.id).where(*mine)) is None:
        raise InvalidInput("only a bidder is concerned by it", field="act", fault="no-bidder")


def _too_late(limit: FilingLimit, periods: ComplaintPeriods) -> Finding:
    facts = {
        "last_on": limit.last_on.isoformat(),
        "act_on": limit.act_on.isoformat(),
        "known_on": limit.known_on.isoformat(),
        "from_act_on": limit.from_act_on.isoformat(),
        "from_knowing_on": limit.from_knowing_on.isoformat(),
    }
    return Finding("complaint-too-late", "error", "known_on", periods.legal_basis, facts)


def _keep(tender: Tender, filing: Filing, limit: FilingLimit, actor: Actor, now: datetime) -> Complaint:
    assert actor.organisation_id is not None  # the caller has looked
    files = _take_files(filing.files)
    complaint = Complaint(
        number=next_number("CP", now, is_practice=tender.is_practice),
        tender_id=tender.id,
        organisation_id=actor.organisation_id,
        act=filing.act,
        line=_line_of(tender, filing.line),
        act_on=limit.act_on,
        known_on=limit.known_on,
        reason=filing.reason.strip(),
        wish=filing.wish.strip(),
        filed_by_id=person_id(actor),
        filed_at=now,
        is_statutory=_is_statutory(tender, limit.act_on),
        decide_by_on=last_day(kst_date(now), periods_of(tender, limit.act_on, now).decision_days),
        blocks_signing=standstill.runs(tender, now),
        files=files,
    )
    complaint.filing_sha256 = hashlib.sha256(jcs(filing_json(complaint, tender))).hexdigest()
    db.session.add(complaint)
    db.session.flush()
    audit.emit(
        "complaint.filed", as_firm(complaint, actor), now, subject=complaint.audit_subject, tender=tender.reference,
        is_open=False, act=complaint.act, filing_sha256=complaint.filing_sha256,
    )  # fmt: skip
    notify(tender.agency_id, "complaint.filed", now, href=href_of(complaint), title=tender.title)
    return complaint


def _take_files(given: Sequence[tuple[str, bytes]]) -> list[ComplaintFile]:
    if len(given) > MOST_FILES:
        raise InvalidInput("too many files", field="file")
    taken = {}
    for name, content in given:
        kept = take_file(name, content)
        taken[kept.sha256] = ComplaintFile(
            sha256=kept.sha256, name=kept.name, media_type=kept.media_type, size=len(content)
        )
    return list(taken.values())


def _line_of(tender: Tender, key: str) -> dict[str, Any] | None:
    if not key:
        return None
    opening = db.session.get(Opening, tender.id)
    reviews = [{**review.to_json(), "sha256": review.sha256} for review in decided_reviews(tender.id)]
    found = find_line(opening.evaluation, reviews, key) if opening is not None else None
    if found is None:
        raise InvalidInput("no such line", field="line")
    return found


def _is_statutory(tender: Tender, on: date) -> bool:
    """Whether the committee takes it by law. The notice does not say which class works are: the lowest counts."""
    classes = ("", "specialised", "other-works") if tender.kind == "works" else ("",)
    book = rulebook.current()
    found = [find_complaint_threshold(tender.regime, tender.kind, on, one, book=book) for one in classes]
    known = [one.value for one in found if one is not None]
    return not known or (tender.estimated_value_won or 0) >= min(known)


def filing_json(complaint: Complaint, tender: Tender) -> dict[str, Any]:
    """The filing as it is hashed. The firm is not in it: what is published later must not name it."""
    return {
        "v": 1,
        "type": "complaint",
        "number": complaint.number,
        "tender": tender.reference,
        "act": complaint.act,
        "line": complaint.line,
        "known_on": complaint.known_on.isoformat(),
        "reason": complaint.reason,
        "wish": complaint.wish,
        "files": sorted(one.sha256 for one in complaint.files),
        "at": wire(complaint.filed_at),
    }


def withdraw(number: str, actor: Actor, now: datetime) -> Complaint:
    """취하, while it is undecided. Raises IllegalTransition, Forbidden, NotFound."""
    complaint = lock_mine(number, actor)
    COMPLAINT.fire(complaint, "withdraw", as_firm(complaint, actor), now)
    complaint.blocks_signing = False
    _tell_agency(complaint, "complaint.withdrawn", now)
    return complaint


def appeal(number: str, reason: str, actor: Actor, now: datetime) -> Complaint:
    """재심 청구: the complainant takes the decision to the committee. The committee itself is outside this system.

    Raises RuleBroken (too late, or below the law's threshold), InvalidInput, IllegalTransition, Forbidden, NotFound.
    """
    complaint = lock_mine(number, actor)
    if not reason.strip():
        raise InvalidInput("say why", field="reason")
    today, last_on = kst_date(now), complaint.appeal_by_on
    if last_on is not None and (today > last_on or not complaint.is_statutory):
        code = "appeal-too-late" if today > last_on else "below-complaint-threshold"
        basis = periods_of(complaint.tender, complaint.act_on, now).legal_basis
        finding = Finding(code, "error", "reason", basis, {"last_on": last_on.isoformat()})
        raise RuleBroken("no appeal", findings=[finding])
    COMPLAINT.fire(complaint, "appeal", as_firm(complaint, actor), now)
    complaint.appeal_reason = reason.strip()
    complaint.committee_by_on = last_day(
        today, periods_of(complaint.tender, complaint.act_on, now).review_decision_days
    )
    _tell_agency(complaint, "complaint.appealed", now)
    return complaint


def _tell_agency(complaint: Complaint, kind: str, now: datetime) -> None:
    tender = complaint.tender
    notify(tender.agency_id, kind, now, href=href_of(complaint), title=tender.title)


def as_firm(complaint: Complaint, actor: Actor) -> Actor:
    """In the log a complainant is neither a person nor a firm but the complaint's own party."""
    return replace(actor, handle=f"complainant:{complaint.number}")


def href_of(complaint: Complaint) -> str:
    return f"/complaints/{complaint.number}"


def lock_complaint(number: str) -> Complaint:
    """The complaint and its tender, locked until the transaction ends: the tender first, as everywhere."""
    tender_id = db.session.scalar(select(Complaint.tender_id).where(Complaint.number == number))
    if tender_id is None:
        raise NotFound(f"no complaint {number}")
    lock_tender(tender_id)
    query = select(Complaint).where(Complaint.number == number).with_for_update(of=Complaint)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def lock_mine(number: str, actor: Actor) -> Complaint:
    complaint = lock_complaint(number)
    if actor.organisation_id is None or complaint.organisation_id != actor.organisation_id:
        raise NotFound("another's complaint")
    return complaint


def is_open(complaint: Complaint) -> bool:
    return ComplaintState(complaint.state) in OPEN
