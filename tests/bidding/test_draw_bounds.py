"""How many reserve prices a draw can have: both verifiers refuse a box that asks for more, by the same check."""

from __future__ import annotations

import pytest

from bidding import draw_rule
from bidding.types import DrawRule
from tests.bidding.second_verifier import Case, first_opinion, second_opinion
from tests.bidding.world import finished

BASE = {"1": 250_000_000}


@pytest.mark.parametrize(
    "rule",
    [{"n": 0}, {"n": 101}, {"n": 2**40}, {"pick": 16}, {"choose": 16}, {"kind": "split", "above": -1, "below": 16}],
)
def test_a_draw_beyond_its_bounds_is_no_draw(rule: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        DrawRule(base=BASE, **rule)  # type: ignore[arg-type]


def test_both_verifiers_take_a_hundred_prices_and_refuse_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [Case(finished(rule=DrawRule(base=BASE, n=draw_rule.MOST_PRICES)).bundle())]
    with monkeypatch.context() as unbounded:
        unbounded.setattr(draw_rule, "MOST_PRICES", 1_000)  # as an agency would write it that keeps to no bound
        cases.append(Case(finished(rule=DrawRule(base=BASE, n=101)).bundle()))
    for taken, refused in (map(first_opinion, cases), second_opinion(cases)):
        assert taken.verdict is None
        assert refused.verdict == "V05"
