"""B1: a sealed bid through gunicorn, beside a bare INSERT on the same gunicorn settings and the same database."""

from __future__ import annotations

import psycopg

from benchmarks import load
from benchmarks.crowd import an_agency, body_of, crowd, published, sealed_by
from benchmarks.load import Result
from benchmarks.site import DATABASE, Site, gunicorn, keyholder, know_tables, site, worker_seconds
from benchmarks.table import Line, line, middle, percentile

SUPPLIERS = 250
TENDERS = 32
WARM_UP = 200
ROUNDS = 4  # A-B-A-B: what drifts, drifts for both
SECONDS = {1: 1.25, 16: 1.75}
AIM = ">= 0.40"


def run() -> list[Line]:
    """Accepted bids a second with 1 and with 16 connections, as a share of the bare program's rate."""
    with site() as place:
        return measure(place)


def measure(place: Site) -> list[Line]:
    with psycopg.connect(place.cluster.url("postgres", DATABASE), autocommit=True) as owner:
        owner.execute("CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea)")
        owner.execute("GRANT INSERT ON bare TO naru_app")
    bodies = _bodies(place)
    know_tables(place)
    stack = [(path, headers, body) for path, headers, body in reversed(bodies)]
    found: dict[tuple[str, int], list[Result]] = {}
    with gunicorn(place) as ours, gunicorn(place, "-c", "benchmarks/bare_gunicorn.py") as bare:
        _ours(ours, stack, 16, None, WARM_UP)
        _bare(bare, bodies[:WARM_UP], 16, None)
        for connections, seconds in SECONDS.items():
            for _ in range(ROUNDS):
                found.setdefault(("bare", connections), []).append(_bare(bare, bodies, connections, seconds))
                found.setdefault(("ours", connections), []).append(_ours(ours, stack, connections, seconds))
    return [one for connections in SECONDS for one in _lines(found, connections)]


def _bodies(place: Site) -> list[tuple[str, dict[str, str], bytes]]:
    with keyholder(place) as holder:
        agency = an_agency()
        callers = crowd(place.app, SUPPLIERS)
        tenders = [published(agency, holder) for _ in range(TENDERS)]
        return [
            (f"/api/tenders/{tender.reference}/bids", caller.headers, body_of(sealed_by(tender, caller, number)))
            for tender in tenders
            for number, caller in enumerate(callers)
        ]


def _ours(
    port: int, stack: list[tuple[str, dict[str, str], bytes]], connections: int, seconds: float | None, count: int = 0
) -> Result:
    """Bids that nobody has sent yet, taken from `stack`; those sent are gone from it."""
    taken = stack[-count:] if count else stack
    requests = [load.request(path, port, headers, body) for path, headers, body in reversed(taken)]
    result = _run(port, requests, connections, seconds)
    del stack[-len(result.spent_ms) :]
    if set(result.statuses) != {201}:
        raise RuntimeError(f"not all were accepted: {result.statuses} {result.refused[:1]}")
    return result


def _bare(
    port: int, bodies: list[tuple[str, dict[str, str], bytes]], connections: int, seconds: float | None
) -> Result:
    requests = [load.request("/bare", port, {}, body) for _, _, body in bodies]
    return _run(port, requests * 4, connections, seconds)


def _run(port: int, requests: list[bytes], connections: int, seconds: float | None) -> Result:
    before = worker_seconds(port)
    result = load.run(port, requests, connections, seconds)
    result.cpu_seconds = worker_seconds(port) - before
    return result


def _lines(found: dict[tuple[str, int], list[Result]], connections: int) -> list[Line]:
    ours, bare = found["ours", connections], found["bare", connections]
    spent = [ms for result in ours for ms in result.spent_ms]
    rate = middle([result.per_second(201) for result in ours])
    limit = middle([result.per_second(201) for result in bare])
    where = f"c={connections}"
    return [
        line("B1", f"sealed bids accepted, {where}", rate, "/s", limit, AIM),
        line("B1", f"time of one, {where}, p50", middle(spent), "ms", middle([m for r in bare for m in r.spent_ms])),
        line("B1", f"time of one, {where}, p95", percentile(spent, 0.95), "ms"),
        line("B1", f"CPU time of the workers for one, {where}", _cpu_ms(ours), "ms", _cpu_ms(bare), "<= 2.5"),
    ]


def _cpu_ms(results: list[Result]) -> float:
    return sum(one.cpu_seconds for one in results) / sum(len(one.spent_ms) for one in results) * 1000
