"""F1: `kill -9` of a web worker at a random point of a submission."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from benchmarks.site import master_of
from tests.faults import intake
from tests.faults.intake import UnderLoad


def run(runs: int) -> str:
    return intake.run(runs, strike)


def strike(load: UnderLoad, _number: int) -> None:
    load.wait(0.05, 0.5)
    kill_a_worker(load)


def kill_a_worker(load: UnderLoad) -> None:
    master = master_of(load.port)
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    if workers:
        with suppress(ProcessLookupError):
            os.kill(int(load.chance.choice(workers)), signal.SIGKILL)
