"""A bid's documents in Python: encrypted as the browser does it, and put where uploads go."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from app import blobs
from app.db import transaction
from bidding import chunked
from bidding.docs_envelope import MANIFEST, ManifestEntry, file_context, seal_docs_envelope, write_manifest
from bidding.models import Tender
from bidding.rehearsal.cast import Bidder
from bidding.sealing import Lane
from bidding.services.uploads import begin_upload, mark_stored

Json = dict[str, Any]
ROOM = 2**40


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand in. `said_size` and `said_sha256` are what the manifest says, where that is to be untrue."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"
    asked: int | None = 1
    said_size: int | None = None
    said_sha256: str | None = None


def seal_documents(tender: Tender, bidder: Bidder, ctx: Json, documents: Sequence[Document], now: datetime) -> Json:
    """Encrypt and upload `documents` with their manifest; return their envelope for the bid of `ctx`."""
    assert tender.box is not None
    cek, docs_ctx = os.urandom(chunked.KEY), ctx | {"lane": "docs"}
    entries = [_entry(n, document) for n, document in enumerate(documents, start=1)]
    contents = [(MANIFEST, write_manifest(entries))]
    contents += [(n, document.content) for n, document in enumerate(documents, start=1)]
    files = []
    for n, plain in contents:
        sealed = chunked.encrypt(cek, file_context(docs_ctx, n), plain)
        files.append((n, upload(sealed, bidder, now), len(sealed)))
    return seal_docs_envelope(docs_ctx, Lane.from_json(tender.box["lanes"]["docs"]), cek, files)


def upload(content: bytes, bidder: Bidder, now: datetime) -> str:
    """Put `content` where uploads go, in one part; return its hash."""
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction():  # the acceptance of a bid sees what is committed
        blob = begin_upload(sha256, len(content), bidder.actor, now, ROOM)
        blobs.append(blob.organisation_id, sha256, 0, len(content), BytesIO(content).read)
        mark_stored(sha256, bidder.actor, now)
    return sha256


def _entry(n: int, document: Document) -> ManifestEntry:
    return ManifestEntry(
        n,
        document.name,
        len(document.content) if document.said_size is None else document.said_size,
        document.media_type,
        document.said_sha256 or hashlib.sha256(document.content).hexdigest(),
        document.asked,
    )
