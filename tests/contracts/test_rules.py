"""The law's arithmetic: both sides of every edge, the vectors of the law's tables, and properties over all amounts."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bidding.front import rule_book
from contracts import rules
from contracts.rules import DelayClass, Regime
from contracts.services.figures import figures_from

# The figures that the software ships: each test below pins them against the law's own tables.
FIGURES = {regime: figures_from(rule_book(None), regime, date(2026, 11, 24)) for regime in map(str, Regime)}
NATIONAL = FIGURES["national"]
amounts = st.integers(1, 10**14)
regimes = st.sampled_from(list(Regime))


@pytest.mark.parametrize(
    ("amount_won", "bond_won"),
    [
        (1, 0),
        (49_999_999, 0),
        (50_000_000, 0),
        (50_000_001, 5_000_001),
        (100_000_000, 10_000_000),
        (100_000_009, 10_000_001),
    ],
)
def test_the_bond_is_a_tenth_rounded_up_and_nothing_up_to_fifty_million(amount_won: int, bond_won: int) -> None:
    for regime in Regime:
        bond = rules.performance_bond(amount_won, FIGURES[regime])
        assert bond.amount_won == bond_won
        assert bond.is_exempt == (bond_won == 0)


@given(amounts, regimes)
def test_a_bond_is_never_less_than_a_tenth_nor_a_won_more(amount_won: int, regime: Regime) -> None:
    bond = rules.performance_bond(amount_won, FIGURES[regime])
    if not bond.is_exempt:
        assert 0 <= bond.amount_won * 10 - amount_won < 10


@pytest.mark.parametrize(
    ("amount_won", "regime", "may"),
    [
        (30_000_000, Regime.NATIONAL, True),
        (30_000_001, Regime.NATIONAL, False),
        (50_000_000, Regime.LOCAL, True),
        (50_000_001, Regime.LOCAL, False),
    ],
)
def test_a_written_contract_may_be_left_out_up_to_the_regimes_limit(amount_won: int, regime: Regime, may: bool) -> None:
    assert rules.may_omit_document(amount_won, FIGURES[regime]) is may


def test_the_inspection_is_due_on_the_fourteenth_day_after_the_notice() -> None:
    assert rules.inspection_due(date(2026, 11, 23), NATIONAL) == date(2026, 12, 7)


def weekdays(day: date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("claimed_on", "due_on"),
    [
        (date(2026, 11, 23), date(2026, 11, 30)),  # Monday: Tuesday is the first of five
        (date(2026, 11, 27), date(2026, 12, 4)),  # Friday
        (date(2026, 11, 28), date(2026, 12, 4)),  # a claim on a Saturday counts from Monday too
    ],
)
def test_the_payment_is_due_on_the_fifth_working_day_after_the_claim(claimed_on: date, due_on: date) -> None:
    assert rules.payment_due(claimed_on, NATIONAL, weekdays) == due_on


def test_a_holiday_among_the_five_days_moves_the_payment_by_one() -> None:
    holiday = date(2026, 12, 25)
    due = rules.payment_due(date(2026, 12, 21), NATIONAL, lambda day: weekdays(day) and day != holiday)
    assert due == date(2026, 12, 29)


@pytest.mark.parametrize(
    ("delay_class", "regime", "rate"),
    [
        ("works", "national", "0.5/1000"),
        ("goods", "national", "0.75/1000"),
        ("goods-designed", "national", "0.5/1000"),
        ("services", "national", "1.25/1000"),
        ("food", "national", "1.5/1000"),
        ("transport", "national", "2.5/1000"),
        ("works", "local", "0.5/1000"),
        ("goods", "local", "0.8/1000"),
        ("goods-designed", "local", "0.5/1000"),
        ("services", "local", "1.3/1000"),
        ("transport", "local", "2.5/1000"),
    ],
)
def test_each_daily_rate_is_the_one_in_the_rule(delay_class: str, regime: str, rate: str) -> None:
    assert rules.per_mille(rules.delay_rate(delay_class, FIGURES[regime])) == rate


def test_local_governments_have_no_rate_for_the_armed_forces_food() -> None:
    with pytest.raises(KeyError):
        rules.delay_rate("food", FIGURES["local"])
    assert DelayClass.FOOD not in rules.classes_for("goods", FIGURES["local"])
    assert DelayClass.FOOD in rules.classes_for("goods", NATIONAL)


@pytest.mark.parametrize(
    ("delay_class", "regime", "days", "penalty_won"),
    [
        ("goods", "national", 10, 750_000),
        ("works", "national", 10, 500_000),
        ("services", "national", 10, 1_250_000),
        ("goods", "local", 10, 800_000),
        ("services", "local", 10, 1_300_000),
        ("goods", "national", 400, 30_000_000),  # exactly the cap
        ("goods", "national", 399, 29_925_000),
        ("goods", "national", 401, 30_000_000),
        ("goods", "national", 500, 30_000_000),
        ("services", "national", 500, 30_000_000),
        ("goods", "national", 0, 0),
    ],
)
def test_the_penalty_on_a_hundred_million(delay_class: str, regime: str, days: int, penalty_won: int) -> None:
    assert rules.delay_penalty(100_000_000, 0, days, 0, delay_class, FIGURES[regime]).amount_won == penalty_won


def test_the_cap_says_when_it_bites_and_not_at_the_cap_itself() -> None:
    assert not rules.delay_penalty(100_000_000, 0, 400, 0, "goods", NATIONAL).is_capped
    assert rules.delay_penalty(100_000_000, 0, 401, 0, "goods", NATIONAL).is_capped


def test_parts_accepted_in_time_and_days_without_fault_are_taken_off() -> None:
    penalty = rules.delay_penalty(100_000_000, 60_000_000, 12, 2, "goods", NATIONAL)
    assert (penalty.base_won, penalty.days, penalty.amount_won) == (40_000_000, 10, 300_000)
    assert penalty.cap_won == 12_000_000


def test_a_part_of_a_won_is_not_claimed() -> None:
    assert rules.delay_penalty(1_333, 0, 1, 0, "goods", NATIONAL).amount_won == 0
    assert rules.delay_penalty(1_334, 0, 1, 0, "goods", NATIONAL).amount_won == 1


@pytest.mark.parametrize(("accepted", "late", "excused"), [(-1, 0, 0), (101, 0, 0), (0, -1, 0), (0, 1, 2), (0, 1, -1)])
def test_figures_that_make_no_sense_are_refused(accepted: int, late: int, excused: int) -> None:
    with pytest.raises(ValueError, match="fit together"):
        rules.delay_penalty(100, accepted, late, excused, "goods", NATIONAL)


@pytest.mark.parametrize("amount_won", [0, -1])
def test_a_contract_of_nothing_is_refused_everywhere(amount_won: int) -> None:
    for call in (
        lambda: rules.performance_bond(amount_won, NATIONAL),
        lambda: rules.may_omit_document(amount_won, NATIONAL),
        lambda: rules.delay_penalty(amount_won, 0, 0, 0, "goods", NATIONAL),
        lambda: rules.payable(amount_won, 0),
    ):
        with pytest.raises(ValueError, match="contract of"):
            call()


@given(amounts, st.integers(0, 2000), st.integers(0, 2000), regimes, st.sampled_from(["goods", "services", "works"]))
def test_a_penalty_stays_in_its_bounds_and_grows_with_the_days(
    amount_won: int, late: int, excused: int, regime: Regime, kind: str
) -> None:
    excused = min(excused, late)
    delay_class = rules.classes_for(kind, FIGURES[regime])[0]
    penalty = rules.delay_penalty(amount_won, 0, late, excused, delay_class, FIGURES[regime])
    assert 0 <= penalty.amount_won <= Fraction(30, 100) * amount_won
    longer = rules.delay_penalty(amount_won, 0, late + 1, excused, delay_class, FIGURES[regime])
    assert longer.amount_won >= penalty.amount_won
    assert rules.payable(amount_won, penalty.amount_won) > 0


def test_the_due_day_is_in_time_and_the_next_one_is_late() -> None:
    due = date(2026, 12, 31)
    assert rules.late_days(due, due - timedelta(days=3)) == 0
    assert rules.late_days(due, due) == 0
    assert rules.late_days(due, due + timedelta(days=1)) == 1


def test_a_penalty_as_large_as_the_bond_is_noticed_and_an_exempt_contract_has_none_to_reach() -> None:
    assert not rules.penalty_reaches_bond(9_999_999, 10_000_000)
    assert rules.penalty_reaches_bond(10_000_000, 10_000_000)
    assert not rules.penalty_reaches_bond(10_000_000, 0)


def test_a_penalty_above_the_contract_is_refused() -> None:
    assert rules.payable(100, 100) == 0
    with pytest.raises(ValueError, match="does not fit"):
        rules.payable(100, 101)
