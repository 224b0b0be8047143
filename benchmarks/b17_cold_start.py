"""B17: from starting gunicorn to its first 200, and an empty database migrated."""

from __future__ import annotations

import time as stopwatch

from flask_migrate import upgrade

from app.db import db
from benchmarks.site import DATABASE, Site, gunicorn, site
from benchmarks.table import Line, line, middle
from tests import stores

STARTS = 3


def run() -> list[Line]:
    with site() as place:
        return measure(place)


def measure(place: Site) -> list[Line]:
    starts: list[float] = []
    bare: list[float] = []
    for _ in range(STARTS):
        with gunicorn(place, told=starts.append):
            pass
        with gunicorn(place, "-c", "benchmarks/bare_gunicorn.py", told=bare.append):
            pass
    db.session.remove()
    db.engine.dispose()
    stores.make_empty(place.cluster, DATABASE)
    began = stopwatch.perf_counter()
    upgrade()
    seconds = stopwatch.perf_counter() - began
    return [
        line("B17", "gunicorn started to first 200, beside a bare Flask program", middle(starts), "s", middle(bare)),
        line("B17", "an empty database migrated", seconds, "s"),
    ]
