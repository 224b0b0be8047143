"""Has the newest checkpoint cosigned: a thread for each witness, so that one that is away delays no other, and no log.

Once a second all of them turn to the newest checkpoint of whole seconds past, the same for all. When those who have
cosigned it meet the policy, it is published as `cosigned`; one in ten seconds around closings, and one a minute
otherwise, is also kept in the archive, so that anyone can later bound when an entry was there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

import structlog
from flask import Flask
from sqlalchemy import text

from app import time
from app.audit import policies
from app.audit.publication import Publication
from app.audit.sequencer import connect, publication_of
from app.audit.witness_client import WitnessClient
from app.db import db
from app.tlog import cosignature
from app.tlog.note import Signature
from app.tlog.policy import Policy

log = structlog.get_logger("audit.witnessing")
BEAT_SECONDS = 1.0
LONGEST_PAUSE = 30.0  # between two attempts at a witness that fails
BUSY_CADENCE, CALM_CADENCE = 10.0, 60.0
KEPT = 8  # checkpoints of which lines are remembered
_TARGET = text(
    "SELECT size, note FROM audit.checkpoint WHERE made <= date_trunc('second', clock_timestamp()) "
    "ORDER BY size DESC LIMIT 1"
)
_KEEP = "INSERT INTO audit.cosig (size, witness, line, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
_busy: dict[str, Callable[[datetime], bool]] = {}


def register_busy(name: str, is_busy: Callable[[datetime], bool]) -> None:
    """`is_busy(now)`: whether what happens now should be bounded in time to some ten seconds."""
    _busy[name] = is_busy


def cadence(now: datetime) -> float:
    """Seconds from one archived checkpoint to the next."""
    return BUSY_CADENCE if any(is_busy(now) for is_busy in _busy.values()) else CALM_CADENCE


@dataclass(slots=True)
class _Gathered:
    signed: str
    lines: dict[str, tuple[Signature, int]] = field(default_factory=dict)
    is_kept: bool = False


class Gatherer:
    """What the witnesses said. `take` may be called by any thread."""

    def __init__(self, policy: Policy, publication: Publication, database_url: str) -> None:
        self._policy, self._publication, self._url = policy, publication, database_url
        self._gathered: dict[int, _Gathered] = {}
        self._lock = threading.Lock()
        self._kept_at: float | None = None

    def take(self, size: int, signed: str, witness: str, line: Signature, seconds: int, *, every: float) -> None:
        """Add a verified line. Where the quorum is met, publish, and archive if the last was `every` seconds ago."""
        with self._lock:
            gathered = self._gathered.setdefault(size, _Gathered(signed))
            gathered.lines[witness] = line, seconds
            if self._policy.is_quorum(set(gathered.lines)):
                self._publish(size, gathered)
                self._archive(size, gathered, every)
            for old in sorted(self._gathered)[:-KEPT]:
                del self._gathered[old]

    def has(self, size: int, witness: str) -> bool:
        with self._lock:
            return size in self._gathered and witness in self._gathered[size].lines

    def _publish(self, size: int, gathered: _Gathered) -> None:
        newest = self._publication.cosigned()
        if newest is None or newest[1].size <= size or not self._policy.is_met(newest[0]):
            lines = [line for _, (line, _) in sorted(gathered.lines.items())]
            self._publication.write_cosigned(cosignature.add(gathered.signed, lines))

    def _archive(self, size: int, gathered: _Gathered, every: float) -> None:
        is_due = self._kept_at is None or monotonic() - self._kept_at >= every
        if not (gathered.is_kept or is_due):
            return
        rows = [
            (size, witness, line.line, datetime.fromtimestamp(seconds, UTC))
            for witness, (line, seconds) in gathered.lines.items()
        ]
        with connect(self._url) as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(_KEEP, rows)
        if not gathered.is_kept:
            gathered.is_kept, self._kept_at = True, monotonic()


class Attendant:
    """One witness's share of the work: `turn()` once, or `run()` until stopped."""

    def __init__(self, app: Flask, client: WitnessClient, gatherer: Gatherer) -> None:
        self.app, self.client, self.gatherer = app, client, gatherer
        self._is_failing = False

    def turn(self) -> bool:
        """Have the newest checkpoint cosigned unless it is already. Raises WitnessFailed."""
        with self.app.app_context():
            target = db.session.execute(_TARGET).first()
            every = cadence(time.now()) if target is not None else CALM_CADENCE
            db.session.rollback()  # give the connection back before we wait for a stranger's machine
            if target is None or self.gatherer.has(target.size, self.client.name):
                return False
            line, seconds = self.client.cosign(target.note, publication_of(self.app))
            self.gatherer.take(target.size, target.note, self.client.name, line, seconds, every=every)
            return True

    def run(self, is_leading: Callable[[], bool], stopping: threading.Event) -> None:
        pause = BEAT_SECONDS
        while not stopping.wait(pause):
            if not is_leading():
                continue
            try:
                self.turn()
            except Exception as error:  # whatever it is, the log goes on, and the next turn may go well
                if not self._is_failing:
                    log.exception("witness.failed", witness=self.client.name, error=str(error))
                self._is_failing, pause = True, min(pause * 2, LONGEST_PAUSE)
                continue
            if self._is_failing:
                log.info("witness.recovered", witness=self.client.name)
            self._is_failing, pause = False, BEAT_SECONDS


def attendants(app: Flask) -> list[Attendant]:
    """One for each witness of the policy in force whose address is known; none where it has no witnesses."""
    with app.app_context():
        policy = policies.in_force().policy
        addresses = dict(policy.urls) | (app.config["NARU_WITNESSES"] or {})
    gatherer = Gatherer(policy, publication_of(app), app.config["SEQUENCER_DATABASE_URL"])
    return [
        Attendant(app, WitnessClient(name, addresses[name].rstrip("/"), verifier), gatherer)
        for name, verifier in policy.witnesses.items()
        if name in addresses
    ]


def start(app: Flask, is_leading: Callable[[], bool], stopping: threading.Event) -> list[threading.Thread]:
    """A thread for each witness, until `stopping` is set."""
    threads = [
        threading.Thread(target=one.run, args=(is_leading, stopping), name=f"witness {one.client.name}", daemon=True)
        for one in attendants(app)
    ]
    for thread in threads:
        thread.start()
    return threads


@contextmanager
def attending(app: Flask) -> Iterator[None]:
    """The witnesses are asked meanwhile: for a command that moves the log itself, with no clockwork beside it."""
    stopping = threading.Event()
    start(app, lambda: True, stopping)
    try:
        yield
    finally:
        stopping.set()
