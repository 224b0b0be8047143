"""What pages show of outages, the intake and held closings. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import not_, select
from sqlalchemy.orm import joinedload

from app import charts
from app.db import db
from app.paging import Page, paginate
from app.time import KST
from bidding.models import IntakeMinute, Outage, Postponement, Tender
from bidding.outage import MINUTE, PROBING, Minute
from bidding.services import holding
from bidding.services.holding import Hold
from bidding.states import OutageState, TenderState

AROUND = 5 * MINUTE
BARS = 40
HELD_SHOWN = 50


def outages(page: int) -> Page[Outage]:
    return paginate(select(Outage).order_by(Outage.began_at.desc()), page)


def undecided() -> list[Outage]:
    states = (OutageState.MEASURED, OutageState.PROPOSED)
    query = select(Outage).where(Outage.state.in_(states)).order_by(Outage.began_at.desc())
    return list(db.session.scalars(query.limit(20)))


def moved_by(outage_id: UUID, page: int) -> Page[Postponement]:
    query = select(Postponement).where(Postponement.outage_id == outage_id).join(Postponement.tender)
    return paginate(query.order_by(Tender.reference).options(joinedload(Postponement.tender)), page)


def postponements_of(tender: Tender) -> list[Postponement]:
    """The outages that moved this tender's deadline, newest first."""
    query = select(Postponement).where(Postponement.tender_id == tender.id).join(Postponement.outage)
    return list(db.session.scalars(query.order_by(Outage.began_at.desc())))


def hold_of(tender: Tender, now: datetime) -> Hold | None:
    """Why a tender whose deadline has come is not closing; None for any other."""
    if tender.state != TenderState.PUBLISHED or tender.closes_at is None or now < tender.closes_at:
        return None
    return holding.why_held(tender, now)


def held(now: datetime) -> list[Tender]:
    """Tenders whose closing is held now, the longest waiting first."""
    found = holding.holds(now)
    if not found:
        return []
    due = Tender.state == TenderState.PUBLISHED, Tender.closes_at <= now, not_(holding.not_held(found, now))
    return list(db.session.scalars(select(Tender).where(*due).order_by(Tender.closes_at, Tender.id).limit(HELD_SHOWN)))


def has_measured(now: datetime) -> bool:
    return bool(_between(now - timedelta(hours=1), now))


def last_hour(now: datetime) -> Markup:
    """How many of each minute's tries failed, in percent."""
    return _drawn(now - timedelta(hours=1), now, _("Failed tries of the last hour, in percent"))


def chart(outage: Outage, now: datetime) -> Markup:
    """The same around an outage."""
    until = min((outage.ended_at or now) + AROUND, now)
    return _drawn(outage.began_at - AROUND, until, _("Failed tries of the intake probe, in percent"))


def _drawn(since: datetime, until: datetime, caption: str) -> Markup:
    minutes = _between(since, until)
    if not minutes:
        return Markup("")
    # Before the first measurement there is nothing to draw.
    first = max(since.replace(second=0, microsecond=0), minutes[0].at)
    count = max(1, (until - first) // MINUTE)
    each = -(-count // BARS)
    by_start = {minute.at: minute for minute in minutes}
    rows = []
    for start in range(0, count, each):
        slots = [by_start.get(first + n * MINUTE) for n in range(start, min(start + each, count))]
        percent = max(_percent(slot) for slot in slots)
        tone = "danger" if percent > 5 else "success"
        rows.append(((first + start * MINUTE).astimezone(KST).strftime("%H:%M"), percent, tone))
    return charts.columns(rows, "%", caption, height=96, is_dense=True)


def _percent(minute: Minute | None) -> int:
    """A silent minute counts as failed altogether, one that was tried too seldom as well."""
    if minute is None or minute.tried < PROBING.a_minute - PROBING.late:
        return 100
    return 100 * minute.failed // minute.tried


def _between(since: datetime, until: datetime) -> Sequence[Minute]:
    start = since.replace(second=0, microsecond=0)
    rows = db.session.scalars(
        select(IntakeMinute).where(IntakeMinute.minute_at.between(start, until)).order_by(IntakeMinute.minute_at)
    )
    return [Minute(row.minute_at, row.tried, row.failed, row.last_at) for row in rows]
