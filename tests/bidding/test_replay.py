"""Real openings come out as they did in reality.

The collection of real openings lies outside the project; a checkout without it replays five invented ones only, and
says so by skipping the real ones.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bidding.draw import Seeds, make_draw
from bidding.replay import ReplayTender, compare, parse_opening, parse_rate, read_openings, replay_rules, rules_only
from bidding.types import DrawRule
from tests.bidding.make_openings import OPENINGS

OWN = Path(__file__).parent / "data" / "openings.jsonl"
REAL = Path(__file__).parents[3] / "shared" / "data" / "koneps_openings.jsonl"
needs_real = pytest.mark.skipif(not REAL.exists(), reason="no collection of real openings beside this checkout")


def own() -> list[ReplayTender]:
    return list(read_openings(OWN))


@needs_real
def test_268_real_openings_come_out_as_published() -> None:
    summary = replay_rules(read_openings(REAL)).to_json()
    del summary["seconds"]
    assert summary == {
        "tenders": 268,
        "bids": 6440,
        "planned_price_exact": 234,
        "planned_price_ok": 268,
        "floor_price_ok": 267,  # one was published a won too low
        "winner_ok": 268,
        "ties": 4,
        "roundings": {"down-1": 21, "exact": 234, "up-1": 2, "up-100": 1, "up-1000": 10},
        "differences": [
            {"notice_no": "20230802236-00", "what": "floor_price", "published": 61300844, "computed": 61300845}
        ],
    }


@needs_real
def test_a_draw_of_the_numbered_prices_selects_the_published_four() -> None:
    """What the replay through the running system rests on: given prices that keep their numbers."""
    for tender in read_openings(REAL, limit=60):
        rule = DrawRule(base={"1": tender.base_amount_won}, mode="M3", kind="given", order="given")
        rule = replace(rule, round=str(tender.rounding))
        picks = [bid.picks for bid in tender.bids]
        seeds = Seeds(agency=b"\1" * 32, given_won=tender.numbered_won())
        draw = make_draw(rule, "1", b"\2" * 32, b"\3" * 32, seeds, [b"\4" * 32] * len(picks), picks)
        assert draw.estimated_price_won == tender.planned_price_won
        assert sorted(draw.prices_won) == sorted(tender.reserve_won)


def test_invented_openings_come_out_as_they_were_invented() -> None:
    assert [json.loads(line) for line in OWN.read_text().splitlines()] == OPENINGS
    summary = replay_rules(own())
    assert summary.differences == []
    assert (summary.tenders, summary.bids, summary.ties) == (5, 12, 1)
    assert (summary.planned_price_exact, summary.planned_price_ok) == (3, 5)
    assert (summary.floor_price_ok, summary.winner_ok) == (5, 5)
    assert summary.roundings == {"exact": 3, "down-1": 1, "up-1000": 1}


def test_a_limit_stops_the_reading() -> None:
    assert len(list(read_openings(OWN, limit=2))) == 2
    assert list(read_openings(OWN, limit=0)) == []


def test_every_difference_is_listed() -> None:
    tender = own()[0]
    other = replace(tender, floor_price_won=tender.floor_price_won - 1, winner="S003")
    result = rules_only(other)
    assert (result.is_floor_ok, result.is_winner_ok, result.is_planned_ok) == (False, False, True)
    assert [(difference["what"], difference["computed"]) for difference in result.differences] == [
        ("floor_price", tender.floor_price_won),
        ("winner", "S001"),
    ]


def test_a_planned_price_that_no_rounding_explains_is_a_difference() -> None:
    result = rules_only(replace(own()[0], planned_price_won=100_150_001))
    assert (result.rounding, result.is_planned_ok, result.is_planned_exact) == (None, False, False)
    assert result.differences[0]["what"] == "planned_price"


def test_where_a_lot_decided_any_of_the_tied_is_right_and_nobody_else() -> None:
    tender = own()[1]
    price, floor = tender.planned_price_won, tender.floor_price_won
    results = {
        winner: compare(tender, planned_price_won=price, floor_won=floor, winner=winner).is_winner_ok
        for winner in ("S001", "S002", "S003", None)
    }
    assert results == {"S001": True, "S002": True, "S003": False, None: False}
    assert rules_only(tender).tied == ("S001", "S002")


def test_a_single_bid_is_replayed_as_a_tender_that_asked_for_one() -> None:
    assert [tender.minimum_valid for tender in own()] == [2, 2, 2, 2, 1]


@pytest.mark.parametrize(
    ("percent", "rate"), [("87.745", 87_745), ("88", 88_000), ("88.000", 88_000), ("90.5", 90_500)]
)
def test_rates_are_read_without_floats(percent: str, rate: int) -> None:
    assert parse_rate(percent) == rate


@pytest.mark.parametrize("percent", ["", "87.7455", "-1", "88,5", "8 8", "88.x"])
def test_what_is_no_rate_is_refused(percent: str) -> None:
    with pytest.raises(ValueError, match="not a rate"):
        parse_rate(percent)


@pytest.mark.parametrize("change", [{"drawn_prices": [1]}, {"preliminary_prices": []}, {"bids": []}])
def test_what_is_no_opening_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="opening"):
        parse_opening({**OPENINGS[0], **change})


def test_the_line_that_is_no_opening_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text(json.dumps(OPENINGS[0]) + "\n{}\n")
    with pytest.raises(ValueError, match="line 2"):
        list(read_openings(path))
