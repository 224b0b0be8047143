"""How means are rounded and rates cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.rounding import ROUNDINGS, bid_rate, explain_mean, half_up, round_mean, show_rate


@pytest.mark.parametrize(
    ("rounding", "total", "mean"),
    [
        ("exact", 400, 100),
        ("down-1", 403, 100),
        ("up-1", 400, 100),
        ("up-1", 401, 101),
        ("up-10", 401, 110),
        ("up-100", 400, 100),
        ("up-100", 401, 200),
        ("up-1000", 4000, 1000),
        ("up-1000", 4001, 2000),
    ],
)
def test_each_rounding_of_the_list(rounding: str, total: int, mean: int) -> None:
    assert round_mean(total, 4, rounding) == mean


def test_an_exact_mean_that_is_not_whole_is_refused() -> None:
    with pytest.raises(ValueError, match="not a whole amount"):
        round_mean(401, 4, "exact")


@pytest.mark.parametrize(("count", "rounding"), [(4, "nearest"), (0, "up-1")])
def test_an_unknown_rounding_or_a_mean_of_nothing_is_refused(count: int, rounding: str) -> None:
    with pytest.raises(ValueError, match=r"unknown|nothing"):
        round_mean(1, count, rounding)


def test_a_published_price_is_explained_by_the_plainest_rounding() -> None:
    assert explain_mean(400, 4, 100) == "exact"
    assert explain_mean(401, 4, 100) == "down-1"
    assert explain_mean(401, 4, 101) == "up-1"
    assert explain_mean(401, 4, 1000) == "up-1000"
    assert explain_mean(401, 4, 102) is None


@given(st.integers(1, 10**15), st.sampled_from(sorted(set(ROUNDINGS) - {"exact", "down-1"})))
def test_rounding_up_never_loses_and_never_overshoots(total: int, rounding: str) -> None:
    unit = int(rounding.partition("-")[2])
    mean = round_mean(total, 4, rounding)
    assert mean % unit == 0
    assert 0 <= mean * 4 - total < unit * 4


def test_the_bid_rate_is_cut_to_three_decimals() -> None:
    assert show_rate(bid_rate(122_845_000, 135_898_725)) == "90.394"
    assert show_rate(bid_rate(96, 110)) == "87.272"
    assert show_rate(bid_rate(98, 110)) == "89.090"
    with pytest.raises(ValueError, match="positive"):
        bid_rate(1, 0)


def test_half_up_at_the_named_decimal() -> None:
    assert half_up(89745, 100_000, 4) == 8975
    assert half_up(897_449_999, 10**9, 4) == 8974
    assert half_up(1, 2, 0) == 1
