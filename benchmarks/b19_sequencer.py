"""B19: how many events a second the sequencer gives their place, signed and published, and how long one waits (L4).

First a queue that lies ready is worked off. Then events come in from several writers at a steady rate, faster than any
bidding, and each one's wait is taken from its row's commit to the checkpoint that covers it, as a reader sees that.
"""

from __future__ import annotations

import tempfile
import threading
import time as clock
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_migrate import upgrade

from app.audit.emission import body_of, leaf_of
from app.audit.publication import Publication
from app.audit.sequencer import Sequencer
from app.audit.signer import Signer
from app.clockwork import BEAT_SECONDS
from app.db import db
from app.embedded.postgres import Postgres
from app.ids import new_id
from app.time import now
from benchmarks.table import Line, line, percentile
from tests import stores
from wsgi import create_app

ORIGIN, DATABASE = "benchmark/log", "benchmark_sequencer"
QUEUE = 60_000
SECONDS, RATE, WRITERS = 20.0, 1000, 4  # a second, of all writers together
EVENTS = "COPY audit.event (id, at, type, actor, subject, open, body, leaf) FROM STDIN"
PENDING = "COPY audit.pending (event_id, at, leaf) FROM STDIN"


def write(connection: psycopg.Connection[tuple[object, ...]], count: int) -> None:
    """`count` open events in one transaction."""
    rows = []
    for number in range(count):
        key, at = new_id(), now()
        body = body_of("config.test", "person:0192f0c1", at, f"bench:{key}", None, {"n": number, "of": count})
        rows.append((key, at, body, leaf_of(body, None)))
    with connection.transaction(), connection.cursor() as cursor:
        with cursor.copy(EVENTS.encode()) as copy:
            for key, at, body, leaf in rows:
                copy.write_row((key, at, "config.test", "person:0192f0c1", f"bench:{key}", True, body, leaf))
        with cursor.copy(PENDING.encode()) as copy:
            for key, at, _, leaf in rows:
                copy.write_row((key, at, leaf))


def work_off(sequencer: Sequencer, url: str) -> float:
    """Events a second over a queue that lies ready."""
    with psycopg.connect(url, autocommit=True) as connection:
        for _ in range(QUEUE // 5000):
            write(connection, 5000)
    began, done = clock.perf_counter(), 0
    while done < QUEUE:
        done += sequencer.step()
    return QUEUE / (clock.perf_counter() - began)


def steady(sequencer: Sequencer, url: str, old: int) -> list[float]:
    """The wait of each transaction's last event, in seconds, at RATE events a second on the clockwork's beat."""
    stopping, lock = threading.Event(), threading.Lock()
    committed: list[float] = []
    published: list[tuple[float, int]] = []

    def keep_sequencing() -> None:
        while not stopping.is_set():
            began = clock.perf_counter()
            sequencer.step()
            newest = sequencer.publication.checkpoint()
            published.append((clock.perf_counter(), newest.size if newest else 0))
            stopping.wait(max(0.0, BEAT_SECONDS - (clock.perf_counter() - began)))

    def keep_writing() -> None:
        each = 10
        with psycopg.connect(url, autocommit=True) as connection:
            began = due = clock.perf_counter()
            while due - began < SECONDS:
                write(connection, each)
                with lock:
                    committed.extend([clock.perf_counter()] * each)
                due += each * WRITERS / RATE
                clock.sleep(max(0.0, due - clock.perf_counter()))

    worker = threading.Thread(target=keep_sequencing)
    worker.start()
    writers = [threading.Thread(target=keep_writing) for _ in range(WRITERS)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    while not published or published[-1][1] < old + len(committed):
        clock.sleep(0.05)
    stopping.set()
    worker.join()
    return _waits(sorted(committed), published, old)


def _waits(committed: list[float], published: list[tuple[float, int]], old: int) -> list[float]:
    """A step takes whatever is committed, so the n-th commit is under the first checkpoint of more than old + n."""
    waits, place = [], 0
    for number, at in enumerate(committed):
        while published[place][1] < old + number + 1 or published[place][0] < at:
            place += 1
        waits.append(published[place][0] - at)
    return waits


def measure(cluster: Postgres, folder: Path) -> list[Line]:
    stores.make_empty(cluster, DATABASE)
    urls = stores.urls(cluster, DATABASE)
    with create_app({"NARU_ENV": "test", "NARU_VAR": str(folder), **urls}).app_context():
        upgrade()
        db.engine.dispose()
    signer = Signer(Ed25519PrivateKey.generate(), ORIGIN, folder / "signer" / "last")
    sequencer = Sequencer(urls["SEQUENCER_DATABASE_URL"], signer, Publication(folder / "log"))
    writing = cluster.url("naru_app", DATABASE)
    speed = work_off(sequencer, writing)
    waits = steady(sequencer, writing, QUEUE)
    sequencer.close()
    return [
        line(
            "B19",
            f"events given their place, signed and published, of {QUEUE:,} that wait",
            speed,
            "/s",
            aim=">= 3,000 /s",
        ),
        line("B19", f"wait of an event at {RATE:,} a second, p50", percentile(waits, 0.5), "s"),
        line("B19", "the same, p99", percentile(waits, 0.99), "s", aim="< 2 s"),
        line("B19", "the same, longest", max(waits), "s"),
    ]


def run() -> list[Line]:
    with stores.started() as (cluster, _), tempfile.TemporaryDirectory() as folder:
        return measure(cluster, Path(folder))
