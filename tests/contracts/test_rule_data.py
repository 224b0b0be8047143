"""The figures in `contracts.rules` are those of the rule data: neither may be changed without the other."""

from __future__ import annotations

from datetime import date

import pytest

from bidding.rules import data
from contracts import rules
from contracts.rules import DelayClass, Regime

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("regime", list(Regime))
@pytest.mark.parametrize("delay_class", list(DelayClass))
def test_delay_penalties_and_their_cap(regime: Regime, delay_class: DelayClass) -> None:
    found = data.find_late_penalty(regime, delay_class, TODAY)
    assert (found and found.daily_rate) == rules.DELAY_RATES[regime].get(delay_class)
    if found:
        assert found.cap == rules.PENALTY_CAP * 100_000
        assert (found.legal_basis, found.cap_basis) == (rules.basis("delay", regime), rules.basis("cap", regime))


@pytest.mark.parametrize("regime", list(Regime))
def test_the_performance_bond(regime: Regime) -> None:
    found = data.find_bond(regime, "contract", TODAY)
    assert found is not None
    assert (found.rate, found.exempt_up_to_won) == (int(rules.BOND_RATE * 100_000), rules.BOND_EXEMPT_UP_TO_WON)
    assert found.legal_basis == rules.basis("bond", regime)


@pytest.mark.parametrize("regime", list(Regime))
@pytest.mark.parametrize("item", ["inspection-days", "payment-working-days", "document-omitted-up-to-won"])
def test_single_figures(regime: Regime, item: str) -> None:
    ours = {
        "inspection-days": (rules.INSPECTION_DAYS, "inspection"),
        "payment-working-days": (rules.PAYMENT_WORKING_DAYS, "payment"),
        "document-omitted-up-to-won": (rules.DOCUMENT_OMITTED_UP_TO_WON[regime], "document"),
    }[item]
    found = data.find_figure(regime, item, TODAY)
    assert found is not None
    assert (found.value, found.legal_basis) == (ours[0], rules.basis(ours[1], regime))


@pytest.mark.parametrize("up_to_won", [step for step, _duty in rules.STAMP_STEPS])
def test_stamp_duty_on_both_sides_of_each_step(up_to_won: int) -> None:
    for amount_won in (up_to_won, up_to_won + 1):
        assert data.find_stamp_duty(amount_won, TODAY).value == rules.stamp_duty(amount_won)
