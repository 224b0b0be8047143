"""What the style guide shows: each component in each state, with figures that are plainly samples."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from marshmallow import Schema, fields, validate

from app import charts
from app.forms import Form
from app.paging import Page

TONES = ("neutral", "info", "success", "warning", "danger")
SAMPLE_WON = 1_234_005_678


class SampleIn(Schema):
    title = fields.String(required=True, validate=validate.Length(max=40))
    base_amount_won = fields.Integer(required=True)
    closes_at = fields.AwareDateTime()
    kind = fields.String(validate=validate.OneOf(["goods", "services", "works"]))
    email = fields.Email()


def samples(now: datetime) -> dict[str, Any]:
    wrong = Form(SampleIn(), {"title": "", "base_amount_won": "12만", "email": "naru", "kind": "goods"})
    wrong.errors = {
        "title": ["Missing data for required field."],
        "base_amount_won": ["Not a valid integer."],
        "email": ["Not a valid email address."],
    }
    return {
        "now": now,
        "tones": TONES,
        "won": SAMPLE_WON,
        "empty_form": Form(SampleIn()),
        "wrong_form": wrong,
        "steps": _steps(now),
        "soon": now + timedelta(minutes=12, seconds=30),
        "later": now + timedelta(days=3, hours=4),
        "page": Page(items=list(range(20)), number=5, per_page=20, total=1000, is_capped=True),
        "timeline": _timeline(now),
        "strip": _strip(),
        "columns": charts.columns([(str(n), (n * 37) % 11) for n in range(1, 15)], caption=_("Sample: notices by day")),
        "schedule": charts.schedule(
            [
                (_("Notice"), now - timedelta(days=4)),
                (_("Bids from"), now - timedelta(days=2)),
                (_("Deadline"), now + timedelta(days=3)),
                (_("Opening"), now + timedelta(days=3, hours=1)),
            ],
            now,
            caption=_("Sample: the times of a tender"),
        ),
    }


def _steps(now: datetime) -> list[dict[str, Any]]:
    return [
        {"label": _("Notice"), "state": "done", "at": now - timedelta(days=6)},
        {"label": _("Bidding"), "state": "done", "at": now - timedelta(days=2)},
        {"label": _("Opening"), "state": "current", "at": now, "note": _("12 bids are being opened")},
        {"label": _("Evaluation"), "state": "failed", "note": _("fewer than two valid bids")},
        {"label": _("Award"), "state": "todo"},
    ]


def _timeline(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "at": now - timedelta(days=6),
            "title": _("Notice published"),
            "text": _("Approved by a second person."),
            "href": "#",
            "evidence": 120,
        },
        {"at": now - timedelta(days=2), "title": _("Bidding closed"), "text": "", "href": None, "evidence": 184},
        {"at": now, "title": _("Bids opened"), "text": _("All envelopes opened."), "href": "#", "evidence": None},
    ]


def _strip() -> Any:
    floor_won, ceiling_won = 87_745_000, 100_000_000
    bids = [
        (_("Sample %(number)s", number=n), floor_won + (n * n * 61_803) % 11_000_000, "neutral") for n in range(1, 30)
    ]
    bids += [(_("Winner"), floor_won + 21_000, "success"), (_("Below the floor"), floor_won - 900_000, "danger")]
    caption = _("Sample: bids between the floor and the estimated price")
    return charts.bid_strip(bids, floor_won, ceiling_won, caption)
