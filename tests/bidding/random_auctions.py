"""Random reverse auctions: logs of bids in time and late, of wrong steps and rounds, ties and extensions."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.time import wire
from bidding.rules.auction import Auction, Entrant, Refused, Start, accept, begin, enter
from bidding.rules.auction_result import final_places, make_statement, read_statement
from bidding.scoring import AuctionScoring
from bidding.types import Placing, Reason

Json = dict[str, Any]
TENDER, LOT = "R26BK00000001-000", "1"
STARTS = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
TICKS = (timedelta(), timedelta(microseconds=-1), timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class AuctionCase:
    """`asked` is what the second verifier plays; the rest is what comes out here: of each bid its record, or the code
    of the refusal, and the ranking at the end."""

    asked: Json
    entrants: list[Json]
    start: Json
    outcomes: list[Json | str]
    ranking: list[Json]
    ends: str
    is_extended: bool


def auctions(count: int, seed: int = 0) -> Iterator[AuctionCase]:
    for number in range(count):
        yield _auction(random.Random(f"auction {seed} {number}"))


def _auction(chance: random.Random) -> AuctionCase:
    rule = AuctionScoring(
        rounds=chance.choice((1, 2, 3, 10)),
        round_seconds=chance.choice((20, 60)),
        step_rate=chance.choice((1, 500, 3_333)),
        extend_seconds=chance.choice((0, 10, 20)),
        last_seconds=chance.choice((0, 10, 20)),
    )
    placings = _ranked(chance)
    seed_n = chance.randbytes(32)
    start = Start(TENDER, LOT, "ab" * 32, STARTS, rule, enter(placings, seed_n, LOT))
    auction = begin(start)
    asked: list[Json] = []
    outcomes: list[Json | str] = []
    for _ in range(chance.choice((0, 1, 5, 15, 30))):
        at, statement = _offer(chance, auction)
        if asked and chance.random() < 0.1:
            statement = asked[-1]["statement"]  # sent once more
        bid = read_statement(statement, tender=TENDER, lot=LOT)
        outcome = accept(auction, bid, at)
        asked.append({"statement": statement, "at": wire(at)})
        if isinstance(outcome, Refused):
            outcomes.append(outcome.code)
        else:
            auction = outcome
            outcomes.append(auction.accepted[-1].to_json())
    told = {
        "terms": {"tender": TENDER, "lot": LOT, "scoring": rule.to_json()},
        "placings": [
            {"stmt": one.stmt, "supplier": one.supplier, "rank": one.rank, "amount": str(one.amount_won)}
            for one in placings
        ],
        "seed": seed_n.hex(),
        "starts_at": wire(STARTS),
        "evaluation": start.evaluation,
        "bids": asked,
    }
    entrants = [{"label": one.label, "stmt": one.bid} for one in start.entrants]
    ranking = [place.to_json() for place in final_places(auction)]
    ends, is_extended = wire(auction.ends_at), any(auction.extensions)
    return AuctionCase(told, entrants, start.to_json(), outcomes, ranking, ends, is_extended)


def _ranked(chance: random.Random) -> list[Placing]:
    """First prices, some of them equal, in the order of the opening."""
    prices = sorted(chance.choice((90, 91, 95, 100)) * 1_000_000 for _ in range(chance.choice((2, 3, 5, 28))))
    return [
        Placing(hashlib.sha256(f"{n}".encode()).hexdigest(), f"{n:010d}", n + 1, Reason.VALID, amount_won=won)
        for n, won in enumerate(prices)
    ]


def _offer(chance: random.Random, auction: Auction) -> tuple[datetime, Json]:
    """A bid that is mostly right: sometimes late or early by a microsecond, too small a step, of another round."""
    entrant = chance.choice(auction.start.entrants)
    at = _instant(chance, auction)
    number = auction.round_at(at) or 1
    seen = [auction.start.record, *(one.record for one in auction.accepted)]
    statement = make_statement(
        auction.start,
        bid=entrant.bid if chance.random() < 0.95 else "0f" * 32,
        number=number if chance.random() < 0.95 else number + 1,
        amount_won=_amount(chance, auction, entrant),
        prev=chance.choice(seen) if chance.random() < 0.95 else "0e" * 32,
        made=STARTS + timedelta(microseconds=chance.randrange(10**6)),
    )
    return at, statement


def _instant(chance: random.Random, auction: Auction) -> datetime:
    """Often at the edges: a round's end, and the beginning of its last seconds, a microsecond before or after."""
    rule, before = auction.start.rule, auction.accepted[-1].at if auction.accepted else auction.start.starts_at
    running = auction.round_at(before) or 1
    if chance.random() < 0.5:
        edge = auction.end_of(running) - chance.choice((timedelta(), timedelta(seconds=rule.last_seconds)))
        return edge + chance.choice(TICKS)
    if chance.random() < 0.05:
        return before - timedelta(microseconds=1)
    return before + timedelta(microseconds=chance.randrange(rule.round_seconds * 400_000))


def _amount(chance: random.Random, auction: Auction, entrant: Entrant) -> int:
    most = auction.price_of(entrant) - auction.start.step_won
    if chance.random() < 0.1:
        return max(most, 0) + 1
    if chance.random() < 0.4:  # what another offers
        others = [auction.price_of(one) for one in auction.start.entrants if one is not entrant]
        return max(1, min(max(most, 1), chance.choice(others)))
    return max(1, most - chance.choice((0, 0, 1, 12_345)))

