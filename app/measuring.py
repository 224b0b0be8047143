"""What the clockwork measures every few seconds, beside its beat: features register, one thread of the leader asks.

A measurement that hangs holds up the other measurements, never the beat.
"""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import Flask

from app import time

log = structlog.get_logger(__name__)
PAUSE_SECONDS = 0.5


@dataclass(slots=True)
class _Measure:
    every_seconds: float
    take: Callable[[datetime], None]
    due: float = 0.0


_measures: dict[str, _Measure] = {}


def register_measure(name: str, every_seconds: float, take: Callable[[datetime], None]) -> None:
    """`take(now)` opens its own transactions; in the order of registration where several are due."""
    _measures[name] = _Measure(every_seconds, take)


def take_due(at: float) -> list[str]:
    """Take what is due at `at` (monotonic seconds); the names of what was taken. A failure is logged and costs no
    other measurement."""
    taken = []
    for name, measure in _measures.items():
        if measure.due > at:
            continue
        measure.due = at + measure.every_seconds
        taken.append(name)
        try:
            measure.take(time.now())
        except Exception as error:  # noqa: BLE001 - whatever it is, the next time may go well
            log.warning("measuring.failed", measure=name, error=f"{type(error).__name__}: {error}"[:300])
    return taken


def start(app: Flask, may_measure: Callable[[], bool], stopping: threading.Event) -> threading.Thread:
    """Measure in a thread of its own until `stopping`, while `may_measure()`."""

    def run() -> None:
        while not stopping.wait(PAUSE_SECONDS):
            if may_measure():
                with app.app_context():
                    take_due(clock.monotonic())

    thread = threading.Thread(target=run, name="measuring", daemon=True)
    thread.start()
    return thread
