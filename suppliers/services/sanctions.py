"""Sanctions: an officer enters, a second person of the agency decides; courts stay, agencies lift."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from app import audit
from app.auth import Actor
from app.db import db
from app.errors import AlreadyDone, Forbidden, InvalidInput, NotFound, RuleBroken, SamePerson
from app.notifications import notify
from app.time import kst_date
from suppliers import rules
from suppliers.codes import SANCTION_LAWS
from suppliers.models import Sanction, Stay, Supplier
from suppliers.states import SANCTION, SanctionState


@dataclass(frozen=True, slots=True)
class SanctionIn:
    """What an officer enters. Both days count. `reason` is public: it names no natural person."""

    business_number: str
    law: str
    article: str
    reason: str
    begins_on: date
    ends_on: date


def propose_sanction(entry: SanctionIn, actor: Actor, now: datetime) -> Sanction:
    """Enter a sanction of the officer's own agency, for a second person to decide.

    Raises Forbidden, NotFound (nobody is registered with this number), RuleBroken (the period), InvalidInput (the law,
    or a resident number in the reason), AlreadyDone (the agency has one for some of these days).
    """
    if not actor.may("sanction:propose") or actor.person_id is None or actor.organisation_id is None:
        raise Forbidden("only an officer of an agency enters sanctions", permission="sanction:propose")
    if entry.law not in SANCTION_LAWS:
        raise InvalidInput("unknown law", field="law")
    if rules.has_resident_number(entry.reason) or rules.has_resident_number(entry.article):
        raise InvalidInput("holds a resident registration number", field="reason")
    _check_period(entry.begins_on, entry.ends_on, kst_date(now))
    found = select(Supplier).where(Supplier.business_number == entry.business_number)
    supplier = db.session.scalar(found.with_for_update())
    if supplier is None:
        raise NotFound("no supplier with this number", what="supplier")
    _refuse_overlap(supplier.id, actor.organisation_id, entry.begins_on, entry.ends_on)
    sanction = Sanction(
        supplier_id=supplier.id,
        agency_id=actor.organisation_id,
        law=entry.law,
        article=entry.article.strip(),
        reason=entry.reason.strip(),
        begins_on=entry.begins_on,
        ends_on=entry.ends_on,
        proposed_by_id=actor.person_id,
        proposed_at=now,
    )
    db.session.add(sanction)
    db.session.flush()
    audit.emit("supplier.sanction_proposed", actor, now, subject=sanction.audit_subject, is_open=False)
    return sanction


def _check_period(begins_on: date, ends_on: date, decided_on: date) -> None:
    if finding := rules.why_no_sanction_period(begins_on, ends_on, decided_on):
        raise RuleBroken("the period of a sanction", findings=[finding])


def _refuse_overlap(supplier_id: UUID, agency_id: UUID, begins_on: date, ends_on: date) -> None:
    # Shown early and kindly; the exclusion constraint is what decides.
    query = select(Sanction.id).where(
        Sanction.supplier_id == supplier_id,
        Sanction.agency_id == agency_id,
        Sanction.state.in_((SanctionState.PROPOSED, SanctionState.DECIDED)),
        Sanction.begins_on <= ends_on,
        Sanction.ends_on >= begins_on,
    )
    if db.session.scalar(query.limit(1)) is not None:
        raise AlreadyDone("the agency has a sanction for these days", what="sanction")


def decide_sanction(sanction_id: UUID, actor: Actor, now: datetime) -> Sanction:
    """Decide what another person of the agency entered; it is public at once and binds all from its first day.

    Raises SamePerson, Forbidden (another agency's), RuleBroken (its first day has come), NotFound, IllegalTransition.
    """
    sanction = _get_own(sanction_id, actor)
    if sanction.proposed_by_id == actor.person_id:
        raise SamePerson("who entered it cannot decide it")
    _check_period(sanction.begins_on, sanction.ends_on, kst_date(now))
    sanction.decided_by_id = actor.person_id
    SANCTION.fire(sanction, "decide", actor, now, **_public_facts(sanction))
    _tell(sanction, "supplier.sanctioned", now)
    return sanction


def reject_sanction(sanction_id: UUID, reason: str, actor: Actor, now: datetime) -> Sanction:
    """Do not decide it, with the reason for the officer. The one who entered it withdraws by the same act."""
    sanction = _get_own(sanction_id, actor)
    if not reason.strip():
        raise InvalidInput("say why", field="reason")
    event = "withdraw" if sanction.proposed_by_id == actor.person_id else "reject"
    sanction.reject_reason = reason.strip()
    SANCTION.fire(sanction, event, actor, now)
    return sanction


def lift_sanction(sanction_id: UUID, free_from: date, reason: str, actor: Actor, now: datetime) -> Sanction:
    """End a sanction early: `free_from` is the first day that it does not bind. The days before stay on record.

    Raises InvalidInput (no reason; a day that has passed, or after the sanction's own end).
    """
    sanction = _get_own(sanction_id, actor)
    if not reason.strip():
        raise InvalidInput("say why", field="reason")
    if free_from < kst_date(now) or free_from > sanction.ends_on:
        raise InvalidInput("not a day of the rest of the sanction", field="free_from")
    facts = _public_facts(sanction)
    sanction.lifted_on, sanction.lift_reason = free_from, reason.strip()
    SANCTION.fire(sanction, "lift", actor, now, **facts, lifted_on=free_from.isoformat())
    _tell(sanction, "supplier.sanction_lifted", now)
    return sanction


def stay_sanction(
    sanction_id: UUID, begins_on: date, ends_on: date | None, order_reference: str, actor: Actor, now: datetime
) -> Stay:
    """집행정지: by a court's order it does not bind from `begins_on` to `ends_on` (None: until further notice).

    Raises InvalidInput (no reference, days outside the sanction, or the end before the beginning), AlreadyDone (the
    days overlap another stay).
    """
    sanction = _get_own(sanction_id, actor)
    if not order_reference.strip():
        raise InvalidInput("name the court's order", field="order_reference")
    if begins_on > sanction.ends_on or (ends_on is not None and ends_on < begins_on):
        raise InvalidInput("not days of the sanction", field="begins_on")
    if any(_overlap(stay, begins_on, ends_on) for stay in sanction.stays):
        raise AlreadyDone("these days are stayed already", what="stay")
    if actor.person_id is None:
        raise Forbidden("a person enters a stay", permission="sanction:decide")
    stay = Stay(
        begins_on=begins_on,
        ends_on=ends_on,
        order_reference=order_reference.strip(),
        entered_by_id=actor.person_id,
        entered_at=now,
    )
    sanction.stays.append(stay)
    days = {"stay_begins_on": begins_on.isoformat(), "stay_ends_on": ends_on.isoformat() if ends_on else None}
    SANCTION.fire(sanction, "stay", actor, now, **_public_facts(sanction), **days)
    db.session.flush()
    _tell(sanction, "supplier.sanction_stayed", now)
    return stay


def end_stay(sanction_id: UUID, stay_id: UUID, last_day: date, actor: Actor, now: datetime) -> Stay:
    """An open-ended stay ends with `last_day`. NotFound unless it is this sanction's and open-ended."""
    sanction = _get_own(sanction_id, actor)
    stay = next((each for each in sanction.stays if each.id == stay_id and each.ends_on is None), None)
    if stay is None:
        raise NotFound("no open stay", what="stay")
    if last_day < stay.begins_on:
        raise InvalidInput("before it began", field="last_day")
    stay.ends_on = last_day
    SANCTION.fire(sanction, "end_stay", actor, now, **_public_facts(sanction), stay_ends_on=last_day.isoformat())
    return stay


def _overlap(stay: Stay, begins_on: date, ends_on: date | None) -> bool:
    end, other_end = stay.ends_on or date.max, ends_on or date.max
    return stay.begins_on <= other_end and begins_on <= end


def _get_own(sanction_id: UUID, actor: Actor) -> Sanction:
    sanction = db.session.get(Sanction, sanction_id, with_for_update=True)
    if sanction is None:
        raise NotFound("no such sanction", what="sanction")
    if sanction.agency_id != actor.organisation_id:
        raise Forbidden("another agency's sanction", permission="sanction:decide")
    return sanction


def _public_facts(sanction: Sanction) -> dict[str, str]:
    return {
        "business_number": sanction.supplier.business_number or "",
        "agency": sanction.agency.code,
        "law": sanction.law,
        "article": sanction.article,
        "begins_on": sanction.begins_on.isoformat(),
        "ends_on": sanction.ends_on.isoformat(),
    }


def _tell(sanction: Sanction, kind: str, now: datetime) -> None:
    organisation_id = sanction.supplier.organisation_id
    if organisation_id is not None:
        facts = {"begins": sanction.begins_on.isoformat(), "ends": sanction.ends_on.isoformat()}
        notify(organisation_id, kind, now, href="/my/supplier", agency=sanction.agency.name_ko, **facts)


def last_bound_day(sanction: Sanction) -> date:
    """The last day on which it can bind: its own end, or the day before it was lifted."""
    return (
        sanction.ends_on
        if sanction.lifted_on is None
        else min(sanction.ends_on, sanction.lifted_on - timedelta(days=1))
    )
