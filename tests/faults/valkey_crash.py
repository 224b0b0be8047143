"""F4: Valkey killed, emptied, stopped for a while, or out of memory. Bids must not notice, and no promise is lost.

Nothing that a bid needs lies there; jobs are rows of the database, and what Valkey holds of them are hints.
"""

from __future__ import annotations

import signal
import time as stopwatch
from contextlib import suppress

from redis import Redis
from redis.exceptions import RedisError

from app.embedded import valkey
from tests.faults import intake
from tests.faults.intake import UnderLoad

STOPPED_SECONDS = 5.0


def run(runs: int) -> str:
    return intake.run(runs, disturb, tenders=max(4, runs * 6))


def disturb(load: UnderLoad, number: int) -> None:
    load.wait(0.1, 0.4)
    (kill, empty, stop, fill)[number % 4](load)


def kill(load: UnderLoad) -> None:
    load.place.store.process.kill()
    load.place.store.process.wait(10)
    load.wait(0.1, 0.5)
    load.place.store = valkey.launch(load.place.home / "valkey")


def empty(load: UnderLoad) -> None:
    with suppress(RedisError):
        client(load).flushall()


def stop(load: UnderLoad) -> None:
    """A store that takes five seconds for everything."""
    process = load.place.store.process
    process.send_signal(signal.SIGSTOP)
    stopwatch.sleep(STOPPED_SECONDS)
    process.send_signal(signal.SIGCONT)


def fill(load: UnderLoad) -> None:
    """Every write is refused for want of memory."""
    with suppress(RedisError):
        client(load).config_set("maxmemory", "1")
        load.wait(0.2, 0.6)
        client(load).config_set("maxmemory", "0")


def client(load: UnderLoad) -> Redis:
    return Redis.from_url(load.place.store.url, socket_timeout=3)
