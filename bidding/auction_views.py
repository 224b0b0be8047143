"""What the pages of a reverse auction show, as plain values from the auction's own. Names only once it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.time import KST, wire
from bidding.rules.auction import Accepted, Auction

Json = dict[str, Any]


class Phase(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    OVER = "over"  # the last round has ended, its end is not entered yet
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Row:
    """One bidder. `name` is empty until the end."""

    place: int
    label: str
    amount_won: int
    first_won: int
    bids: int
    last_at: datetime | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    number: int
    begins_at: datetime
    ends_at: datetime
    extensions: int


@dataclass(frozen=True, slots=True)
class Board:
    """The auction as it stands after its last bid; what the clock makes of it is not in here."""

    auction: Auction
    rows: tuple[Row, ...]
    rounds: tuple[Round, ...]
    closed_at: datetime | None
    sha256: str | None

    @property
    def version(self) -> str:
        """Another one after every bid and at the end: what a page compares."""
        return spell_version(self.auction.head, is_closed=self.closed_at is not None)

    @property
    def newest(self) -> tuple[Accepted, ...]:
        return tuple(reversed(self.auction.accepted))

    def phase_at(self, now: datetime) -> Phase:
        if self.closed_at is not None:
            return Phase.CLOSED
        number = self.auction.round_at(now)
        return Phase.OVER if number is None else Phase.RUNNING if number else Phase.WAITING

    def round_at(self, now: datetime) -> Round | None:
        number = self.auction.round_at(now)
        return self.rounds[number - 1] if number else None

    def row_of(self, stmt: str) -> Row | None:
        """The row of the bidder whose sealed bid this is."""
        label = next((one.label for one in self.auction.start.entrants if one.bid == stmt), None)
        return next((row for row in self.rows if row.label == label), None)

    def to_json(self) -> Json:
        """What programs and the page's script ask for again and again: the same bytes until the next bid."""
        start = self.auction.start
        return {
            "v": 1,
            "type": "auction-state",
            "tender": start.tender,
            "lot": start.lot,
            "version": self.version,
            "start": start.to_json(),
            "record": start.record,
            "head": self.auction.head,
            "bids": len(self.auction.accepted),
            "rounds": [
                {"begins": wire(one.begins_at), "ends": wire(one.ends_at), "extensions": one.extensions}
                for one in self.rounds
            ],
            "prices": [{"place": row.place, "label": row.label, "amount": str(row.amount_won)} for row in self.rows],
            "closed_at": wire(self.closed_at) if self.closed_at is not None else None,
            "sha256": self.sha256,
        }


def clock_time(instant: datetime, *, is_exact: bool = False) -> str:
    """The time of day in Korea, `10:05:20`, to the microsecond if `is_exact`: the day stands elsewhere on the page."""
    return instant.astimezone(KST).strftime("%H:%M:%S.%f" if is_exact else "%H:%M:%S")


def spell_version(head: str, *, is_closed: bool) -> str:
    return head[:32] + ("-closed" if is_closed else "")


def board_of(
    auction: Auction,
    closed_at: datetime | None = None,
    sha256: str | None = None,
    names: Mapping[str, str] | None = None,
) -> Board:
    """`names`: by business number, given once the auction is closed."""
    last = {one.label: one for one in auction.accepted}
    rows = tuple(
        Row(
            place=place,
            label=entrant.label,
            amount_won=auction.price_of(entrant),
            first_won=entrant.amount_won,
            bids=sum(one.label == entrant.label for one in auction.accepted),
            last_at=last[entrant.label].at if entrant.label in last else None,
            name=(names or {}).get(entrant.supplier, ""),
        )
        for place, entrant in enumerate(auction.order(), start=1)
    )
    rounds = tuple(
        Round(number, auction.end_of(number - 1), auction.end_of(number), auction.extensions[number - 1])
        for number in range(1, auction.start.rule.rounds + 1)
    )
    return Board(auction, rows, rounds, closed_at, sha256)
