"""The reverse auction as values: what is accepted, when rounds end, who wins; and what holds of every auction."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tlog.canon import jcs, parse
from bidding.rules.auction import (
    MOST_EXTENSIONS,
    Auction,
    AuctionBid,
    Entrant,
    Refused,
    Start,
    accept,
    begin,
    enter,
    letter,
    read_start,
    replay,
)
from bidding.rules.auction_result import (
    SignedBid,
    final_places,
    make_statement,
    read_statement,
    replay_json,
    statement_hash,
    to_json,
)
from bidding.scoring import AuctionScoring, read_scoring
from bidding.types import Placing

NINE = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
RULE = AuctionScoring(rounds=3, round_seconds=60, step_rate=1_000, extend_seconds=20, last_seconds=10)
FIRST = (("A", "a" * 64, 100_000_050), ("B", "b" * 64, 100_000_050), ("C", "c" * 64, 110_000_000))


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def a_start(rule: AuctionScoring = RULE) -> Start:
    entrants = tuple(
        Entrant(label, stmt, f"10000000{place}", won, place) for place, (label, stmt, won) in enumerate(FIRST, start=1)
    )
    return Start("R26BK00000001-000", "1", "e" * 64, NINE, rule, entrants)


def an_offer(auction: Auction, label: str, won: int, number: int = 1, prev: str | None = None) -> AuctionBid:
    entrant = next(one for one in auction.start.entrants if one.label == label)
    made = make_statement(
        auction.start, bid=entrant.bid, number=number, amount_won=won, prev=prev or auction.head, made=NINE
    )
    return read_statement(made, tender="R26BK00000001-000", lot="1")


def taken(auction: Auction, label: str, won: int, seconds: float, number: int = 1) -> Auction:
    outcome = accept(auction, an_offer(auction, label, won, number), at(seconds))
    assert isinstance(outcome, Auction), outcome
    return outcome


def refusal(auction: Auction, bid: AuctionBid, seconds: float) -> str:
    outcome = accept(auction, bid, at(seconds))
    assert isinstance(outcome, Refused), outcome
    return outcome.code


def test_the_step_is_a_part_of_the_lowest_first_price_rounded_up() -> None:
    assert a_start().step_won == 1_000_001  # 1 % of 100,000,050


def test_a_bid_one_step_below_ones_own_is_taken_and_one_won_above_that_is_not() -> None:
    auction = begin(a_start())
    assert refusal(auction, an_offer(auction, "C", 110_000_000 - 1_000_000), 0) == "step"
    outcome = accept(auction, an_offer(auction, "C", 109_000_000), at(0))
    assert outcome == Refused("step", 108_999_999)
    assert taken(auction, "C", 108_999_999, 0).accepted[0].bid.amount_won == 108_999_999


def test_nobody_must_lead_at_once_but_places_go_by_price() -> None:
    auction = taken(begin(a_start()), "C", 105_000_000, 1)
    assert [one.label for one in auction.order()] == ["A", "B", "C"]
    auction = taken(auction, "C", 98_000_000, 2)
    assert [one.label for one in auction.order()] == ["C", "A", "B"]


def test_of_equal_prices_the_one_accepted_first_stands_first() -> None:
    auction = taken(begin(a_start()), "C", 99_000_000, 1)
    auction = taken(auction, "A", 99_000_000, 1)  # the same instant: the chain orders them
    assert [one.label for one in auction.order()] == ["C", "A", "B"]
    assert final_places(auction)[0].arithmetic[-1].label == "earlier-than-next"


def test_a_first_price_stands_before_a_bid_of_the_same_amount() -> None:
    auction = taken(begin(a_start()), "C", 100_000_050, 1)
    assert [one.label for one in auction.order()] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("seconds", "number", "code"),
    [(-0.000001, 1, "not-started"), (60, 1, "round"), (59.999999, 2, "round"), (180, 3, "ended")],
)
def test_a_round_is_over_at_its_end_instant(seconds: float, number: int, code: str) -> None:
    auction = begin(a_start())
    assert refusal(auction, an_offer(auction, "A", 90_000_000, number), seconds) == code


def test_a_bid_in_the_last_seconds_moves_the_end_and_one_before_does_not() -> None:
    auction = begin(a_start())
    assert taken(auction, "A", 98_000_000, 49.999999).end_of(1) == at(60)
    late = taken(auction, "A", 98_000_000, 50)
    assert (late.end_of(1), late.ends_at, late.accepted[0].ends_at) == (at(80), at(200), at(80))
    assert taken(late, "B", 97_000_000, 75).end_of(1) == at(100)


def test_a_round_is_not_extended_for_ever() -> None:
    auction, won, end = begin(a_start()), 100_000_050, 60
    for _ in range(MOST_EXTENSIONS + 1):
        won -= 1_000_001
        auction = taken(auction, "A", won, end - 1)
        end = int((auction.end_of(1) - NINE).total_seconds())
    assert end == 60 + MOST_EXTENSIONS * 20
    assert auction.extensions == (MOST_EXTENSIONS, 0, 0)


def test_a_stranger_a_copy_and_one_who_saw_nothing_are_refused() -> None:
    auction = begin(a_start())
    bid = an_offer(auction, "A", 98_000_000)
    assert refusal(auction, replace(bid, bid="d" * 64), 1) == "not-in-auction"
    assert refusal(auction, replace(bid, prev="d" * 64), 1) == "prev"
    after = taken(auction, "A", 98_000_000, 1)
    assert refusal(after, bid, 2) == "twice"


def test_a_bid_may_follow_any_record_that_its_bidder_saw() -> None:
    auction = taken(begin(a_start()), "A", 98_000_000, 1)
    outcome = accept(auction, an_offer(auction, "B", 97_000_000, prev=auction.start.record), at(2))
    assert isinstance(outcome, Auction)
    assert outcome.accepted[1].prev == auction.head  # the chain is the server's, without a gap


def test_a_clock_that_went_back_takes_nothing() -> None:
    auction = taken(begin(a_start()), "A", 98_000_000, 2)
    assert refusal(auction, an_offer(auction, "B", 97_000_000), 1) == "clock"


def test_letters_are_drawn_over_an_amount_that_no_bid_has() -> None:
    ranked = [Placing(stmt * 64, stmt, rank, "valid", 1000 + rank) for rank, stmt in enumerate("abc", start=1)]
    entrants = enter(ranked, b"\1" * 32, "1")
    assert [one.label for one in entrants] == ["A", "B", "C"]
    assert {one.bid for one in entrants} == {"a" * 64, "b" * 64, "c" * 64}
    assert enter(list(reversed(ranked)), b"\1" * 32, "1") == entrants
    orders = {tuple(one.bid for one in enter(ranked, bytes([n]) * 32, "1")) for n in range(60)}
    assert len(orders) == 6
    assert letter(27) == "AB"


def test_an_auction_needs_two() -> None:
    start = a_start()
    with pytest.raises(ValueError, match="two bidders"):
        begin(replace(start, entrants=start.entrants[:1]))


@pytest.mark.parametrize(
    "change", [{"rounds": 0}, {"step_rate": 0}, {"last_seconds": 61}, {"extend_seconds": 61}, {"rounds": True}]
)
def test_a_rule_out_of_range_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_scoring("reverse-auction", RULE.to_json() | change)


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "0"), ("amount", "012"), ("amount", 5), ("round", True), ("bid", "A" * 64), ("prev", "00"),
     ("made", "2026-11-24"), ("tender", "R26BK00000002-000"), ("v", True), ("type", "bid")],
)  # fmt: skip
def test_a_statement_of_another_shape_is_none(name: str, value: object) -> None:
    start = a_start()
    made = make_statement(start, bid="a" * 64, number=1, amount_won=5, prev=start.record, made=NINE)
    assert read_statement(made, tender=start.tender, lot="1").stmt == statement_hash(made)
    with pytest.raises(ValueError, match=r".+"):
        read_statement(made | {name: value}, tender=start.tender, lot="1")


# An attempt: which bidder, how far below its own price in tenths of a step, microseconds after the last, round claimed.
ATTEMPTS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.integers(-5, 60),
        st.sampled_from([0, 1, 400_000, 9_000_000, 31_000_000]),
        st.integers(0, 1),
    ),
    max_size=40,
)
RULES = st.builds(
    AuctionScoring,
    rounds=st.integers(1, 4),
    round_seconds=st.sampled_from([10, 60]),
    step_rate=st.sampled_from([1, 500, 3_000, 40_000]),
    extend_seconds=st.sampled_from([0, 1, 10]),
    last_seconds=st.sampled_from([0, 3, 10]),
)


@settings(max_examples=150, deadline=None)
@given(RULES, ATTEMPTS)
def test_whatever_is_tried_prices_only_fall_one_leads_and_the_log_says_it_all(
    rule: AuctionScoring, attempts: list[tuple[int, int, int, int]]
) -> None:
    start = a_start(rule)
    auction, now, signed = begin(start), NINE, []
    for who, tenths, pause, ahead in attempts:
        now += timedelta(microseconds=pause)
        entrant = start.entrants[who]
        before = auction.price_of(entrant)
        won = before - start.step_won * tenths // 10
        number = max((auction.round_at(now) or 0) + ahead, 0)
        statement = make_statement(
            start, bid=entrant.bid, number=number, amount_won=max(won, 1), prev=auction.head, made=now
        )
        bid = read_statement(statement, tender=start.tender, lot="1")
        outcome = accept(auction, bid, now)
        if isinstance(outcome, Refused):
            continue
        assert outcome.price_of(entrant) <= before - start.step_won
        assert all(outcome.price_of(one) == auction.price_of(one) for one in start.entrants if one != entrant)
        assert outcome.ends_at >= auction.ends_at
        assert outcome.accepted[-1].prev == auction.head
        auction = outcome
        signed.append(SignedBid(statement, {"alg": "none"}, now))

    longest = rule.rounds * (rule.round_seconds + MOST_EXTENSIONS * rule.extend_seconds)
    assert auction.ends_at <= NINE + timedelta(seconds=longest)
    assert all(one.at < auction.ends_at for one in auction.accepted)
    places = final_places(auction)
    assert [one.place for one in places] == [1, 2, 3]
    assert sorted(one.amount_won for one in places) == [one.amount_won for one in places]
    assert replay(start, [(one.bid, one.at) for one in auction.accepted]) == auction
    written = parse(jcs(to_json(auction, signed, auction.ends_at)))
    assert read_start(written["start"], start.evaluation, start.entrants) == start
    assert final_places(replay_json(written, start)) == places


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(3)))
def test_of_bids_at_one_instant_the_chain_is_the_order(order: list[int]) -> None:
    auction = begin(a_start())
    for who in order:
        auction = taken(auction, "ABC"[who], 90_000_000, 5)
    assert [one.label for one in auction.order()] == ["ABC"[who] for who in order]
