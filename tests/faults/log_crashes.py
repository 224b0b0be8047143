"""F3: `kill -9` of sequencer and signer, and writes that fail with and without effect, while events come in.

Meanwhile a reader follows the published checkpoint and a witness is asked to cosign each one it sees: no checkpoint may
go back, no size may have two roots, and the witness may never have a reason to refuse. Afterwards every committed event
has one place, without gaps.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask_migrate import upgrade

from app.audit import checking, sequencer
from app.audit.emission import body_of, leaf_of
from app.audit.publication import Publication
from app.audit.witness import Witness, spell_request
from app.db import db
from app.embedded.postgres import Postgres
from app.ids import new_id
from app.time import now
from app.tlog import checkpoint, merkle, note
from tests import stores
from wsgi import create_app

ROOT = Path(__file__).parents[2]
ORIGIN, DATABASE = "faults.example/log", "faults_log"
EVENT = (
    "INSERT INTO audit.event (id, at, type, actor, subject, open, body, leaf) VALUES (%s, %s, %s, %s, %s, true, %s, %s)"
)
PENDING = "INSERT INTO audit.pending (event_id, at, leaf) VALUES (%s, %s, %s)"


class Writer(threading.Thread):
    """Commits events in small transactions, some of them long after their instant. `committed` holds their leaves."""

    def __init__(self, url: str, stopping: threading.Event, seed: int) -> None:
        super().__init__(daemon=True)
        self._url, self._stopping, self._chance = url, stopping, Random(seed)
        self.committed: list[bytes] = []

    def run(self) -> None:
        with psycopg.connect(self._url) as connection:
            while not self._stopping.is_set():
                leaves = [self._write(connection) for _ in range(self._chance.randrange(1, 20))]
                if self._chance.random() < 0.2:
                    clock.sleep(self._chance.random() * 0.3)
                connection.commit()
                self.committed += leaves
                clock.sleep(self._chance.random() * 0.02)

    def _write(self, connection: psycopg.Connection[tuple[object, ...]]) -> bytes:
        key, at, kind = new_id(), now(), "config.test"
        body = body_of(kind, "system", at, f"fault:{key}", None, {"n": self._chance.randrange(10**6)})
        leaf = leaf_of(body, None)
        connection.execute(EVENT.encode(), [key, at, kind, "system", f"fault:{key}", body, leaf])
        connection.execute(PENDING.encode(), [key, at, leaf])
        return leaf


class Reader(threading.Thread):
    """Follows the checkpoint as published, and has a witness cosign it."""

    def __init__(self, publication: Publication, vkey: str, folder: Path, stopping: threading.Event) -> None:
        super().__init__(daemon=True)
        self._publication, self._vkey, self._stopping = publication, vkey, stopping
        self._witness = Witness("witness.example", folder, [vkey])
        self.roots: dict[int, bytes] = {}
        self.faults: list[str] = []

    def run(self) -> None:
        known = 0
        while not self._stopping.is_set():
            clock.sleep(0.01)
            signed = self._publication.signed()
            if signed is None:
                continue
            found = checkpoint.open_checkpoint(signed, [self._vkey])
            if self.roots.setdefault(found.size, found.root) != found.root:
                self.faults.append(f"two roots for {found.size}")
            if found.size < known:
                self.faults.append(f"{found.size} after {known}")
            elif found.size > known:
                known = self._cosign(signed, known, found.size)

    def _cosign(self, signed: str, known: int, size: int) -> int:
        proof = merkle.consistency_proof(known, size, self._publication.node(size))
        status, _, said = self._witness.add_checkpoint(spell_request(known, proof, signed), 1_700_000_000)
        if status != 200:
            self.faults.append(f"the witness answers {status}: {said}")
        return size


class Processes:
    """The signer and the sequencer; each may be killed and comes back."""

    def __init__(self, home: Path, url: str, vkey: str, chance: Random) -> None:
        self.home, self._url, self._vkey, self._chance = home, url, vkey, chance
        self.signer_address = f"unix:{home / 'socket'}"
        self._running: dict[str, subprocess.Popen[str]] = {}

    def start(self, name: str) -> None:
        env = os.environ | {"NARU_SIGNER": self.signer_address, "NARU_SIGNER_DIR": str(self.home)}
        env["NARU_LOG_ORIGIN"] = ORIGIN
        seed = str(self._chance.randrange(2**31))
        command = {
            "signer": ["app.audit.signer"],
            "sequencer": [
                "tests.faults.log_sequencer", self._url, str(self.home / "log"), self.signer_address, self._vkey, seed,
            ],
        }[name]  # fmt: skip
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline(), f"the {name} did not start"
        self._running[name] = process

    def kill(self, name: str) -> None:
        process = self._running.pop(name)
        assert process.poll() is None, f"the {name} ended by itself: {process.returncode}"
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()

    def end(self) -> None:
        for name in list(self._running):
            self.kill(name)


def run(runs: int, seed: int = 3) -> str:
    """`runs` kills, alternately of either process or both. AssertionError where a bar is missed."""
    with stores.started() as (cluster, _), tempfile.TemporaryDirectory(prefix="naru-log-") as folder:
        return crash(cluster, Path(folder), runs, seed)


def crash(cluster: Postgres, home: Path, runs: int, seed: int) -> str:
    urls, chance = _database(cluster, home), Random(seed)
    key = Ed25519PrivateKey.generate()
    (home / "log.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    vkey, publication = note.vkey(ORIGIN, key.public_key().public_bytes_raw()), Publication(home / "log")
    stopping, reading_over = threading.Event(), threading.Event()
    writer = Writer(cluster.url("naru_app", DATABASE), stopping, seed)
    reader = Reader(publication, vkey, home / "witness", reading_over)
    with _processes(home, urls["SEQUENCER_DATABASE_URL"], vkey, chance) as processes:
        writer.start()
        reader.start()
        for _ in range(runs):
            clock.sleep(0.05 + chance.random() * 0.4)
            names = chance.choice([["sequencer"], ["signer"], ["sequencer", "signer"]])
            for name in names:
                processes.kill(name)
            for name in reversed(names):
                processes.start(name)
        stopping.set()
        writer.join(10)
        _await_all(publication, len(writer.committed))
        clock.sleep(0.1)
    reading_over.set()
    reader.join(10)
    assert reader.faults == [], reader.faults[:3]
    return _check(urls, publication, vkey, writer.committed, reader, runs)


def _check(
    urls: dict[str, str], publication: Publication, vkey: str, committed: list[bytes], reader: Reader, runs: int
) -> str:
    with sequencer.connect(urls["DATABASE_URL"]) as connection:
        report = checking.check(connection, publication, vkey)
        rows = connection.execute("SELECT idx, lh FROM audit.leaf ORDER BY idx").fetchall()
    assert report.is_right, report.findings[:3]
    assert [index for index, _ in rows] == list(range(len(committed))), "a gap in the log"
    assert sorted(lh for _, lh in rows) == sorted(map(merkle.leaf_hash, committed)), "an event is lost or doubled"
    return f"{runs} kills, {len(committed):,} events, {report.checkpoints:,} checkpoints, {len(reader.roots):,} seen"


def _await_all(publication: Publication, count: int) -> None:
    until = clock.monotonic() + 60
    while clock.monotonic() < until:
        found = publication.checkpoint()
        if found is not None and found.size >= count:
            return
        clock.sleep(0.05)
    raise AssertionError(f"{count} events are committed, and the log does not get there")


@contextmanager
def _processes(home: Path, url: str, vkey: str, chance: Random) -> Iterator[Processes]:
    processes = Processes(home, url, vkey, chance)
    try:
        processes.start("signer")
        processes.start("sequencer")
        yield processes
    finally:
        processes.end()


def _database(cluster: Postgres, home: Path) -> dict[str, str]:
    stores.make_empty(cluster, DATABASE)
    urls = stores.urls(cluster, DATABASE)
    with create_app({"NARU_ENV": "test", "NARU_VAR": str(home), **urls}).app_context():
        upgrade()
        db.engine.dispose()
    return urls
