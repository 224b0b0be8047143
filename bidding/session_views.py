"""The two sessions of an opening in words: for the room and for a member's page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from bidding import labels, queries
from bidding.models import Attendance, Tender
from bidding.services.room import Room
from bidding.services.sessions import Session

SESSION_LANE: Mapping[str, Any] = {
    "docs": _l("First session: the proposals"),
    "price": _l("Second session: the prices"),
}


def session_steps(room: Room) -> list[dict[str, Any]]:
    """Proposals opened, scored and fixed, prices opened: as `ui.steps` draws them. None of them for one session."""
    two = room.two
    if two is None:
        return []
    scored_at = two.scored.fixed_at if two.scored is not None else None
    out = ngettext("%(num)d bid left out", "%(num)d bids left out", two.left_out) if two.scored is not None else None
    steps = [
        (_("Proposals opened"), two.first.ended_at, _group_of(two.first)),
        (_("Scored and fixed"), scored_at, out),
        (_("Prices opened"), two.second.ended_at, _group_of(two.second)),
    ]
    current = next((place for place, (_label, at, _note) in enumerate(steps) if at is None), len(steps))
    states = ["done"] * current + ["current"] + ["todo"] * len(steps)
    return [
        {"label": label, "state": state, "at": at, "note": note}
        for (label, at, note), state in zip(steps, states, strict=False)
    ]


def _group_of(session: Session) -> str | None:
    return ", ".join(session.groups[-1].holders) or None if session.groups else None


def presence(attendance: Sequence[Attendance]) -> str:
    """Who came, with their roles."""
    return ", ".join(f"{one.person.name} ({labels.ATTENDANCE[one.role]})" for one in attendance) or "–"


def absent_members(room: Room) -> list[str]:
    """Members who have not come to the session, and have not fallen away."""
    return [
        seat.holder.holder
        for seat in room.seats
        if seat.holder.kind == "member" and not seat.is_present and not seat.is_gone
    ]


def prices_to_open(tender: Tender, room: Room) -> int:
    """How many bids' prices the second session opens."""
    out = room.two.left_out if room.two is not None else 0
    return (tender.bid_count or 0) - queries.cancelled_bids(tender.id) - out


def words() -> dict[str, Any]:
    return {
        "SESSION_LANE": SESSION_LANE,
        "session_steps": session_steps,
        "presence": presence,
        "absent_members": absent_members,
        "prices_to_open": prices_to_open,
    }
