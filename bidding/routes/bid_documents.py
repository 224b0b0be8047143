"""The documents of opened bids, for the agency that evaluates them. Every look and every download is on the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import FileIO
from itertools import groupby
from uuid import UUID

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from app import audit, quarantine, time
from app.auth import current_actor, requires
from app.db import db, transaction
from app.errors import NotFound
from app.exports import attachment
from bidding.document_labels import DOCUMENT_REASON, DOCUMENT_STATE, DOCUMENT_TONE, KIND
from bidding.file_types import clean_name, safe_name
from bidding.models import BidDocument, Tender
from bidding.routes import blueprint
from bidding.services import docs_lane
from bidding.services.access import get_tender, is_own
from bidding.states import WITH_RESULT, DocumentState, TenderState
from suppliers.front import summaries

BLOCK = 262_144
WORDS = {
    "DOCUMENT_STATE": DOCUMENT_STATE,
    "DOCUMENT_TONE": DOCUMENT_TONE,
    "DOCUMENT_REASON": DOCUMENT_REASON,
    "FILE_KIND": KIND,
    "clean_name": clean_name,
    "safe_name": safe_name,
}


@blueprint.get("/tenders/<reference>/documents")
@requires("bid:read-documents")
def bid_documents(reference: str) -> ResponseReturnValue:
    """What each bidder handed in, and what became of it."""
    _record(_own_opened(reference), "documents")
    tender = _own_opened(reference)
    documents = docs_lane.documents_of_tender(tender)
    bids = [(files[0].bid, files) for files in _by_bid(documents)]
    firms = summaries([bid.organisation_id for bid, _ in bids])
    return render_template("bidding/bid_documents.html", tender=tender, bids=bids, firms=firms, **WORDS)


def _by_bid(documents: Sequence[BidDocument]) -> Iterator[list[BidDocument]]:
    for _, files in groupby(documents, key=lambda document: document.bid_id):
        yield list(files)


@blueprint.get("/tenders/<reference>/documents/<uuid:bid_id>/<int:n>")
@requires("bid:read-documents")
def bid_document_file(reference: str, bid_id: UUID, n: int) -> ResponseReturnValue:
    """One cleared file, always as a download: nothing of a stranger's runs in this origin."""
    tender = _own_opened(reference)
    document = db.session.get(BidDocument, (bid_id, n)) if n < 1000 else None
    if document is None or document.bid.tender_id != tender.id or document.state != DocumentState.CLEARED or n == 0:
        raise NotFound("no such cleared document")
    file = quarantine.open_cleared(bid_id, n)
    name, size = safe_name(str(document.name), str(document.kind)), document.size
    _record(tender, f"document: {bid_id}/{n} {document.sha256}")
    response = stream(file)
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Content-Length"] = str(size)
    return response


def stream(file: FileIO) -> Response:
    """A stranger's file, which no browser may take for anything but bytes."""
    response = Response(_blocks(file), mimetype="application/octet-stream")
    response.call_on_close(file.close)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    return response


def _blocks(file: FileIO) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


def _own_opened(reference: str) -> Tender:
    """The agency's own tender, its price lane opened. Raises NotFound.

    Those who run it read documents while proposals are evaluated, too; an evaluator would learn whose they are.
    """
    actor = current_actor()
    tender = get_tender(reference, actor)
    is_early = tender.state == TenderState.EVALUATING and actor.may("tender:view-own")
    is_open = is_early or tender.state in WITH_RESULT
    if not is_own(tender, actor) or not is_open or not tender.asked_documents:
        raise NotFound("no documents to read")
    return tender


def _record(tender: Tender, what: str) -> None:
    with transaction():
        audit.read_access(current_actor(), time.now(), subject=tender.audit_subject, what=what)
