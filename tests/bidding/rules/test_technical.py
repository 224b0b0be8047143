"""Technical scores: sums and means by hand, and what must hold whatever the committee writes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding.criteria import POINT, read_tech
from bidding.rules.outliers import outliers
from bidding.rules.technical import Sheet, left_out, read_sheets, score_technical, scores_of, technical_json
from bidding.types import Step

Json = dict[str, Any]


def a_rule(**changes: Any) -> Json:
    criteria = [
        {"code": "1", "name": "이해도", "full": 30, "parent": None},
        {"code": "2", "name": "수행 방안", "full": 60, "parent": None},
        {"code": "2.1", "name": "방법", "full": 40, "parent": "2"},
        {"code": "2.2", "name": "인력", "full": 20, "parent": "2"},
    ]
    return {
        "criteria": criteria, "full": 90, "threshold": 85_000, "drop": "none", "rank_gap": None,
        "least_evaluators": 1, "blind": True, **changes,
    }  # fmt: skip


def scored(total: int) -> dict[str, int]:
    """A sheet with this total in ten-thousandths, filled from the first criterion on."""
    first = min(total, 30 * POINT)
    second = min(total - first, 40 * POINT)
    return {"1": first, "2.1": second, "2.2": total - first - second}


def sheet(stmt: str, *totals: int) -> Sheet:
    return Sheet(stmt, {f"E{n}": scored(total) for n, total in enumerate(totals, start=1)})


def points_of(rule: Json, *sheets: Sheet) -> list[tuple[int, bool]]:
    return [(result.points, result.is_qualified) for result in score_technical(rule, sheets)]


def test_the_mean_of_the_totals_is_rounded_once_half_up() -> None:
    sheets = sheet("a", 800_000, 800_000, 800_001), sheet("b", 765_000, 764_999), sheet("c", 765_000, 764_998)
    assert points_of(a_rule(), sheets[0]) == [(800_000, True)]
    assert points_of(a_rule(), sheets[1], sheets[2]) == [(765_000, True), (764_999, False)]


def test_the_threshold_is_in() -> None:
    assert points_of(a_rule(), sheet("a", 765_000)) == [(765_000, True)]
    assert points_of(a_rule(), sheet("a", 764_999)) == [(764_999, False)]
    assert points_of(a_rule(threshold=None), sheet("a", 0)) == [(0, True)]


def test_the_highest_and_the_lowest_fall_away_where_the_rule_says_so_and_four_scored() -> None:
    rule = a_rule(drop="extremes")
    assert points_of(rule, sheet("a", 900_000, 800_000, 790_000, 100_000)) == [(795_000, True)]
    assert points_of(rule, sheet("a", 900_000, 800_000, 700_000)) == [(800_000, True)]
    assert points_of(a_rule(), sheet("a", 900_000, 800_000, 790_000, 100_000)) == [(647_500, False)]


def test_of_equal_extremes_one_falls_away() -> None:
    rule = a_rule(drop="extremes")
    assert points_of(rule, sheet("a", 900_000, 900_000, 600_000, 600_000)) == [(750_000, False)]
    assert points_of(rule, sheet("a", *[800_000] * 5)) == [(800_000, True)]


def test_ranks_get_fixed_gaps_and_equal_points_share_a_rank() -> None:
    sheets = [sheet("a", 880_000), sheet("b", 879_999), sheet("c", 880_000), sheet("d", 700_000), sheet("e", 800_000)]
    found = points_of(a_rule(rank_gap=30_000), *sheets)
    assert found == [(880_000, True), (820_000, True), (880_000, True), (700_000, False), (790_000, True)]


def test_a_gap_moves_nobody_over_or_under_the_threshold() -> None:
    sheets = [sheet(str(n), 900_000 - n * 1000) for n in range(40)]
    found = points_of(a_rule(rank_gap=30_000), *sheets)
    assert all(is_qualified for _, is_qualified in found)
    assert found[-1][0] == 0  # 90 - 39 x 3 would be below nothing


def test_what_could_not_be_read_has_no_points_and_moves_no_one() -> None:
    rule = a_rule(threshold=None, rank_gap=10_000)
    first, empty, last = score_technical(rule, [sheet("a", 800_000), Sheet("b", {}), sheet("c", 700_000)])
    assert (empty.points, empty.is_qualified, empty.arithmetic[0].label) == (0, False, "no-proposal")
    assert (first.points, last.points) == (800_000, 790_000)


def test_the_arithmetic_shows_every_number() -> None:
    rule = a_rule(drop="extremes", rank_gap=15_000)
    sheets = [sheet("a", 900_000, 800_000, 790_000, 100_000), sheet("b", *[850_000] * 4)]
    result = score_technical(rule, sheets)[0]
    assert [(step.label, step.expression, step.value) for step in result.arithmetic] == [
        ("technical-dropped", "E1 90.0000, E4 10.0000", "2"),
        ("technical-total", "E2 80.0000 + E3 79.0000", "159.0000"),
        ("technical-mean", "159.0000 / 2", "79.5000"),
        ("technical-threshold", "79.5000 >= 90 x 85.000%", ">="),
        ("technical-rank-gap", "85.0000 - 1.5000 x (2 - 1)", "83.5000"),
    ]


@pytest.mark.parametrize(
    ("sheets", "why"),
    [
        ([sheet("a", 1), sheet("a", 1)], "a proposal appears twice"),
        ([sheet("a", 1, 2), sheet("b", 1)], "not every evaluator"),
        ([Sheet("a", {"E1": {"1": 0, "2.1": 0}})], "not every criterion"),
        ([Sheet("a", {"E1": {"1": 0, "2": 0, "2.1": 0, "2.2": 0}})], "not every criterion"),
        ([Sheet("a", {"E1": {"1": 300_001, "2.1": 0, "2.2": 0}})], "score of 1 is out of range"),
        ([Sheet("a", {"E1": {"1": -1, "2.1": 0, "2.2": 0}})], "score of 1 is out of range"),
        ([Sheet("a", {"E1": {"1": True, "2.1": 0, "2.2": 0}})], "score of 1 is out of range"),
        ([Sheet("a", {"E01": scored(5)})], "no evaluator E01"),
        ([Sheet("a", {"": scored(5)})], "no evaluator"),
    ],
    ids=["twice", "a sheet short", "a score short", "a sum", "too much", "negative", "no number", "01", "nobody"],
)
def test_incomplete_or_impossible_sheets_are_refused(sheets: list[Sheet], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        score_technical(a_rule(), sheets)


def test_fewer_evaluators_than_the_rule_asks_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer evaluators"):
        score_technical(a_rule(least_evaluators=3), [sheet("a", 1, 2)])


@pytest.mark.parametrize(
    "changes",
    [
        {"full": 80}, {"full": True}, {"threshold": 0}, {"threshold": 100_001}, {"drop": "all"}, {"rank_gap": 30_001},
        {"rank_gap": 0}, {"least_evaluators": 0}, {"blind": 1}, {"more": 1}, {"criteria": []}, {"criteria": None},
        {"criteria": [{"code": "1", "name": "", "full": 90, "parent": None}]},
        {"criteria": [{"code": "0", "name": "x", "full": 90, "parent": None}]},
        {"criteria": [{"code": "1", "name": "x", "full": 90, "parent": "2"}]},
        {"criteria": [{"code": "1", "name": "x", "full": 45, "parent": None}] * 2},
        {"criteria": [{"code": "1", "name": "x", "full": 90, "parent": None},
                      {"code": "1.1", "name": "y", "full": 89, "parent": "1"}]},
    ],
)  # fmt: skip
def test_a_rule_that_does_not_add_up_is_refused(changes: Json) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_tech(a_rule(**changes))


def test_what_lies_below_the_threshold_says_so_in_its_line() -> None:
    (result,) = score_technical(a_rule(), [sheet("a", 764_999)])
    assert result.arithmetic[-1] == Step("technical-threshold", "76.4999 < 90 x 85.000%", "<")
    assert score_technical(a_rule(), []) == ()
    assert not score_technical(a_rule(), [Sheet("a", {})])[0].is_qualified


def test_only_leaves_are_scored() -> None:
    assert dict(read_tech(a_rule()).leaves) == {"1": 30, "2.1": 40, "2.2": 20}


def test_sheets_are_read_as_they_were_written() -> None:
    sheets = [sheet("a", 800_000, 700_000), Sheet("b", {})]
    written = technical_json("R26BK00000001-000", "1", sheets, score_technical(a_rule(), sheets), ("E1", "E2"))
    assert read_sheets(written) == tuple(sheets)
    assert scores_of("E2", sheets)["scores"] == {"a": scored(700_000)}
    for spoilt in ({}, {"sheets": 1}, {"sheets": [{"stmt": "a"}]}, {"sheets": [{"stmt": "a", "scores": {}, "x": 1}]}):
        with pytest.raises(ValueError, match="not sheets"):
            read_sheets(spoilt)


def test_the_bundle_and_the_log_spell_sheets_and_results_out() -> None:
    sheets = [sheet("a", 800_000, 700_000), Sheet("b", {})]
    results = score_technical(a_rule(threshold=None), sheets)
    assert technical_json("R26BK00000001-000", "2", sheets, results, ("E1", "E2")) == {
        "v": 1,
        "type": "technical",
        "tender": "R26BK00000001-000",
        "lot": "2",
        "evaluators": ["E1", "E2"],
        "sheets": [
            {"stmt": "a", "scores": {"E1": scored(800_000), "E2": scored(700_000)}},
            {"stmt": "b", "scores": {}},
        ],
        "results": [
            {
                "stmt": "a",
                "points": 750_000,
                "qualified": True,
                "arithmetic": [
                    {"label": "technical-total", "expression": "E1 80.0000 + E2 70.0000", "value": "150.0000"},
                    {"label": "technical-mean", "expression": "150.0000 / 2", "value": "75.0000"},
                ],
            },
            {
                "stmt": "b",
                "points": 0,
                "qualified": False,
                "arithmetic": [{"label": "no-proposal", "expression": "0", "value": "0"}],
            },
        ],
    }
    assert scores_of("E1", sheets) == {"v": 1, "type": "scores", "evaluator": "E1", "scores": {"a": scored(800_000)}}


def test_who_does_not_qualify_is_not_opened_unless_every_price_counts() -> None:
    sheets = [sheet("d", 700_000), sheet("a", 800_000), Sheet("c", {}), sheet("b", 100_000)]
    results = score_technical(a_rule(), sheets)
    assert left_out(results, opens_all=False) == ["b", "c", "d"]
    assert left_out(results, opens_all=True) == ["c"]


def test_an_evaluator_has_a_number_and_no_other_name() -> None:
    for name in ("E0", "E", "F1", "E1x", "E١", "1"):
        with pytest.raises(ValueError, match="no evaluator"):
            score_technical(a_rule(), [Sheet("a", {name: scored(5)})])
    ten = Sheet("a", {f"E{n}": scored(n) for n in (10, 9, 2)})
    assert score_technical(a_rule(), [ten])[0].arithmetic[0].expression == "E2 0.0002 + E9 0.0009 + E10 0.0010"


def test_a_score_far_from_the_others_is_pointed_out() -> None:
    sheets = [sheet("a", 800_000, 810_000, 805_000, 400_000), sheet("b", 800_000, 810_000, 805_000, 790_000)]
    found = outliers(read_tech(a_rule()), sheets)
    totals = [(one.stmt, one.evaluator, one.score, one.twice_median) for one in found if one.code == ""]
    assert totals == [("a", "E4", 400_000, 1_605_000)]
    assert {one.evaluator for one in found} == {"E4"}
    assert outliers(read_tech(a_rule()), [sheet("a", 0, 900_000)]) == ()


# -- whatever the committee writes ---------------------------------------------------------------------------------

TOTALS = st.integers(0, 90 * POINT)


@st.composite
def committees(draw: st.DrawFn) -> tuple[Json, list[Sheet]]:
    evaluators = draw(st.integers(1, 7))
    rows = draw(st.lists(st.lists(TOTALS, min_size=evaluators, max_size=evaluators), min_size=1, max_size=8))
    rule = a_rule(
        drop=draw(st.sampled_from(["none", "extremes"])),
        threshold=draw(st.none() | st.integers(1, 100_000)),
        rank_gap=draw(st.none() | st.integers(1, 30_000)),
    )
    return rule, [sheet(f"s{n}", *row) for n, row in enumerate(rows)]


@settings(max_examples=200, deadline=None)
@given(committees())
def test_points_lie_between_nothing_and_all(made: tuple[Json, list[Sheet]]) -> None:
    for points, _ in points_of(*_spread(made)):
        assert 0 <= points <= 90 * POINT


@settings(max_examples=100, deadline=None)
@given(committees(), st.randoms())
def test_the_order_of_proposals_and_evaluators_changes_no_points(made: tuple[Json, list[Sheet]], random: Any) -> None:
    rule, sheets = made
    turned = []
    for one in sheets:
        codes = list(one.scores)
        random.shuffle(codes)
        turned.append(Sheet(one.stmt, {code: one.scores[code] for code in codes}))
    random.shuffle(turned)
    assert set(score_technical(rule, sheets)) == set(score_technical(rule, turned))
    renamed = [Sheet(one.stmt, dict(zip(sorted(one.scores, reverse=True), one.scores.values(), strict=True)))
               for one in sheets]  # fmt: skip
    assert points_of(rule, *sheets) == points_of(rule, *renamed)


@settings(max_examples=100, deadline=None)
@given(committees())
def test_a_better_mean_never_has_fewer_points_and_no_unqualified_one_beats_a_qualified(
    made: tuple[Json, list[Sheet]],
) -> None:
    rule, sheets = made
    plain = points_of({**rule, "rank_gap": None, "threshold": None}, *sheets)
    found = points_of(rule, *sheets)
    for (mean, _), (points, is_in) in zip(plain, found, strict=True):
        for (other_mean, _), (other, is_other_in) in zip(plain, found, strict=True):
            if is_in and is_other_in and mean > other_mean:
                assert points >= other
            if is_other_in and not is_in:
                assert mean < other_mean


@settings(max_examples=100, deadline=None)
@given(committees())
def test_the_mean_lies_between_the_lowest_and_the_highest_total(made: tuple[Json, list[Sheet]]) -> None:
    rule, sheets = made
    for one, (points, _) in zip(sheets, points_of({**rule, "rank_gap": None}, *sheets), strict=True):
        totals = [sum(given.values()) for given in one.scores.values()]
        assert min(totals) <= points <= max(totals)


def _spread(made: tuple[Json, list[Sheet]]) -> tuple[Any, ...]:
    rule, sheets = made
    return (rule, *sheets)
