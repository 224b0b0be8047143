"""What people are told about cancelled bids and about deadlines that an outage moved."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.notifications import register_notification


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
