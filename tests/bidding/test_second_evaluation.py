"""Two evaluations that share no code come to the same bytes, for every method and whatever the reviews say,
and auctions played twice to the same chain."""

from __future__ import annotations

from collections import Counter

from app.tlog.canon import jcs
from tests.bidding.random_auctions import auctions
from tests.bidding.random_evaluations import METHODS, Case, cases
from tests.bidding.test_second_verifier_parts import ask

COUNT = 900


def test_both_evaluations_and_standings_are_the_same_to_the_byte() -> None:
    made = list(cases(COUNT))
    found = ask("evaluations", [case.asked for case in made])
    for case, answer in zip(made, found, strict=True):
        assert answer["evaluation"] == jcs(case.evaluation.to_json()).decode(), case.asked
        assert answer["standing"] == (jcs(case.standing).decode() if case.standing is not None else None), case.asked
    # What was compared is not nothing: every method had winners, ties and bids that are out.
    outcomes = Counter((case.evaluation.terms.method, str(case.evaluation.outcome)) for case in made)
    assert {method for method, outcome in outcomes if outcome == "ranked"} == set(METHODS)
    agreed = [review for case in made for review in case.asked.get("reviews", ()) if "agreed" in review]
    assert agreed
    assert [case for case in made if gives_on(case)]
    assert any(placing.is_tied for case in made for placing in case.evaluation.placings)


def gives_on(case: Case) -> bool:
    """Several winners of a quantity, though one that the evaluation gave some of it did not sign."""
    refused = {review["stmt"] for review in case.asked.get("reviews", ()) if review["kind"] == "refusal"}
    given = {placing.stmt for placing in case.evaluation.placings if placing.allotted}
    return bool(refused & given) and case.standing is not None and len(case.standing["winners"]) > 1


AUCTIONS = 300
# The rule's codes as the second verifier names what is wrong.
REFUSED = {
    "not-in-auction": "entrant", "not-started": "round", "ended": "round", "round": "round", "clock": "at",
    "twice": "stmt", "prev": "prev", "step": "amount",
}  # fmt: skip


def test_both_play_the_same_auctions_to_the_byte() -> None:
    made = list(auctions(AUCTIONS))
    found = ask("auctions", [case.asked for case in made])
    for case, answer in zip(made, found, strict=True):
        assert answer["entrants"] == case.entrants, case.asked
        assert answer["start"] == jcs(case.start).decode(), case.asked
        said = [REFUSED[one] if isinstance(one, str) else jcs(one).decode() for one in case.outcomes]
        assert answer["outcomes"] == said, case.asked
        assert (answer["ranking"], answer["ends"]) == (jcs(case.ranking).decode(), case.ends), case.asked
    # What was compared is not nothing: every refusal, ties in the auction, and extended rounds.
    codes = Counter(one for case in made for one in case.outcomes if isinstance(one, str))
    assert set(codes) == set(REFUSED)
    steps = Counter(step["label"] for case in made for place in case.ranking for step in place["arithmetic"])
    assert min(steps["earlier-than-next"], steps["before-next"], steps["auction-bid"]) > 100
    assert sum(case.is_extended for case in made) > 20
