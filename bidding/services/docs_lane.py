"""Documents after the opening: their keys, what the bidder says they are, and what they turn out to be (protocol 3.12).

Their lane is asked for once the price lane is open, or before it where proposals are scored first. Keys and contents
stay here; the agency is given what was cleared, and everybody concerned is told of each file what became of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BufferedReader
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app import blobs, quarantine
from app.auth import Actor, system
from app.clamd import NotScanned
from app.db import database_now, db
from app.errors import KeyholderRefused
from app.jobs import enqueue
from app.tlog.canon import b64u, parse, unb64u
from bidding import chunked, file_types
from bidding.docs_envelope import MANIFEST, MAX_MANIFEST, ManifestEntry, file_context, read_manifest
from bidding.models import Bid, BidDocument, Tender
from bidding.sealing import BidderFault, HolderFault, Lane, combine_key
from bidding.services.access import lock_tender
from bidding.services.groups import OPENER
from bidding.services.release import is_complete, pieces_of
from bidding.states import BID, DOCUMENT, WITH_RESULT, BidState, DocumentState, TenderState

Json = dict[str, Any]
LANE = "docs"
CHECKER: Actor = system("document:check")
READ = (BidState.OPENED, BidState.PRESENTED, BidState.UNQUALIFIED)  # whose documents may be open
Scan = Callable[[Callable[[int], bytes]], str | None]


@dataclass(frozen=True, slots=True)
class Task:
    """One file to look into. `entry` is what the bidder says of it."""

    bid_id: UUID
    owner: UUID
    n: int
    blob_sha256: str
    cek: bytes
    context: bytes
    entry: ManifestEntry


@dataclass(frozen=True, slots=True)
class Outcome:
    """`event` of the transition table; `kind` and `reason` as `bidding.file_types` has them, or more reasons."""

    event: str
    kind: str | None = None
    reason: str | None = None


def open_documents(tender_id: UUID, clock: Callable[[], datetime] = database_now) -> bool:
    """Find the keys of the documents of every bid that is read, read the manifests, and have each file looked into.

    Those are the opened ones; where proposals come first all that were not cancelled, whose prices stay sealed.

    False while pieces of the group in force are missing. Raises KeyholderRefused for a piece that is not the committed
    one: nothing has changed then.
    """
    tender = lock_tender(tender_id)
    is_first = tender.state == TenderState.EVALUATING
    is_time = is_first or tender.state in WITH_RESULT
    if not is_time or tender.docs_opened_at is not None or not tender.asked_documents:
        return True
    if not is_complete(tender, LANE):
        return False
    assert tender.box is not None
    lane, pieces, at = Lane.from_json(tender.box["lanes"][LANE]), pieces_of(tender, LANE), clock()
    read = BidState.SUBMITTED if is_first else BidState.OPENED
    opened = select(Bid).where(Bid.tender_id == tender.id, Bid.docs_envelope.is_not(None), Bid.state == read)
    for bid in db.session.scalars(opened.order_by(Bid.stmt)):
        if is_first:
            BID.fire(bid, "present", OPENER, at)
        held = {holder: _blob(given[bid.stmt]) for holder, given in pieces.items() if bid.stmt in given}
        _open_bid(bid, lane, held, at)
    tender.docs_opened_at = at
    return True


def _blob(piece: str | None) -> bytes | None:
    """None: the holder's word that the bidder's wrap does not open."""
    return None if piece is None else unb64u(piece)


def _open_bid(bid: Bid, lane: Lane, held: Mapping[str, bytes | None], at: datetime) -> None:
    assert bid.docs_envelope is not None
    documents, envelope = _documents_of(bid), parse(bid.docs_envelope)
    try:
        cek = combine_key(envelope, lane, lane.groups.index(tuple(held)), held)
        entries = read_manifest(_read_small(bid.organisation_id, documents[MANIFEST], cek, envelope), envelope)
    except HolderFault as error:
        raise KeyholderRefused(str(error), holder=error.holder) from error
    except BidderFault as error:
        for document in documents.values():
            _settle(document, Outcome("give_up", reason="manifest" if error.code == "manifest" else "key"), at)
        return
    bid.docs_cek = b64u(cek)
    _settle(documents[MANIFEST], Outcome("clear"), at)
    for n, entry in entries.items():
        document = documents[n]
        document.name, document.asked, document.media_type = entry.name, entry.asked, entry.media_type
        document.size, document.sha256 = entry.size, entry.sha256
        enqueue("bidding.check_document", f"{bid.id}:{n}", due_at=at, bid_id=str(bid.id), n=n)


def _documents_of(bid: Bid) -> dict[int, BidDocument]:
    rows = select(BidDocument).where(BidDocument.bid_id == bid.id).order_by(BidDocument.n)
    return {document.n: document for document in db.session.scalars(rows)}


def _read_small(owner: UUID, document: BidDocument, cek: bytes, envelope: Json) -> bytes:
    """The manifest. Raises BidderFault where it does not decrypt, or is none."""
    with blobs.open_blob(owner, document.blob_sha256) as file:
        sealed = BufferedReader(file).read(chunked.sealed_length(MAX_MANIFEST) + 1)
    if hashlib.sha256(sealed).hexdigest() != document.blob_sha256:
        raise OSError(f"blob {document.blob_sha256} is damaged here")
    try:
        return chunked.decrypt(cek, file_context(envelope["ctx"], document.n), sealed)
    except ValueError as error:
        raise BidderFault("manifest") from error


def find_task(bid_id: UUID, n: int) -> Task | None:
    """What is known of a file that waits to be looked into; None where that has been done."""
    document = db.session.get(BidDocument, (bid_id, n))
    if document is None or document.state != DocumentState.SEALED or document.bid.docs_cek is None:
        return None
    assert document.bid.docs_envelope is not None
    assert document.name is not None
    assert document.size is not None
    assert document.sha256 is not None
    entry = ManifestEntry(n, document.name, document.size, document.media_type or "", document.sha256, document.asked)
    context = file_context(parse(document.bid.docs_envelope)["ctx"], n)
    return Task(
        bid_id, document.organisation_id, n, document.blob_sha256, unb64u(document.bid.docs_cek), context, entry
    )


def look_into(task: Task, scan: Scan | None) -> Outcome:
    """Decrypt the file into quarantine, compare it with what the bidder says, see what it is, have it scanned.

    Needs no database and keeps nothing but one block in memory. Raises TemporarilyUnavailable (no scanner) and OSError
    (this site's own copy is damaged): neither is the bidder's fault.
    """
    met = _Met()
    try:
        with blobs.open_blob(task.owner, task.blob_sha256) as file:
            reader = BufferedReader(file, 1 << 18)
            path = quarantine.take_in(task.bid_id, task.n, met.through(_decrypted(task, reader.read)))
    except ValueError:
        quarantine.discard(task.bid_id, task.n)
        _check_own_copy(task)
        return Outcome("give_up", reason="ciphertext")
    if met.size != task.entry.size or met.sha256 != task.entry.sha256:
        quarantine.discard(task.bid_id, task.n)
        return Outcome("give_up", reason="differs")
    with path.open("rb") as plain:
        found = file_types.examine(plain)
        if found.is_unreadable:
            return Outcome("give_up", found.kind, found.reason)
        if found.reason is not None:
            return Outcome("quarantine", found.kind, found.reason)
        plain.seek(0)
        infected = _scanned(scan, plain.read)
    if infected is not None:
        return Outcome("quarantine", found.kind, infected)
    quarantine.clear(task.bid_id, task.n)
    return Outcome("clear", found.kind, "locked" if found.is_locked else None)


def keep_outcome(task: Task, outcome: Outcome, at: datetime) -> UUID | None:
    """Keep it, unless that has been done. Returns the tender whose documents it is one of."""
    document = db.session.get(BidDocument, (task.bid_id, task.n), with_for_update={"of": BidDocument})
    if document is None or document.state != DocumentState.SEALED:
        return None
    _settle(document, outcome, at)
    return document.bid.tender_id


def _settle(document: BidDocument, outcome: Outcome, at: datetime) -> None:
    document.kind, document.reason = outcome.kind, outcome.reason
    DOCUMENT.fire(document, outcome.event, CHECKER, at, kind=outcome.kind, reason=outcome.reason)


def _decrypted(task: Task, read: Callable[[int], bytes]) -> Iterator[bytes]:
    return chunked.decrypt_stream(task.cek, task.context, read)


class _Met:
    """Size and hash of what went through."""

    def __init__(self) -> None:
        self.size, self._hash = 0, hashlib.sha256()

    def through(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.size += len(block)
            self._hash.update(block)
            yield block

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def _check_own_copy(task: Task) -> None:
    with blobs.open_blob(task.owner, task.blob_sha256) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != task.blob_sha256:
            raise OSError(f"blob {task.blob_sha256} is damaged here")


def _scanned(scan: Scan | None, read: Callable[[int], bytes]) -> str | None:
    """`virus` or `not-scanned`; None where nothing was found, or nobody scans here."""
    if scan is None:
        return None
    try:
        return "virus" if scan(read) is not None else None
    except NotScanned:
        return "not-scanned"


def documents_of_tender(tender: Tender) -> Sequence[BidDocument]:
    """Every file of the tender's bids but the manifests, bid by bid, as far as documents were opened."""
    query = select(BidDocument).join(BidDocument.bid).where(Bid.tender_id == tender.id, BidDocument.n > MANIFEST)
    shown = contains_eager(BidDocument.bid).load_only(Bid.organisation_id, Bid.supplier, Bid.rank, Bid.received_at)
    opened = query.where(Bid.state.in_(READ)).options(shown)
    return db.session.scalars(opened.order_by(Bid.rank.asc().nulls_last(), Bid.stmt, BidDocument.n)).all()


def documents_of_bid(bid_id: UUID) -> Sequence[BidDocument]:
    query = select(BidDocument).where(BidDocument.bid_id == bid_id, BidDocument.n > MANIFEST)
    return db.session.scalars(query.order_by(BidDocument.n)).all()
