"""Reverse e-auction (역경매) after a sealed first round: who may offer what, when, and how long a round lasts.

A state machine of values. The start fixes everything: who is in, under which letter, at which price, when it begins and
by which rule; from then on the state follows from the bids accepted and the instant alone, so that whoever has the log
computes the same rounds, prices and places.

The model: `rounds` rounds follow one another without a pause, each of `round_seconds`. In any of them a bidder may
lower its own price as often as it likes, each time by at least one step; the step is the same for all and fixed at the
start, `step_rate` of the lowest price of the first round, rounded up. Nobody has to go below the leader at once: places
are by price, so who wants to lead must. A bid accepted in the last `last_seconds` of its round moves the end of that
round (and the rounds after it) by `extend_seconds`, at most `MOST_EXTENSIONS` times a round. At its end instant a round
is over.

Amounts are whole won; rates thousandths of a percent; instants aware and UTC; hashes lower-case hex.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from app.time import from_wire, wire
from app.tlog.canon import digest, jcs
from bidding.draw import draw_lots
from bidding.scoring import AuctionScoring
from bidding.types import WHOLE, Placing

Json = dict[str, Any]
MOST_EXTENSIONS = 10  # of one round: an auction ends, whoever bids on
METHOD = "reverse-auction"
AuctionRule = AuctionScoring  # the notice's `scoring`


@dataclass(frozen=True, slots=True)
class Entrant:
    """One bidder of the auction: `label` is its letter, `bid` its sealed bid's statement, `place` its first rank."""

    label: str
    bid: str
    supplier: str
    amount_won: int
    place: int


@dataclass(frozen=True)
class Start:
    """What is fixed before the first round. `to_json` names nobody: it is public from the beginning."""

    tender: str
    lot: str
    evaluation: str
    starts_at: datetime
    rule: AuctionRule
    entrants: tuple[Entrant, ...]

    @cached_property
    def step_won(self) -> int:
        return -(-min(one.amount_won for one in self.entrants) * self.rule.step_rate // WHOLE)

    def to_json(self) -> Json:
        return {
            "v": 1,
            "type": "auction-start",
            "tender": self.tender,
            "lot": self.lot,
            "evaluation": self.evaluation,
            "starts_at": wire(self.starts_at),
            "rule": self.rule.to_json(),
            "step": str(self.step_won),
            "prices": [{"label": one.label, "amount": str(one.amount_won)} for one in self.entrants],
        }

    @cached_property
    def record(self) -> str:
        """The hash that the first accepted bid follows."""
        return digest("auction-start", jcs(self.to_json())).hex()


@dataclass(frozen=True, slots=True)
class AuctionBid:
    """What a bidder signed. `stmt`: its hash; `bid`: the sealed bid that it lowers; `prev`: the record it saw last."""

    stmt: str
    bid: str
    round: int
    amount_won: int
    prev: str


@dataclass(frozen=True)
class Accepted:
    """A bid as it stands in the chain: who by letter, when, and when its round ends from now on."""

    seq: int
    label: str
    bid: AuctionBid
    at: datetime
    ends_at: datetime
    prev: str

    def to_json(self) -> Json:
        """The record, public at once. `prev` is the record before it, whatever its bidder had seen."""
        return {
            "v": 1,
            "type": "auction-record",
            "seq": self.seq,
            "prev": self.prev,
            "label": self.label,
            "stmt": self.bid.stmt,
            "round": self.bid.round,
            "amount": str(self.bid.amount_won),
            "at": wire(self.at),
            "ends": wire(self.ends_at),
        }

    @cached_property
    def record(self) -> str:
        return digest("auction-record", jcs(self.to_json())).hex()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a bid is not taken, a stable code. `most_won`: what would have been low enough, where that was the matter."""

    code: str
    most_won: int | None = None


@dataclass(frozen=True, slots=True)
class Auction:
    """The auction after some bids. `extensions`: how often each round was extended."""

    start: Start
    accepted: tuple[Accepted, ...] = ()
    extensions: tuple[int, ...] = ()

    @property
    def head(self) -> str:
        """The last record: what the next bid follows."""
        return self.accepted[-1].record if self.accepted else self.start.record

    @property
    def ends_at(self) -> datetime:
        return self.end_of(self.start.rule.rounds)

    def end_of(self, number: int) -> datetime:
        """When round `number` (1-based) ends as things stand; of 0, when the first begins."""
        rule = self.start.rule
        seconds = number * rule.round_seconds + sum(self.extensions[:number]) * rule.extend_seconds
        return self.start.starts_at + timedelta(seconds=seconds)

    def round_at(self, at: datetime) -> int | None:
        """The round that runs at `at`; 0 before the first, None after the last. A round's end is not in it."""
        if at < self.start.starts_at:
            return 0
        return next((n for n in range(1, self.start.rule.rounds + 1) if at < self.end_of(n)), None)

    def price_of(self, entrant: Entrant) -> int:
        """What it offers now."""
        mine = [one.bid.amount_won for one in self.accepted if one.label == entrant.label]
        return mine[-1] if mine else entrant.amount_won

    def order(self) -> tuple[Entrant, ...]:
        """The entrants by place: by price; of equal prices the one that stood in the chain first.

        First prices stand before every bid of the auction, among themselves in the order of the opening, where a lot
        has put equal ones in order. In the auction no lot is needed: whoever offers a price that another offers
        already knew of it.
        """
        last = {one.label: one for one in self.accepted}

        def place(entrant: Entrant) -> tuple[int, int, int]:
            mine = last.get(entrant.label)
            return (entrant.amount_won, 0, entrant.place) if mine is None else (mine.bid.amount_won, mine.seq, 0)

        return tuple(sorted(self.start.entrants, key=place))


def begin(start: Start) -> Auction:
    """ValueError where there is nobody to bid against, or somebody twice."""
    if len(start.entrants) < 2 or len({one.bid for one in start.entrants}) != len(start.entrants):
        raise ValueError("an auction is among two bidders or more")
    return Auction(start, (), (0,) * start.rule.rounds)


def accept(auction: Auction, bid: AuctionBid, at: datetime) -> Auction | Refused:
    """The auction with this bid, received at `at`; or why not."""
    entrant = next((one for one in auction.start.entrants if one.bid == bid.bid), None)
    number = auction.round_at(at)
    if entrant is None:
        return Refused("not-in-auction")
    if number is None or number == 0:
        return Refused("ended" if number is None else "not-started")
    if bid.round != number:
        return Refused("round")
    if auction.accepted and at < auction.accepted[-1].at:
        return Refused("clock")
    if any(one.bid.stmt == bid.stmt for one in auction.accepted):
        return Refused("twice")
    if bid.prev != auction.start.record and all(one.record != bid.prev for one in auction.accepted):
        return Refused("prev")
    most = auction.price_of(entrant) - auction.start.step_won
    if not 0 < bid.amount_won <= most:
        return Refused("step", max(most, 0))
    return _with(auction, entrant, bid, number, at)


def _with(auction: Auction, entrant: Entrant, bid: AuctionBid, number: int, at: datetime) -> Auction:
    rule, extensions = auction.start.rule, list(auction.extensions)
    is_late = at >= auction.end_of(number) - timedelta(seconds=rule.last_seconds)
    if is_late and rule.extend_seconds and extensions[number - 1] < MOST_EXTENSIONS:
        extensions[number - 1] += 1
    moved = replace(auction, extensions=tuple(extensions))
    seq = len(auction.accepted) + 1
    taken = Accepted(seq, entrant.label, bid, at, moved.end_of(number), auction.head)
    return replace(moved, accepted=(*auction.accepted, taken))


def replay(start: Start, bids: Sequence[tuple[AuctionBid, datetime]]) -> Auction:
    """The auction after these bids, in their order. ValueError for one that could not have been accepted."""
    auction = begin(start)
    for number, (bid, at) in enumerate(bids, start=1):
        outcome = accept(auction, bid, at)
        match outcome:
            case Refused(code):
                raise ValueError(f"bid {number} of the auction is against its rule: {code}")
            case Auction():
                auction = outcome
    return auction


def enter(ranked: Sequence[Placing], seed_n: bytes, lot: str) -> tuple[Entrant, ...]:
    """The bidders of the first round under letters that a lot draws, in the order of the letters.

    The lot is that of equal prices, over an amount that no bid has: 0.
    """
    by_stmt = {placing.stmt: placing for placing in ranked}
    drawn = draw_lots(seed_n, lot, 0, by_stmt)
    entrants = []
    for number, stmt in enumerate(drawn):
        placing = by_stmt[stmt]
        if placing.rank is None or placing.amount_won is None:
            raise ValueError("a bid out of the running enters no auction")
        entrants.append(Entrant(letter(number), stmt, placing.supplier, placing.amount_won, placing.rank))
    return tuple(entrants)


def letter(number: int) -> str:
    """0 → A, 25 → Z, 26 → AA: as the columns of a spreadsheet.

    >>> [letter(number) for number in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    number += 1
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def read_start(value: Json, evaluation: str, entrants: tuple[Entrant, ...]) -> Start:
    """The start that `value` says, with these entrants. ValueError where it says something else."""
    try:
        rule = AuctionRule.from_json(value["rule"])
        made = Start(value["tender"], value["lot"], evaluation, from_wire(value["starts_at"]), rule, entrants)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not the start of an auction: {error}") from error
    if jcs(made.to_json()) != jcs(value):
        raise ValueError("the auction began otherwise")
    return made
