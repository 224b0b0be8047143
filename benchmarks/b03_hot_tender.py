"""B3: thousands of suppliers on ONE tender at once: no conflict that a bidder sees, and no slowing as bids pile up."""

from __future__ import annotations

from collections import Counter

from benchmarks import load
from benchmarks.crowd import an_agency, body_of, crowd, published, sealed_by
from benchmarks.site import Site, gunicorn, keyholder, site
from benchmarks.table import Line, line, percentile

BIDS = 5000
CONNECTIONS = 48
WARM_UP = 100


def run(bids: int = BIDS) -> list[Line]:
    """Accepted bids a second, answers that were no acceptance, and the last tenth's rate beside the first's."""
    with site() as place:
        return measure(place, bids)


def measure(place: Site, bids: int) -> list[Line]:
    with keyholder(place) as holder:
        agency = an_agency()
        callers = crowd(place.app, bids)
        warm, hot = published(agency, holder), published(agency, holder)
        requests = {
            tender.reference: [
                (caller.headers, body_of(sealed_by(tender, caller, number))) for number, caller in enumerate(some)
            ]
            for tender, some in ((warm, callers[:WARM_UP]), (hot, callers))
        }
    with gunicorn(place) as port:
        results = [
            load.run(
                port,
                [load.request(f"/api/tenders/{reference}/bids", port, *one) for one in some],
                CONNECTIONS,
            )
            for reference, some in requests.items()
        ]
    result = results[1]
    first, last = _tenth(result.finished_at, 0), _tenth(result.finished_at, 9)
    others = Counter({status: count for status, count in result.statuses.items() if status != 201})
    return [
        line("B3", f"{bids:,} bids on one tender, {CONNECTIONS} connections: accepted", result.per_second(201), "/s"),
        line("B3", "answers that were no acceptance", others.total(), "", aim="0"),
        line("B3", "rate of the last tenth beside that of the first", last, "/s", first, ">= 0.90"),
        line("B3", "time of one, p95", percentile(result.spent_ms, 0.95), "ms"),
    ]


def _tenth(finished_at: list[float], number: int) -> float:
    """Answers a second in one tenth of the run, counted from the first answer of that tenth."""
    size = len(finished_at) // 10
    part = finished_at[number * size : (number + 1) * size]
    return (len(part) - 1) / (part[-1] - part[0])
