"""What happens to files of bids: opened after the opening, looked into; cleared away where no bid names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from flask import current_app

from app import clamd, time
from app.db import database_now, transaction
from app.jobs import Promise, register_job, register_sweep
from bidding import queries
from bidding.keyholders import configured
from bidding.services import docs_lane, proposals, release, uploads

Scan = Callable[[Callable[[int], bytes]], str | None]


def open_documents(tender_id: str) -> None:
    """The keys of the documents, once their lane is asked for. Done, too, while a holder is waited for: the sweep calls
    it again until all is there."""
    patience = timedelta(seconds=current_app.config["NARU_KEYHOLDER_PATIENCE"])
    with transaction():
        release.gather(UUID(tender_id), docs_lane.LANE, configured(), database_now(), patience)
    open_proposals(UUID(tender_id))


def open_proposals(tender_id: UUID) -> None:
    """What the pieces that have come open. Where nothing has to be looked into, the evaluation begins at once."""
    with transaction():
        docs_lane.open_documents(tender_id)
    with transaction():
        proposals.begin_evaluation(tender_id)


def begin_evaluation(tender_id: str) -> None:
    with transaction():
        proposals.begin_evaluation(UUID(tender_id))


def check_document(bid_id: str, n: int) -> None:
    """One file: decrypted and looked into between two short transactions, so that no row waits for a large file."""
    with transaction():
        task = docs_lane.find_task(UUID(bid_id), n)
    if task is None:
        return
    outcome = docs_lane.look_into(task, scanner())
    with transaction():
        tender_id = docs_lane.keep_outcome(task, outcome, time.now())
    if tender_id is not None:
        with transaction():
            proposals.begin_evaluation(tender_id)


def scanner() -> Scan | None:
    """How files are scanned here; None where no ClamAV is configured."""
    address = current_app.config["NARU_CLAMD"]
    return partial(clamd.scan, address) if address else None


def collect_blobs() -> None:
    before = time.now() - timedelta(days=current_app.config["NARU_BLOBS_DAYS"])
    while True:
        with transaction():
            if not uploads.collect_blobs(before):
                return


def due_documents(now: datetime) -> Iterator[Promise]:
    for tender_id in queries.documents_to_open():
        payload = {"tender_id": str(tender_id)}
        yield Promise("bidding.open_documents", str(tender_id), now, payload, is_owed=True)


def due_evaluations(now: datetime) -> Iterator[Promise]:
    """Every evaluation that could begin: what the check of the last file would have begun."""
    for tender_id in queries.evaluations_to_begin():
        yield Promise("bidding.begin_evaluation", str(tender_id), now, {"tender_id": str(tender_id)}, is_owed=True)


def due_collections(now: datetime) -> Iterator[Promise]:
    """Once a day."""
    yield Promise("bidding.collect_blobs", f"{now:%Y-%m-%d}", now)


def register() -> None:
    register_job("bidding.open_documents", open_documents)
    register_job("bidding.check_document", check_document, is_bulk=True)
    register_job("bidding.begin_evaluation", begin_evaluation)
    register_job("bidding.collect_blobs", collect_blobs, is_bulk=True)
    register_sweep("bidding.due_documents", due_documents)
    register_sweep("bidding.due_evaluations", due_evaluations)
    register_sweep("bidding.due_collections", due_collections)
