"""The places of committees in the kernel's registries: permissions, routes, jobs, notifications, menu, desk."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import portal
from app.auth import Actor, Role, register_permissions
from app.demo import register_demo
from app.notifications import register_notification
from app.portal import Card, Entry, NavItem
from bidding import committee_jobs, labels
from bidding.rehearsal.committee_demo import committee_step
from bidding.services.committee import list_seats
from bidding.states import TenderState

SHOWN = 6


def register() -> None:
    """Before the blueprint is registered: importing a module of routes fills it."""
    from bidding.routes import committee, rooms

    assert all((committee, rooms))
    register_permissions({"opening:preside": {Role.OFFICER}, "box:hold": {Role.KEYHOLDER}})
    committee_jobs.register()
    register_demo("bidding.committee", 25, committee_step)
    for kind, subject, body in (
        (
            "keyholder.named",
            _l("You were named as a keyholder"),
            _l("“%(title)s”: make your keys before the tender is published."),
        ),
        (
            "keyholder.contribute",
            _l("Your contribution to the draw is needed"),
            _l("“%(title)s” is with the approver: seal your random number, so that it can be published."),
        ),
        (
            "keyholder.room",
            _l("Come to the opening"),
            _l("“%(title)s” has closed: say that you are present, and have your key file ready."),
        ),
        (
            "keyholder.prices",
            _l("Come to the second session: the prices"),
            _l("“%(title)s”: the proposals are scored. Say that you are present, and have your key file ready."),
        ),
        (
            "keyholder.drill",
            _l("Open a test envelope"),
            _l("“%(title)s” closes soon: read your key file from its medium once more."),
        ),
        (
            "keyholder.asked",
            _l("Your pieces are asked for"),
            _l("“%(title)s” is being opened: load your key file and give your pieces."),
        ),
        (
            "opening.fallback_asked",
            _l("Another group of keyholders waits for approval"),
            _l("“%(title)s”: a member is missing; a second person has to approve the other group."),
        ),
    ):
        register_notification(kind, subject, body)
    portal.register_nav(NavItem("bidding.committee_seats", _l("Key custody"), "box:hold", order=25))
    portal.register_card("bidding.seats", seats_card)


def seats_card(actor: Actor, now: datetime) -> Card | None:
    """Of a keyholder: what waits, and the seats besides."""
    if not actor.may("box:hold"):
        return None
    seats = list_seats(actor, now)
    entries = [
        Entry(
            seat.tender.title,
            url_for("bidding.committee_seat", tender_id=seat.tender.id),
            str(labels.TASK[seat.task]) if seat.task else str(labels.STATE[seat.tender.state]),
            "warning" if seat.task else labels.TONE[seat.tender.state],
            seat.tender.opens_at if seat.tender.state == TenderState.CLOSED else seat.tender.closes_at,
        )
        for seat in seats[:SHOWN]
    ]
    empty = _("You hold no keys. An officer names keyholders while a tender is a draft.")
    return Card(_("Key custody"), entries, len(seats), url_for("bidding.committee_seats"), empty, order=10)
