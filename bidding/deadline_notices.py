"""What people are told about cancelled bids and moved deadlines, and the operators' card on intake and clock."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import portal
from app.auth import Actor
from app.formats import kst
from app.notifications import register_notification
from app.portal import Card, Entry, NavItem
from bidding import labels, outage_views
from bidding.services import clock, holding


def init_notifications() -> None:
    for kind, subject, body in (
        (
            "bid.cancel_requested",
            _l("A bidder asks to cancel its bid"),
            _l("“%(title)s”: two of you decide, before the opening time."),
        ),
        (
            "bid.cancel_proposed",
            _l("A cancellation waits for the second decision"),
            _l("“%(title)s”: another person than the first confirms it or sends it back."),
        ),
        (
            "bid.cancel_granted",
            _l("Your bid is cancelled"),
            _l("“%(title)s”: your sealed bid will never be opened, and it does not count."),
        ),
        (
            "bid.cancel_refused",
            _l("Your bid stands"),
            _l("“%(title)s”: your request to cancel it was refused. Its reason is on the page."),
        ),
        (
            "bid.cancel_lapsed",
            _l("Your bid stands: nobody decided in time"),
            _l("“%(title)s”: the opening began before your request was decided."),
        ),
        (
            "tender.postponed",
            _l("An outage moved a deadline"),
            _l("“%(title)s”: the system could not take bids for a while. See the new deadline; what was sent stands."),
        ),
    ):
        register_notification(kind, subject, body)


def init_portal() -> None:
    portal.register_nav(NavItem("bidding.operations_page", _l("Intake and clock"), "outage:propose", order=30))
    portal.register_card("bidding.deadlines", deadlines_card)


def deadlines_card(actor: Actor, now: datetime) -> Card | None:
    """Of an operator: whether bids come in, whether the clock is right, which outages wait for a decision."""
    if not actor.may("outage:propose"):
        return None
    href, waiting = url_for("bidding.operations_page"), outage_views.undecided()
    guard, is_held = clock.guard(), bool(holding.holds(now))
    state = guard.state if guard is not None else "unknown"
    entries = [
        Entry(_("Intake of bids"), href, _("held") if is_held else _("open"), "danger" if is_held else "success"),
        Entry(_("Clock"), href, str(labels.CLOCK[state]), labels.CLOCK_TONE[state]),
    ]
    entries += [
        Entry(
            _("Outage of %(at)s", at=kst(outage.began_at)),
            url_for("bidding.outage_decision", outage_id=outage.id),
            str(labels.OUTAGE[outage.state]),
            labels.OUTAGE_TONE[outage.state],
            outage.ended_at + holding.BOUND if outage.ended_at is not None else None,
        )
        for outage in waiting[:5]
    ]
    return Card(_("Intake and clock"), entries, len(entries), href, order=15)
