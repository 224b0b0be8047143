"""B10: recompute the whole audit log from PostgreSQL, and prove one entry.

The floor is what hashing alone costs in the same run: the same leaves, already in memory, through the same tree.
"""

from __future__ import annotations

import resource
import tempfile
import time as clock
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_migrate import upgrade

from app.audit import checking, sequencer
from app.audit.emission import body_of, commitment_of, leaf_of
from app.audit.proving import prove
from app.audit.publication import Publication
from app.audit.signer import Signer
from app.db import db
from app.embedded.postgres import Postgres
from app.time import from_wire
from app.tlog import merkle, note
from benchmarks.table import Line, line, percentile
from tests import stores
from wsgi import create_app

ENTRIES = 1_000_000
ORIGIN = "benchmark/log"
AT = from_wire("2026-11-23T01:00:00.000000Z")


def events(count: int) -> Iterator[tuple[Any, ...]]:
    """`count` rows of audit.event, every fourth one sealed, about as long as real ones."""
    random = Random(10)
    for number in range(count):
        tender = f"R26BK{number // 20:08d}-000"
        facts = {"before": "published", "after": "closed", "digest": random.randbytes(32).hex(), "n": number}
        body = body_of("tender.closed", "person:0192f0c1", AT, f"tender:{number // 20}", tender, facts)
        salt = random.randbytes(32) if number % 4 == 0 else None
        commitment = None if salt is None else commitment_of(salt, body)
        key = UUID(int=number + 1)
        about = ("tender.closed", "person:0192f0c1", f"tender:{number // 20}", tender)
        yield (key, AT, *about, salt is None, body, salt, commitment, leaf_of(body, commitment))


def fill(connection: sequencer.Connection, count: int) -> list[bytes]:
    """Write `count` events and their places, as if sequenced long ago; return the leaves."""
    columns = "id, at, type, actor, subject, tender, open, body, salt, c, leaf"
    leaves, hashes = [], []
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY audit.event ({columns}) FROM STDIN".encode()) as copy:
            for row in events(count):
                copy.write_row(row)
                leaves.append(row[-1])
        hashes = [merkle.leaf_hash(leaf) for leaf in leaves]
        with cursor.copy("COPY audit.leaf (idx, event_id, lh) FROM STDIN") as copy:
            for index, one in enumerate(hashes):
                copy.write_row((index, UUID(int=index + 1), one))
    frontier = merkle.Frontier()
    for one in hashes:
        frontier.append(one)
    connection.execute(
        "UPDATE audit.tree SET size = %s, frontier = %s, root = %s",
        [frontier.size, frontier.to_bytes(), frontier.root()],
    )
    connection.execute("ANALYZE audit.event, audit.leaf")
    return leaves


def floor(leaves: list[bytes]) -> float:
    """Seconds that the hashing alone takes."""
    began = clock.perf_counter()
    merkle.root(map(merkle.leaf_hash, leaves))
    return clock.perf_counter() - began


def measure(cluster: Postgres, folder: Path, count: int) -> list[Line]:
    stores.make_empty(cluster, "benchmark")
    urls = stores.urls(cluster, "benchmark")
    with create_app({"NARU_ENV": "test", "NARU_VAR": str(folder), **urls}).app_context():
        upgrade()
        db.engine.dispose()
    with psycopg.connect(cluster.url("postgres", "benchmark"), autocommit=True) as owner:
        leaves = fill(owner, count)
    hashing = floor(leaves)
    del leaves
    key = Ed25519PrivateKey.generate()
    publication = Publication(folder / "log")
    began = clock.perf_counter()
    signer = Signer(key, ORIGIN, folder / "signer" / "last")
    sequencer.Sequencer(urls["SEQUENCER_DATABASE_URL"], signer, publication).step()
    publishing = clock.perf_counter() - began
    vkey = note.vkey(ORIGIN, key.public_key().public_bytes_raw())
    began = clock.perf_counter()
    with sequencer.connect(urls["DATABASE_URL"]) as connection:
        report = checking.check(connection, publication, vkey, is_quick=True)
    seconds = clock.perf_counter() - began
    assert report.is_right, report.findings
    proofs = []
    for index in Random(1).sample(range(count), 200):
        began = clock.perf_counter()
        assert prove(publication, index) is not None
        proofs.append(clock.perf_counter() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    million = ENTRIES / count
    return [
        line("B10", f"log of {count:,} entries recomputed, published files too", seconds, "s", hashing, "<= 5"),
        line("B10", "the same for a million entries", seconds * million, "s", aim="<= 4 s"),
        line("B10", "all files written anew", publishing, "s"),
        line("B10", "largest memory of the process, test data included", memory, "MB"),
        line("B10", "one inclusion proof, p95", percentile(proofs, 0.95) * 1000, "ms", aim="<= 5 ms"),
    ]


def run(count: int = ENTRIES) -> list[Line]:
    """The lines of this benchmark, on a PostgreSQL of its own."""
    with stores.started() as (cluster, _), tempfile.TemporaryDirectory() as folder:
        return measure(cluster, Path(folder), count)
