"""What happens by itself: closings, openings, bundles, papers. Ids in; each step a transaction, safe to run twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app

from app import time
from app.db import database_now, transaction
from app.errors import TemporarilyUnavailable
from app.jobs import Promise, register_job, register_sweep
from app.time import wire
from bidding import document_jobs, holder_jobs, queries
from bidding.builds import builds
from bidding.keyholders import configured
from bidding.services import auctions, bundling, closing, opening, papers, release, releases, reporting, telling
from bidding.states import TenderState


def close_tender(tender_id: str) -> None:
    """Close at the deadline. A deadline that has moved since is left to the job of the new one."""
    with transaction():
        is_closing = closing.begin_closing(UUID(tender_id))
        if not is_closing and queries.is_overdue(UUID(tender_id), TenderState.PUBLISHED, time.now()):
            if queries.is_held(UUID(tender_id), time.now()):
                return  # the sweep promises it anew once nothing holds it
            raise TemporarilyUnavailable("this machine's clock is ahead of the database's")
    if is_closing:
        with transaction():
            closing.freeze(UUID(tender_id))


def open_tender(tender_id: str) -> None:
    """Open at the opening time: the group first; once the log has it, its pieces; with all of them every bid, or none.

    Where proposals are scored first, those are opened, and this goes on once the technical result is fixed.
    Done, too, while people are waited for: whoever gives the last piece calls it again, and so does the sweep.
    """
    with transaction():
        has_bids = opening.begin_opening(UUID(tender_id))
        if not has_bids and queries.opening_is_overdue(UUID(tender_id), time.now()):
            raise TemporarilyUnavailable("this machine's clock is ahead of the database's")
    if not has_bids:
        return
    patience = timedelta(seconds=current_app.config["NARU_KEYHOLDER_PATIENCE"])
    for lane in queries.lanes_to_open(UUID(tender_id)):
        with transaction():
            release.gather(UUID(tender_id), lane, configured(), database_now(), patience)
    with transaction():
        opening.open_bids(UUID(tender_id))
    if queries.proposals_wait(UUID(tender_id)):
        document_jobs.open_proposals(UUID(tender_id))
    if queries.waits_for_services(UUID(tender_id)):
        raise TemporarilyUnavailable("a keyholder has not answered yet")


def close_auction(tender_id: str) -> None:
    """End a reverse auction. A bid that has extended its last round leaves it to the sweep."""
    with transaction():
        is_over = auctions.close(UUID(tender_id))
        if not is_over and auctions.is_overdue(UUID(tender_id), time.now()):
            raise TemporarilyUnavailable("this machine's clock is ahead of the database's, or not to be trusted")


def tell_postponed(outage_id: str, tender_id: str) -> None:
    with transaction():
        telling.tell_postponed(UUID(outage_id), UUID(tender_id), time.now())


def publish_bundle(tender_id: str, stage: str) -> None:
    with transaction():
        bundling.publish_bundle(UUID(tender_id), stage, time.now())


def issue_notice(tender_id: str) -> None:
    with transaction():
        papers.issue_notice(UUID(tender_id), time.now())


def issue_opening_record(tender_id: str) -> None:
    with transaction():
        papers.issue_opening_record(UUID(tender_id), time.now())


def issue_award_notice(tender_id: str) -> None:
    with transaction():
        papers.issue_award_notice(UUID(tender_id), time.now())


def issue_report(tender_id: str, stage: str) -> None:
    with transaction():
        reporting.issue_report(UUID(tender_id), stage, time.now())


def due_closings(now: datetime) -> Iterator[Promise]:
    """Every published tender whose deadline has passed, whatever the jobs table says."""
    for tender in queries.tenders_to_close(now):
        assert tender.closes_at is not None
        key = f"{tender.id}:{wire(tender.closes_at)}"
        yield Promise("bidding.close_tender", key, tender.closes_at, {"tender_id": str(tender.id)}, is_owed=True)


def due_openings(now: datetime) -> Iterator[Promise]:
    for tender in queries.tenders_to_open(now):
        assert tender.opens_at is not None
        yield Promise(
            "bidding.open_tender", str(tender.id), tender.opens_at, {"tender_id": str(tender.id)}, is_owed=True
        )


def due_auctions(now: datetime) -> Iterator[Promise]:
    """Every auction whose last round is over, as its bids have moved it."""
    for tender_id, ends_at in auctions.to_close(now):
        yield Promise("bidding.close_auction", str(tender_id), ends_at, {"tender_id": str(tender_id)}, is_owed=True)


def due_bundles(now: datetime) -> Iterator[Promise]:
    """Every opened tender without its bundle, every awarded one without its second."""
    for tender_id, stage in queries.bundles_missing():
        promise = {"tender_id": str(tender_id), "stage": stage}
        yield Promise("bidding.publish_bundle", f"{tender_id}:{stage}", now, promise, is_owed=True)


def release_client(build: str) -> None:
    """Enter and log one of the builds that this process serves, once."""
    with transaction():
        for one in builds():
            if one.name == build:
                releases.release(one, time.now())


def due_releases(now: datetime) -> Iterator[Promise]:
    """Every build of the client that is served and not in the log yet."""
    for one in releases.missing(builds()):
        yield Promise("bidding.release_client", one.sha256, now, {"build": one.name}, is_owed=True)


def register() -> None:
    holder_jobs.register()
    acts = (close_tender, open_tender, close_auction, tell_postponed, publish_bundle, release_client)
    for handler in (*acts, issue_notice, issue_opening_record, issue_award_notice, issue_report):
        register_job(f"bidding.{handler.__name__}", handler)
    for sweep in (due_closings, due_openings, due_auctions, due_bundles, due_releases):
        register_sweep(f"bidding.{sweep.__name__}", sweep)
