"""What the clockwork measures for deadlines: the clock that decides, and whether bids can come in."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from app import keys, time
from app.clocks import ask_kernel, measure_apart
from app.db import database_now, transaction
from app.measuring import register_measure
from bidding.clock_guard import ClockState
from bidding.intake_probe import EVERY_SECONDS, probe
from bidding.services import clock, intake

CLOCK_SECONDS = 10.0


def measure_clock(now: datetime) -> None:
    with transaction():
        apart = measure_apart(database_now, time.now)
        clock.keep_reading(ask_kernel(), apart, current_app.config["NARU_CLOCK_REQUIRED"], now)


def probe_intake(now: datetime) -> None:
    """One try. Where the database is away it leaves nothing, and that silence counts as failure."""
    if not current_app.config["NARU_PROBE"]:
        return
    base_url = current_app.config["NARU_PROBE_URL"] or current_app.config["NARU_BASE_URL"]
    fault = probe(base_url, keys.vkey_of("receipt"))
    with transaction():
        guard = clock.guard()
        if guard is not None and guard.state == ClockState.HOLD:
            fault = "clock"  # what cannot be dated cannot come in: the outage's rule then moves the deadlines
        intake.keep_sample(fault, now)


def register() -> None:
    register_measure("bidding.clock", CLOCK_SECONDS, measure_clock)
    register_measure("bidding.intake", EVERY_SECONDS, probe_intake)
