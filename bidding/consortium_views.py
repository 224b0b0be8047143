"""What pages show of consortia: an agreement as its members read it, and those that became public by the opening."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

import suppliers.front
from app.auth.models import Organisation
from app.db import db
from app.i18n import language
from app.paging import Page, paginate
from bidding.models import Award, Bid, Consortium, ConsortiumMember, Tender
from bidding.rules.joint import Fault
from bidding.services.joint_bids import consortia_of
from bidding.states import BidState, ConsortiumState, TenderState
from bidding.views import percent_input

KIND = {
    "joint": _l("Joint performance (공동이행)"),
    "divided": _l("Divided performance (분담이행)"),
    "main-contractor": _l("Managed by a main contractor (주계약자관리)"),
}
STATE = {"forming": _l("Being formed"), "concluded": _l("Concluded by all"), "dissolved": _l("Dissolved")}
TONE = {"forming": "info", "concluded": "success", "dissolved": "neutral"}


@dataclass(frozen=True, slots=True)
class Line:
    """A member, named as people know it."""

    member: ConsortiumMember
    name: str
    number: str


def lines_of(consortium: Consortium) -> list[Line]:
    return _lines([consortium])[consortium.id]


def _lines(found: Iterable[Consortium]) -> dict[UUID, list[Line]]:
    found = list(found)
    firms = suppliers.front.summaries({one.organisation_id for each in found for one in each.members})
    lang = language()

    def line(member: ConsortiumMember) -> Line:
        firm = firms.get(member.organisation_id)
        name = member.organisation.name_in(lang) if firm is None else firm.name_en if lang == "en" else firm.name_ko
        return Line(member, name, suppliers.front.format_business_number(member.organisation.code))

    return {each.id: [line(member) for member in each.members] for each in found}


def disclosed(tender: Tender) -> list[tuple[Consortium, list[Line]]]:
    """Consortia whose lead has bid, once the bids are public; their members in order."""
    if not tender.joint or tender.opened_at is None or tender.state == TenderState.AUCTION:
        return []
    by_lead = consortia_of(tender)
    leads = select(Bid.organisation_id).where(
        Bid.tender_id == tender.id, Bid.organisation_id.in_(by_lead), Bid.state != BidState.CANCELLED
    )
    found = [by_lead[lead] for lead in db.session.scalars(leads.order_by(Bid.rank.asc().nulls_last(), Bid.stmt))]
    lines = _lines(found)
    return [(one, lines[one.id]) for one in found]


def own_in(tender: Tender, organisation_id: UUID) -> list[Consortium]:
    """The firm's consortia of a tender that are not dissolved: its own first, then what it is asked to join."""
    mine = ConsortiumMember.consortium_id == Consortium.id, ConsortiumMember.organisation_id == organisation_id
    query = select(Consortium).join(ConsortiumMember, mine[0]).where(mine[1], Consortium.tender_id == tender.id)
    running = query.where(Consortium.state != ConsortiumState.DISSOLVED)
    return list(db.session.scalars(running.order_by(ConsortiumMember.position, Consortium.created_at)))


def own(organisation_id: UUID, page: int) -> Page[Consortium]:
    """Every consortium of the firm, the newest first."""
    query = select(Consortium).join(ConsortiumMember, ConsortiumMember.consortium_id == Consortium.id)
    mine = query.where(ConsortiumMember.organisation_id == organisation_id).options(joinedload(Consortium.tender))
    return paginate(mine.order_by(Consortium.created_at.desc(), Consortium.id), page)


def binding(tender: Tender, organisation_id: UUID) -> Consortium | None:
    """The concluded consortium that the firm bids with, or through."""
    if not tender.joint:
        return None
    return next((one for one in own_in(tender, organisation_id) if one.state == ConsortiumState.CONCLUDED), None)


def fault_told(fault: Fault, terms: Mapping[str, int]) -> str:
    """A fault of an agreement in words."""
    least = percent_input(terms["min_share"])
    words = {
        "kind-not-allowed": _("The notice does not allow this kind of joint bid."),
        "number-of-members": _("A consortium here has two to %(most)s members.", most=terms["max_members"]),
        "member-twice": _("The firm %(number)s is named twice.", number=fault.supplier),
        "part-missing": _("Say what part the firm %(number)s does.", number=fault.supplier),
        "share-not-asked": _("With divided performance there are no shares: leave them empty."),
        "share-too-small": _(
            "The share of %(number)s is below the least of %(least)s %%.", number=fault.supplier, least=least
        ),
        "shares-not-whole": _(
            "The shares add up to %(total)s %%, not to 100 %%.", total=percent_input(fault.facts.get("total", 0))
        ),
    }
    return str(words.get(fault.code, fault.code))


def winner_name(won: Award | Bid) -> str:
    organisation = db.session.get_one(Organisation, won.organisation_id)
    return organisation.name_in(language())


def terms_told(tender: Tender) -> str:
    """What the notice allows, in words."""
    if not tender.joint:
        return str(_("none: each bids alone"))
    kinds = ", ".join(str(KIND[kind]) for kind in tender.joint["kinds"])
    told = _("%(kinds)s; two to %(most)s firms", kinds=kinds, most=tender.joint["max_members"])
    least = tender.joint["min_share"]
    return str(_("%(told)s, each with %(least)s %% or more", told=told, least=percent_input(least)) if least else told)
