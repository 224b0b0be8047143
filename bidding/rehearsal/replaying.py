"""Real openings through the whole system: published, sealed, submitted, closed, opened, awarded, verified.

The tenders are practice ones (their deadlines come within minutes) in mode M3 with the published reserve prices in
the order that our own pick rule asks for; everything else runs as for any tender.
"""

from __future__ import annotations

import time as stopwatch
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from app import files, keys, time
from app.audit.sequencer import run_step
from app.db import db, transaction
from app.errors import DeadlinePassed, NotFound, RuleBroken
from app.jobs import run_due
from bidding.keyholder.panel import Panel
from bidding.models import Award, Bid, Bundle, Opening, Tender
from bidding.rehearsal.bidding import bid
from bidding.rehearsal.cast import Agency, Bidder, enrol, make_agency, make_supplier
from bidding.rehearsal.stages import Plan, announce, award, draft
from bidding.replay import ReplayResult, ReplayTender, Summary, compare
from bidding.states import TenderState
from bidding.verify import is_sound, verify

# Seconds that the first bids are given before their deadline; later ones get a multiple of what bids have taken.
FIRST_PER_BID, MARGIN, SAFETY = 0.1, 4.0, 3.0
BATCH = 300  # bids to a common deadline
TRIES = 4  # a batch that a busy machine did not get in before its deadline is announced anew
TO_OPENING = timedelta(seconds=6)
PATIENCE = 1200.0  # seconds to wait for the openings and the bundles
PAUSE = 0.2
# Papers and mail can wait; workers that run beside will see to them.
NEEDED = ("bidding.close_tender", "bidding.open_tender", "bidding.publish_bundle")
FIRST_SERIAL = 500_000  # of the suppliers' business numbers, clear of the demonstration's
PASSWORD = "nobody signs in: services only"  # noqa: S105
Progress = Callable[[str, int, int], None]  # what is being done, how many of how many
Thing = TypeVar("Thing")


@dataclass(slots=True)
class Run:
    """One opening on its way. `names` gives the file's bidder behind each statement."""

    source: ReplayTender
    tender_id: UUID
    names: dict[str, str] = field(default_factory=dict)


def replay(tenders: Sequence[ReplayTender], panel: Panel, progress: Progress) -> Summary:
    """Put every tender through the system; compare what came out with what was published.

    TimeoutError if the openings do not come to an end.
    """
    began = stopwatch.perf_counter()
    agency, bidders = _cast(tenders, progress)
    runs = _submit_all(tenders, agency, bidders, panel, progress)
    _drive(runs, "open", progress, _is_opened)
    for run in _shown(runs, "award", progress):
        with transaction():
            award(agency, run.tender_id, time.now())
    _drive(runs, "bundle", progress, _has_bundle)
    summary = Summary()
    for run in _shown(runs, "verify", progress):
        summary.add(_result(run))
    summary.seconds = stopwatch.perf_counter() - began
    return summary


def _submit_all(
    tenders: Sequence[ReplayTender],
    agency: Agency,
    bidders: Sequence[Bidder],
    panel: Panel,
    progress: Progress,
) -> list[Run]:
    """Every tender published and bid for, a batch at a time: nobody waits for a deadline before the last one."""
    runs: list[Run] = []
    per_bid = FIRST_PER_BID
    for batch in _batches(tenders):
        for _ in range(TRIES):
            began, bids = stopwatch.perf_counter(), sum(len(tender.bids) for tender in batch)
            closes_at = time.now() + timedelta(seconds=(bids + 5 * len(batch)) * per_bid + MARGIN)
            try:
                made = [_publish(tender, agency, panel, closes_at) for tender in batch]
                for run in made:
                    _bid_all(run, bidders)
            except (DeadlinePassed, RuleBroken):
                per_bid *= 2  # what was announced fails for want of bids, as any tender would
                continue
            per_bid = SAFETY * (stopwatch.perf_counter() - began) / (bids + 5 * len(batch))
            runs += made
            break
        else:
            raise TimeoutError("this machine does not get the bids in before their deadline")
        run_step()
        progress("bid", len(runs), len(tenders))
    return runs


def _batches(tenders: Sequence[ReplayTender]) -> Iterator[list[ReplayTender]]:
    batch: list[ReplayTender] = []
    for tender in tenders:
        batch.append(tender)
        if sum(len(one.bids) for one in batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _shown(things: Sequence[Thing], what: str, progress: Progress) -> Iterator[Thing]:
    for number, thing in enumerate(things, start=1):
        yield thing
        progress(what, number, len(things))


def _cast(tenders: Sequence[ReplayTender], progress: Progress) -> tuple[Agency, list[Bidder]]:
    """One agency, and as many suppliers as the largest opening has bidders."""
    now = time.now()
    stamp = f"{now:%y%m%d%H%M%S}"
    with transaction():
        agency = make_agency(
            f"RP{stamp}", "재현 시험 기관", "Replay agency", PASSWORD, now,
            mail=f"replay-{stamp}.example", names=("재현 담당", "재현 승인"),
        )  # fmt: skip
    first = FIRST_SERIAL + int(now.timestamp()) % 40_000 * 100
    bidders = []
    for number in _shown(range(max(len(tender.bids) for tender in tenders)), "register", progress):
        with transaction():
            person = make_supplier(
                first + number, f"재현 {number + 1:03d}", f"Replay {number + 1:03d}", PASSWORD, now,
                email=f"bidder{number + 1}@replay-{stamp}.example",
            )  # fmt: skip
            bidders.append(enrol(person, now))
    return agency, bidders


def _publish(source: ReplayTender, agency: Agency, panel: Panel, closes_at: datetime) -> Run:
    wide = max(abs(won * 100 - source.base_amount_won * 100) for won in source.reserve_won) > source.base_amount_won * 2
    more = {
        "draw_mode": "M3",
        "draw_order": "given",
        # A mean that came out whole needs no rounding; rounding it up to the won changes nothing.
        "rounding": source.rounding if source.rounding not in (None, "exact") else "up-1",
        "minimum_bids": source.minimum_valid,
        "range_low": 97_000 if wide else 98_000,
        "range_high": 103_000 if wide else 102_000,
        "regime": "local",
    }
    plan = Plan(source.title, source.base_amount_won, floor_rate=source.floor_rate, more=more)
    now = time.now()
    with transaction():
        tender = draft(agency, plan, now, closes_at=closes_at, opens_at=closes_at + TO_OPENING)
        announce(agency, tender, panel, now, prices=source.numbered_won())
        return Run(source, tender.id)


def _bid_all(run: Run, bidders: Sequence[Bidder]) -> None:
    """Every bid really sealed and signed, each in a transaction of its own, as they come in life."""
    for published, bidder in zip(run.source.bids, bidders, strict=False):
        with transaction():
            tender = db.session.get_one(Tender, run.tender_id)
            made = bid(tender, bidder, published.amount_won, published.picks, time.now())
            run.names[made.stmt] = published.bidder


def _drive(runs: Sequence[Run], what: str, progress: Progress, is_done: Callable[[Run], bool]) -> None:
    """Let the log and the jobs work until every run is done. A clockwork and workers that run beside are welcome."""
    end = stopwatch.monotonic() + PATIENCE
    while stopwatch.monotonic() < end:
        run_step()
        run_due(time.now(), NEEDED)
        db.session.expire_all()
        done = sum(map(is_done, runs))
        db.session.rollback()
        progress(what, done, len(runs))
        if done == len(runs):
            return
        stopwatch.sleep(PAUSE)
    raise TimeoutError(f"not all came to {what}")


def _is_opened(run: Run) -> bool:
    state = db.session.scalar(select(Tender.state).where(Tender.id == run.tender_id))
    return state in (TenderState.OPENED, TenderState.FAILED)


def _has_bundle(run: Run) -> bool:
    stages = set(db.session.scalars(select(Bundle.stage).where(Bundle.tender_id == run.tender_id)))
    has_award = _first_award(run) is not None
    return ("award" if has_award else "opening") in stages


def _first_award(run: Run) -> Award | None:
    return db.session.scalar(select(Award).where(Award.tender_id == run.tender_id, Award.place == 1))


def _result(run: Run) -> ReplayResult:
    """What came out, once the published bundle has been verified. NotFound or ValueError for one that does not hold."""
    opening = db.session.get(Opening, run.tender_id)
    if opening is None or opening.estimated_price_won is None or opening.floor_price_won is None:
        raise NotFound(f"{run.source.notice_no} was not opened")
    award_row = _first_award(run)
    stage = "award" if award_row is not None else "opening"
    bundle = files.load(db.session.get_one(Bundle, (run.tender_id, stage)).sha256)
    report = verify(bundle, log_vkey=keys.vkey_of("log"))
    if not is_sound(report):
        raise ValueError(f"the bundle of {run.source.notice_no} does not verify: {[str(one) for one in report]}")
    winner = db.session.get_one(Bid, award_row.bid_id).stmt if award_row is not None else None
    return compare(
        run.source,
        planned_price_won=opening.estimated_price_won,
        floor_won=opening.floor_price_won,
        winner=run.names[winner] if winner else None,
    )
