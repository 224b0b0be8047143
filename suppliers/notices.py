"""What suppliers are told, what waits on a desk, and the registry's places in the menu."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app import portal
from app.auth import Actor, OrganisationKind
from app.db import db
from app.notifications import register_notification
from app.portal import Card, Entry, NavItem
from app.time import kst_date
from suppliers import queries, rules, wording
from suppliers.models import Review, Sanction, Supplier
from suppliers.states import SanctionState

SHOWN = 5


def init_notifications() -> None:
    register_notification(
        "supplier.approved",
        _l("Your registration is approved"),
        _l("Registration %(number)s is in force until %(until)s. You can bid for tenders from now on."),
    )
    register_notification(
        "supplier.returned",
        _l("The registrar asks for changes"),
        _l("Please look at the registrar's comments, change what is asked for and send it again."),
    )
    register_notification(
        "supplier.refused", _l("Your application is refused"), _l("The reason is on the page of your registration.")
    )
    register_notification(
        "supplier.expired",
        _l("Your registration has ended"),
        _l("Its last day is over. Send a renewal to bid again."),
    )
    register_notification(
        "supplier.sanctioned",
        _l("A sanction was decided against you"),
        _l("%(agency)s bars you from bidding from %(begins)s to %(ends)s. It binds every agency."),
    )
    register_notification(
        "supplier.sanction_lifted",
        _l("A sanction was lifted"),
        _l("%(agency)s has lifted the sanction from %(begins)s to %(ends)s."),
    )
    register_notification(
        "supplier.sanction_stayed",
        _l("A sanction is stayed"),
        _l("By order of a court the sanction of %(agency)s from %(begins)s to %(ends)s does not bind for a time."),
    )


def init_portal() -> None:
    portal.register_nav(
        NavItem("suppliers.directory", _l("Suppliers"), order=40),
        NavItem("suppliers.sanctions", _l("Sanctions"), order=60),
        NavItem("suppliers.mine", _l("My registration"), "supplier:read-own", order=30),
        NavItem("suppliers.queue", _l("Registrations"), "supplier:review", order=30),
        NavItem("suppliers.agency_sanctions", _l("Our sanctions"), "sanction:read-own", order=65),
    )
    portal.register_card("suppliers.registration", registration_card)
    portal.register_card("suppliers.review", review_card)
    portal.register_card("suppliers.sanctions", sanctions_card)


def registration_card(actor: Actor, now: datetime) -> Card | None:
    """Of a supplier: where its registration stands where something is to be done about it."""
    if actor.organisation_kind != OrganisationKind.SUPPLIER or not actor.may("supplier:read-own"):
        return None
    supplier = queries.find_supplier_of(actor.organisation_id)
    if supplier is None:
        return None
    href, (label, tone) = url_for("suppliers.mine"), wording.STATES[supplier.state]
    entries = [Entry(_next_step(supplier), href, str(label), tone), *_ending(supplier, now, href)]
    is_quiet = supplier.state == "active" and len(entries) == 1
    return Card(_("Registration"), entries, len(entries), href, order=80 if is_quiet else 10)


def _next_step(supplier: Supplier) -> str:
    steps = {
        "draft": _("Finish your application and send it"),
        "submitted": _("The registrar looks at your application"),
        "returned": _("Change what the registrar asks for and send it again"),
        "refused": _("Your application was refused: see why"),
        "active": _("Registered until %(day)s", day=supplier.valid_until_on),
        "changes_pending": _("Your changes are under review; what was registered stays in force"),
        "expired": _("Your registration has ended: renew it to bid again"),
    }
    return str(steps[supplier.state])


def _ending(supplier: Supplier, now: datetime, href: str) -> list[Entry]:
    on, entries = kst_date(now), []
    if supplier.state == "active" and supplier.valid_until_on and rules.may_renew(supplier.valid_until_on, on):
        entries.append(Entry(_("The registration ends soon: renew it"), href, _("ends soon"), "warning"))
    for licence in queries.expiring(supplier, on)[:SHOWN]:
        day = licence.valid_to.isoformat() if licence.valid_to else ""
        text = _("%(licence)s is valid until %(day)s", licence=wording.licence_label(licence), day=day)
        entries.append(
            Entry(text, href, _("ends soon") if licence.valid_to and licence.valid_to >= on else _("ended"), "warning")
        )
    return entries


def review_card(actor: Actor, _now: datetime) -> Card | None:
    """Of a registrar: applications waiting, longest first."""
    if not actor.may("supplier:review"):
        return None
    waiting = list(db.session.scalars(queries.review_queue().limit(SHOWN)))
    total = db.session.scalar(select(func.count()).where(Review.decision.is_(None))) or 0
    entries = [
        Entry(
            review.proposed.get("name_ko", ""),
            url_for("suppliers.application", supplier_id=review.supplier_id),
            str(wording.REVIEW_KINDS[review.kind]),
            "info",
        )
        for review in waiting
    ]
    empty = _("No application waits for you.")
    return Card(_("Registrations to decide"), entries, total, url_for("suppliers.queue"), empty, order=10)


def sanctions_card(actor: Actor, _now: datetime) -> Card | None:
    """Of an approver: sanctions that a colleague entered and that wait for a second person."""
    if not actor.may("sanction:decide") or actor.organisation_id is None:
        return None
    query = queries.sanctions_of_agency(actor.organisation_id).where(
        Sanction.state == SanctionState.PROPOSED, Sanction.proposed_by_id != actor.person_id
    )
    waiting = list(db.session.scalars(query.limit(SHOWN)).unique())
    if not waiting:
        return None
    entries = [
        Entry(
            each.supplier.name_ko or "",
            url_for("suppliers.agency_sanction", sanction_id=each.id),
            _("from %(day)s", day=each.begins_on),
            "warning",
        )
        for each in waiting
    ]
    return Card(_("Sanctions to decide"), entries, len(entries), url_for("suppliers.agency_sanctions"), order=30)
