"""Scores far from the others: at the very edge of each rule."""

from __future__ import annotations

import pytest

from bidding.criteria import read_tech
from bidding.rules.outliers import Outlier, outliers
from bidding.rules.technical import Sheet
from tests.bidding.rules.test_technical import a_rule, sheet


def test_two_of_three_evaluators_are_too_few_for_an_outlier_and_three_are_enough() -> None:
    far = [800_000, 800_000, 100_000]
    assert [one.code for one in outliers(read_tech(a_rule()), [sheet("a", *far)])] == ["", "1", "2.1", "2.2"]
    assert outliers(read_tech(a_rule()), [sheet("a", *far[1:])]) == ()


def test_what_could_not_be_read_hides_no_outlier_behind_it() -> None:
    found = outliers(read_tech(a_rule()), [Sheet("z", {}), sheet("a", 800_000, 800_000, 100_000)])
    assert found[0] == Outlier("a", "E3", "", 100_000, 1_600_000)


@pytest.mark.parametrize(("low", "is_out"), [(709_999, True), (710_000, False)])
def test_a_total_is_out_beyond_a_tenth_of_the_full_points(low: int, is_out: bool) -> None:
    """Median 80, full 90: a distance of more than 9 points."""
    found = outliers(read_tech(a_rule()), [sheet("a", 800_000, 800_000, low)])
    assert [one.code for one in found if not one.code] == ([""] if is_out else [])


@pytest.mark.parametrize(("low", "is_out"), [(499_999, True), (500_000, False)])
def test_a_total_is_out_beyond_three_times_the_usual_distance(low: int, is_out: bool) -> None:
    """Median 80; distances 0, 0, 10, 10 and 30 points or a ten-thousandth more: the usual one is 10."""
    found = outliers(read_tech(a_rule()), [sheet("a", 800_000, 700_000, 900_000, 800_000, low)])
    assert [(one.evaluator, one.score) for one in found if not one.code] == ([("E5", low)] if is_out else [])


@pytest.mark.parametrize(("low", "is_out"), [(269_999, True), (270_000, False)])
def test_a_score_is_out_by_the_full_points_of_its_own_criterion(low: int, is_out: bool) -> None:
    """Of 30 points: a distance of more than 3, though the total of 90 would allow 9."""
    rows = {f"E{n}": {"1": score, "2.1": 0, "2.2": 0} for n, score in enumerate((300_000, 300_000, low), start=1)}
    found = outliers(read_tech(a_rule()), [Sheet("a", rows)])
    assert found == ((Outlier("a", "E3", "1", low, 600_000),) if is_out else ())


def test_of_an_even_number_the_median_lies_between_the_middle_two() -> None:
    found = outliers(read_tech(a_rule()), [sheet("a", 800_000, 810_000, 805_000, 400_000)])
    assert {one.twice_median for one in found if not one.code} == {1_605_000}
    found = outliers(read_tech(a_rule()), [sheet("a", 800_000, 400_000, 810_000, 805_000, 806_000, 802_000)])
    assert {one.twice_median for one in found if not one.code} == {802_000 + 805_000}
