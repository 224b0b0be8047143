"""Forming a consortium: its lead proposes, each member agrees to the very same words, the last one concludes it.

It is concluded by the day before the deadline and before any bid of its members; afterwards nothing of it changes
(국가계약법 시행령 72조, 전자조달법 시행규칙 3조). Until the opening nobody but its members learns of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import joinedload

import suppliers.front
from app.auth import Actor
from app.db import db
from app.errors import (
    AlreadyDone,
    DeadlinePassed,
    Forbidden,
    InvalidInput,
    NotEligible,
    NotFound,
    NotOpenForBids,
    RuleBroken,
    StaleConfirmation,
)
from app.notifications import notify
from bidding.ddl import TENDER_LOCK
from bidding.eligibility import requirements_of
from bidding.models import Bid, Consortium, ConsortiumMember, Tender
from bidding.rules.joint import Agreement, JointTerms, Member, faults_of
from bidding.services.access import person_id
from bidding.services.figures import agreement_end
from bidding.states import CONSORTIUM, ConsortiumState, TenderState

FIRM_LOCK = 9  # first key of the advisory lock under which a firm is bound in a tender


@dataclass(frozen=True, slots=True)
class Proposed:
    """A member as the lead names it: ten digits, share in thousandths of a percent, part."""

    business_number: str
    share: int = 0
    part: str = ""


def propose(tender_id: UUID, kind: str, members: Sequence[Proposed], actor: Actor, now: datetime) -> Consortium:
    """Say who bids together and how; the first member is the actor's own firm, which leads. Whoever had agreed to other
    words has to agree again.

    Raises InvalidInput (an unknown firm: `field="members"`, `number`), RuleBroken (`findings`: faults of the
    agreement), NotEligible (`supplier`), AlreadyDone (bound elsewhere, or has bid), NotOpenForBids, DeadlinePassed,
    Forbidden.
    """
    lead_id = _firm(actor, "consortium:form")
    tender = _open_tender(tender_id, now)
    firms = [_firm_of(one.business_number) for one in members]
    if not firms or firms[0] != lead_id:
        raise InvalidInput("the firm that proposes leads", field="members")
    agreement = Agreement(
        str(tender.reference), kind, tuple(Member(one.business_number, one.share, one.part.strip()) for one in members)
    )
    if faults := faults_of(agreement, terms_of(tender)):
        raise RuleBroken("not an agreement of this notice", findings=faults)
    for firm, one in zip(firms, members, strict=True):
        _refuse_ineligible(tender, firm, one.business_number, now)
    consortium = _own_forming(tender, lead_id, now)
    _refuse_bound(tender, lead_id, consortium.id)
    _refuse_bidders(tender, [lead_id])
    asked = {one.organisation_id for one in consortium.members}
    consortium.kind = kind
    _replace_members(consortium, firms, members)
    CONSORTIUM.fire(consortium, "propose", _as_firm(actor, members[0].business_number), now, agreement=agreement.sha256)
    for firm in firms[1:]:
        word = "consortium.changed" if firm in asked else "consortium.invited"
        notify(firm, word, now, href=_href(tender), title=tender.title)
    return consortium


def agree(consortium_id: UUID, sha256: str, actor: Actor, now: datetime) -> Consortium:
    """A member agrees to the words whose hash it was shown; with the last of them the agreement is concluded.

    Raises StaleConfirmation (other words by now), NotFound (not a member), NotEligible, AlreadyDone (bound elsewhere,
    has bid, or agreed already), DeadlinePassed, Forbidden.
    """
    firm = _firm(actor, "consortium:agree")
    consortium = _lock(consortium_id)
    member = _member(consortium, firm)
    tender = _open_tender(consortium.tender_id, now)
    agreement = consortium.agreement
    if agreement.sha256 != sha256:
        raise StaleConfirmation("the agreement is not the one that was shown")
    if consortium.state != ConsortiumState.FORMING or member.agreed_sha256 == sha256:
        raise AlreadyDone("agreed already")
    _refuse_ineligible(tender, firm, member.organisation.code, now)
    _refuse_bound(tender, firm, consortium.id)
    _refuse_bidders(tender, [firm])
    member.is_bound, member.agreed_at, member.agreed_by_id, member.agreed_sha256 = True, now, person_id(actor), sha256
    acting = _as_firm(actor, member.organisation.code)
    CONSORTIUM.fire(consortium, "agree", acting, now, agreement=sha256)
    if all(one.agreed_sha256 == sha256 for one in consortium.members):
        _conclude(consortium, tender, sha256, acting, now)
    elif member.position > 0:
        notify(consortium.lead_id, "consortium.agreed", now, href=_href(tender), title=tender.title)
    return consortium


def _conclude(consortium: Consortium, tender: Tender, sha256: str, acting: Actor, now: datetime) -> None:
    """Alone, as the closing of a tender is: a bid of a member is in before it, and refuses it, or comes after it."""
    barrier = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:tender))")
    db.session.execute(barrier, {"lock": TENDER_LOCK, "tender": tender.reference})
    _refuse_bidders(tender, [one.organisation_id for one in consortium.members])
    for one in consortium.members:
        _refuse_ineligible(tender, one.organisation_id, one.organisation.code, now)
    db.session.flush()
    consortium.agreement_sha256 = sha256
    CONSORTIUM.fire(consortium, "conclude", acting, now, agreement=sha256)
    db.session.flush()
    for one in consortium.members:
        notify(one.organisation_id, "consortium.concluded", now, href=_href(tender), title=tender.title)


def decline(consortium_id: UUID, actor: Actor, now: datetime) -> Consortium:
    """A member does not want, or no longer: it leaves, and what the others had agreed to is void. Raises as `agree`."""
    firm = _firm(actor, "consortium:agree")
    consortium = _lock(consortium_id)
    member = _member(consortium, firm)
    if member.position == 0:
        raise Forbidden("the lead dissolves it")
    acting = _as_firm(actor, member.organisation.code)
    CONSORTIUM.fire(consortium, "decline", acting, now)
    left = [one for one in consortium.members if one is not member]
    consortium.members = left
    db.session.flush()
    for place, one in enumerate(left):
        one.position = place
        _ask_again(one)
    tender = consortium.tender
    notify(consortium.lead_id, "consortium.declined", now, href=_href(tender), title=tender.title)
    return consortium


def dissolve(consortium_id: UUID, actor: Actor, now: datetime) -> Consortium:
    """The lead gives it up, while it is not concluded. Raises IllegalTransition afterwards, NotFound, Forbidden."""
    firm = _firm(actor, "consortium:form")
    consortium = _lock(consortium_id)
    if consortium.lead_id != firm:
        raise Forbidden("only its lead dissolves it")
    CONSORTIUM.fire(consortium, "dissolve", _as_firm(actor, _member(consortium, firm).organisation.code), now)
    others = [one.organisation_id for one in consortium.members if one.position > 0]
    for one in consortium.members:
        one.is_bound = False
    for organisation_id in others:
        notify(
            organisation_id, "consortium.dissolved", now, href=_href(consortium.tender), title=consortium.tender.title
        )
    return consortium


# -- what is asked of a tender and of a firm ---------------------------------------------------------------------------


def terms_of(tender: Tender) -> JointTerms:
    """What the notice allows. Forbidden where each bids alone."""
    if not tender.joint:
        raise Forbidden("this notice takes no joint bids")
    return JointTerms.from_json(tender.joint)


def until_of(tender: Tender) -> datetime:
    """Until when an agreement of this tender can be concluded."""
    return agreement_end(tender)


def _open_tender(tender_id: UUID, now: datetime) -> Tender:
    tender = db.session.get(Tender, tender_id)
    if tender is None or tender.published_at is None:
        raise NotFound(f"no tender {tender_id}")
    terms_of(tender)
    if tender.state != TenderState.PUBLISHED:
        raise NotOpenForBids("this tender takes no bids now", state=tender.state, bids_from_at=tender.bids_from_at)
    if now >= until_of(tender):
        raise DeadlinePassed("agreements are concluded by the day before", deadline_at=until_of(tender))
    return tender


def _firm(actor: Actor, permission: str) -> UUID:
    if actor.organisation_id is None or not actor.may(permission):
        raise Forbidden("only a supplier", permission=permission)
    return actor.organisation_id


def _firm_of(business_number: str) -> UUID:
    found = suppliers.front.find_organisation_id(business_number)
    if found is None:
        raise InvalidInput("not on the register", field="members", number=business_number)
    return found


def _refuse_ineligible(tender: Tender, firm: UUID, business_number: str, now: datetime) -> None:
    why = suppliers.front.why_ineligible(firm, requirements_of(tender), now)
    if why is not None:
        raise NotEligible(why.code, reason=why.code, supplier=business_number, **why.facts)


def _refuse_bound(tender: Tender, firm: UUID, consortium_id: UUID) -> None:
    """Until this transaction ends nobody else binds the firm here: who comes at the same moment waits, and looks."""
    alone = text("SELECT pg_advisory_xact_lock(:lock, hashtext(:whose))")
    db.session.execute(alone, {"lock": FIRM_LOCK, "whose": f"{tender.id}/{firm}"})
    elsewhere = select(ConsortiumMember.consortium_id).where(
        ConsortiumMember.tender_id == tender.id,
        ConsortiumMember.organisation_id == firm,
        ConsortiumMember.is_bound,
        ConsortiumMember.consortium_id != consortium_id,
    )
    if db.session.scalar(elsewhere) is not None:
        raise AlreadyDone("a firm is in one consortium of a tender", what="consortium")


def _refuse_bidders(tender: Tender, firms: Sequence[UUID]) -> None:
    bid = select(Bid.id).where(Bid.tender_id == tender.id, Bid.organisation_id.in_(firms)).limit(1)
    if db.session.scalar(bid) is not None:
        raise AlreadyDone("no agreement after a bid", what="bid")


# -- rows --------------------------------------------------------------------------------------------------------------


def _own_forming(tender: Tender, lead_id: UUID, now: datetime) -> Consortium:
    query = select(Consortium).where(
        Consortium.tender_id == tender.id,
        Consortium.lead_id == lead_id,
        Consortium.state != ConsortiumState.DISSOLVED,
    )
    found = db.session.scalar(query.with_for_update(of=Consortium).execution_options(populate_existing=True))
    if found is None:
        found = Consortium(
            tender_id=tender.id, lead_id=lead_id, kind="joint", state=ConsortiumState.FORMING, created_at=now
        )
        found.tender = tender
        db.session.add(found)
        db.session.flush()
    elif found.state != ConsortiumState.FORMING:
        raise AlreadyDone("an agreement stays as it was concluded", what="concluded")
    return found


def _replace_members(consortium: Consortium, firms: Sequence[UUID], members: Sequence[Proposed]) -> None:
    consortium.members = []
    db.session.flush()
    for place, (firm, one) in enumerate(zip(firms, members, strict=True)):
        consortium.members.append(
            ConsortiumMember(
                organisation_id=firm,
                tender_id=consortium.tender_id,
                position=place,
                share=one.share,
                part=one.part.strip(),
                is_bound=place == 0,
            )
        )
    db.session.flush()


def _ask_again(member: ConsortiumMember) -> None:
    member.agreed_at = member.agreed_by_id = member.agreed_sha256 = None
    member.is_bound = member.position == 0


def _lock(consortium_id: UUID) -> Consortium:
    query = select(Consortium).where(Consortium.id == consortium_id).options(joinedload(Consortium.tender))
    locked = query.with_for_update(of=Consortium).execution_options(populate_existing=True)
    consortium = db.session.scalar(locked)
    if consortium is None:
        raise NotFound(f"no consortium {consortium_id}")
    return consortium


def _member(consortium: Consortium, firm: UUID) -> ConsortiumMember:
    found = next((one for one in consortium.members if one.organisation_id == firm), None)
    if found is None:
        raise NotFound("not a member")
    return found


def _as_firm(actor: Actor, business_number: str) -> Actor:
    """In the log a bidder is its firm."""
    return replace(actor, handle=f"supplier:{business_number}")


def _href(tender: Tender) -> str:
    return f"/tenders/{tender.reference}/consortium"
