"""An auction in a world without a server, and ways to tamper with it in its bundle.

Each way takes an `Insider` that holds the log's key, and makes the log tell what the file says where that is possible.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from app.time import wire
from app.tlog.canon import digest, jcs
from bidding.evaluation import digest_of
from bidding.rules import auction as rules
from bidding.rules import auction_result as results
from bidding.scoring import AuctionScoring
from bidding.statement import sign_statement
from tests.bidding.insider import Insider, Json
from tests.bidding.world import World

SCORING = {"rounds": 2, "round_seconds": 60, "step_rate": 1000, "extend_seconds": 20, "last_seconds": 10}
# Who, the new price, seconds after the start: the last one extends the second round.
BIDS = ((2, 223_000_000, 5), (0, 221_000_000, 30), (1, 220_000_000, 65), (2, 218_000_000, 115))


def auctioned() -> tuple[World, Json]:
    """A tender whose auction is over, and its `auction.json`."""
    world = World(method="reverse-auction", floor_rate=None, scoring=SCORING)
    stmts = [
        world.bid(f"12481009{n:02d}", won, (n, n + 3))
        for n, won in enumerate((225_000_000, 226_000_000, 228_000_000), start=1)
    ]
    world.close()
    evaluation = world.open()
    assert evaluation.draw is not None
    ranked = [placing for placing in evaluation.placings if placing.rank is not None]
    entrants = rules.enter(ranked, evaluation.draw.seed_n, "1")
    begins = world.closes + timedelta(hours=2)
    rule = AuctionScoring.from_json(SCORING)
    state = rules.begin(rules.Start(world.tender, "1", digest_of(evaluation), begins, rule, entrants))
    said = {name: value for name, value in state.start.to_json().items() if name not in ("v", "type", "tender")}
    world.emit("auction.announced", world.closes + timedelta(hours=1, minutes=2), record=state.start.record, **said)
    signed = []
    for who, won, seconds in BIDS:
        at = begins + timedelta(seconds=seconds)
        state, one = _lower(world, state, stmts[who], f"12481009{who + 1:02d}", won, at)
        signed.append(one)
    closed_at = state.ends_at + timedelta(seconds=1)
    value = results.to_json(state, signed, closed_at)
    world.emit("auction.closed", closed_at, **_end(value))
    return world, value


def _lower(
    world: World, state: rules.Auction, stmt: str, supplier: str, won: int, at: datetime
) -> tuple[rules.Auction, results.SignedBid]:
    number = state.round_at(at)
    assert number
    made = results.make_statement(state.start, bid=stmt, number=number, amount_won=won, prev=state.head, made=at)
    outcome = rules.accept(state, results.read_statement(made, tender=world.tender, lot="1"), at)
    assert isinstance(outcome, rules.Auction), outcome
    taken = outcome.accepted[-1]
    said = {name: value for name, value in taken.to_json().items() if name not in ("v", "type", "at")}
    world.emit("auction.bid", at, record=taken.record, **said)
    signature = sign_statement(taken.bid.stmt, supplier, world.suppliers[supplier])
    return outcome, results.SignedBid(made, signature, at)


def _end(value: Json) -> Json:
    ranking = [{name: one[name] for name in ("label", "stmt", "amount")} for one in value["ranking"]]
    sha256 = hashlib.sha256(jcs(value)).hexdigest()
    return {"sha256": sha256, "bids": len(value["bids"]), "ranking": ranking, "closed_at": value["closed_at"]}


def _keep(it: Insider, value: Json) -> None:
    """The file, and a log that tells the same."""
    it.put("auction.json", value)
    it.events("auction.closed")[0].update(_end(value))
    for event, item in zip(it.events("auction.bid"), value["bids"], strict=False):
        record = item["record"]
        event.update({name: member for name, member in record.items() if name not in ("v", "type")})
        event["record"] = digest("auction-record", jcs(record)).hex()
    it.relog()


def forget_the_last_bid(it: Insider) -> None:
    """Its entry stays in the log."""
    value = it.json("auction.json")
    del value["bids"][-1]
    _keep(it, value)


def change_a_price(it: Insider) -> None:
    value = it.json("auction.json")
    value["bids"][-1]["statement"]["amount"] = value["bids"][-1]["record"]["amount"] = "217000000"
    _keep(it, value)


def sign_by_another(it: Insider) -> None:
    value = it.json("auction.json")
    value["bids"][1]["signature"] = value["bids"][0]["signature"]
    _keep(it, value)


def come_after_the_end(it: Insider) -> None:
    value = it.json("auction.json")
    value["bids"][-1]["record"]["at"] = value["closed_at"]
    _keep(it, value)


def close_too_early(it: Insider) -> None:
    value = it.json("auction.json")
    value["closed_at"] = value["bids"][-1]["record"]["at"]
    _keep(it, value)


def swap_the_winner(it: Insider) -> None:
    value = it.json("auction.json")
    value["ranking"][0], value["ranking"][1] = value["ranking"][1], value["ranking"][0]
    _keep(it, value)


def swap_the_letters(it: Insider) -> None:
    value = it.json("auction.json")
    first, second = value["entrants"][:2]
    first["stmt"], second["stmt"] = second["stmt"], first["stmt"]
    _keep(it, value)


def begin_at_another_time(it: Insider) -> None:
    value = it.json("auction.json")
    earlier = it.events("auction.announced")[0]["at"]
    value["start"]["starts_at"] = earlier
    it.events("auction.announced")[0]["starts_at"] = earlier
    _keep(it, value)


def leave_the_file_out(it: Insider) -> None:
    del it.files["auction.json"]


def tell_another_end(it: Insider) -> None:
    it.events("auction.closed")[0]["sha256"] = "0" * 64
    it.relog()


def let_it_begin_before_it_was_announced(it: Insider) -> None:
    event = it.events("auction.announced")[0]
    event["at"] = wire(datetime.fromisoformat(event["starts_at"]) + timedelta(seconds=1))
    it.relog()


CLASSES: dict[str, Callable[[Insider], None]] = {
    tamper.__name__: tamper
    for tamper in (
        forget_the_last_bid,
        change_a_price,
        sign_by_another,
        come_after_the_end,
        close_too_early,
        swap_the_winner,
        swap_the_letters,
        begin_at_another_time,
        leave_the_file_out,
        tell_another_end,
        let_it_begin_before_it_was_announced,
    )
}
