"""Jobs: a row in the transaction that promises the work; RQ only carries the hint.

    enqueue("bidding.close_tender", f"{tender.id}", due_at=tender.closes_at, tender_id=str(tender.id))

A handler is registered by the feature (`register_job`), takes the payload as keywords, opens its own transactions and
tolerates being run twice. After the commit the row's id is handed to RQ; if Redis is away, or is emptied, nothing is
lost: the sweeper (in the clockwork process) hands over every due row again until it is done. Rows that follow
from the state of the database itself (a deadline that has passed) are derived anew at every sweep (`register_sweep`),
so that even a deleted job row comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from flask import Flask, current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.exceptions import DuplicateJobError
from sqlalchemy import CheckConstraint, Index, event, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from app import time
from app.db import Instant, db, transaction
from app.errors import TemporarilyUnavailable
from app.ids import new_id

log = structlog.get_logger(__name__)

QUEUE, BULK_QUEUE = "naru", "naru-bulk"  # a worker takes from the second while the first is empty
MAX_ATTEMPTS = 20
PAUSE = timedelta(milliseconds=300)  # before a job that was put off comes again
HINT_TTL = 60  # seconds after which RQ forgets a hint that led to nothing
HINT_AGAIN = 10  # seconds after which the sweeper gives a new hint, since a worker may have died with the first
HINTS_A_SWEEP = 500
JOB_TIMEOUT = 1800  # seconds: opening ten thousand bids fits, a job that hangs does not hang for ever

Handler = Callable[..., None]


class JobState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given-up"  # MAX_ATTEMPTS failures: an operator looks at it


class Job(db.Model):
    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'done', 'given-up')", name="state_known"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_has_done_at"),
        Index("ix_jobs_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("uq_jobs_kind_key", "kind", "key", unique=True),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    due_at: Mapped[Instant]
    state: Mapped[str] = mapped_column(default=JobState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    done_at: Mapped[Instant | None]


@dataclass(frozen=True, slots=True)
class Promise:
    """A job to be, as a sweep derives it from the database.

    `is_owed`: the state itself shows that the work is not done, so a row that says it was (its clock ran ahead, say,
    and found nothing to do yet) comes back to life.
    """

    kind: str
    key: str
    due_at: datetime
    payload: dict[str, Any] = field(default_factory=dict)
    is_owed: bool = False


_handlers: dict[str, Handler] = {}
_bulk: set[str] = set()
_sweeps: dict[str, Callable[[datetime], Iterable[Promise]]] = {}


def register_job(kind: str, handler: Handler, *, is_bulk: bool = False) -> None:
    """`is_bulk`: there may be thousands of it, each as slow as somebody else's server (mail); the rest goes first."""
    _handlers[kind] = handler
    (_bulk.add if is_bulk else _bulk.discard)(kind)


def register_sweep(name: str, derive: Callable[[datetime], Iterable[Promise]]) -> None:
    """`derive(now)` returns the jobs that the present state of the database calls for."""
    _sweeps[name] = derive


def enqueue(kind: str, key: str, *, due_at: datetime, **payload: Any) -> None:
    """Promise the work inside the caller's transaction. The same (kind, key) again changes nothing.

    `payload` holds ids and scalars that JSON can carry.
    """
    _insert(Promise(kind, key, due_at, payload))


def _insert(promise: Promise) -> None:
    if promise.kind not in _handlers:
        raise LookupError(f"no handler is registered for {promise.kind}")
    row = {"kind": promise.kind, "key": promise.key, "payload": promise.payload, "due_at": promise.due_at}
    anew = {"state": JobState.WAITING, "attempts": 0, "done_at": None}
    statement = insert(Job).values(id=new_id(), **row, **anew)
    if promise.is_owed:
        statement = statement.on_conflict_do_update(
            index_elements=["kind", "key"], set_=anew, where=Job.state == JobState.DONE
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=["kind", "key"])
    added = db.session.execute(statement.returning(Job.id)).scalar()
    if added is not None:
        db.session.info.setdefault("hints", []).append((added, promise.kind, promise.due_at))


def queue(name: str = QUEUE) -> Queue:
    redis: Redis = current_app.extensions["redis"]
    return Queue(name, connection=redis, serializer="json")


def _give_hint(job_id: UUID, kind: str) -> None:
    """Tell RQ. It may know already, and it may be away: both are fine.

    The hint's id holds a slice of time: within it the same hint is given once, after it there may be another, for
    RQ takes up to 91 s to notice that a worker is dead. Two hints for one job do no harm: the second finds it locked
    or done.
    """
    try:
        queue(BULK_QUEUE if kind in _bulk else QUEUE).enqueue(
            "app.jobs.run_hinted",
            str(job_id),
            job_id=f"naru-{job_id}-{int(monotonic() // HINT_AGAIN)}",
            unique=True,
            job_timeout=JOB_TIMEOUT,
            retry=Retry(max=3),
            result_ttl=0,
            failure_ttl=HINT_TTL,
            ttl=HINT_TTL,
        )
    except DuplicateJobError:
        pass
    except RedisError as error:
        log.warning("jobs.redis_away", error=str(error))


def sweep(now: datetime) -> int:
    """Derive what the database calls for, hand every due row to RQ; return how many were due."""
    for name, derive in _sweeps.items():
        try:
            with transaction():
                for promise in derive(now):
                    _insert(promise)
        except Exception:
            log.exception("jobs.sweep_failed", sweep=name)
    due = select(Job.id, Job.kind).where(Job.state == JobState.WAITING, Job.due_at <= now)
    with transaction():
        # However much mail waits, the closing of a tender is among the rows that are handed over.
        waiting = db.session.execute(due.order_by(Job.kind.in_(_bulk), Job.due_at).limit(HINTS_A_SWEEP)).all()
    for job_id, kind in waiting:
        _give_hint(job_id, kind)
    return len(waiting)


def run(job_id: UUID, now: datetime | None = None) -> bool:
    """Do the job unless it is done, not due at `now`, or in another worker's hands; return whether it was done here.

    The advisory lock sits on a connection of its own, so that it lives exactly as long as this call and is gone with
    the process. A failure is written to the row, which comes due again after a growing pause.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        mine = guard.execute(text("SELECT pg_try_advisory_lock(3, hashtext(:id))"), {"id": str(job_id)}).scalar_one()
        if not mine:
            return False
        try:
            return _run_locked(job_id, now or time.now())
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(3, hashtext(:id))"), {"id": str(job_id)})


def _run_locked(job_id: UUID, now: datetime) -> bool:
    with transaction():
        job = db.session.get(Job, job_id, populate_existing=True)
        if job is None or job.state != JobState.WAITING or job.due_at > now:
            return False
        # Counted before it starts: a job that kills its worker must not be tried for ever.
        job.attempts += 1
        if job.attempts > MAX_ATTEMPTS:
            job.state, job.last_error = JobState.GIVEN_UP, job.last_error or "its worker died each time"
            return False
        kind, payload = job.kind, dict(job.payload)
    try:
        _handlers[kind](**payload)
    except TemporarilyUnavailable as error:
        db.session.rollback()
        with transaction():
            _put_off(job_id, error, now)
        log.info("jobs.put_off", kind=kind, job=str(job_id), why=str(error))
        return False
    except Exception as error:
        db.session.rollback()
        with transaction():
            _note_failure(job_id, error, now)
        log.exception("jobs.failed", kind=kind, job=str(job_id))
        return False
    with transaction():
        job = db.session.get_one(Job, job_id)
        job.state, job.done_at, job.last_error = JobState.DONE, time.now(), None
    return True


def _put_off(job_id: UUID, error: TemporarilyUnavailable, now: datetime) -> None:
    """What the job needs is not there yet (the log, a keyholder). That is no failure: it comes again, soon."""
    job = db.session.get_one(Job, job_id)
    job.attempts -= 1
    job.last_error = str(error)[:2000]
    job.due_at = now + PAUSE


def _note_failure(job_id: UUID, error: Exception, now: datetime) -> None:
    """The job comes due again after 2, 4, 8, … 300 seconds; after MAX_ATTEMPTS it is given up."""
    job = db.session.get_one(Job, job_id)
    job.last_error = f"{type(error).__name__}: {error}"[:2000]
    job.due_at = now + timedelta(seconds=min(2**job.attempts, 300))
    if job.attempts >= MAX_ATTEMPTS:
        job.state = JobState.GIVEN_UP


def run_hinted(job_id: str) -> None:
    """RQ's entry point: this process's application, one job."""
    app: Flask = _worker_app()
    with app.app_context():
        run(UUID(job_id))


def run_due(now: datetime, kinds: Collection[str] | None = None) -> int:
    """Run everything due in this process, without RQ: for commands and tests. Returns how many were done.

    `kinds` runs only these; the others stay due, for the worker.
    """
    sweep_only = select(Job.id).where(Job.state == JobState.WAITING, Job.due_at <= now).order_by(Job.due_at, Job.id)
    if kinds is not None:
        sweep_only = sweep_only.where(Job.kind.in_(kinds))
    for derive in _sweeps.values():
        with transaction():
            for promise in derive(now):
                _insert(promise)
    with transaction():
        due = list(db.session.scalars(sweep_only))
    return sum(run(job_id, now) for job_id in due)


_app: Flask | None = None


def _worker_app() -> Flask:
    if _app is None:
        raise RuntimeError("a worker must be started with app.worker, which builds the application once")
    return _app


def bind_worker(app: Flask) -> None:
    """Make `app` the one that jobs of this process run in."""
    global _app  # noqa: PLW0603 - RQ calls a function by name, so the application must be found by name
    _app = app


def init_app(app: Flask) -> None:
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"], socket_timeout=5, socket_connect_timeout=2)


# Both also fire for a SAVEPOINT, which decides nothing yet.
@event.listens_for(db.session, "after_commit")
def _hand_over(session: Any) -> None:
    if session.in_nested_transaction():
        return
    now = time.now()
    for job_id, kind, due_at in session.info.pop("hints", []):
        if due_at <= now:
            _give_hint(job_id, kind)


@event.listens_for(db.session, "after_rollback")
def _forget(session: Any) -> None:
    if not session.in_nested_transaction():
        session.info.pop("hints", None)
