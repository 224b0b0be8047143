"""Check V28: a reverse auction computed again from its signed bids, and each of them found in the log."""

from __future__ import annotations

import hashlib
from typing import Any

from app.time import from_wire
from bidding.bundle import LoggedEvent
from bidding.checks import Case, CheckFunction, Json, Skipped, require, same
from bidding.evaluation import digest_of
from bidding.rules.auction import METHOD, Accepted, Auction, Entrant, Start, enter, read_start
from bidding.rules.auction_result import final_places, replay_json
from bidding.statement import SupplierKey, verify_signature

AUCTION = {"v", "type", "tender", "lot", "start", "entrants", "bids", "closed_at", "ranking"}
FILE = "auction.json"


def v28_auction(case: Case) -> str:
    logged = [entry for entry in case.events if str(entry.event["type"]).startswith("auction.")]
    entrants = _entrants(case)
    if len(entrants) < 2:
        require(FILE not in case.bundle.files and not logged, "an auction where there can be none")
        raise Skipped("no auction")
    value = case.bundle.json(FILE)
    require(isinstance(value, dict) and set(value) == AUCTION, "auction.json has other members")
    terms = case.evaluation.terms
    kind = [value[name] for name in ("v", "type", "tender", "lot")]
    require(same(kind, [1, "auction", case.box["tender"], terms.lot]), "auction.json is another tender's")
    letters = [{"label": one.label, "stmt": one.bid} for one in entrants]
    require(same(value["entrants"], letters), "the letters were drawn otherwise")
    start = read_start(value["start"], digest_of(case.evaluation), entrants)
    require(same([start.tender, start.lot], kind[2:]), "the auction is another tender's")
    require(same(start.rule.to_json(), terms.scoring.to_json()), "the auction went by another rule than the notice's")
    _check_start(case, start)
    auction = replay_json(value, start)
    _check_bids(case, auction, value["bids"])
    _check_end(case, auction, value)
    first = final_places(auction)[0]
    return (
        f"{len(auction.accepted)} bid(s) of {len(entrants)} in the auction, first {first.label} for {first.amount_won}"
    )


def _entrants(case: Case) -> tuple[Entrant, ...]:
    evaluation = case.evaluation
    if evaluation is None or evaluation.draw is None or evaluation.terms.method != METHOD:
        return ()
    ranked = [placing for placing in evaluation.placings if placing.rank is not None]
    return enter(ranked, evaluation.draw.seed_n, evaluation.terms.lot)


def _check_start(case: Case, start: Start) -> None:
    announced = case.one("auction.announced")
    said = {name: member for name, member in start.to_json().items() if name not in ("v", "type", "tender")}
    _same_members(announced, said | {"record": start.record}, "the start")
    require(from_wire(announced.event["at"]) <= start.starts_at, "the auction was announced after it had begun")
    require(announced.index > case.one("opening.opened").index, "the auction was announced before the opening")


def _check_bids(case: Case, auction: Auction, shown: list[Json]) -> None:
    entries = case.of_type("auction.bid")
    require(len(entries) == len(auction.accepted), "the log knows other bids of the auction than the bundle")
    last = case.one("auction.announced").index
    for entry, taken, item in zip(entries, auction.accepted, shown, strict=True):
        said = {name: member for name, member in taken.to_json().items() if name not in ("v", "type")}
        _same_members(entry, said | {"record": taken.record}, f"bid {taken.seq} of the auction")
        require(entry.index > last, f"bid {taken.seq} of the auction is out of order in the log")
        last = entry.index
        _check_signature(case, entry, taken, item["signature"])


def _check_signature(case: Case, entry: LoggedEvent, taken: Accepted, signature: Any) -> None:
    kid, number = signature["kid"], taken.seq
    key = next((one for one in case.of_type("supplier.key_added") if one.event["kid"] == kid), None)
    require(key is not None, f"the key of bid {number} of the auction is not in the log")
    assert key is not None
    supplier = case.items[taken.bid.bid]["statement"]["supplier"]
    require(same(key.event.get("supplier"), supplier), f"bid {number} of the auction is signed by another supplier")
    require(key.index < entry.index, f"the key of bid {number} of the auction came after it")
    gone = [one.index for one in case.of_type("supplier.key_revoked") if one.event["kid"] == kid]
    require(all(index > entry.index for index in gone), f"the key of bid {number} of the auction had been revoked")
    verify_signature(taken.bid.stmt, signature, SupplierKey.from_entry(key.event))


def _check_end(case: Case, auction: Auction, value: Json) -> None:
    closed = case.one("auction.closed")
    require(from_wire(value["closed_at"]) >= auction.ends_at, "the auction was closed before its last round was over")
    places = final_places(auction)
    require(same(value["ranking"], [place.to_json() for place in places]), "the auction ranks otherwise")
    ranking = [{"label": one.label, "stmt": one.stmt, "amount": str(one.amount_won)} for one in places]
    sha256 = hashlib.sha256(case.bundle.files[FILE]).hexdigest()
    said = {"sha256": sha256, "bids": len(auction.accepted), "ranking": ranking, "closed_at": value["closed_at"]}
    _same_members(closed, said, "the end")
    before = [one.index for kind in ("auction.announced", "auction.bid") for one in case.of_type(kind)]
    awards = [one.index for one in case.of_type("award.confirmed")]
    require(max(before) < closed.index, "a bid of the auction came after its end")
    require(all(closed.index < index for index in awards), "an award before the end of the auction")


def _same_members(entry: LoggedEvent, said: Json, what: str) -> None:
    for name, member in said.items():
        require(name in entry.event and same(entry.event[name], member), f"the log tells {what} with another {name}")


CHECKS: tuple[tuple[str, CheckFunction], ...] = (("V28", v28_auction),)
