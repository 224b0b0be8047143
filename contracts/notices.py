"""What the two sides are told, what waits on a desk, and the places of contracts in menus and on supplier pages."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import documents, portal
from app.auth import Actor, OrganisationKind
from app.db import db
from app.notifications import register_notification
from app.portal import Card, Entry, NavItem
from app.time import KST
from contracts import labels, queries
from contracts.models import Contract
from contracts.states import ContractState as S
from suppliers.front import Line, Section, register_supplier_section

SHOWN = 5
# Whose turn it is.
AGENCY_TURN = (S.DRAFTED, S.DECLINED, S.AGREED, S.DELIVERED, S.INVOICED, S.PAID)
SUPPLIER_TURN = (S.SENT, S.CONCLUDED, S.CORRECTING, S.INSPECTED)


def init_notifications() -> None:
    told = {
        "contract.drafted": (_l("A contract is drafted"), _l("%(number)s %(title)s: settle its terms and send it.")),
        "contract.sent": (
            _l("A contract waits for your answer"),
            _l("%(number)s %(title)s: read it, agree or decline."),
        ),
        "contract.withdrawn": (_l("A contract was taken back"), _l("%(number)s %(title)s: the agency is changing it.")),
        "contract.agreed": (
            _l("The supplier has agreed"),
            _l("%(number)s %(title)s: confirm it to conclude the contract."),
        ),
        "contract.declined": (_l("The supplier has declined"), _l("%(number)s %(title)s: its reason is on the page.")),
        "contract.lapsed": (
            _l("A contract will not be concluded"),
            _l("%(number)s %(title)s: the award was undone before it was concluded."),
        ),
        "contract.concluded": (_l("Your contract is concluded"), _l("%(number)s %(title)s is in force from now on.")),
        "contract.delivered": (
            _l("A delivery waits for inspection"),
            _l("%(number)s %(title)s: inspect it; its page says until when."),
        ),
        "contract.fix_required": (
            _l("The inspection asks for corrections"),
            _l("%(number)s %(title)s: what is to be put right is on the page."),
        ),
        "contract.accepted": (_l("Your delivery is accepted"), _l("%(number)s %(title)s: you can send the invoice.")),
        "contract.invoiced": (_l("An invoice came in"), _l("%(number)s %(title)s: pay it; its page says until when.")),
        "contract.paid": (_l("Your contract is paid"), _l("%(number)s %(title)s: the payment is recorded.")),
        "contract.terminated": (
            _l("A contract was terminated"),
            _l("%(number)s %(title)s: the agency's reason is on the page."),
        ),
    }
    for kind, (subject, body) in told.items():
        register_notification(kind, subject, body)


def init_portal() -> None:
    portal.register_nav(
        NavItem("contracts.register", _l("Contracts"), order=30),
        NavItem("contracts.desk", _l("Our contracts"), "contract:work", order=35),
    )
    portal.register_card("contracts.turn", turn_card)
    register_supplier_section("contracts", supplier_section)
    documents.register_document_kind("contract", _l("Contract"))
    documents.register_document_kind("contract-certificate", _l("Certificate of conclusion"))


def turn_card(actor: Actor, _now: datetime) -> Card | None:
    """The contracts on which this organisation is to act next."""
    if not actor.may("contract:work") or actor.organisation_id is None:
        return None
    states = AGENCY_TURN if actor.organisation_kind == OrganisationKind.AGENCY else SUPPLIER_TURN
    waiting = list(db.session.scalars(queries.desk(actor, states).limit(SHOWN)))
    counts = queries.counts(actor)
    return Card(
        title=_("Contracts that wait for you"),
        entries=[_entry(contract) for contract in waiting],
        total=sum(counts.get(state, 0) for state in states),
        href=url_for("contracts.desk"),
        empty=_("No contract waits for you."),
        order=40,
    )


def _entry(contract: Contract) -> Entry:
    return Entry(
        text=contract.title,
        href=url_for("contracts.work", number=contract.number),
        badge=str(labels.STATE[contract.state]),
        tone=labels.TONE[contract.state],
        due_at=due_at(contract),
    )


def due_at(contract: Contract) -> datetime | None:
    """The end of the day by which the next act is due, where the law or the contract sets one."""
    waiting = contract.open_delivery
    day = {
        S.DELIVERED: waiting.inspection_due_on if waiting else None,
        S.INVOICED: contract.payment_due_on,
        S.CONCLUDED: contract.due_on,
        S.CORRECTING: contract.due_on,
    }.get(S(contract.state))
    return datetime(day.year, day.month, day.day, tzinfo=KST) + timedelta(days=1, seconds=-1) if day else None


def supplier_section(organisation_id: UUID, _now: datetime) -> Section | None:
    """A supplier's contracts on its public page."""
    contracts, total = queries.of_supplier(organisation_id, SHOWN)
    lines = [
        Line(
            text=contract.title,
            href=url_for("contracts.page", number=contract.number),
            at=contract.concluded_at,
            amount_won=contract.amount_won,
            detail=str(labels.STATE[contract.state]),
        )
        for contract in contracts
    ]
    return Section(title=_("Contracts"), empty=_("No contract yet."), lines=lines, total=total)
