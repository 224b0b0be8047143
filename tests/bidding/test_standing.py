"""The standing after reviews: who is awarded, who is reviewed next, and what no review of a bid can change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.review import Review
from bidding.standing import Due, Standing, digest_of, has_standing, stand
from bidding.types import Evaluation, NoticeTerms, Outcome, Placing

Json = dict[str, Any]
TENDER = "R26BK00000001-000"
TABLE = {"table": {"full": 80, "slope": "20", "base": 90, "pass_mark": 95, "plateau": 90_250}, "net_cost": None}
FULL = 200_000  # all 20 points but the price's


def stmt(number: int) -> str:
    return f"{number:064x}"


def evaluation(
    count: int = 3,
    method: str = "qualification",
    scoring: Json | None = None,
    amounts: tuple[int, ...] = (),
    **more: Any,
) -> Json:
    """Ranked bids 1 to `count` and one below the floor; the estimated price is a thousand million won."""
    terms = NoticeTerms(TENDER, method, 89_745, "r1")
    won = amounts or tuple(897_450_000 + number for number in range(count))
    ranked = [Placing(stmt(place), f"s{place}", place, "valid", won[place - 1]) for place in range(1, count + 1)]
    out = Placing(stmt(99), "s99", None, "below-floor", 800_000_000)
    made = Evaluation(terms, "ab" * 32, Outcome.RANKED, None, None, count + 1, (*ranked, out)).to_json()
    made["estimated_price"] = "1000000000"
    made["terms"] |= {"scoring": scoring} if scoring is not None else {}
    for placing in made["placings"]:
        placing |= {name: values[placing["stmt"]] for name, values in more.items() if placing["stmt"] in values}
    return made


def review(number: int, kind: str, result: str = "fail", **more: Any) -> Review:
    defaults = {"reason": "documents-missing", "legal_basis": "국가계약법 시행규칙 제44조"} if result == "fail" else {}
    return Review(
        TENDER, "1", stmt(number), kind, result, ("person:a", "person:b"), "2026-11-24T00:00:00Z", **(defaults | more)
    )


def qualify(number: int, points: int = FULL) -> Review:
    return review(number, "qualification", "pass", points=points)


def winners(standing: Standing) -> list[str]:
    return [winner.stmt for winner in standing.winners]


def test_without_a_need_for_reviews_the_first_bid_wins_at_once() -> None:
    for method in ("quote", "lowest", "sale", "best-value", "two-stage"):
        standing = stand(evaluation(method=method), [])
        assert (standing.outcome, winners(standing), standing.due) == (Due.AWARDABLE, [stmt(1)], None)


def test_the_lowest_is_reviewed_first_and_the_next_one_when_it_fails() -> None:
    first = stand(evaluation(scoring=TABLE), [])
    assert (first.outcome, first.due, winners(first)) == (Due.REVIEW_DUE, stmt(1), [])
    failed = review(1, "qualification", points=100_000, reason="below-pass-mark")
    second = stand(evaluation(scoring=TABLE), [failed])
    assert (second.due, second.placings[0].place, second.placings[0].reason) == (stmt(2), None, "below-pass-mark")
    passed = stand(evaluation(scoring=TABLE), [failed, qualify(2)])
    assert (passed.outcome, winners(passed), passed.due) == (Due.AWARDABLE, [stmt(2)], None)
    assert [place.place for place in passed.placings] == [None, 1, 2, None]


def test_the_points_of_a_qualification_are_counted_line_by_line() -> None:
    """T-S1: 897,450,000 of 1,000,000,000 gives 75 points, 95 with all others."""
    place = stand(evaluation(scoring=TABLE), [qualify(1)]).placings[0]
    assert place.points == {"price": 750_000, "others": 200_000, "total": 950_000}
    assert [(step.label, step.expression, step.value) for step in place.arithmetic] == [
        ("review", "qualification", "pass"),
        ("price-ratio", "100 x (897450000 - 0) / (1000000000 - 0)", "89.75"),
        ("price-points", "80 - 20 x |90 - 89.75|", "75.0000"),
        ("total-points", "75.0000 + 20.0000", "95.0000"),
        ("against-pass-mark", "95.0000 >= 95.0000", ">="),
    ]


def test_of_equal_prices_all_are_reviewed_before_one_wins_and_the_lot_decides_only_between_equal_points() -> None:
    """국가계약법 시행령 47조 1항 2호."""
    equal = evaluation(scoring=TABLE, amounts=(897_450_000, 897_450_000, 897_450_001))
    assert stand(equal, [qualify(1)]).due == stmt(2)
    assert stand(equal, [qualify(1)]).winners == ()
    assert winners(stand(equal, [qualify(1), qualify(2)])) == [stmt(1)]  # equal points: as the lot fell
    table = {"full": 80, "slope": "20", "base": 90, "pass_mark": 94, "plateau": 90_250}
    lower = evaluation(scoring={"table": table, "net_cost": None}, amounts=(897_450_000, 897_450_000, 897_450_001))
    standing = stand(lower, [qualify(1, FULL - 1), qualify(2)])
    assert winners(standing) == [stmt(2)]
    assert [place.stmt for place in standing.placings[:3]] == [stmt(2), stmt(1), stmt(3)]
    told = [step for place in standing.placings for step in place.arithmetic if step.label == "equal-price"]
    assert [(step.expression, step.value) for step in told] == [
        ("2 x 897450000", "20.0000"),
        ("2 x 897450000", "19.9999"),
    ]


def test_of_equal_prices_one_that_fails_leaves_the_other() -> None:
    equal = evaluation(scoring=TABLE, amounts=(897_450_000, 897_450_000, 897_450_001))
    failed = review(1, "qualification", points=100_000, reason="below-pass-mark")
    assert stand(equal, [failed]).due == stmt(2)
    assert winners(stand(equal, [failed, qualify(2)])) == [stmt(2)]


def test_a_review_cannot_say_otherwise_than_its_points() -> None:
    """T-S2: one won less is 74.8, and fails whatever the officers wrote."""
    below = evaluation(scoring=TABLE, amounts=(897_449_999, 897_450_000, 897_460_000))
    with pytest.raises(ValueError, match="not what its points say"):
        stand(below, [qualify(1)])
    with pytest.raises(ValueError, match="not what its points say"):
        stand(evaluation(scoring=TABLE), [review(1, "qualification", points=FULL)])
    with pytest.raises(ValueError, match="not what its points say"):
        stand(evaluation(scoring=TABLE), [qualify(1, 200_001)])


def test_a_struck_review_is_held_to_its_points_too() -> None:
    with pytest.raises(ValueError, match="not what its points say"):
        stand(evaluation(scoring=TABLE), [qualify(1, 100_000), qualify(1)])


def test_a_qualification_without_figures_is_decided_by_its_review_alone() -> None:
    assert winners(stand(evaluation(), [])) == [stmt(1)]  # as tenders before this version were awarded
    assert stand(evaluation(), [review(1, "qualification")]).due == stmt(2)
    assert winners(stand(evaluation(), [review(1, "qualification"), review(2, "qualification", "pass")])) == [stmt(2)]
    with pytest.raises(ValueError, match="without a table"):
        stand(evaluation(), [qualify(1)])


def test_negotiations_go_down_the_ranking() -> None:
    scored = evaluation(method="negotiation", scoring={"technical": {}})
    assert stand(scored, []).due == stmt(1)
    broken = review(1, "negotiation", reason="negotiation-failed")
    assert stand(scored, [broken]).due == stmt(2)
    assert winners(stand(scored, [broken, review(2, "negotiation", "pass")])) == [stmt(2)]


def test_a_winner_that_does_not_sign_is_followed_by_the_next_to_be_reviewed() -> None:
    refused = review(1, "refusal", reason="contract-refused")
    standing = stand(evaluation(scoring=TABLE), [qualify(1), refused])
    assert (standing.due, standing.placings[0].reason) == (stmt(2), "contract-refused")
    assert standing.placings[0].points is not None  # it did pass


def test_several_bidders_fill_the_quantity_and_the_last_is_cut() -> None:
    offered = {stmt(1): 400, stmt(2): 500, stmt(3): 300}
    wanted = evaluation(method="desired-quantity", scoring={"quantity": 1000, "unit": "ea"}, quantity=offered)
    standing = stand(wanted, [])
    assert [(winner.stmt, winner.quantity) for winner in standing.winners] == [
        (stmt(1), 400),
        (stmt(2), 500),
        (stmt(3), 100),
    ]
    assert standing.placings[2].arithmetic[-1].expression == "min(300, 100)"
    refilled = stand(wanted, [review(1, "disqualification", reason="sanctioned")])
    assert [(winner.stmt, winner.quantity) for winner in refilled.winners] == [(stmt(2), 500), (stmt(3), 300)]


def test_nobody_left_is_told_with_the_roads_that_the_law_leaves() -> None:
    standing = stand(evaluation(2, "quote"), [review(n, "disqualification", reason="not-eligible") for n in (1, 2)])
    assert (standing.outcome, standing.winners, standing.due) == (Due.EXHAUSTED, (), None)
    assert [step.action for step in standing.next_steps] == ["rebid", "renotice"]


def test_an_auction_ranks_anew() -> None:
    first = evaluation(2, "reverse-auction", scoring={})
    auction = {"ranking": [{"stmt": stmt(2), "amount": "890000000"}, {"stmt": stmt(1), "amount": "891000000"}]}
    (winner,) = stand(first, [], auction).winners
    assert (winner.stmt, winner.amount_won) == (stmt(2), 890_000_000)
    for other in (None, {"ranking": auction["ranking"][:1]}):
        with pytest.raises(ValueError, match="auction"):
            stand(first, [], other)


@pytest.mark.parametrize(
    "changes",
    [
        {"result": "pass"},
        {"reason": ""},
        {"legal_basis": ""},
        {"reason": "In Words"},
        {"approvals": ("person:a", "person:a")},
        {"approvals": ("person:a", "")},
        {"points": 1},
        {"evidence": ("file.pdf",)},
        {"kind": "opinion"},
    ],
)
def test_a_decision_that_is_none_is_refused(changes: Json) -> None:
    with pytest.raises(ValueError, match=r"."):
        replace(review(1, "disqualification"), **changes)


def test_reviews_are_read_from_their_own_bytes_only() -> None:
    made = replace(qualify(1), evidence=("ab" * 32,))
    assert Review.from_json(made.to_json()) == made
    for changes in ({"points": True}, {"extra": 1}, {"v": 2}, {"approvals": "ab"}, {"at": None}):
        with pytest.raises(ValueError, match=r"not a review|another shape|whole number|two persons"):
            Review.from_json(made.to_json() | changes)


def test_reviews_of_other_tenders_and_of_unranked_bids_do_not_belong_here() -> None:
    for wrong in (
        replace(qualify(1), tender="R26BK00000002-000"),
        replace(qualify(1), lot="2"),
        replace(qualify(1), stmt=stmt(99)),
    ):
        with pytest.raises(ValueError, match="another tender"):
            stand(evaluation(scoring=TABLE), [wrong])


def test_an_award_goes_by_a_standing_where_the_method_or_a_review_asks_for_it() -> None:
    assert not has_standing(evaluation(method="quote")["terms"], [])
    assert not has_standing(evaluation()["terms"], [])
    assert has_standing(evaluation(scoring=TABLE)["terms"], [])
    assert has_standing(evaluation(method="quote")["terms"], [review(1, "disqualification")])


# Any history of decisions, in methods that need a review and in one that does not.
bids = st.integers(1, 4)
decisions = st.builds(
    lambda number, kind: (
        review(number, kind) if kind in ("disqualification", "refusal", "lot-limit") else
        review(number, "reinstatement", "pass") if kind == "reinstatement" else
        review(number, "qualification", "pass") if kind == "passed" else review(number, "qualification")
    ),
    bids,
    st.sampled_from(("disqualification", "refusal", "lot-limit", "reinstatement", "passed", "failed")),
)  # fmt: skip
histories = st.lists(decisions, max_size=8)
methods = st.sampled_from(("quote", "qualification"))


def order(standing: Standing) -> list[tuple[str, str]]:
    return [(place.stmt, place.reason) for place in standing.placings]


@given(methods, histories, decisions)
def test_a_review_of_a_bid_changes_neither_the_order_nor_the_reasons_of_the_others(
    method: str, history: list[Review], one: Review
) -> None:
    before, after = (stand(evaluation(4, method), reviews) for reviews in (history, [*history, one]))
    others = [[entry for entry in order(standing) if entry[0] != one.stmt] for standing in (before, after)]
    assert others[0] == others[1]


@given(methods, histories)
def test_taking_out_the_winner_leads_to_the_next_in_line(method: str, history: list[Review]) -> None:
    before = stand(evaluation(4, method), history)
    if not before.winners:
        return
    winner = before.winners[0].stmt
    after = stand(evaluation(4, method), [*history, replace(review(1, "refusal"), stmt=winner)])
    in_line = [place.stmt for place in before.placings if place.place is not None and place.stmt != winner]
    assert [*winners(after), *([after.due] if after.due else [])] == in_line[:1]


@given(methods, histories, bids)
def test_a_reinstatement_undoes_what_took_the_bid_out(method: str, history: list[Review], number: int) -> None:
    kept: list[Review] = []
    for one in history:  # what was decided against the bid goes, and what that had replaced does not come back
        if one.stmt == stmt(number) and one.result == "fail":
            kept = [other for other in kept if (other.stmt, other.kind) != (one.stmt, one.kind)]
        else:
            kept.append(one)
    back = stand(evaluation(4, method), [*history, review(number, "reinstatement", "pass")])
    never = stand(evaluation(4, method), kept)
    if any(one.kind == "qualification" for one in kept) == any(one.kind == "qualification" for one in history):
        assert (winners(back), back.due, order(back)) == (winners(never), never.due, order(never))
    assert next(place for place in back.placings if place.stmt == stmt(number)).place is not None


@given(methods, histories, decisions)
def test_the_same_decision_twice_is_the_same_as_once(method: str, history: list[Review], one: Review) -> None:
    once, twice = (stand(evaluation(4, method), [*history, *[one] * times]) for times in (1, 2))
    assert (winners(once), once.due, order(once)) == (winners(twice), twice.due, order(twice))


@given(methods, histories)
def test_everybody_has_a_place_or_a_reason_and_places_leave_no_gap(method: str, history: list[Review]) -> None:
    standing = stand(evaluation(4, method), history)
    places = [place.place for place in standing.placings if place.place is not None]
    assert places == list(range(1, len(places) + 1))
    assert all((place.place is None) == (place.reason != "valid") for place in standing.placings)
    assert {place.stmt for place in standing.placings} == {stmt(n) for n in (1, 2, 3, 4, 99)}
    assert len(digest_of(standing)) == 64


NEGOTIATED = {"ceiling_won": "899000000"}


def agree(number: int, won: int) -> Review:
    return review(number, "negotiation", "pass", agreed_won=won)


def test_a_negotiation_lowers_the_price_that_is_awarded_and_nothing_of_the_ranking() -> None:
    ranked = evaluation(method="negotiation", scoring=NEGOTIATED)
    standing = stand(ranked, [agree(1, 890_000_000)])
    assert [winner.to_json() for winner in standing.winners] == [
        {"stmt": stmt(1), "supplier": "s1", "amount": "890000000"}
    ]
    assert [(step.label, step.expression, step.value) for step in standing.placings[0].arithmetic] == [
        ("review", "negotiation", "pass"),
        ("agreed-amount", "890000000 < 897450000", "890000000"),
    ]
    unchanged = stand(ranked, [review(1, "negotiation", "pass")])
    assert unchanged.winners[0].amount_won == 897_450_000
    assert "agreed" not in review(1, "negotiation", "pass").to_json()


def test_only_the_last_negotiation_counts_and_none_of_a_bid_that_is_out() -> None:
    ranked = evaluation(method="negotiation", scoring=NEGOTIATED)
    again = stand(ranked, [agree(1, 890_000_000), agree(1, 895_000_000)])
    assert again.winners[0].amount_won == 895_000_000
    out = stand(ranked, [agree(1, 890_000_000), review(1, "refusal"), agree(2, 880_000_000)])
    assert [(winner.stmt, winner.amount_won) for winner in out.winners] == [(stmt(2), 880_000_000)]


@pytest.mark.parametrize("won", [897_450_000, 897_450_001, 2_000_000_000])
def test_an_agreed_amount_is_below_the_bids(won: int) -> None:
    with pytest.raises(ValueError, match="not below the bid's"):
        stand(evaluation(method="negotiation", scoring=NEGOTIATED), [agree(1, won)])


def test_an_agreed_amount_is_above_neither_the_estimated_price_nor_the_limit_of_the_notice() -> None:
    dear = (1_200_000_000, 1_200_000_001, 1_200_000_002)
    priced = evaluation(method="negotiation", scoring={"ceiling_won": None}, amounts=dear)
    limited = evaluation(method="negotiation", scoring={"ceiling_won": "900000000"}, amounts=dear)
    for ranked, most in ((priced, 1_000_000_000), (limited, 900_000_000)):
        assert stand(ranked, [agree(1, most)]).winners[0].amount_won == most
        with pytest.raises(ValueError, match="above a limit"):
            stand(ranked, [agree(1, most + 1)])


def test_by_another_method_no_amount_is_agreed() -> None:
    with pytest.raises(ValueError, match="nothing is negotiated"):
        stand(evaluation(method="quote"), [agree(1, 890_000_000)])


def test_nothing_but_a_negotiation_that_came_to_something_agrees_on_an_amount() -> None:
    for kind, result in (("qualification", "pass"), ("negotiation", "fail"), ("reinstatement", "pass")):
        with pytest.raises(ValueError, match="came to something"):
            review(1, kind, result, agreed_won=1)
    with pytest.raises(ValueError, match="came to something"):
        agree(1, 0)
    item = agree(1, 890_000_000).to_json()
    assert Review.from_json(item) == agree(1, 890_000_000)
    for spelled in ("0890000000", 890_000_000, "8e8", "", None):
        with pytest.raises(ValueError, match=r"not a review|came to|invalid"):
            Review.from_json(item | {"agreed": spelled})
