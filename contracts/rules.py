"""The law's arithmetic of contracts: bond, stamp duty, due days, delay penalty. Pure: won, dates, exact fractions.

Each result names its legal basis, so that a page can say why. "Decree" and "rule" are the 시행령 and 시행규칙 of the
act on contracts to which the State is a party (국가계약법), "local" those of local governments (지방계약법).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

BOND_RATE = Fraction(10, 100)
BOND_EXEMPT_UP_TO_WON = 50_000_000
INSPECTION_DAYS = 14
PAYMENT_WORKING_DAYS = 5
PENALTY_CAP = Fraction(30, 100)
# Upper end of each step (itself included) and the duty in it; above the last step TOP_STAMP_WON.
STAMP_STEPS = (
    (10_000_000, 0),
    (30_000_000, 20_000),
    (50_000_000, 40_000),
    (100_000_000, 70_000),
    (1_000_000_000, 150_000),
)
TOP_STAMP_WON = 350_000


class Regime(StrEnum):
    """Whose contract law applies: the State's or local governments'."""

    NATIONAL = "national"
    LOCAL = "local"


class DelayClass(StrEnum):
    """Which daily rate of the delay penalty a contract falls under."""

    WORKS = "works"
    GOODS = "goods"
    GOODS_DESIGNED = "goods-designed"  # made to a design that the agency approves
    SERVICES = "services"
    FOOD = "food"  # for the armed forces; the State only
    TRANSPORT = "transport"  # transport, storage


# Per 100,000 of the contract and day. National rule art. 75; local rule art. 75, which knows no class for food.
DELAY_RATES: dict[Regime, dict[DelayClass, int]] = {
    Regime.NATIONAL: {
        DelayClass.WORKS: 50,
        DelayClass.GOODS: 75,
        DelayClass.GOODS_DESIGNED: 50,
        DelayClass.SERVICES: 125,
        DelayClass.FOOD: 150,
        DelayClass.TRANSPORT: 250,
    },
    Regime.LOCAL: {
        DelayClass.WORKS: 50,
        DelayClass.GOODS: 80,
        DelayClass.GOODS_DESIGNED: 50,
        DelayClass.SERVICES: 130,
        DelayClass.TRANSPORT: 250,
    },
}
# The classes that a contract of each kind may be given; the first is the rule, the others are chosen on purpose.
CLASSES_OF_KIND: dict[str, tuple[DelayClass, ...]] = {
    "works": (DelayClass.WORKS,),
    "goods": (DelayClass.GOODS, DelayClass.GOODS_DESIGNED, DelayClass.FOOD),
    "services": (DelayClass.SERVICES, DelayClass.TRANSPORT),
}
BASES = {
    "bond": {Regime.NATIONAL: "국가계약법 시행령 제50조", Regime.LOCAL: "지방계약법 시행령 제51조"},
    "inspection": {Regime.NATIONAL: "국가계약법 시행령 제55조", Regime.LOCAL: "지방계약법 시행령 제64조"},
    "payment": {Regime.NATIONAL: "국가계약법 시행령 제58조", Regime.LOCAL: "지방계약법 시행령 제67조"},
    "delay": {Regime.NATIONAL: "국가계약법 시행규칙 제75조", Regime.LOCAL: "지방계약법 시행규칙 제75조"},
    "cap": {Regime.NATIONAL: "국가계약법 시행령 제74조", Regime.LOCAL: "지방계약법 시행령 제90조"},
    "document": {Regime.NATIONAL: "국가계약법 시행령 제49조", Regime.LOCAL: "지방계약법 시행령 제50조"},
    "stamp": {Regime.NATIONAL: "인지세법 제3조", Regime.LOCAL: "인지세법 제3조"},
    "steps": {Regime.NATIONAL: "전자조달법 제9조", Regime.LOCAL: "전자조달법 제9조"},
}
DOCUMENT_OMITTED_UP_TO_WON = {Regime.NATIONAL: 30_000_000, Regime.LOCAL: 50_000_000}


def basis(rule: str, regime: str) -> str:
    """The article that `rule` ("bond", "delay", …) rests on under `regime`."""
    return BASES[rule][Regime(regime)]


@dataclass(frozen=True, slots=True)
class Bond:
    """계약보증금: the least that must be provided; nothing where exempt."""

    amount_won: int
    is_exempt: bool
    basis: str


def performance_bond(amount_won: int, regime: str) -> Bond:
    """At least 10 % of the contract, so rounded up to a won; contracts up to 50,000,000 won are exempt.

    `amount_won` above zero, else ValueError. Source: national decree art. 50 (the local decree has the same figures).
    """
    _positive(amount_won)
    if amount_won <= BOND_EXEMPT_UP_TO_WON:
        return Bond(0, True, basis("bond", regime))
    return Bond(-(-amount_won * BOND_RATE.numerator // BOND_RATE.denominator), False, basis("bond", regime))


def stamp_duty(amount_won: int) -> int:
    """인지세 in won for a contract of `amount_won` (above zero, else ValueError). Stamp Tax Act art. 3."""
    _positive(amount_won)
    for up_to_won, duty_won in STAMP_STEPS:
        if amount_won <= up_to_won:
            return duty_won
    return TOP_STAMP_WON


def may_omit_document(amount_won: int, regime: str) -> bool:
    """Whether the written contract could be left out: up to 30 million won (State), 50 million (local governments)."""
    _positive(amount_won)
    return amount_won <= DOCUMENT_OMITTED_UP_TO_WON[Regime(regime)]


def inspection_due(notified_on: date) -> date:
    """The last day for the inspection: the 14th after the day of the completion notice. National decree art. 55."""
    return notified_on + timedelta(days=INSPECTION_DAYS)


def payment_due(claimed_on: date, is_working_day: Callable[[date], bool]) -> date:
    """The last day for the payment: the 5th working day after the day of the claim. National decree art. 58.

    `is_working_day` answers for Saturdays, Sundays and public holidays; the day of the claim is not counted.
    """
    day, left = claimed_on, PAYMENT_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def classes_for(kind: str, regime: str) -> tuple[DelayClass, ...]:
    """The delay classes that a contract of `kind` may have under `regime`, the usual one first."""
    rates = DELAY_RATES[Regime(regime)]
    return tuple(delay_class for delay_class in CLASSES_OF_KIND[kind] if delay_class in rates)


def delay_rate(delay_class: str, regime: str) -> Fraction:
    """The daily rate, e.g. 3/4000 for goods of the State. KeyError where the regime has no such class."""
    return Fraction(DELAY_RATES[Regime(regime)][DelayClass(delay_class)], 100_000)


def per_mille(rate: Fraction) -> str:
    """`0.75/1000`, as the law writes a daily rate."""
    hundredths = rate * 100_000
    whole, rest = divmod(int(hundredths), 100)
    return f"{whole}{f'.{rest:02d}'.rstrip('0') if rest else ''}/1000"


@dataclass(frozen=True, slots=True)
class Penalty:
    """지체상금 with every step of its arithmetic. `raw_won` is before the cap, `amount_won` what is deducted."""

    base_won: int
    late_days: int
    excused_days: int
    days: int
    rate: Fraction
    raw_won: int
    cap_won: int
    amount_won: int
    basis: str

    @property
    def is_capped(self) -> bool:
        return self.raw_won > self.cap_won


def late_days(due_on: date, delivered_on: date) -> int:
    """Days after the due day up to the day of delivery; none where it was on time. The due day itself is in time."""
    return max(0, (delivered_on - due_on).days)


def delay_penalty(
    amount_won: int, accepted_won: int, late: int, excused: int, delay_class: str, regime: str
) -> Penalty:
    """The penalty for `late` days, of which `excused` were without the supplier's fault.

    The base is the contract less what the agency took over in time (`accepted_won`); the penalty never exceeds 30 % of
    the base, and a part of a won is not claimed. Source: national rule art. 75 with decree art. 74-75; local rule
    art. 75. ValueError where the figures make no sense (negative, more accepted than agreed, more excused than late).
    """
    _positive(amount_won)
    if not 0 <= accepted_won <= amount_won or late < 0 or not 0 <= excused <= late:
        raise ValueError("accepted, late and excused do not fit together")
    base, days = amount_won - accepted_won, late - excused
    rate = delay_rate(delay_class, regime)
    raw, cap = int(base * rate * days), int(base * PENALTY_CAP)
    return Penalty(base, late, excused, days, rate, raw, cap, min(raw, cap), basis("delay", regime))


def penalty_reaches_bond(penalty_won: int, bond_won: int) -> bool:
    """Whether the penalty has eaten up the bond: then the agency terminates or asks for more. Decree art. 75."""
    return bond_won > 0 and penalty_won >= bond_won


def payable(amount_won: int, penalty_won: int) -> int:
    """What is owed for the finished contract, in won."""
    _positive(amount_won)
    if not 0 <= penalty_won <= amount_won:
        raise ValueError(f"a penalty of {penalty_won} does not fit a contract of {amount_won}")
    return amount_won - penalty_won


def _positive(amount_won: int) -> None:
    if amount_won <= 0:
        raise ValueError(f"a contract of {amount_won} won")
