"""Files that suppliers upload before they bid: whose, how many, whether they are here, and clearing away the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from app import blobs, direct
from app.auth import Actor
from app.db import db
from app.errors import DocumentsMissing, Forbidden, InvalidInput, NotFound, QuotaExceeded
from bidding import chunked
from bidding.docs_envelope import MAX_FILE
from bidding.models import BidDocument, Blob
from bidding.sealing import is_hash

Json = dict[str, Any]
MAX_OPEN = 500  # blobs of one organisation that no bid names
COLLECTED_AT_ONCE = 200
UPLOAD_LOCK = 8  # first key of the advisory lock under which an organisation's quota is counted


def owner_of(actor: Actor) -> UUID:
    if actor.organisation_id is None or not actor.may("bid:submit"):
        raise Forbidden("only a supplier's bidder uploads", permission="bid:submit")
    return actor.organisation_id


def begin_upload(sha256: str, size: int, actor: Actor, now: datetime, quota: int) -> Blob:
    """The row of an upload, made with its first part. Raises QuotaExceeded, or InvalidInput for a size that cannot be,
    or is another than was announced before."""
    owner = owner_of(actor)
    if not is_hash(sha256):
        raise NotFound("not a file's hash")
    if not 0 < size <= chunked.sealed_length(MAX_FILE):
        raise InvalidInput("size of a file", field="size")
    blob = db.session.get(Blob, (owner, sha256))
    if blob is None:
        _check_room(owner, size, quota)
        row = {"organisation_id": owner, "sha256": sha256, "size": size, "begun_at": now}
        # Waits where the same row is being cleared away at this moment.
        db.session.execute(insert(Blob).values(row).on_conflict_do_nothing())
        blob = db.session.get_one(Blob, (owner, sha256))
    if blob.size != size:
        raise InvalidInput("another size than was announced", field="size")
    return blob


def _check_room(owner: UUID, size: int, quota: int) -> None:
    """Counted under a lock, so that parallel uploads do not each find the same room."""
    db.session.execute(text("SELECT pg_advisory_xact_lock(:lock, hashtext(:owner))"), _lock(owner))
    open_ones = select(func.count(), func.coalesce(func.sum(Blob.size), 0)).where(
        Blob.organisation_id == owner, ~_named()
    )
    count, total = db.session.execute(open_ones).one()
    if count >= MAX_OPEN or total + size > quota:
        raise QuotaExceeded("no room for another file", used=int(total), quota=quota)


def _lock(owner: UUID) -> Json:
    return {"lock": UPLOAD_LOCK, "owner": str(owner)}


def _named() -> Any:
    """Whether a bid names the blob."""
    document = select(BidDocument.bid_id)
    return document.where(
        BidDocument.organisation_id == Blob.organisation_id, BidDocument.blob_sha256 == Blob.sha256
    ).exists()


def mark_stored(sha256: str, actor: Actor, now: datetime) -> None:
    """Every byte of it is at every site."""
    blob = db.session.get(Blob, (owner_of(actor), sha256))
    if blob is not None and blob.stored_at is None:
        blob.stored_at = now


def find_upload(sha256: str, actor: Actor) -> tuple[Blob, int]:
    """One's own upload and how many bytes of it are here. Raises NotFound, also for another organisation's."""
    blob = db.session.get(Blob, (owner_of(actor), sha256))
    if blob is None:
        raise NotFound("no such upload")
    if blob.stored_at is not None and blobs.is_stored(blob.organisation_id, sha256):
        return blob, blob.size
    return blob, blobs.received(blob.organisation_id, sha256) or 0


def forget_upload(sha256: str, actor: Actor) -> None:
    """Remove one's own upload. Raises NotFound, or InvalidInput where a bid names it: a submitted bid is final."""
    owner = owner_of(actor)
    blob = db.session.get(Blob, (owner, sha256), with_for_update=True)
    if blob is None:
        raise NotFound("no such upload")
    if db.session.scalar(select(_named()).where(Blob.organisation_id == owner, Blob.sha256 == sha256)):
        raise InvalidInput("a bid names this file", field="sha256")
    db.session.delete(blob)
    db.session.flush()
    blobs.remove(owner, sha256)


HELD = """
    SELECT sha256, size FROM blobs
    WHERE organisation_id = %(owner)s AND sha256 = ANY(%(wanted)s) AND stored_at IS NOT NULL
"""


def check_present(envelope: Json, owner: UUID) -> None:
    """Every file that the documents' envelope names is whole at every site, in the length it names.

    Raises DocumentsMissing with the hashes of those that are not.
    """
    wanted = {file["ct_sha256"]: file["ct_len"] for file in envelope["files"]}
    held = direct.read(HELD, {"owner": owner, "wanted": list(wanted)})
    here = {one.sha256 for one in held if one.size == wanted[one.sha256] and blobs.is_stored(owner, one.sha256)}
    if missing := sorted(wanted.keys() - here):
        raise DocumentsMissing("files of the bid are not stored", missing=missing)


def collect_blobs(before: datetime) -> int:
    """Clear away blobs begun before `before` that no bid names; return how many. At most some hundreds at once.

    The bytes go before the commit, while the rows are locked: whoever uploads the same again waits, and begins anew.
    """
    old = select(Blob).where(Blob.begun_at < before, ~_named()).order_by(Blob.begun_at).limit(COLLECTED_AT_ONCE)
    found: Sequence[Blob] = db.session.scalars(old.with_for_update(skip_locked=True)).all()
    for blob in found:
        gone = delete(Blob).where(Blob.organisation_id == blob.organisation_id, Blob.sha256 == blob.sha256, ~_named())
        if db.session.execute(gone.returning(Blob.sha256)).one_or_none() is not None:
            blobs.remove(blob.organisation_id, blob.sha256)
    return len(found)


def collected_before(now: datetime, days: int) -> datetime:
    return now - timedelta(days=days)
