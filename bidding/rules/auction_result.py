"""What an auction comes to: its final places with their arithmetic, and `auction.json` of the bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.time import from_wire, wire
from app.tlog.canon import digest, jcs
from bidding.rules.auction import Auction, AuctionBid, Entrant, Start, replay
from bidding.types import Step

Json = dict[str, Any]
STATEMENT = frozenset({"v", "type", "tender", "lot", "round", "bid", "amount", "prev", "made"})


@dataclass(frozen=True, slots=True)
class FinalPlace:
    """Where one bidder stands at the end. `amount_won` is what an award would be for."""

    place: int
    label: str
    stmt: str
    supplier: str
    amount_won: int
    arithmetic: tuple[Step, ...]

    def to_json(self) -> Json:
        return {
            "place": self.place,
            "label": self.label,
            "stmt": self.stmt,
            "supplier": self.supplier,
            "amount": str(self.amount_won),
            "arithmetic": [step.to_json() for step in self.arithmetic],
        }


def final_places(auction: Auction) -> tuple[FinalPlace, ...]:
    """The entrants in their final order, the winner first."""
    order = auction.order()
    prices = [auction.price_of(entrant) for entrant in order]
    return tuple(
        FinalPlace(
            place,
            entrant.label,
            entrant.bid,
            entrant.supplier,
            prices[place - 1],
            (*_bids_of(auction, entrant), *_against_next(prices, place)),
        )
        for place, entrant in enumerate(order, start=1)
    )


def _bids_of(auction: Auction, entrant: Entrant) -> list[Step]:
    steps = [Step("first-price", f"#{entrant.place}", str(entrant.amount_won))]
    before = entrant.amount_won
    for one in auction.accepted:
        if one.label == entrant.label:
            fall, won = before - one.bid.amount_won, one.bid.amount_won
            expression = f"{before} - {won} = {fall} >= {auction.start.step_won}"
            steps.append(Step("auction-bid", f"{one.bid.round}/{one.seq}: {expression}", str(won)))
            before = won
    return steps


def _against_next(prices: Sequence[int], place: int) -> list[Step]:
    """Why it stands before the next: a lower price, or the same and earlier in the chain."""
    if place == len(prices):
        return []
    mine, next_won = prices[place - 1], prices[place]
    sign = "<" if mine < next_won else "="
    return [Step("before-next" if sign == "<" else "earlier-than-next", f"{mine} {sign} {next_won}", sign)]


def make_statement(start: Start, *, bid: str, number: int, amount_won: int, prev: str, made: datetime) -> Json:
    """What a bidder signs to lower its price: `bid` is its sealed bid's statement, `number` the round."""
    return {
        "v": 1,
        "type": "auction-bid",
        "tender": start.tender,
        "lot": start.lot,
        "round": number,
        "bid": bid,
        "amount": str(amount_won),
        "prev": prev,
        "made": wire(made),
    }


def statement_hash(statement: Json) -> str:
    return digest("auction-bid", jcs(statement)).hex()


def read_statement(statement: Any, *, tender: str, lot: str) -> AuctionBid:
    """The bid that a statement makes. ValueError for another shape, or another tender's."""
    if not isinstance(statement, dict) or set(statement) != STATEMENT:
        raise ValueError("members")
    named = [statement[name] for name in ("v", "type", "tender", "lot")]
    if jcs(named) != jcs([1, "auction-bid", tender, lot]):
        raise ValueError("another auction's")
    texts = [statement[name] for name in ("bid", "prev", "amount", "made")]
    if type(statement["round"]) is not int or not all(isinstance(text, str) for text in texts):
        raise ValueError("members")
    if not all(_is_hash(statement[name]) for name in ("bid", "prev")):
        raise ValueError("hash")
    from_wire(statement["made"])
    amount = _amount(statement["amount"])
    return AuctionBid(statement_hash(statement), statement["bid"], statement["round"], amount, statement["prev"])


def _is_hash(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and text[0] != "0"):
        raise ValueError("amount")
    return int(text)


@dataclass(frozen=True, slots=True)
class SignedBid:
    """An accepted bid as `auction.json` shows it."""

    statement: Json
    signature: Json
    at: datetime


def to_json(auction: Auction, signed: Sequence[SignedBid], closed_at: datetime) -> Json:
    """`auction.json`."""
    return {
        "v": 1,
        "type": "auction",
        "tender": auction.start.tender,
        "lot": auction.start.lot,
        "start": auction.start.to_json(),
        "entrants": [{"label": one.label, "stmt": one.bid} for one in auction.start.entrants],
        "bids": [
            {"record": taken.to_json(), "statement": one.statement, "signature": one.signature}
            for taken, one in zip(auction.accepted, signed, strict=True)
        ],
        "closed_at": wire(closed_at),
        "ranking": [place.to_json() for place in final_places(auction)],
    }


def replay_json(value: Mapping[str, Any], start: Start) -> Auction:
    """The auction that the bids of `auction.json` make from `start`. ValueError where one breaks the rule, or the
    record shown is not the one that comes out."""
    bids = []
    for entry in value["bids"]:
        if set(entry) != {"record", "statement", "signature"}:
            raise ValueError("a bid of the auction has other members")
        bid = read_statement(entry["statement"], tender=start.tender, lot=start.lot)
        bids.append((bid, from_wire(entry["record"]["at"])))
    auction = replay(start, bids)
    for taken, entry in zip(auction.accepted, value["bids"], strict=True):
        if jcs(taken.to_json()) != jcs(entry["record"]):
            raise ValueError(f"record {taken.seq} of the auction is not what comes out")
    return auction
