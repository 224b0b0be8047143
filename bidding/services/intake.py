"""What the probe of the intake found, minute by minute, and the outages that follow from it: nothing is opinion."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select

from app.db import db
from bidding.models import IntakeMinute, Outage
from bidding.outage import MINUTE, PROBING, Failing, Minute, failing_runs

KEPT = timedelta(days=40)
LOOK_BACK = 400  # minutes with measurements


def keep_sample(fault: str | None, now: datetime) -> None:
    """Count one try of the probe; `fault` names what failed. Outages are brought up to date first, in the same
    transaction: a run of failures is never over before it has its row."""
    find_outages(now)
    at = now.replace(second=0, microsecond=0)
    minute = db.session.get(IntakeMinute, at, with_for_update=True)
    if minute is None:
        minute = IntakeMinute(minute_at=at, tried=0, failed=0, faults={}, last_at=now)
        db.session.add(minute)
        _forget(now)
    minute.tried += 1
    minute.last_at = max(minute.last_at, now)
    if fault is not None:
        minute.failed += 1
        minute.faults = {**minute.faults, fault: minute.faults.get(fault, 0) + 1}


def _forget(now: datetime) -> None:
    db.session.execute(delete(IntakeMinute).where(IntakeMinute.minute_at < now - KEPT))


def find_outages(now: datetime) -> None:
    """Give every measured outage its row, and each that has ended its end."""
    open_since = db.session.scalar(select(func.min(Outage.began_at)).where(Outage.ended_at.is_(None)))
    minutes = minutes_since(open_since, now) if open_since is not None else newest_minutes(now)
    runs = failing_runs(minutes, now)
    if not runs:
        return
    recent = select(Outage).where(or_(Outage.ended_at.is_(None), Outage.ended_at > runs[0].began_at))
    known = list(db.session.scalars(recent))
    for run in runs:
        outage = next((one for one in known if _is_of(run, one)), None)
        if outage is None and run.is_outage(now) and not _reaches_back(run, minutes):
            db.session.add(Outage(began_at=run.began_at, ended_at=run.ended_at, tried=run.tried, failed=run.failed))
        elif outage is not None and outage.ended_at is None:
            outage.ended_at, outage.tried, outage.failed = run.ended_at, run.tried, run.failed
    db.session.flush()


def _is_of(run: Failing, outage: Outage) -> bool:
    """Whether the row is the run's. The first minute looked at is judged more mildly: beginnings may differ by one."""
    return outage.began_at <= run.began_at and (outage.ended_at is None or run.began_at < outage.ended_at)


def _reaches_back(run: Failing, minutes: Sequence[Minute]) -> bool:
    """A run that begins with the first minute looked at: a probe that has never got through measures nothing yet,
    and an older run has its row already."""
    return run.began_at <= minutes[0].at


def newest_minutes(now: datetime) -> list[Minute]:
    query = select(IntakeMinute).where(IntakeMinute.minute_at <= now).order_by(IntakeMinute.minute_at.desc())
    return [_plain(row) for row in reversed(db.session.scalars(query.limit(LOOK_BACK)).all())]


def minutes_since(began_at: datetime, now: datetime) -> list[Minute]:
    """From the minute before `began_at`, which was well."""
    query = select(IntakeMinute).where(IntakeMinute.minute_at.between(began_at - MINUTE, now))
    return [_plain(row) for row in db.session.scalars(query.order_by(IntakeMinute.minute_at))]


def open_run(now: datetime) -> Failing | None:
    """The run of failures that goes on at `now`, however short yet; None where all is well, or never was."""
    good = IntakeMinute.failed * 20 <= IntakeMinute.tried, IntakeMinute.tried >= PROBING.a_minute - PROBING.late
    last_good = db.session.scalar(select(func.max(IntakeMinute.minute_at)).where(*good))
    if last_good is None:
        return None
    runs = failing_runs(minutes_since(last_good + MINUTE, now), now)
    return runs[-1] if runs and runs[-1].ended_at is None else None


def _plain(row: IntakeMinute) -> Minute:
    return Minute(row.minute_at, row.tried, row.failed, row.last_at)
