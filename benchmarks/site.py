"""A whole site for a measurement: durable PostgreSQL, Valkey, a migrated database, a keyholder, gunicorn."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time as stopwatch
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import psycopg
from flask import Flask
from flask_migrate import upgrade
from werkzeug.serving import make_server

from app import keys, time
from app.db import db
from app.embedded import postgres, valkey
from app.embedded.postgres import Postgres
from app.embedded.process import free_port
from app.embedded.valkey import Valkey
from bidding.keyholder.holder import Holder
from bidding.keyholder.panel import Panel
from bidding.keyholder.service import make_service
from bidding.keyholder.store import Store
from bidding.keyholders import configured
from tests import stores
from wsgi import create_app

ROOT = Path(__file__).parent.parent
DATABASE = "benchmark"
SECRET = "a secret of this measurement and of no other"
BOOT = 60.0


class Clock:
    """This machine's clock, which can be set ahead: nobody waits for a deadline."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return time.now() + self.ahead

    def set_to(self, instant: datetime) -> None:
        self.ahead = instant - time.now()


@dataclass(slots=True)
class Site:
    """`settings` are what a server process needs in its environment; `app` has its context pushed."""

    home: Path
    cluster: Postgres
    store: Valkey
    settings: Mapping[str, str]
    app: Flask
    clock: Clock


@contextmanager
def site() -> Iterator[Site]:
    """An empty site. PostgreSQL waits for the disk at every commit, as in earnest."""
    home = Path(tempfile.mkdtemp(prefix="naru-bench-"))
    home.chmod(0o755)
    cluster = postgres.launch(home / "postgres")
    store = valkey.launch(home / "valkey")
    place: Site | None = None
    try:
        stores.make_empty(cluster, DATABASE)
        settings = {
            "NARU_ENV": "development",
            "SECRET_KEY": SECRET,
            "REDIS_URL": store.url,
            "NARU_VAR": str(home / "var"),
            "NARU_LOG_ORIGIN": "benchmark/log",
            "NARU_RATE_LIMIT": "100000000 per minute",
            "NARU_LOG_LEVEL": "info",
            **stores.urls(cluster, DATABASE),
        }
        # The measuring process itself keeps quiet; the servers log as always.
        app = create_app(settings | {"NARU_ENV": "test", "NARU_LOG_LEVEL": "warning"})
        with app.app_context():
            upgrade()
            keys.make_missing(Path(app.config["NARU_KEYS_DIR"]), app.config["NARU_LOG_ORIGIN"])
            try:
                place = Site(home, cluster, store, settings, app, Clock())
                yield place
            finally:
                db.session.remove()
                db.engine.dispose()
    finally:
        for running in (place.store, place.cluster) if place else (store, cluster):  # either may be another by now
            running.stop()
        shutil.rmtree(home, ignore_errors=True)


def know_tables(place: Site) -> None:
    """Statistics of what lies in the tables, as the database's own upkeep gathers them within a minute of a day's work.

    Without them a plan made for empty tables reads all keys to find one.
    """
    with psycopg.connect(place.cluster.url("postgres", DATABASE), autocommit=True) as owner:
        owner.execute("ANALYZE")


@contextmanager
def keyholder(place: Site) -> Iterator[Panel]:
    """A keyholder behind real HTTP, on the site's clock."""
    holder = Holder(
        name="A",
        store=Store(place.home / "keyholder", place.home / "keyholder-backup"),
        log_vkey=keys.vkey_of("log"),
        origin=place.app.config["NARU_LOG_ORIGIN"],
        app_vkey=keys.vkey_of("agency"),
    )
    server = make_server("127.0.0.1", 0, make_service(holder, place.clock), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    place.app.config["NARU_KEYHOLDER_URL"] = f"http://127.0.0.1:{server.port}"
    try:
        yield configured()
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def gunicorn(
    place: Site, *arguments: str, path: str = "/healthz", told: Callable[[float], None] | None = None
) -> Iterator[int]:
    """Naru's own gunicorn (2 workers, 8 threads each) on a free port, which is given once `path` answers 200.

    `told` hears how many seconds that took.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("NARU_", "GUNICORN"))}
    environment |= {**place.settings, "NARU_PORT": str(port), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gunicorn", *(arguments or ("-c", "gunicorn.conf.py"))]
    log = (place.home / f"gunicorn-{port}.log").open("wb")
    began = stopwatch.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    _masters[port] = process.pid
    try:
        _await(process, port, path)
        if told is not None:
            told(stopwatch.perf_counter() - began)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(25)
        if process.poll() is None:
            process.kill()
        log.close()


_masters: dict[int, int] = {}  # process id of the gunicorn at a port


def master_of(port: int) -> int:
    """The process id of the gunicorn at `port`."""
    return _masters[port]


def worker_seconds(port: int) -> float:
    """CPU time that the workers at `port` have used so far: it changes little with what else the machine does.

    Linux only; 0 elsewhere.
    """
    master = _masters[port]
    try:
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        stats = [Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children]
    except OSError:
        return 0.0
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def _await(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    end = stopwatch.monotonic() + BOOT
    while stopwatch.monotonic() < end and process.poll() is None:
        with suppress(OSError):
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        stopwatch.sleep(0.01)
    raise RuntimeError("gunicorn did not come up")
