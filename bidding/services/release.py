"""Asking the keyholder for its pieces, once the group is fixed in the log (protocol 3.9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.audit.evidence import LogEntry, latest_checkpoint, logged_of
from app.db import db
from app.errors import TemporarilyUnavailable
from app.tlog import note
from app.tlog.canon import parse
from bidding.models import Bid, Release, Tender
from bidding.services.box import Keyholder
from bidding.services.closing import list_of
from bidding.services.evidence import consistency, logged, spoken
from bidding.states import BidState

Json = dict[str, Any]
BATCH = 1000  # envelopes a request: 2 to 3 MB


def ask_for_pieces(tender: Tender, keyholder: Keyholder, now: datetime, lane: str = "price") -> list[str]:
    """Every piece of one lane of the tender's frozen list (and of its seeds, in the price lane), as the keyholder's
    signed notes; kept as they come.

    Safe to run again: parts that have come are not asked for twice. Raises TemporarilyUnavailable (log or keyholder
    not ready) or KeyholderRefused.
    """
    parts = [list(tender.seeds) if lane == "price" else [], *_batches(tender, lane)]
    held = dict(db.session.execute(_held(tender, lane)).all())
    missing = [number for number in range(len(parts)) if number not in held]
    if missing:
        common = _common(tender, keyholder, lane)
        for number in missing:
            answer = keyholder.client.ask({**common, "items": _items(parts[number])}, "pieces", keyholder.who.vkey)
            # The checkpoint is the one that it has seen from now on.
            common["consistency"] = []
            held[number] = answer
            db.session.add(
                Release(
                    tender_id=tender.id,
                    lane=lane,
                    holder=keyholder.who.holder,
                    part=number,
                    note=answer,
                    received_at=now,
                )
            )
    return [held[number] for number in range(len(parts))]


def _held(tender: Tender, lane: str) -> Any:
    return select(Release.part, Release.note).where(Release.tender_id == tender.id, Release.lane == lane)


def _batches(tender: Tender, lane: str) -> Iterator[list[Json]]:
    """The bids of the list that have an envelope of this lane and are not cancelled, `BATCH` at a time, in its
    order."""
    envelope: Any = Bid.envelope if lane == "price" else Bid.docs_envelope
    asked_for = Bid.tender_id == tender.id, Bid.state != BidState.CANCELLED, envelope.is_not(None)
    total = db.session.scalar(select(func.count()).where(*asked_for)) or 0
    rows = select(Bid.stmt, Bid.statement, envelope).where(*asked_for).order_by(Bid.stmt)
    for start in range(0, total, BATCH):
        yield [
            {"stmt": stmt, "statement": parse(statement), "envelope": parse(envelope)}
            for stmt, statement, envelope in db.session.execute(rows.limit(BATCH).offset(start))
        ]


def _items(part: Sequence[Json]) -> list[Json]:
    return [{"statement": item["statement"], "envelope": item["envelope"]} for item in part]


def _common(tender: Tender, keyholder: Keyholder, lane: str) -> Json:
    """What every request of this opening shares: the story of the tender in the log, with proofs, and the list."""
    signed, checkpoint = latest_checkpoint()
    entries: dict[str, list[LogEntry]] = {
        kind: []
        for kind in (
            "tender.published",
            "tender.deadline_changed",
            "tender.closed",
            "tender.cancellations",
            "opening.group",
        )
    }
    for entry in logged_of(str(tender.reference)):
        is_other_lane = entry.type == "opening.group" and entry.event["lane"] != lane
        if entry.type in entries and not is_other_lane and entry.index < checkpoint.size:
            entries[entry.type].append(entry)
    if not all(entries[kind] for kind in ("tender.published", "tender.closed", "opening.group")):
        raise TemporarilyUnavailable("the closing is not in a signed checkpoint yet")
    proved = {kind: [spoken(event) for event in logged(found, checkpoint.size)] for kind, found in entries.items()}
    return {
        "ask": "pieces",
        "tender": tender.reference,
        "lane": lane,
        "box": tender.box,
        "published": proved["tender.published"][-1],
        "changes": proved["tender.deadline_changed"],
        "closed": proved["tender.closed"][-1],
        "cancellations": proved["tender.cancellations"],
        "group": proved["opening.group"][-1],
        "checkpoint": signed,
        "consistency": consistency(keyholder.who.seen, checkpoint.size),
        "list": [entry.to_json() for entry in list_of(tender)],
    }


def pieces_in(notes: Sequence[str], vkey: str) -> dict[str, str | None]:
    """Piece by statement from the keyholder's notes; None where the holder found no piece in the wrap."""
    found: dict[str, str | None] = {}
    for signed in notes:
        found |= note.open_object(signed, "pieces", [vkey])["pieces"]
    return found
