"""What of the log a tender's bundle shows: its story, its bids and their keys, and what others saw of it, and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from app import files
from app.audit import evidence, policies
from app.audit.evidence import LogEntry
from app.db import db
from app.errors import TemporarilyUnavailable
from app.tlog.canon import parse
from bidding import bundle
from bidding.models import AuctionBid, Bid, Tender
from bidding.models.client_release import subject_of
from bidding.models.signing_key import SigningKey
from bidding.services.releases import list_releases

NEWEST = 3  # releases of the client: one of each build
STORY = frozenset(
    {
        "tender.published",
        "tender.deadline_changed",
        "tender.closed",
        "tender.cancellations",
        "technical.fixed",
        "tender.unqualified",
        "opening.group",
        "opening.fallback",
        "opening.pieces",
        "opening.override",
        "opening.recovery",
        "opening.recovered",
        "opening.opened",
        "auction.announced",
        "auction.bid",
        "auction.closed",
        "review.decided",
        "award.confirmed",
        "award.refused",
        "award.reopened",
    }
)
AFTER = ("review.", "award.")  # what follows the opening


def story_of(tender: Tender, stage: str, reviews: int = 0) -> list[LogEntry]:
    """The open entries about the tender that its bundle of this `stage` shows, outages that moved it included.

    `reviews`: how many decisions about bids the bundle shows; what came later is left to a later bundle. The
    documents' lane is opened to the agency alone: nothing of it is recomputed from a bundle. Raises
    TemporarilyUnavailable while the last of them has no place yet.
    """
    logged = evidence.logged_of(str(tender.reference))
    found = [entry for entry in logged if entry.type in STORY and entry.event.get("lane", "price") == "price"]
    before = [entry for entry in found if not entry.type.startswith(AFTER)]
    after = sorted((entry for entry in found if entry.type.startswith(AFTER)), key=lambda entry: entry.index)
    shown = [] if stage == "opening" else list(_until(after, reviews))
    known = {entry.type for entry in before}
    is_open = "opening.opened" in known and ("auction.announced" not in known or "auction.closed" in known)
    is_there = is_open and _counted(shown) == reviews
    if not is_there or (stage.startswith("award") and (not shown or shown[-1].type != "award.confirmed")):
        raise TemporarilyUnavailable("the log is not that far yet")
    outages = {f"outage:{entry.event['outage']}" for entry in before if "outage" in entry.event}
    declared = evidence.logged_about(sorted(outages), ("outage.declared",)) if outages else []
    return [*declared, *before, *shown]


def _until(entries: Sequence[LogEntry], reviews: int) -> Iterator[LogEntry]:
    """Up to the decision after the last one that is shown."""
    for entry in entries:
        reviews -= entry.type == "review.decided"
        if reviews < 0:
            return
        yield entry


def _counted(entries: Sequence[LogEntry]) -> int:
    return sum(entry.type == "review.decided" for entry in entries)


def bid_entries(bids: Sequence[Bid]) -> list[LogEntry]:
    """The sealed entries of the bids, with their salts: opened, they hide nothing any more."""
    return evidence.logged([bid.event_id for bid in bids])


def key_entries(bids: Sequence[Bid]) -> list[LogEntry]:
    """Enrolment, and revocation if there was one, of every key that signed a bid, a lower one in an auction too."""
    lowered = select(AuctionBid.signature["kid"].astext).where(AuctionBid.bid_id.in_([bid.id for bid in bids]))
    kids = {bid.signature["kid"] for bid in bids} | set(db.session.scalars(lowered))
    known = db.session.scalars(select(SigningKey).where(SigningKey.id.in_(kids)))
    return evidence.logged_about([key.audit_subject for key in known], ("supplier.key_added", "supplier.key_revoked"))


def client_entries(bids: Sequence[Bid]) -> list[LogEntry]:
    """The releases of the programs that sealed the bids, and the newest ones, by which a stranger shows."""
    named = {str(parse(bid.statement)["client"]) for bid in bids} | {one.sha256 for one in list_releases(NEWEST)}
    return evidence.logged_about([subject_of(sha256) for sha256 in sorted(named)], ("client.release",))


def policy_of(tender: Tender) -> str | None:
    """The text of the witness policy under which the box was made, or of the one in force if it has come since."""
    assert tender.box is not None  # published, by CHECK
    named = tender.box["policy"]
    if named is not None:
        return files.load(named).decode()
    return policies.in_force().text if policies.in_force().wants_witnesses else None


def seen_by_others(entries: Sequence[LogEntry], size: int) -> list[bundle.Archived]:
    """For each bid and the closing the first archived checkpoint that covers it; and the first and the last since the
    closing that was time-stamped. Each is tied to the bundle's own checkpoint, which has `size` entries."""
    closed = max(entry.index for entry in entries if entry.type == "tender.closed")
    places = [entry.index for entry in entries if entry.type in ("bid.submitted", "tender.closed")]
    found = {one.size: one for one in evidence.archived_checkpoints(places, size)}
    stamped = evidence.anchored_checkpoints(closed, size)
    found |= {one.size: one for one in (*stamped[:1], *stamped[-1:])}
    return [
        bundle.Archived(one.size, one.signed, tuple(evidence.consistency_proof(one.size, size)), one.token)
        for _, one in sorted(found.items())
    ]
