"""F2: `kill -9` of all of PostgreSQL, or its immediate shutdown, while bids come in; then the same cluster again."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable

from app.embedded import postgres
from tests.faults import intake
from tests.faults.intake import UnderLoad


def run(runs: int) -> str:
    return intake.run(runs, strike)


def strike(load: UnderLoad, number: int) -> None:
    load.wait(0.2, 1.0)
    (kill, stop_at_once)[number % 2](load)


def kill(load: UnderLoad) -> None:
    """All its processes at once, as when the power goes (but for what the disk holds)."""
    _end(load, lambda process: os.killpg(process.pid, signal.SIGKILL))


def stop_at_once(load: UnderLoad) -> None:
    """What `pg_ctl -m immediate` does."""
    _end(load, lambda process: process.send_signal(signal.SIGQUIT))


def _end(load: UnderLoad, how: Callable[[subprocess.Popen[bytes]], None]) -> None:
    process = load.place.cluster.process
    assert process is not None
    how(process)
    process.wait(20)
    load.place.cluster = postgres.launch(load.place.home / "postgres")
