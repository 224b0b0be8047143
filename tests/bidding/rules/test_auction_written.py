"""The files and records of an auction as they are spelt, hashed and read again; and what is refused by name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.tlog.canon import digest, jcs
from bidding.draw import draw_lots
from bidding.rules.auction import Auction, AuctionBid, Entrant, Refused, accept, begin, enter, read_start, replay
from bidding.rules.auction_result import (
    SignedBid,
    final_places,
    make_statement,
    read_statement,
    replay_json,
    statement_hash,
    to_json,
)
from bidding.types import Placing
from tests.bidding.rules.test_auction import FIRST, NINE, RULE, a_start, an_offer, at, taken


def test_a_record_and_a_start_have_one_spelling() -> None:
    start = a_start()
    assert start.to_json() == {
        "v": 1,
        "type": "auction-start",
        "tender": "R26BK00000001-000",
        "lot": "1",
        "evaluation": "e" * 64,
        "starts_at": "2026-11-24T00:00:00.000000Z",
        "rule": RULE.to_json(),
        "step": "1000001",
        "prices": [
            {"label": "A", "amount": "100000050"},
            {"label": "B", "amount": "100000050"},
            {"label": "C", "amount": "110000000"},
        ],
    }
    auction = taken(begin(start), "C", 105_000_000, 1)
    assert auction.accepted[0].to_json() == {
        "v": 1,
        "type": "auction-record",
        "seq": 1,
        "prev": start.record,
        "label": "C",
        "stmt": auction.accepted[0].bid.stmt,
        "round": 1,
        "amount": "105000000",
        "at": "2026-11-24T00:00:01.000000Z",
        "ends": "2026-11-24T00:01:00.000000Z",
    }
    assert auction.head == digest("auction-record", jcs(auction.accepted[0].to_json())).hex()
    assert start.record == digest("auction-start", jcs(start.to_json())).hex()


def test_a_statement_has_one_spelling_and_its_hash_is_over_all_of_it() -> None:
    start = a_start()
    made = make_statement(start, bid="a" * 64, number=2, amount_won=5, prev="b" * 64, made=NINE)
    assert made == {
        "v": 1,
        "type": "auction-bid",
        "tender": "R26BK00000001-000",
        "lot": "1",
        "round": 2,
        "bid": "a" * 64,
        "amount": "5",
        "prev": "b" * 64,
        "made": "2026-11-24T00:00:00.000000Z",
    }
    stmt = digest("auction-bid", jcs(made)).hex()
    assert statement_hash(made) == stmt
    assert read_statement(made, tender="R26BK00000001-000", lot="1") == AuctionBid(stmt, "a" * 64, 2, 5, "b" * 64)


def a_written_auction() -> tuple[Auction, dict[str, Any]]:
    """An auction with one bid by C, and its file."""
    auction = begin(a_start())
    statement = make_statement(
        auction.start, bid="c" * 64, number=1, amount_won=98_000_000, prev=auction.head, made=at(1)
    )
    outcome = accept(auction, read_statement(statement, tender="R26BK00000001-000", lot="1"), at(2))
    assert isinstance(outcome, Auction)
    return outcome, to_json(outcome, [SignedBid(statement, {"alg": "x"}, at(2))], at(180))


def test_the_file_of_an_auction_says_who_bid_what_and_where_each_stands() -> None:
    outcome, written = a_written_auction()
    start, (record,) = outcome.start, outcome.accepted
    statement = make_statement(start, bid="c" * 64, number=1, amount_won=98_000_000, prev=start.record, made=at(1))
    assert written == {
        "v": 1,
        "type": "auction",
        "tender": "R26BK00000001-000",
        "lot": "1",
        "start": start.to_json(),
        "entrants": [{"label": label, "stmt": stmt} for label, stmt, _ in FIRST],
        "bids": [
            {"record": record.to_json(), "statement": statement, "signature": {"alg": "x"}},
        ],
        "closed_at": "2026-11-24T00:03:00.000000Z",
        "ranking": [place.to_json() for place in final_places(outcome)],
    }
    assert written["ranking"][0] == {
        "place": 1,
        "label": "C",
        "stmt": "c" * 64,
        "supplier": "100000003",
        "amount": "98000000",
        "arithmetic": [
            {"label": "first-price", "expression": "#3", "value": "110000000"},
            {
                "label": "auction-bid",
                "expression": "1/1: 110000000 - 98000000 = 12000000 >= 1000001",
                "value": "98000000",
            },
            {"label": "before-next", "expression": "98000000 < 100000050", "value": "<"},
        ],
    }
    assert written["ranking"][1]["arithmetic"] == [
        {"label": "first-price", "expression": "#1", "value": "100000050"},
        {"label": "earlier-than-next", "expression": "100000050 = 100000050", "value": "="},
    ]
    assert [step["label"] for step in written["ranking"][2]["arithmetic"]] == ["first-price"]


def test_a_file_with_another_member_or_another_record_does_not_come_out() -> None:
    outcome, written = a_written_auction()
    assert replay_json(written, outcome.start) == outcome
    (entry,) = written["bids"]
    too_dear = entry["statement"] | {"amount": "109000000"}
    for spoilt, why in (
        (entry | {"more": 1}, "other members"),
        ({name: entry[name] for name in ("record", "statement")}, "other members"),
        (entry | {"record": entry["record"] | {"seq": 2}}, "record 1"),
        (entry | {"statement": too_dear}, "bid 1 of the auction is against its rule: step"),
    ):
        with pytest.raises(ValueError, match=why):
            replay_json(written | {"bids": [spoilt]}, outcome.start)


def test_a_bid_that_breaks_the_rule_is_named_by_its_number_and_the_code() -> None:
    auction = begin(a_start())
    good, bad = an_offer(auction, "C", 98_000_000), an_offer(auction, "A", 98_000_000, number=2)
    with pytest.raises(ValueError, match=r"^bid 2 of the auction is against its rule: round$"):
        replay(auction.start, [(good, at(1)), (bad, at(2))])


def test_entrants_keep_supplier_price_and_place_and_are_drawn_over_nought() -> None:
    ranked = [Placing(stmt * 64, f"s{stmt}", rank, "valid", 1000 + rank) for rank, stmt in enumerate("abc", start=1)]
    drawn = draw_lots(b"\1" * 32, "7", 0, [one.stmt for one in ranked])
    by_stmt = {one.stmt: one for one in ranked}
    assert enter(ranked, b"\1" * 32, "7") == tuple(
        Entrant("ABC"[number], stmt, by_stmt[stmt].supplier, by_stmt[stmt].amount_won or 0, by_stmt[stmt].rank or 0)
        for number, stmt in enumerate(drawn)
    )
    for out in (Placing("a" * 64, "a", None, "below-floor", 5), Placing("a" * 64, "a", 1, "valid")):
        with pytest.raises(ValueError, match="out of the running"):
            enter([out], b"\1" * 32, "7")


def test_a_bid_of_nothing_is_no_bid_and_the_refusal_names_what_would_be_low_enough() -> None:
    auction = begin(a_start())
    bid = replace(an_offer(auction, "C", 1), amount_won=0)
    assert accept(auction, bid, at(1)) == Refused("step", 108_999_999)
    assert isinstance(accept(auction, replace(bid, amount_won=1), at(1)), Auction)
    low = taken(auction, "C", 1_000_000, 1)
    assert accept(low, an_offer(low, "C", 1), at(2)) == Refused("step", 0)


def test_a_bid_at_the_instant_of_the_last_one_is_in_time() -> None:
    auction = taken(begin(a_start()), "A", 98_000_000, 2)
    assert len(taken(auction, "B", 97_000_000, 2).accepted) == 2


def test_a_start_that_says_something_else_is_none() -> None:
    start = a_start()
    assert read_start(start.to_json(), start.evaluation, start.entrants) == start
    for changes, why in (({"step": "5"}, "otherwise"), ({"rule": None}, "not the start"), ({"more": 1}, "otherwise")):
        with pytest.raises(ValueError, match=why):
            read_start(start.to_json() | changes, start.evaluation, start.entrants)
    with pytest.raises(ValueError, match="not the start"):
        read_start({}, start.evaluation, start.entrants)


def test_nobody_is_in_an_auction_twice() -> None:
    start = a_start()
    with pytest.raises(ValueError, match="two bidders or more"):
        begin(replace(start, entrants=(start.entrants[0], start.entrants[0])))
    assert begin(replace(start, entrants=start.entrants[:2])).extensions == (0, 0, 0)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"more": 1}, "members"),
        ({"round": "1"}, "members"),
        ({"amount": 5}, "members"),
        ({"made": 5}, "members"),
        ({"lot": "2"}, "another auction's"),
        ({"v": 2}, "another auction's"),
        ({"bid": "A" * 64}, "hash"),
        ({"bid": "X" * 64}, "hash"),
        ({"prev": "a" * 63}, "hash"),
        ({"amount": "0"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "٣"}, "amount"),
        ({"amount": "1" * 17}, "amount"),
    ],
)
def test_a_statement_is_refused_by_the_code_of_what_is_wrong(changes: dict[str, object], why: str) -> None:
    start = a_start()
    made = make_statement(start, bid="a" * 64, number=1, amount_won=5, prev="b" * 64, made=NINE)
    with pytest.raises(ValueError, match=rf"^{why}$"):
        read_statement(made | changes, tender=start.tender, lot="1")
    for none in (None, [], "x", list(made)):
        with pytest.raises(ValueError, match=r"^members$"):
            read_statement(none, tender=start.tender, lot="1")
    longest = read_statement(made | {"amount": "1" * 16}, tender=start.tender, lot="1")
    assert longest.amount_won == int("1" * 16)


def test_an_auction_has_a_signature_for_each_bid() -> None:
    with pytest.raises(ValueError, match="longer"):
        to_json(begin(a_start()), [SignedBid({}, {}, at(2))], at(180))
