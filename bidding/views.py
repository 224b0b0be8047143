"""What pages show of a tender, as plain values: its steps, its filters, its lines of the result, its evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import request
from flask_babel import gettext as _

from app import audit
from app.forms import Form
from app.i18n import language
from app.regions import region_name
from app.time import KST, kst_date
from app.web.templating import with_query
from bidding import labels
from bidding.calendar import next_working_day
from bidding.models import Tender
from bidding.services.box import scores_proposals
from bidding.states import PATH, TenderState

LAST = 2**63  # entries that still wait for their place come last
_STAMPS = {
    TenderState.DRAFT: "created_at",
    TenderState.IN_REVIEW: "submitted_at",
    TenderState.PUBLISHED: "published_at",
    TenderState.CLOSED: "closed_at",
    TenderState.OPENED: "opened_at",
    TenderState.AWARDED: "awarded_at",
    TenderState.CONTRACTED: "contracted_at",
}
# States between two steps count as the step they lead to.
_SHOWN_AS = {
    TenderState.CLOSING: TenderState.CLOSED,
    TenderState.OPENING: TenderState.OPENED,
    TenderState.AUCTION: TenderState.OPENED,
    TenderState.PROPOSED: TenderState.AWARDED,
}


def steps_of(tender: Tender) -> list[dict[str, Any]]:
    """The tender's life as steps with their instants; a failed or cancelled one ends where it did."""
    state = TenderState(tender.state)
    ended_badly = state in (TenderState.FAILED, TenderState.CANCELLED)
    path = _path_of(tender)
    reached = [step for step in path if _reached_at(tender, step) is not None]
    shown = _SHOWN_AS.get(state, state)
    current = path.index(shown) if shown in path else len(reached)
    items = []
    for place, step in enumerate(path):
        done = place < current or (place == current and step == path[-1])
        kind = "done" if done else "current" if place == current and not ended_badly else "todo"
        at = (getattr(tender, _STAMPS[step]) if step in _STAMPS else None) or _planned(tender, step)
        items.append({"label": labels.STEP[step], "state": kind, "at": at, "note": None})
    if ended_badly:
        items = items[:current]
        at = tender.failed_at if state == TenderState.FAILED else tender.cancelled_at
        items.append({"label": labels.STATE[state], "state": "failed", "at": at, "note": None})
    return items


def _path_of(tender: Tender) -> tuple[TenderState, ...]:
    """The usual steps; where proposals are scored, that comes before the prices are opened."""
    if not scores_proposals(tender):
        return PATH
    at = PATH.index(TenderState.OPENED)
    return (*PATH[:at], TenderState.EVALUATING, *PATH[at:])


def _reached_at(tender: Tender, step: TenderState) -> datetime | None:
    """The scoring has no instant of its own: it is over when the prices are opened."""
    at: datetime | None = getattr(tender, _STAMPS.get(step, _STAMPS[TenderState.OPENED]))
    return at


def _planned(tender: Tender, step: TenderState) -> datetime | None:
    return {TenderState.CLOSED: tender.closes_at, TenderState.OPENED: tender.opens_at}.get(step)


def active_filters(form: Form) -> list[dict[str, str]]:
    """Each filter in force with the address that takes it away."""
    words: dict[str, Callable[[str], Any]] = {
        "state": lambda value: _BOARD_STATE[value],
        "kind": lambda value: labels.KIND[value],
        "method": lambda value: labels.METHOD[value],
        "region": lambda value: region_name(value, language()),
        "practice": lambda value: _("Practice only") if value == "only" else _("Without practice"),
        "min_won": lambda value: _("from %(amount)s won", amount=value),
        "max_won": lambda value: _("up to %(amount)s won", amount=value),
        "closes_after": lambda value: _("deadline from %(when)s", when=value.replace("T", " ")),
        "closes_before": lambda value: _("deadline before %(when)s", when=value.replace("T", " ")),
    }
    chips = []
    for name, sent in request.args.items():
        typed = sent.strip()
        if not typed or name in ("page", "sort", "lang") or name in form.errors or name not in form.schema.fields:
            continue
        label = words[name](typed) if name in words else typed
        chips.append({"label": str(label), "href": with_query("bidding.board", name, "page")})
    return chips


_BOARD_STATE: dict[str, Any] = {
    "open": labels.STATE[TenderState.PUBLISHED],
    "closed": labels.STATE[TenderState.CLOSED],
    "opened": labels.STATE[TenderState.OPENED],
    "awarded": labels.STATE[TenderState.AWARDED],
    "failed": labels.STATE[TenderState.FAILED],
    "cancelled": labels.STATE[TenderState.CANCELLED],
}


def evidence_of(tender: Tender) -> list[dict[str, Any]]:
    """The public log entries of the tender, oldest first: what, when, at which index."""
    if tender.reference is None:
        return []
    return [
        {"at": entry.at, "title": entry.type, "text": "", "href": None, "evidence": entry.index}
        for entry in sorted(
            audit.entries_of(tender.reference), key=lambda one: one.index if one.index is not None else LAST
        )
    ]


def local_input(instant: datetime | None) -> str:
    """An instant as a browser's date-time box wants it, in Korean time."""
    return "" if instant is None else instant.astimezone(KST).strftime("%Y-%m-%dT%H:%M:%S")


def percent_input(rate: int | None) -> str:
    """87745 → `87.745`."""
    return "" if rate is None else f"{rate // 1000}.{rate % 1000:03d}"


def postponed(tender: Tender) -> tuple[datetime, datetime]:
    """The deadline and the opening a working day later, at the same hours."""
    assert tender.closes_at is not None  # published, by CHECK
    assert tender.opens_at is not None
    day = kst_date(tender.closes_at)
    later = next_working_day(day) - day
    return tender.closes_at + later, tender.opens_at + later
