"""What holds whatever the method: order of arrival, bounds, whole traces, and the same digest for ever."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tlog.canon import jcs, parse
from bidding.draw_rule import DrawRule
from bidding.evaluation import digest_of, evaluate
from bidding.rules import RULES
from bidding.types import Exclusion, Fault, NoticeTerms, OpenedBid, Outcome, Terms
from tests.bidding.rules.methods import (
    BOX,
    METHODS,
    PRICED,
    ROOT,
    SEEDS,
    bid,
    fault,
    formula,
    placed,
    rule_of,
    run,
    tech,
    technical,
    terms_of,
)

PROPOSED = ("negotiation", "two-stage", "best-value")
BY_PRICE = tuple(method for method in PRICED if method != "sale")

bids = st.lists(
    st.tuples(st.integers(85_000_000, 103_000_000), st.integers(1, 400), st.integers(0, 60)), min_size=2, max_size=12
)


def made(method: str, drawn: list[tuple[int, int, int]]) -> tuple[NoticeTerms, list[OpenedBid | Fault], dict[str, int]]:
    """Bids from (amount, quantity, points above 40 percent)."""
    terms = terms_of(method)
    quantity = method == "desired-quantity"
    found: list[OpenedBid | Fault] = [
        bid(number, won, many if quantity else None) for number, (won, many, _) in enumerate(drawn, start=1)
    ]
    full = terms.technical.full if terms.technical is not None else 0
    points = {one.stmt: full * (40 + part) * 100 for one, (_, _, part) in zip(found, drawn, strict=True)}
    return terms, found, points


def evaluated(method: str, drawn: list[tuple[int, int, int]]) -> Any:
    terms, found, points = made(method, drawn)
    return run(terms, found, points)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(drawn=bids, data=st.data())
def test_the_order_of_arrival_never_matters(
    method: str, drawn: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """The rule ranks what it is given in any order alike (the list itself is sorted by statement)."""
    terms, found, points = made(method, drawn)
    opened = [one for one in found if isinstance(one, OpenedBid)]
    results = technical(points, terms).results if terms.technical is not None else {}
    by = Terms(100_000_000, terms.floor_rate, 0, "1", b"\7" * 32, 100_000_000, terms.scoring, results)
    mixed = data.draw(st.permutations(opened))
    ranked = [placing for placing in RULES[method](by, opened) if placing.rank is not None]
    again = [placing for placing in RULES[method](by, mixed) if placing.rank is not None]
    assert ranked == again


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=25)
@given(drawn=bids)
def test_every_bid_has_a_place_or_a_reason_and_its_trace(method: str, drawn: list[tuple[int, int, int]]) -> None:
    evaluation = evaluated(method, drawn)
    value = evaluation.to_json()
    assert parse(jcs(value)) == value
    assert len({placing["stmt"] for placing in value["placings"]}) == len(drawn)
    ranks = [placing["rank"] for placing in value["placings"] if placing["rank"] is not None]
    assert ranks == list(range(1, len(ranks) + 1))
    for placing in value["placings"]:
        assert (placing["rank"] is None) == (placing["reason"] != "valid")
        assert placing["arithmetic"]
        assert ("points" in placing) is (method in (*PROPOSED, "qualification"))
        assert ("quantity" in placing) is (method == "desired-quantity")


@pytest.mark.parametrize("method", PROPOSED)
@settings(max_examples=25)
@given(drawn=bids)
def test_points_add_up_and_stay_within_their_bounds(method: str, drawn: list[tuple[int, int, int]]) -> None:
    evaluation = evaluated(method, drawn)
    assert evaluation.terms.technical is not None
    for placing in evaluation.to_json()["placings"]:
        points = placing["points"]
        assert points["total"] == points["technical"] + points["price"]
        assert 0 <= points["technical"] <= evaluation.terms.technical.full * 10_000
        assert 0 <= points["total"] <= 1_000_000


@pytest.mark.parametrize("method", BY_PRICE)
@settings(max_examples=25)
@given(drawn=bids, data=st.data(), more=st.integers(1, 10_000_000))
def test_raising_a_losing_bid_never_makes_it_win(
    method: str, drawn: list[tuple[int, int, int]], data: st.DataObject, more: int
) -> None:
    """Over the same draw: seeds, picks and nonces stay as they are.

    Qualification is no exception: below the floor nobody may bid higher and win, so only bids that were ranked, or lay
    above, are raised.
    """
    terms, found, points = made(method, drawn)
    before = run(terms, found, points)
    losers = [
        placing
        for placing in before.placings
        if placing.rank != 1 and placing.reason in ("valid", "above-estimated-price")
    ]
    if not losers:
        return
    loser = data.draw(st.sampled_from(losers))
    raised = [
        replace(one, amount_won=one.amount_won + more) if isinstance(one, OpenedBid) and one.stmt == loser.stmt else one
        for one in found
    ]
    after = run(terms, raised, points)
    assert after.winner is None or after.winner.stmt != loser.stmt


@pytest.mark.parametrize("method", METHODS)
def test_faulty_excluded_and_too_few_are_told_alike(method: str) -> None:
    terms, found, points = made(method, [(90_000_000, 10, 50), (95_000_000, 20, 55), (96_000_000, 30, 60)])
    found = [*found, fault(9)]
    out = (Exclusion(found[0].stmt, "sanctioned", "국가계약법 제27조"),)
    evaluation = run(terms, found, points, exclusions=out)
    told = placed(evaluation)
    assert (told[1], told[9]) == ((None, "sanctioned"), (None, "malformed"))
    assert evaluation.valid == 2
    alone = run(terms, [found[0], found[3]], points)
    assert (alone.outcome, placed(alone)[1]) == (Outcome.FAILED, (None, "too-few-valid-bids"))
    assert {step.label for step in alone.arithmetic} == {"valid-bids"}


@pytest.mark.parametrize("method", PROPOSED)
def test_proposals_that_were_not_opened_count_as_valid_bids(method: str) -> None:
    """국가계약법 시행규칙 48조 2항: one qualified price may be opened where two proposals were valid."""
    terms, found, points = made(method, [(90_000_000, 1, 60), (91_000_000, 1, 0)])
    alone = run(terms, found[:1], points)
    assert (alone.outcome, alone.valid) == (Outcome.RANKED, 2)
    assert alone.to_json()["technical_sha256"] == "7e" * 32
    lonely = run(terms, found[:1], {found[0].stmt: points[found[0].stmt]})
    assert lonely.outcome is Outcome.FAILED


def test_a_technical_evaluation_is_there_exactly_where_the_method_has_one() -> None:
    terms, found, points = made("quote", [(90_000_000, 1, 0), (91_000_000, 1, 0)])
    box: dict[str, Any] = {"box_id": BOX, "box_root": ROOT, "seeds": SEEDS, "found": found}
    with pytest.raises(ValueError, match="technical evaluation"):
        evaluate(terms, rule_of(terms), technical=technical(points, terms_of("two-stage")), **box)
    scored = terms_of("two-stage")
    with pytest.raises(ValueError, match="technical evaluation"):
        evaluate(scored, rule_of(scored), **box)


UNPRICED: dict[str, Any] = {
    "negotiation": {
        "technical": tech(80),
        "price": formula(reference="given", reference_won="100000000"),
        "ceiling_won": "100000000",
    },
    "best-value": {"technical": tech(60), "price": {"full": 40, "formula": "linear"}, "ceiling_won": "100000000"},
    "sale": {"minimum_won": "90000000"},
    "reverse-auction": None,
}


@pytest.mark.parametrize("method", UNPRICED)
def test_without_reserve_prices_there_is_a_seed_for_lots_and_no_estimated_price(method: str) -> None:
    terms = terms_of(method, UNPRICED[method])
    found: list[OpenedBid | Fault] = [replace(bid(n, 95_000_000), picks=()) for n in (1, 2, 3)]
    evaluation = run(terms, found, rule=DrawRule.none())
    assert evaluation.draw is not None
    draw = evaluation.draw.to_json()
    assert [draw[name] for name in ("mode", "rates", "prices", "counts", "drawn", "sum", "choose", "round")] == [
        "M0", None, [], [], [], "0", 0, "exact",
    ]  # fmt: skip
    assert (draw["estimated_price"], evaluation.to_json()["estimated_price"]) == (None, None)
    assert [placing.is_tied for placing in evaluation.placings] == [True, True, True]
    other = run(terms, [*found[:2], replace(bid(3, 95_000_000), picks=(), nonce=b"\x09" * 32)], rule=DrawRule.none())
    assert other.draw is not None
    assert other.draw.seed_n != evaluation.draw.seed_n


# The evaluation of the same bids by the same notice: pinned, so that no later version says otherwise.
GOLDEN = {
    "quote": "fdb1501225dfbb1f918d7a60a96dc7bcb3469be77a0457d7920dd5b4aa9d8d8d",
    "qualification": "4a0ba0ba23d1f9039d4d036174dc60f9db6a475ebf896d03d45b716f9d27fb46",
    "lowest": "f487588e24b97e11d3a2a6f40c1ea86ae3161a37714513d0768e2cbae5bdc902",
    "negotiation": "c404ff03253f66ed017316578332a64e22d3b6ee56e3b163efaaea1174ce3b5c",
    "two-stage": "7fa79cb4fc6ed15785fe3b1cc3cecbfe9db96b16e2b314556a96b1fec7e0ae61",
    "desired-quantity": "a7129932ddf8108d73950b5ae5b8e17563b64580b1d42d1882b491954bca99a5",
    "sale": "54802a5729baf50c96cba0bc2f4d97d508d1f0d5725bb6a9a6258d10cb0cb908",
    "best-value": "aa2775868504d91ac057ee2497348162e60b72c40aefbb571b1950bcf79ea847",
    "reverse-auction": "44a8af6bc8b334999d94a58904a12b3b770f4d35643d671ac61c505a99d93d4c",
}
PINNED = [
    (85_000_000, 300, 60),
    (90_000_000, 100, 46),
    (90_000_000, 100, 46),
    (91_500_000, 400, 58),
    (99_000_000, 250, 44),
    (102_900_000, 50, 55),
]


@pytest.mark.parametrize("method", METHODS)
def test_a_pinned_version_gives_the_same_digest_for_ever(method: str) -> None:
    assert digest_of(evaluated(method, PINNED)) == GOLDEN[method]


def test_the_pinned_bids_are_worth_pinning() -> None:
    """Each method ranks some of them, and every reason but those of faults and the registry occurs."""
    reasons = {str(placing.reason) for method in METHODS for placing in evaluated(method, PINNED).placings}
    assert {"valid", "above-estimated-price", "below-estimated-price", "not-qualified", "below-floor"} <= reasons
    assert all(evaluated(method, PINNED).winner is not None for method in METHODS)
    assert len({hashlib.sha256(one.encode()).hexdigest() for one in GOLDEN.values()}) == len(METHODS)
