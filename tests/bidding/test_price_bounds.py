"""Between which amounts an estimated price can fall: no draw leaves the bounds, and both ends can happen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.draw import Seeds, make_draw, make_rates
from bidding.price_bounds import price_bounds
from bidding.rules.floor import floor_price
from bidding.types import DrawRule

RULES = [
    {"kind": "segments", "lo": 98_000, "hi": 102_000},
    {"kind": "split", "lo": 97_000, "hi": 103_000},
    {"kind": "segments", "lo": 97_000, "hi": 103_000, "round": "up-1000"},
]


@given(
    base=st.integers(1_000, 10**12),
    made=st.sampled_from(RULES),
    agency=st.binary(min_size=32, max_size=32),
    picks=st.lists(st.lists(st.integers(1, 15), min_size=2, max_size=2, unique=True), min_size=2, max_size=4),
)
def test_no_draw_leaves_the_bounds(base: int, made: dict[str, object], agency: bytes, picks: list[list[int]]) -> None:
    rule = DrawRule(base={"1": base}, mode="M1", **made)  # type: ignore[arg-type]
    nonces = [bytes([place]) * 32 for place in range(len(picks))]
    draw = make_draw(rule, "1", b"\1" * 32, b"\2" * 32, Seeds(agency), nonces, picks)
    bounds = price_bounds(rule, "1")
    assert draw.estimated_price_won is not None
    assert bounds.low.price_won <= draw.estimated_price_won <= bounds.high.price_won


@pytest.mark.parametrize("made", RULES)
def test_the_rates_at_the_ends_are_ones_that_a_draw_can_make(made: dict[str, object]) -> None:
    """Over many seeds the first segment gives its lowest rate, and the last its highest."""
    rule = DrawRule(base={"1": 100_000_000}, mode="M1", **made)  # type: ignore[arg-type]
    rates = [rate for n in range(3000) for rate in make_rates(n.to_bytes(32, "big"), "1", rule)]
    assert min(rates) == rule.lo
    assert max(rates) == rule.hi


def test_the_ends_by_hand() -> None:
    """Base 100,000,000 within 2 %: the four lowest segments begin at 98.000, 98.267, 98.534 and 98.800 %."""
    bounds = price_bounds(DrawRule(base={"1": 100_000_000}), "1", 88_000)
    assert bounds.low.price_won == (98_000_000 + 98_267_000 + 98_534_000 + 98_800_000) // 4
    assert bounds.base.price_won == 100_000_000
    assert bounds.low.floor_won == floor_price(bounds.low.price_won, 88_000)
    assert bounds.base.floor_won == 88_000_000
    assert bounds.low.arithmetic[0].expression.endswith("/ 4, up-1")


def test_without_a_floor_there_is_none() -> None:
    assert price_bounds(DrawRule(base={"1": 100_000_000}), "1").high.floor_won is None


def test_given_prices_have_no_ends() -> None:
    with pytest.raises(ValueError, match="no ends"):
        price_bounds(DrawRule(base={"1": 1_000}, mode="M3", kind="given"), "1")
