"""B6: the public board with 10,000 tenders: newest first, filtered, page 1 and page 100."""

from __future__ import annotations

import time as stopwatch
from collections.abc import Callable

from app.db import db
from benchmarks import load
from benchmarks.board import fill
from benchmarks.site import Site, gunicorn, site
from benchmarks.table import Line, line, middle
from bidding import queries
from bidding.queries import BoardFilter

TENDERS = 10_000
TIMES = 60
LISTS = (
    ("newest, page 1", BoardFilter(), 1, ""),
    ("newest, page 100", BoardFilter(), 100, "page=100"),
    ("open works by deadline", BoardFilter(state="open", kind="works", sort="closing"), 1,
     "state=open&kind=works&sort=closing"),
)  # fmt: skip


def run(tenders: int = TENDERS) -> list[Line]:
    """The query alone, and the whole page through gunicorn; pages beside page 1."""
    with site() as place:
        return measure(place, tenders)


def measure(place: Site, tenders: int) -> list[Line]:
    fill(place, tenders)
    lines, first = [], 0.0
    for name, wanted, page, _ in LISTS:
        spent = times(lambda wanted=wanted, page=page: queries.board(wanted, page))  # type: ignore[misc]
        first = first or middle(spent)
        lines.append(line("B6", f"list of {tenders:,}, {name}: query, p50", middle(spent), "ms", first, "<= 1.5"))
    with gunicorn(place) as port:
        for name, _, _, asked in LISTS:
            requests = [load.request(f"/tenders?{asked}", port, {"Accept-Language": "ko"})] * TIMES
            load.run(port, requests[:10], 1)
            one, many = load.run(port, requests, 1), load.run(port, requests * 2, 16)
            lines.append(line("B6", f"{name}: whole page, c=1, p50", middle(one.spent_ms), "ms"))
            lines.append(line("B6", f"{name}: whole pages, c=16", many.per_second(200), "/s"))
    return lines


def times(what: Callable[[], object], count: int = TIMES) -> list[float]:
    """Milliseconds of each of `count` runs, after three that do not count; each in a transaction of its own."""
    found = []
    for number in range(count + 3):
        db.session.rollback()
        began = stopwatch.perf_counter()
        what()
        if number >= 3:
            found.append((stopwatch.perf_counter() - began) * 1000)
    db.session.rollback()
    return found
