"""The draw: unbiased, reproducible, and deaf to whoever would move it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding.draw import (
    Seeds,
    Xof,
    draw_lots,
    make_draw,
    make_rates,
    most_picked,
    number_prices,
    price_at,
    seed_numbers,
    seed_values,
    tally,
)
from bidding.types import DrawRule

SEGMENTS = DrawRule(base={"1": 250_000_000})
SPLIT = DrawRule(base={"1": 250_000_000}, mode="M1", kind="split", lo=97_000, hi=103_000)
GIVEN = DrawRule(base={"1": 250_000_000}, mode="M3", kind="given")
seeds32 = st.binary(min_size=32, max_size=32)
BOX, ROOT = b"\1" * 32, b"\2" * 32


def make(rule: DrawRule, seeds: Seeds, picks: Sequence[Sequence[int]] = ((1, 2),)) -> Any:
    return make_draw(rule, "1", BOX, ROOT, seeds, [b"\3" * 32] * len(picks), picks)


@given(seeds32)
def test_segments_hold_one_rate_each(seed: bytes) -> None:
    rates = make_rates(seed, "1", SEGMENTS)
    for i, rate in enumerate(rates):
        assert 98_000 * 15 + i * 4000 <= rate * 15
        assert rate * 15 < 98_000 * 15 + (i + 1) * 4000 or (i == 14 and rate <= 102_000)


@given(seeds32)
def test_a_split_holds_seven_above_and_eight_below_the_base(seed: bytes) -> None:
    rates = make_rates(seed, "1", SPLIT)
    assert len(set(rates)) == 15
    assert all(100_001 <= rate <= 103_000 for rate in rates[:7])
    assert all(97_000 <= rate <= 99_999 for rate in rates[7:])


def test_a_range_too_narrow_for_its_rates_is_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        make_rates(b"\0" * 32, "1", replace(SPLIT, lo=99_990, hi=100_006))
    assert len(make_rates(b"\0" * 32, "1", replace(SPLIT, lo=99_990, hi=100_007))) == 15


def test_given_prices_have_no_rates() -> None:
    with pytest.raises(ValueError, match="given"):
        make_rates(b"\0" * 32, "1", GIVEN)


@given(st.integers(1, 10**12), st.integers(97_000, 103_000))
def test_a_price_is_the_next_hundred_won(base: int, rate: int) -> None:
    price = price_at(base, rate)
    assert price % 100 == 0
    assert 0 <= price * 100_000 - base * rate < 100 * 100_000


def test_every_number_carries_every_price_equally_often() -> None:
    """χ² of number against value over many seeds: 14 x 14 degrees of freedom, p > 0.001 below 263.2."""
    n, seeds = 15, 6000
    counts: Counter[tuple[int, int]] = Counter()
    for i in range(seeds):
        seed = hashlib.sha256(i.to_bytes(4, "big")).digest()
        counts.update(enumerate(number_prices(seed, "1", range(n))))
    expected = seeds / n
    chi2 = sum((counts[i, j] - expected) ** 2 / expected for i in range(n) for j in range(n))
    assert 138 < chi2 < 264


def test_integers_below_a_limit_are_uniform() -> None:
    """χ² with 12 degrees of freedom: p > 0.001 below 32.9."""
    stream = Xof(b"\5" * 32, "test")
    counts = Counter(stream.below(13) for _ in range(26_000))
    assert set(counts) == set(range(13))
    assert sum((count - 2000) ** 2 / 2000 for count in counts.values()) < 33


def test_nothing_is_below_zero_or_nothing() -> None:
    with pytest.raises(ValueError, match="limit"):
        Xof(b"", "x").below(0)
    assert Xof(b"", "x").below(1) == 0


def test_values_that_would_favour_small_results_are_thrown_away() -> None:
    class Fixed(Xof):
        values = iter([(1 << 64) - 1, 7])

        def u64(self) -> int:
            return next(self.values)

    assert Fixed(b"", "x").below(10) == 7


@given(seeds32, st.lists(st.integers(), max_size=30))
def test_a_shuffle_keeps_everything(seed: bytes, things: list[int]) -> None:
    assert Counter(Xof(seed, "s").shuffle(things)) == Counter(things)


@given(st.lists(st.integers(0, 9), min_size=15, max_size=15))
def test_the_most_picked_are_drawn_and_ties_go_to_the_lowest_number(counts: list[int]) -> None:
    drawn = most_picked(counts, 4)
    for number in drawn:
        for other in set(range(1, 16)) - set(drawn):
            assert (-counts[number - 1], number) < (-counts[other - 1], other)


@pytest.mark.parametrize("pick", [(0, 1), (1, 16)])
def test_a_pick_of_no_price_is_refused(pick: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no reserve price"):
        tally(15, [pick])


def test_more_cannot_be_drawn_than_there_are() -> None:
    assert most_picked([0, 1], 2) == (2, 1)
    for choose in (0, 3):
        with pytest.raises(ValueError, match="draw"):
            most_picked([0, 1], choose)


@settings(max_examples=30)
@given(st.permutations([bytes([n]) * 32 for n in range(4)]), st.integers(0, 3), st.integers(0, 31))
def test_one_bit_of_any_nonce_changes_the_seed(nonces: list[bytes], which: int, byte: int) -> None:
    seed = seed_numbers(b"\0" * 32, nonces, BOX, ROOT)
    changed = list(nonces)
    changed[which] = bytes(b ^ (i == byte) for i, b in enumerate(changed[which]))
    assert seed_numbers(b"\0" * 32, changed, BOX, ROOT) != seed


def test_everything_that_names_the_box_is_in_the_seed() -> None:
    seed = seed_numbers(b"\0" * 32, [b"\4" * 32], BOX, ROOT)
    others = [
        seed_numbers(b"\1" * 32, [b"\4" * 32], BOX, ROOT),
        seed_numbers(b"\0" * 32, [], BOX, ROOT),
        seed_numbers(b"\0" * 32, [b"\4" * 32], ROOT, ROOT),
        seed_numbers(b"\0" * 32, [b"\4" * 32], BOX, BOX),
        seed_numbers(b"\0" * 32, [b"\4" * 32], BOX, ROOT, beacon=b"\0" * 32),
    ]
    assert len({seed, *others}) == 6


@pytest.mark.parametrize("size", [0, 31, 33])
def test_seeds_of_another_size_are_refused(size: int) -> None:
    wrong = b"\0" * size
    with pytest.raises(ValueError, match="32 bytes"):
        seed_numbers(wrong, [], BOX, ROOT)
    with pytest.raises(ValueError, match="32 bytes"):
        seed_numbers(BOX, [wrong], BOX, ROOT)
    with pytest.raises(ValueError, match="32 bytes"):
        seed_values([wrong], BOX)
    if size:
        with pytest.raises(ValueError, match="beacon"):
            seed_numbers(BOX, [], BOX, ROOT, beacon=wrong)


def test_values_need_a_contribution() -> None:
    with pytest.raises(ValueError, match="contribution"):
        seed_values([], BOX)


def test_in_mode_m2_the_values_do_not_depend_on_the_bids() -> None:
    seeds = Seeds(agency=b"\7" * 32, contributions=(b"\6" * 32,))
    one, two = make(SEGMENTS, seeds, [(1, 2)]), make(SEGMENTS, seeds, [(1, 2), (3, 4)])
    assert one.rates == two.rates
    assert sorted(one.prices_won) == sorted(two.prices_won)
    assert one.prices_won != two.prices_won  # but which number carries which does


def test_in_mode_m1_no_value_exists_before_the_last_bid() -> None:
    seeds = Seeds(agency=b"\7" * 32)
    assert make(SPLIT, seeds, [(1, 2)]).rates != make(SPLIT, seeds, [(1, 2), (3, 4)]).rates


def test_given_prices_are_renumbered_unless_their_numbers_are_kept() -> None:
    prices = tuple(245_000_000 + 100 * n for n in range(15))
    seeds = Seeds(agency=b"\7" * 32, given_won=prices)
    drawn = make(GIVEN, seeds)
    assert drawn.prices_won != prices
    assert sorted(drawn.prices_won) == sorted(prices)
    kept = make(replace(GIVEN, order="given"), seeds, [(3, 11), (3, 7), (1, 15)])
    assert kept.prices_won == prices
    assert kept.drawn == (3, 1, 7, 11)
    assert kept.estimated_price_won == -(-sum(prices[n - 1] for n in (3, 1, 7, 11)) // 4)


@pytest.mark.parametrize("prices", [(), (1,) * 14, (1,) * 16, (0, *(1,) * 14)])
def test_given_prices_must_be_all_there(prices: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="M3 needs 15"):
        make(GIVEN, Seeds(agency=b"\7" * 32, given_won=prices))


def test_a_lot_without_a_base_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="base amount"):
        make_draw(SEGMENTS, "2", BOX, ROOT, Seeds(b"\7" * 32, (b"\6" * 32,)), [], [])


def test_the_draw_shows_its_arithmetic() -> None:
    drawn = make(SEGMENTS, Seeds(b"\7" * 32, (b"\6" * 32,)), [(3, 11), (3, 7)])
    assert drawn.arithmetic[0].expression == "#3 x2, #7 x1, #11 x1, #1 x0"
    assert drawn.arithmetic[1].expression.endswith(" / 4, up-1")
    assert drawn.arithmetic[1].value == str(drawn.estimated_price_won)


@given(seeds32, st.sets(st.binary(min_size=32, max_size=32), min_size=2, max_size=8))
def test_a_lot_is_deaf_to_the_order_of_arrival(seed: bytes, stmts: set[bytes]) -> None:
    names = [stmt.hex() for stmt in stmts]
    assert draw_lots(seed, "1", 5, names) == draw_lots(seed, "1", 5, names[::-1])
    assert sorted(draw_lots(seed, "1", 5, names)) == sorted(names)


@pytest.mark.parametrize(
    "values",
    [
        {"mode": "M4"},
        {"kind": "dice"},
        {"mode": "M3"},
        {"kind": "given"},
        {"order": "given"},
        {"order": "mine"},
        {"kind": "split", "above": 8},
        {"lo": 0},
        {"lo": 102_000},
        {"pick": 0},
        {"pick": 16},
        {"choose": 16},
        {"base": {"1": 0}},
    ],
)
def test_a_draw_that_makes_no_sense_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        replace(SEGMENTS, **values)


@pytest.mark.parametrize("rule", [SEGMENTS, SPLIT, GIVEN, replace(GIVEN, order="given")])
def test_a_draw_survives_the_box(rule: DrawRule) -> None:
    assert DrawRule.from_json(rule.to_json()) == rule


@pytest.mark.parametrize(
    "change",
    [{"extra": 1}, {"beacon": "x"}, {"base": {"1": "0250000000"}}, {"rule": {}}, {"base": None}, {"mode": None}],
)
def test_a_draw_that_no_box_would_carry_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        DrawRule.from_json({**SEGMENTS.to_json(), **change})
