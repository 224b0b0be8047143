"""A standing as it is spelt, what of the terms decides it, and points among equals."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from app.tlog.canon import digest, jcs
from bidding.price_scoring import PriceTable
from bidding.review import reviews_sha256
from bidding.standing import Place, Winner, digest_of, has_standing, stand, table_of, wanted_of
from bidding.types import NextStep, Step
from tests.bidding.test_standing import FULL, TABLE, TENDER, Json, evaluation, qualify, review, stmt, winners


def test_a_standing_has_one_spelling() -> None:
    made = evaluation(1, "desired-quantity", {"quantity": 10, "unit": "ea"}, quantity={stmt(1): 12})
    standing = stand(made, [])
    assert standing.to_json() == {
        "v": 1,
        "type": "standing",
        "tender": TENDER,
        "lot": "1",
        "evaluation": digest("evaluation", jcs(made)).hex(),
        "reviews_sha256": reviews_sha256([]),
        "outcome": "awardable",
        "winners": [{"stmt": stmt(1), "supplier": "s1", "amount": "897450000", "quantity": 10}],
        "due": None,
        "placings": [
            {
                "stmt": stmt(1),
                "place": 1,
                "reason": "valid",
                "arithmetic": [{"label": "quantity-taken", "expression": "min(12, 10)", "value": "10"}],
            },
            {"stmt": stmt(99), "place": None, "reason": "below-floor", "arithmetic": []},
        ],
        "next": [],
    }
    assert digest_of(standing) == digest("standing", jcs(standing.to_json())).hex()
    assert Winner("a", "b", 5).to_json() == {"stmt": "a", "supplier": "b", "amount": "5"}
    assert Place("a", 1, "valid", {"price": 1}).to_json()["points"] == {"price": 1}


def test_the_roads_of_a_ranking_that_ran_out_go_by_the_terms() -> None:
    for is_rebid, regime, law in ((False, "national", "국가계약법"), (True, "local", "지방계약법")):
        made = evaluation(1, "lowest")
        made["terms"] |= {"is_rebid": is_rebid, "regime": regime}
        standing = stand(made, [review(1, "disqualification", reason="not-eligible")])
        assert [step.action for step in standing.next_steps] == ["rebid", "renotice", "negotiated-contract"][
            : 2 + is_rebid
        ]
        assert all(step.legal_basis.startswith(law) for step in standing.next_steps)
        assert standing.to_json()["next"] == [step.to_json() for step in standing.next_steps]
    assert isinstance(standing.next_steps[0], NextStep)


def test_a_framework_takes_as_many_winners_as_its_notice_wants() -> None:
    for wanted in (1, 2, 3):
        standing = stand(evaluation(3, "lowest"), [], wanted=wanted)
        assert winners(standing) == [stmt(n) for n in range(1, wanted + 1)]
    assert winners(stand(evaluation(2, "lowest"), [], wanted=3)) == [stmt(1), stmt(2)]
    assert wanted_of({}) == 1
    assert wanted_of({"framework": {"winners": 1}}) == 1
    assert wanted_of({"framework": {"winners": 4}}) == 4
    for wrong in (0, -1, True, "2", 1.0):
        with pytest.raises(ValueError, match="number of winners"):
            wanted_of({"framework": {"winners": wrong}})


def test_which_terms_are_awarded_by_a_standing() -> None:
    for method in ("qualification", "negotiation", "desired-quantity", "reverse-auction"):
        assert has_standing({"method": method, "scoring": {}}, [])
        assert not has_standing({"method": method}, [])
    for method in ("quote", "lowest", "best-value"):
        assert not has_standing({"method": method, "scoring": {}}, [])
        assert has_standing({"method": method}, [review(1, "disqualification")])


def test_the_table_of_the_terms_is_read_with_every_figure() -> None:
    assert table_of({}) is None
    table = table_of(TABLE)
    assert table == PriceTable(80, Fraction(20), 90, 95, 90_250)


@pytest.mark.parametrize(
    "changes", [{"tender": "R26BK00000002-000"}, {"lot": "2"}, {"stmt": stmt(99)}, {"stmt": stmt(7)}]
)
def test_a_review_of_something_else_is_refused(changes: Json) -> None:
    with pytest.raises(ValueError, match="another tender, or of no ranked bid"):
        stand(evaluation(), [replace(review(1, "disqualification"), **changes)])


@pytest.mark.parametrize(
    ("ranking", "count"),
    [((1, 2), 1), ((1, 1), 2), ((1, 2, 2), 2), ((1, 3), 2), ((), 2)],
)
def test_an_auction_that_ranks_other_bids_is_refused(ranking: tuple[int, ...], count: int) -> None:
    auction = {"ranking": [{"stmt": stmt(number), "amount": "5"} for number in ranking]}
    with pytest.raises(ValueError, match=r"stands by its auction|ranks other bids"):
        stand(evaluation(count, "reverse-auction", scoring={}), [], auction)


def test_one_bidder_alone_needs_no_auction_and_another_method_has_none() -> None:
    assert winners(stand(evaluation(1, "reverse-auction", scoring={}), [])) == [stmt(1)]
    with pytest.raises(ValueError, match="stands by its auction"):
        stand(evaluation(2, "lowest"), [], {"ranking": []})


def test_points_that_fail_are_shown_with_the_sign_and_count_among_equals() -> None:
    """75 and 19.9999 of 95; the other of the same price is not reviewed yet and stands before it."""
    equal = evaluation(scoring=TABLE, amounts=(897_450_000, 897_450_000, 897_450_001))
    failed = review(1, "qualification", points=FULL - 1, reason="below-pass-mark")
    standing = stand(equal, [failed])
    assert [place.stmt for place in standing.placings[:2]] == [stmt(2), stmt(1)]
    assert standing.placings[0].arithmetic == (Step("equal-price", "2 x 897450000", "-"),)
    out = standing.placings[1]
    assert out.points == {"price": 750_000, "others": 199_999, "total": 949_999}
    assert out.arithmetic[-3:] == (
        Step("total-points", "75.0000 + 19.9999", "94.9999"),
        Step("against-pass-mark", "94.9999 < 95.0000", "<"),
        Step("equal-price", "2 x 897450000", "19.9999"),
    )


def test_a_review_that_gives_no_points_counts_as_nought() -> None:
    """A table whose price points pass alone: with nothing for the rest the bid passes, and is last among its equals."""
    generous = {"table": {"full": 95, "slope": "20", "base": 90, "pass_mark": 95, "plateau": None}, "net_cost": None}
    made = evaluation(scoring=generous, amounts=(900_000_000, 900_000_000, 900_000_001))
    none, one = qualify(1, 0), qualify(2, 1)
    standing = stand(made, [none, one])
    assert winners(standing) == [stmt(2)]
    assert [place.points and place.points["others"] for place in standing.placings[:2]] == [1, 0]
    disqualified = stand(made, [review(1, "disqualification", reason="sanctioned"), one])
    assert [place.stmt for place in disqualified.placings[:2]] == [stmt(2), stmt(1)]
    assert disqualified.placings[1].arithmetic[-1] == Step("equal-price", "2 x 900000000", "0.0000")


def test_a_winner_is_named_with_its_supplier_and_price() -> None:
    assert stand(evaluation(method="lowest"), []).winners == (Winner(stmt(1), "s1", 897_450_000),)


@pytest.mark.parametrize(
    ("offered", "bought"),
    [
        ((2, 5, 1), ((1, 2), (2, 1))),
        ((2, 1, 5), ((1, 2), (2, 1))),
        ((3, 1, 1), ((1, 3),)),
        ((1, 1, 1), ((1, 1), (2, 1), (3, 1))),
    ],
)
def test_a_quantity_is_bought_to_the_last_piece_and_no_further(
    offered: tuple[int, ...], bought: tuple[tuple[int, int], ...]
) -> None:
    quantities = {stmt(number): one for number, one in enumerate(offered, start=1)}
    made = evaluation(method="desired-quantity", scoring={"quantity": 3, "unit": "ea"}, quantity=quantities)
    standing = stand(made, [])
    assert [(winner.stmt, winner.quantity) for winner in standing.winners] == [(stmt(n), one) for n, one in bought]
    assert [bool(place.arithmetic) for place in standing.placings[:3]] == [n <= len(bought) for n in (1, 2, 3)]


def test_of_two_decisions_against_a_bid_the_one_decided_first_is_told() -> None:
    """The qualification was decided anew after the refusal: the refusal has been in force for longer."""
    passed, refused = review(1, "qualification", "pass"), review(1, "refusal", reason="contract-refused")
    failed = review(1, "qualification", reason="below-pass-mark")
    assert stand(evaluation(), [passed, refused, failed]).placings[0].reason == "contract-refused"
    assert stand(evaluation(), [failed, refused]).placings[0].reason == "below-pass-mark"
