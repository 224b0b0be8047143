"""The law's arithmetic of contracts: bond, due days, delay penalty. Pure: won, dates, exact fractions.

Every figure is handed in as `Figures`: what the rule data said on the day on which the contract was made. Each result
names its legal basis, so that a page can say why. Where a docstring names an article, "decree" and "rule" are the
시행령 and 시행규칙 of the act on contracts to which the State is a party (국가계약법).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

WHOLE = 100_000  # thousandths of a percent in the whole
STEPS_BASIS = "전자조달법 제9조"  # sent, agreed, confirmed


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


# The classes that a contract of each kind may be given; the first is the rule, the others are chosen on purpose.
CLASSES_OF_KIND: dict[str, tuple[DelayClass, ...]] = {
    "works": (DelayClass.WORKS,),
    "goods": (DelayClass.GOODS, DelayClass.GOODS_DESIGNED, DelayClass.FOOD),
    "services": (DelayClass.SERVICES, DelayClass.TRANSPORT),
}


@dataclass(frozen=True, slots=True)
class Ruled:
    """A figure of the law, whole, with the article that it rests on."""

    value: int
    basis: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the law says of the contracts of one regime on one day. Rates in thousandths of a percent.

    `bond_exempt_up_to_won` is None where no contract is exempt; `daily_rates` lacks the classes that the regime does
    not know.
    """

    bond_rate: Ruled
    bond_exempt_up_to_won: int | None
    inspection_days: Ruled
    payment_working_days: Ruled
    penalty_cap: Ruled
    daily_rates: Mapping[str, Ruled]
    document_omitted_up_to_won: Ruled


@dataclass(frozen=True, slots=True)
class Bond:
    """계약보증금: the least that must be provided; nothing where exempt."""

    amount_won: int
    is_exempt: bool
    basis: str


def performance_bond(amount_won: int, figures: Figures) -> Bond:
    """The rate of the contract, rounded up to a won; small contracts are exempt. Decree art. 50.

    `amount_won` above zero, else ValueError.
    """
    _positive(amount_won)
    rate, limit = figures.bond_rate, figures.bond_exempt_up_to_won
    if limit is not None and amount_won <= limit:
        return Bond(0, True, rate.basis)
    return Bond(-(-amount_won * rate.value // WHOLE), False, rate.basis)


def may_omit_document(amount_won: int, figures: Figures) -> bool:
    """Whether the written contract could be left out at this amount. Decree art. 49."""
    _positive(amount_won)
    return amount_won <= figures.document_omitted_up_to_won.value


def inspection_due(notified_on: date, figures: Figures) -> date:
    """The last day for the inspection; the day of the completion notice does not count. Decree art. 55."""
    return notified_on + timedelta(days=figures.inspection_days.value)


def payment_due(claimed_on: date, figures: Figures, is_working_day: Callable[[date], bool]) -> date:
    """The last day for the payment, in working days after the day of the claim. Decree art. 58.

    `is_working_day` answers for Saturdays, Sundays and public holidays; the day of the claim is not counted.
    """
    day, left = claimed_on, figures.payment_working_days.value
    while left:
        day += timedelta(days=1)
        left -= is_working_day(day)
    return day


def classes_for(kind: str, figures: Figures) -> tuple[DelayClass, ...]:
    """The delay classes that a contract of `kind` may have under these figures, the usual one first."""
    return tuple(delay_class for delay_class in CLASSES_OF_KIND[kind] if delay_class in figures.daily_rates)


def delay_rate(delay_class: str, figures: Figures) -> Fraction:
    """The daily rate, e.g. 3/4000. KeyError where the regime has no such class."""
    return Fraction(figures.daily_rates[delay_class].value, WHOLE)


def per_mille(rate: Fraction) -> str:
    """`0.75/1000`, as the law writes a daily rate."""
    hundredths = rate * WHOLE
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
    cap: Ruled
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
    amount_won: int, accepted_won: int, late: int, excused: int, delay_class: str, figures: Figures
) -> Penalty:
    """The penalty for `late` days, of which `excused` were without the supplier's fault.

    The base is the contract less what the agency took over in time (`accepted_won`); the penalty never exceeds the cap,
    a part of the base, and a part of a won is not claimed. Source: rule art. 75 with decree art. 74-75; local rule
    art. 75. ValueError where the figures make no sense (negative, more accepted than agreed, more excused than late).
    """
    _positive(amount_won)
    if not 0 <= accepted_won <= amount_won or late < 0 or not 0 <= excused <= late:
        raise ValueError("accepted, late and excused do not fit together")
    base, days = amount_won - accepted_won, late - excused
    rate, cap = delay_rate(delay_class, figures), figures.penalty_cap
    raw, most = int(base * rate * days), base * cap.value // WHOLE
    basis = figures.daily_rates[delay_class].basis
    return Penalty(base, late, excused, days, rate, raw, cap, most, min(raw, most), basis)


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
