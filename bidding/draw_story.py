"""The draw of one tender told step by step, from what the opening kept: plain values for the page that replays it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bidding.draw import price_at
from bidding.models import Opening, Tender
from bidding.types import DrawRule

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody put into the draw: `who` is `@agency`, `@A`, or a bidder's business number."""

    who: str
    stmt: str
    nonce: str


@dataclass(frozen=True, slots=True)
class Price:
    """One reserve price: its place among the rates (from 1), its rate (None in mode M3), and the number it got."""

    place: int
    rate: int | None
    won: int
    number: int
    count: int
    is_drawn: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """Equal bids, in the order in which the lot put them."""

    won: int
    suppliers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawStory:
    rule: DrawRule
    seeds: tuple[Part, ...]
    bids: tuple[Part, ...]
    prices: tuple[Price, ...]
    drawn: tuple[Price, ...]
    seed_n: str
    seed_v: str | None
    sum_won: int
    estimated_price_won: int
    ties: tuple[Tie, ...]


def tell(tender: Tender, opening: Opening) -> DrawStory | None:
    """None where nothing was drawn: too few valid bids, or a notice without reserve prices (mode M0)."""
    draw = opening.draw
    if draw is None or tender.box is None or draw["mode"] == "M0":
        return None
    rule = DrawRule.from_json(tender.box["draw"])
    prices = _prices(rule, draw, opening.lines)
    by_number = {price.number: price for price in prices}
    opened = [line for line in opening.lines if line["verdict"] == "opened"]
    return DrawStory(
        rule=rule,
        seeds=tuple(_part(line) for line in opened if line["supplier"].startswith("@") and "nonce" in line),
        bids=tuple(_part(line) for line in opened if not line["supplier"].startswith("@")),
        prices=tuple(prices),
        drawn=tuple(by_number[number] for number in draw["drawn"]),
        seed_n=draw["seed_n"],
        seed_v=draw["seed_v"],
        sum_won=int(draw["sum"]),
        estimated_price_won=int(draw["estimated_price"]),
        ties=tuple(_ties(opening.evaluation["placings"])),
    )


def replay_facts(tender: Tender, opening: Opening) -> Json:
    """All that a browser needs to make the draw again by itself, as published in the bundle."""
    opened = [line for line in opening.lines if line["verdict"] == "opened"]
    seeds = {line["supplier"]: line for line in opened if line["supplier"].startswith("@")}
    draw, box = opening.draw or {}, tender.box or {}
    return {
        "rule": box.get("draw"),
        "lot": draw.get("lot"),
        "box_id": tender.box_id,
        "box_root": tender.box_root,
        "agency": seeds["@agency"]["nonce"],
        "contributions": [seeds[f"@{one['id']}"]["nonce"] for one in _contributors(box)],
        "given": seeds.get("@prices", {}).get("prices", []),
        "bids": [
            {"nonce": line["nonce"], "picks": line["picks"]} for line in opened if not line["supplier"].startswith("@")
        ],
        "draw": draw,
    }


def _contributors(box: Json) -> Sequence[Json]:
    holders: Sequence[Json] = box["lanes"]["price"]["holders"]
    return holders if box["draw"]["mode"] == "M2" else ()


def _part(line: Json) -> Part:
    return Part(line["supplier"], line["stmt"], line["nonce"])


def _prices(rule: DrawRule, draw: Json, lines: Sequence[Json]) -> list[Price]:
    """In the order in which they were made. Two equal prices are told apart by taking each number once."""
    rates: Sequence[int | None] = draw["rates"] or [None] * rule.n
    numbered = [int(won) for won in draw["prices"]]
    made = _made(rule, draw, lines) or numbered
    free = dict(enumerate(numbered, start=1))
    drawn = set(draw["drawn"])
    prices = []
    for place, (rate, won) in enumerate(zip(rates, made, strict=True), start=1):
        number = next(number for number, held in free.items() if held == won)
        del free[number]
        prices.append(Price(place, rate, won, number, draw["counts"][number - 1], number in drawn))
    return prices


def _made(rule: DrawRule, draw: Json, lines: Sequence[Json]) -> list[int]:
    """The prices before they were numbered: from the rates, or as they were given."""
    if draw["rates"]:
        return [price_at(rule.base[draw["lot"]], rate) for rate in draw["rates"]]
    return [int(won) for line in lines if line["supplier"] == "@prices" for won in line["prices"]]


def _ties(placings: Sequence[Json]) -> list[Tie]:
    tied: dict[int, list[str]] = {}
    for placing in placings:
        if placing.get("tied"):
            tied.setdefault(int(placing["amount"]), []).append(placing["supplier"])
    return [Tie(won, tuple(suppliers)) for won, suppliers in tied.items()]
