"""Two evaluations that share no code come to the same bytes, for every method and whatever the reviews say."""

from __future__ import annotations

from collections import Counter

from app.tlog.canon import jcs
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
