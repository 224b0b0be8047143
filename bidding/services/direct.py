"""수의계약 after a failed tender: one person asks, a second decides, and the contract is drafted as after an award.

On the original conditions and at most for the estimated price, or the base amount where none was drawn
(국가계약법 시행령 27조, 30조). The tender stays failed.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

import suppliers.front
from app import audit
from app.auth import Actor
from app.db import db
from app.errors import (
    AlreadyDone,
    Forbidden,
    IllegalTransition,
    InvalidInput,
    NotEligible,
    NotFound,
    RuleBroken,
    SamePerson,
)
from app.jobs import enqueue
from app.notifications import notify
from app.time import kst_date
from bidding import queries
from bidding.eligibility import requirements_of
from bidding.models import Bid, Complaint, DirectAward, Tender
from bidding.rules.roads import Case, Road, direct_road
from bidding.services.access import is_own, lock_own_tender, lock_tender, person_id
from bidding.services.joint_bids import consortia_of, parties_of
from bidding.services.lots import rows_of
from bidding.services.renotice import is_being_given_up, is_followed
from bidding.services.standings import line_up
from bidding.states import DIRECT, BidState, DirectState, TenderState

STANDING = (BidState.SUBMITTED, BidState.PRESENTED, BidState.OPENED)
# Bids that were good, and won nothing for their price or for want of others.
GOOD = frozenset({"valid", "too-few-valid-bids", "above-estimated-price", "below-floor"})
PLAIN = frozenset({"sale", "desired-quantity"})  # their price is no ceiling


def case_of(tender: Tender) -> Case:
    return Case(
        regime=tender.regime,
        method=tender.method,
        bids=(tender.bid_count or 0) - queries.cancelled_bids(tender.id),
        is_renoticed=tender.first_ord > 0,
        is_practice=tender.is_practice,
    )


def road_of(tender: Tender) -> Road | None:
    """The road to a contract without competition; None where the law or the method leaves none."""
    return None if tender.method in PLAIN or tender.state != TenderState.FAILED else direct_road(case_of(tender))


def ceiling_of(tender: Tender) -> int:
    """Most that may be paid, in won: the estimated price where one was drawn, else the base amount; and never more than
    the limit that the notice gives (`scoring`)."""
    opening = queries.find_opening(tender.id)
    drawn = opening.estimated_price_won if opening is not None else None
    ceiling = drawn or tender.base_amount_won
    assert ceiling is not None  # published, by CHECK
    given = (tender.scoring or {}).get("ceiling_won")
    return ceiling if given is None else min(ceiling, int(given))


def single_bidder(tender: Tender) -> UUID | None:
    """The organisation of the one good bid; None where there are none or several."""
    wanted = [Bid.tender_id == tender.id, Bid.state.in_(STANDING)]
    standing = line_up(tender)  # whom a review has put out is no good bidder
    if standing is not None:
        wanted.append(Bid.stmt.in_([place.stmt for place in standing.placings if place.reason in GOOD]))
    found = list(db.session.scalars(select(Bid.organisation_id).where(*wanted).limit(2)))
    return found[0] if len(found) == 1 else None


def ask_direct(
    tender_id: UUID, amount_won: int, reason: str, actor: Actor, now: datetime, *, business_number: str = ""
) -> DirectAward:
    """Ask for the contract. With a single bidder it is with that one; otherwise the officer names a firm, after a
    failed re-notice only.

    Raises Forbidden, IllegalTransition (not failed, or this road is closed), AlreadyDone (something follows or waits),
    InvalidInput (amount, firm, no reason), NotEligible.
    """
    tender = lock_own_tender(tender_id, actor)
    if not actor.may("direct:ask"):
        raise Forbidden("only an officer asks", permission="direct:ask")
    road = road_of(tender)
    if road is None:
        raise IllegalTransition("no contract without competition", state=tender.state, event="ask_direct")
    _refuse_taken(tender)
    if not reason.strip():
        raise InvalidInput("it needs its reason", field="reason")
    ceiling = ceiling_of(tender)
    if not 0 < amount_won <= ceiling:
        raise InvalidInput("more than the estimated price", field="amount_won")
    firm = _firm(tender, road, business_number)
    _refuse_ineligible(tender, firm, now)
    direct = DirectAward(
        tender_id=tender.id,
        organisation_id=firm,
        amount_won=amount_won,
        ceiling_won=ceiling,
        action=road.action,
        ground=road.why,
        legal_basis=road.legal_basis,
        reason=reason.strip(),
        asked_by_id=person_id(actor),
        asked_at=now,
    )
    db.session.add(direct)
    db.session.flush()
    audit.emit("tender.direct_asked", actor, now, subject=direct.audit_subject, tender=tender.reference, is_open=False)
    _tell(tender, tender.agency_id, "tender.direct_asked", now)
    return direct


def approve_direct(direct_id: UUID, actor: Actor, now: datetime) -> DirectAward:
    """A second person agrees; leaves the contract's draft as a job. Raises SamePerson, IllegalTransition (decided, or
    the tender is no more failed), NotEligible (a sanction came in between), Forbidden."""
    direct, tender = _locked(direct_id, actor)
    if direct.asked_by_id == person_id(actor):
        raise SamePerson("the second approval must be another person's")
    _refuse_ineligible(tender, direct.organisation_id, now)
    direct.decided_by_id = person_id(actor)
    DIRECT.fire(
        direct,
        "approve",
        actor,
        now,
        supplier=direct.organisation.code,
        amount=str(direct.amount_won),
        ceiling=str(direct.ceiling_won),
        action=direct.action,
        ground=direct.ground,
        reason_sha256=hashlib.sha256(direct.reason.encode()).hexdigest(),
        approvals=[f"person:{direct.asked_by_id}", actor.handle],
    )
    _tell(tender, direct.organisation_id, "tender.direct", now)
    enqueue("contracts.draft", str(tender.id), due_at=now, tender_id=str(tender.id))
    return direct


def refuse_direct(direct_id: UUID, actor: Actor, now: datetime) -> DirectAward:
    """The second person does not want it; the other roads are open again. Raises as above."""
    direct, _ = _locked(direct_id, actor)
    if direct.asked_by_id == person_id(actor):
        raise SamePerson("the second decision must be another person's")
    direct.decided_by_id = person_id(actor)
    DIRECT.fire(direct, "refuse", actor, now)
    return direct


def lapse_direct(direct_id: UUID, reason: str, actor: Actor, now: datetime) -> DirectAward:
    """The firm does not sign: an approver gives it up, its draft lapses, and the other roads are open again.

    Raises InvalidInput without a reason, SamePerson (who asked for it), IllegalTransition (not approved), RuleBroken
    (concluded by now), Forbidden.
    """
    direct, _ = _locked(direct_id, actor)
    if not reason.strip():
        raise InvalidInput("it needs its reason", field="reason")
    if direct.asked_by_id == person_id(actor):
        raise SamePerson("who asked for it does not give it up alone")
    return undo(direct, reason.strip(), actor, now)


def drop(tender: Tender, complaint: Complaint, actor: Actor, now: datetime) -> None:
    """The tender ends by a complaint that two persons upheld: nothing comes of it without competition either.

    On a locked tender; who may was decided there. RuleBroken where the contract is concluded.
    """
    direct = queries.direct_of(tender.id)
    if direct is None:
        return
    decider = replace(actor, permissions=frozenset({"direct:decide"}))
    if direct.state == DirectState.ASKED:
        two = (complaint.decided_by_id, complaint.proposed_by_id)
        direct.decided_by_id = next(person for person in two if person != direct.asked_by_id)
        DIRECT.fire(direct, "refuse", decider, now, complaint=complaint.number)
    else:
        undo(direct, complaint.decision_text, decider, now, complaint=complaint.number)
    db.session.flush()  # before the tender moves on: the database looks at both


def undo(direct: DirectAward, reason: str, actor: Actor, now: datetime, **facts: Any) -> DirectAward:
    """On a locked tender: it was not concluded. RuleBroken where it was: what is concluded stays."""
    if direct.contracted_at is not None:
        raise RuleBroken("the contract is concluded", findings=["contract-concluded"])
    direct.lapse_reason = reason
    DIRECT.fire(direct, "lapse", actor, now, reason_sha256=hashlib.sha256(reason.encode()).hexdigest(), **facts)
    ids = {"tender_id": str(direct.tender_id), "bid_id": str(direct.id)}
    enqueue("contracts.lapse", f"{direct.tender_id}:{direct.id}", due_at=now, **ids)
    return direct


def _locked(direct_id: UUID, actor: Actor) -> tuple[DirectAward, Tender]:
    """The tender is locked first, as everywhere."""
    tender_id = db.session.scalar(select(DirectAward.tender_id).where(DirectAward.id == direct_id))
    if tender_id is None:
        raise NotFound("no such contract", what="direct")
    tender = lock_tender(tender_id)
    if not is_own(tender, actor):
        raise Forbidden("another agency's tender")
    direct = db.session.get_one(DirectAward, direct_id, populate_existing=True)
    if tender.state != TenderState.FAILED:
        raise IllegalTransition("it has not failed", subject="tender", state=tender.state, event="decide_direct")
    return direct, tender


def _refuse_taken(tender: Tender) -> None:
    if is_followed(tender.id) or is_being_given_up(rows_of(tender)):
        raise AlreadyDone("something follows already, or waits for approval")


def _firm(tender: Tender, road: Road, business_number: str) -> UUID:
    bidder = single_bidder(tender)
    if bidder is not None:
        return bidder
    if road.why != "renotice-failed":
        raise IllegalTransition("no single good bid", state=tender.state, event="ask_direct")
    digits = "".join(filter(str.isdigit, business_number))
    firm = suppliers.front.find_organisation_id(digits) if digits else None
    if firm is None:
        raise InvalidInput("no such firm on the register", field="business_number")
    return firm


def _refuse_ineligible(tender: Tender, firm: UUID, now: datetime) -> None:
    """The original conditions hold, but for the day of registration: there is no deadline any more."""
    why = suppliers.front.why_ineligible(firm, replace(requirements_of(tender), registered_before_on=None), now)
    if why is not None:
        raise NotEligible(why.code, reason=why.code, **why.facts)
    joint = consortia_of(tender, [firm]).get(firm)
    members = {one.organisation_id for one in parties_of(joint)} if joint is not None else set()
    if suppliers.front.sanctioned_among(members, kst_date(now)):
        raise NotEligible("a member is under a sanction", reason="sanctioned")


def _tell(tender: Tender, to: UUID, kind: str, now: datetime) -> None:
    page = "/after-failure" if kind == "tender.direct_asked" else ""
    notify(to, kind, now, href=f"/tenders/{tender.reference}{page}", title=tender.title)
