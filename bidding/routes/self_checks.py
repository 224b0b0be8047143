"""The supplier's self-check of a tender. It only reads, and nobody learns that somebody looked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue

from app.auth import current_actor, requires
from app.db import database_now
from app.formats import kst, percent
from app.time import kst_date
from bidding import queries
from bidding.consortium_views import own_in
from bidding.eligibility import demands_of, requirements_of
from bidding.models import Tender
from bidding.routes import blueprint
from bidding.routes.bid_pages import own_organisation
from bidding.self_check import Bidding, Check, Company, check_bidding, check_company, worst
from bidding.self_check_texts import line_of
from bidding.services.access import get_tender
from bidding.services.bonding import find_bond
from bidding.services.consortia import until_of
from bidding.services.figures import bond_end
from bidding.services.signing_keys import list_live_keys
from bidding.states import ConsortiumState, TenderState
from suppliers import front


@blueprint.get("/tenders/<reference>/self-check")
@requires("bid:submit")
def self_check(reference: str) -> ResponseReturnValue:
    """Everything that the law and the notice ask of this supplier, one line each, with what to do."""
    tender = get_tender(reference, current_actor())
    organisation, now = own_organisation(), database_now()
    company = company_checks(tender, organisation, now)
    bidding = check_bidding(_bidding(tender, organisation, now))
    summary = front.get_summary(organisation)
    facts = _times(tender) | {"name": summary.name_ko, "representatives": ", ".join(summary.representatives)}
    return render_template(
        "bidding/self_check.html",
        tender=tender,
        supplier=summary,
        business_number=front.format_business_number(summary.business_number),
        demands=demands_of(tender),
        groups={"company": [line_of(one, facts) for one in company], "bid": [line_of(one, facts) for one in bidding]},
        worst=worst((*company, *bidding)),
        has_bid=any(one.code == "bid-sent" for one in bidding),
        is_open=any(one.code == "time-open" for one in bidding),
        now=now,
    )


def company_checks(tender: Tender, organisation: UUID, now: datetime) -> tuple[Check, ...]:
    """What the register says of the supplier for this tender, today and on the day of the deadline."""
    asked = requirements_of(tender)
    closes_at = max(tender.closes_at or now, now)
    company = Company(
        front.find_standing(organisation, asked.licence_codes, kst_date(now)),
        front.find_standing(organisation, asked.licence_codes, kst_date(closes_at)),
        front.unregistered_changes(organisation),
        front.namesakes_barred(organisation, kst_date(now)),
    )
    return check_company(company, asked, now, closes_at)


def _bidding(tender: Tender, organisation: UUID, now: datetime) -> Bidding:
    person = current_actor().person_id
    return Bidding(
        state=_time_state(tender, now),
        has_bid=queries.find_own_bid(tender.id, organisation) is not None,
        keys=len(list_live_keys(person)) if person else 0,
        asked=len(tender.asked_documents),
        required=sum(1 for one in tender.asked_documents if one["required"]),
        bond=_bond_state(tender, organisation, now),
        joint=_joint_state(tender, organisation),
    )


def _times(tender: Tender) -> dict[str, str]:
    """Until when bond and joint agreement may come, as the words of their lines name them."""
    if tender.closes_at is None:
        return {}
    return {
        "bond_until": kst(bond_end(tender)),
        "bond_rate": percent(tender.bid_bond_rate) if tender.bid_bond_rate else "",
        "joint_until": kst(until_of(tender)),
    }


def _bond_state(tender: Tender, organisation: UUID, now: datetime) -> str:
    if tender.bid_bond_rate is None or tender.closes_at is None:
        return ""
    if find_bond(tender.id, organisation) is not None:
        return "given"
    return "open" if now < bond_end(tender) else "late"


def _joint_state(tender: Tender, organisation: UUID) -> str:
    if not tender.joint:
        return ""
    found = [one for one in own_in(tender, organisation) if one.state != ConsortiumState.DISSOLVED]
    concluded = next((one for one in found if one.state == ConsortiumState.CONCLUDED), None)
    if concluded is not None:
        return "lead" if concluded.lead_id == organisation else "member"
    return "forming" if found else "alone"


def _time_state(tender: Tender, now: datetime) -> str:
    if tender.closes_at is not None and now >= tender.closes_at:
        return "late"
    if tender.state != TenderState.PUBLISHED:
        return "closed"
    return "not-yet" if tender.bids_from_at is not None and now < tender.bids_from_at else "open"
