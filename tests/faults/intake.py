"""A site under a stream of bids while something is done to it: the frame of F1, F2 and F4."""

from __future__ import annotations

import random
import time as stopwatch
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.db import db
from benchmarks.crowd import Caller, an_agency, body_of, crowd, published, sealed_by
from benchmarks.site import Site, gunicorn, keyholder, site
from bidding.models import Tender
from tests.faults import checker
from tests.faults.bidders import Bidders, Sealed

SUPPLIERS, CLIENTS = 100, 12
TENDERS_A_RUN = 1.0  # of a hundred bids each; more than a second's worth


@dataclass(slots=True)
class UnderLoad:
    place: Site
    port: int
    bidders: Bidders
    chance: random.Random

    def wait(self, least: float, most: float) -> None:
        """A random moment, so that a fault falls anywhere in what the bids are doing."""
        stopwatch.sleep(self.chance.uniform(least, most))


def run(runs: int, fault: Callable[[UnderLoad, int], None], seed: int = 7, *, tenders: int = 0) -> str:
    """Do `fault` so often under load, let every bidder have an answer, then compare. Returns the figures."""
    with _bids(tenders or max(2, round(runs * TENDERS_A_RUN))) as (place, bids), gunicorn(place) as port:
        load = UnderLoad(place, port, Bidders(port, bids, CLIENTS), random.Random(seed))
        load.bidders.start()
        done = 0
        for number in range(runs):
            if load.bidders.is_done:
                break
            fault(load, number)
            done += 1
        assert done == runs, f"the bids were over after {done} of {runs} faults"
        figures = checker.check(place, load.bidders.finish())
        return f"{done} faults; {figures}"


@contextmanager
def _bids(tenders: int) -> Iterator[tuple[Site, Iterator[Sealed]]]:
    with site() as place, keyholder(place) as holder:
        agency, callers = an_agency(), crowd(place.app, SUPPLIERS)
        announced = [published(agency, holder) for _ in range(tenders)]
        for tender in announced:  # read once, for the threads of the bidders
            db.session.refresh(tender)
            db.session.expunge(tender)
        db.session.remove()
        db.engine.dispose()  # what is done to the database is done to the servers' connections, not to ours
        yield place, _sealed(announced, callers)


def _sealed(tenders: list[Tender], callers: list[Caller]) -> Iterator[Sealed]:
    """One bid of each supplier for each tender, sealed when it is asked for."""
    boxes = [(str(tender.reference), tender) for tender in tenders]
    for reference, tender in boxes:
        for number, caller in enumerate(callers):
            yield Sealed(f"/api/tenders/{reference}/bids", caller.headers, body_of(sealed_by(tender, caller, number)))
