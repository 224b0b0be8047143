"""`python -m app.clockwork`: what must happen by the clock. Any number may run; one leads, the others wait.

Leadership is an advisory lock on a connection of its own: it ends with the process or the connection, and another
takes over at its next beat. Five times a second the audit log is brought up to date; every second the due jobs are
derived from the database and handed to the workers. Threads of their own ask the log's
witnesses, and measure: the clocks, and whether bids can come in.
"""

from __future__ import annotations

import signal
import threading
import time as clock
from types import FrameType

import structlog
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from app import jobs, measuring, time
from app.audit import sequencer, witnessing

log = structlog.get_logger("clockwork")
LEADER_LOCK = 2
BEAT_SECONDS = 0.2
SWEEP_SECONDS = 1.0
HEARTBEAT_SECONDS = 60.0
PAUSE_SECONDS = 1.0  # after a failure


class Clockwork:
    """One process's share. `beat()` is one turn; `run()` turns until `stop()`."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        # Not from the pool: what holds the lock must never be lent to anybody else.
        self._engine = create_engine(app.config["DATABASE_URL"], poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._lock: Connection | None = None
        self._stopping = threading.Event()
        self._swept_at = 0.0
        self._told_at = 0.0
        self._entries = 0

    @property
    def is_leading(self) -> bool:
        return self._lock is not None

    def stop(self) -> None:
        self._stopping.set()

    def lead(self) -> bool:
        """Whether we lead, trying to where we do not. Raises SQLAlchemyError when the database is away."""
        if self._lock is not None:
            self._lock.execute(text("SELECT 1"))
            return True
        connection = self._engine.connect()
        try:
            won = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": LEADER_LOCK}).scalar_one()
        except BaseException:
            connection.close()
            raise
        if not won:
            connection.close()
            return False
        self._lock = connection
        log.info("clockwork.leading")
        return True

    def resign(self) -> None:
        if self._lock is not None:
            lock, self._lock = self._lock, None
            try:
                lock.close()
            except SQLAlchemyError:
                lock.invalidate()

    def beat(self) -> bool:
        """One turn; whether we led it. Raises whatever goes wrong; leadership is then given up."""
        try:
            if not self.lead():
                return False
            try:
                with self.app.app_context():
                    self._entries += sequencer.run_step()
            finally:  # a signer that is away, or a fault of the log, holds up no closing and no mail
                self._sweep()
            self._tell(clock.monotonic())
        except Exception:
            self.resign()
            raise
        return True

    def _sweep(self) -> None:
        now = clock.monotonic()
        if now - self._swept_at >= SWEEP_SECONDS:
            self._swept_at = now
            with self.app.app_context():
                jobs.sweep(time.now())

    def _tell(self, now: float) -> None:
        if now - self._told_at >= HEARTBEAT_SECONDS:
            log.info("clockwork.heartbeat", entries_since=self._entries)
            self._told_at, self._entries = now, 0

    def run(self) -> None:
        """Turn until stopped, through restarts of the database and of Redis."""
        is_failing = False
        witnessing.start(self.app, lambda: self.is_leading, self._stopping)
        measuring.start(self.app, lambda: self.is_leading, self._stopping)
        while not self._stopping.is_set():
            began = clock.monotonic()
            try:
                is_leading = self.beat()
            except Exception as error:  # whatever it is, the next beat may go well
                if not is_failing:
                    log.exception("clockwork.failed", error=type(error).__name__)
                is_failing = True
                self._stopping.wait(PAUSE_SECONDS)
                continue
            if is_failing:
                log.info("clockwork.recovered")
                is_failing = False
            pause = BEAT_SECONDS if is_leading else PAUSE_SECONDS
            self._stopping.wait(max(0.0, pause - (clock.monotonic() - began)))
        self.resign()
        self._engine.dispose()


def main() -> None:
    from wsgi import create_app  # an entry point, like wsgi itself: the sweeps are the features'

    clockwork = Clockwork(create_app())

    def end(_number: int, _frame: FrameType | None) -> None:
        clockwork.stop()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    log.info("clockwork.started")
    clockwork.run()
    log.info("clockwork.stopped")


if __name__ == "__main__":
    main()
