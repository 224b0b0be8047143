"""What people are told of complaints, and where the register stands in the menus."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app import portal
from app.notifications import register_notification
from app.portal import NavItem


def register() -> None:
    for kind, subject, body in (
        ("complaint.filed", _l("A complaint came in"), _l("“%(title)s”: decide on it within the days that it names.")),
        ("complaint.accepted", _l("Your complaint is admitted"), _l("“%(title)s”: the agency examines it.")),
        ("complaint.proposed", _l("A decision on a complaint waits"), _l("“%(title)s”: a second person confirms it.")),
        ("complaint.decided", _l("Your complaint was decided"), _l("“%(title)s”: read the decision and its remedy.")),
        ("complaint.withdrawn", _l("A complaint was withdrawn"), _l("“%(title)s”: nothing is to be decided.")),
        ("complaint.appealed", _l("A complaint went to the committee"), _l("“%(title)s”: record what it says.")),
        ("complaint.recommended", _l("The committee has proposed"), _l("“%(title)s”: read what it proposes.")),
        ("complaint.closed", _l("Your complaint is closed"), _l("“%(title)s”: nothing stands in the way any more.")),
    ):
        register_notification(kind, subject, body)
    portal.register_nav(NavItem("bidding.complaints_page", _l("Complaints"), order=30))
