"""A running auction as hundreds look at it: made once after each bid and kept in the process, compared by its version.

Whoever watches asks every second or two. Within a quarter of a second the same process does not even ask the database;
after it one small query says whether anything is new. Nothing waits, so no watcher keeps a worker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from sqlalchemy import select

from app.db import db
from app.errors import NotFound
from app.i18n import language
from bidding import queries
from bidding.auction_views import Board, board_of, spell_version
from bidding.models import Auction, Tender
from bidding.services import auctions

FRESH_SECONDS = 0.25
MOST = 64  # auctions that a process keeps


@dataclass(slots=True)
class _Kept:
    until: float
    version: str
    parts: dict[str, str] = field(default_factory=dict)


_kept: dict[str, _Kept] = {}


def version_of(reference: str) -> str:
    """The version of the auction now. NotFound where there is none."""
    query = select(Auction.head, Auction.closed_at).join(Tender, Tender.id == Auction.tender_id)
    found = db.session.execute(query.where(Tender.reference == reference)).one_or_none()
    if found is None:
        raise NotFound(f"no auction of {reference}")
    head, closed_at = found
    return spell_version(head, is_closed=closed_at is not None)


def part(reference: str, name: str, make: Callable[[Board], str]) -> tuple[str, str]:
    """Version and text of a part, made by `make` where the one that is kept is not the present version's."""
    kept = _kept.get(reference)
    if kept is None or monotonic() >= kept.until:
        version = version_of(reference)
        if kept is None or kept.version != version:
            if len(_kept) >= MOST:
                _kept.clear()
            kept = _kept[reference] = _Kept(0.0, version)
        kept.until = monotonic() + FRESH_SECONDS
    text = kept.parts.get(name)
    if text is None:
        board = load(reference)
        text = make(board)
        if board.version == kept.version:  # else a bid came meanwhile: the next one asks again
            kept.parts[name] = text
        return board.version, text
    return kept.version, text


def load(reference: str) -> Board:
    """The auction from the database, with the bidders' names once it is closed. NotFound where there is none."""
    row = _row(reference)
    state = auctions.state_of(row)
    names: dict[str, str] = {}
    if row.closed_at is not None:
        names = queries.firm_names(row.tender_id, [one.supplier for one in state.start.entrants], language())
    return board_of(state, row.closed_at, row.sha256, names)


def has_auction(tender_id: UUID) -> bool:
    return db.session.scalar(select(Auction.tender_id).where(Auction.tender_id == tender_id)) is not None


def forget() -> None:
    """What is kept, for tests that change the database under it."""
    _kept.clear()


def _row(reference: str) -> Auction:
    query = select(Auction).join(Tender, Tender.id == Auction.tender_id).where(Tender.reference == reference)
    row = db.session.scalar(query)
    if row is None:
        raise NotFound(f"no auction of {reference}")
    return row
