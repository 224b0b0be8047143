"""How a price becomes points, as a notice fixes it: tables, formulas and their parameters. Pure values, read strictly.

Won are whole, decimal strings in JSON; points whole; percents whole where they say so, rates thousandths of a percent;
steepness an exact fraction as text (`20`, `3/8`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bidding.criteria import WHOLE, is_int

Json = dict[str, Any]

WON = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)
FRACTION = re.compile(r"(0|[1-9][0-9]{0,3})(/[1-9][0-9]{0,3})?", re.ASCII)
REFERENCES = ("estimated-price", "given")
BELOW_LOW = ("line", "flat")
LOWEST_OVER = ("valid", "qualified")
FORMULAS = ("lowest-over-bid", "linear", "budget-share")


@dataclass(frozen=True, slots=True)
class PriceTable:
    """One price table of a qualification review (적격심사).

    `full` B, `slope` k and `base` (percent) as in B - k x |base - R|; `plateau` the percent (thousandths) from which,
    up to the estimated price, the points stay what the line gives there, None where the table has none; `pass_mark`
    the points that pass in all. Whoever has all other points has `100 - full` of them.
    """

    full: int
    slope: Fraction
    base: int
    pass_mark: int
    plateau: int | None = None

    def __post_init__(self) -> None:
        if not (is_int(self.full, 2, 100) and is_int(self.base, 1, 100) and is_int(self.pass_mark, 1, 100)):
            raise ValueError("not a price table")
        if self.slope <= 0 or not (self.plateau is None or is_int(self.plateau, 1, WHOLE)):
            raise ValueError("not a price table")

    @property
    def others(self) -> int:
        return 100 - self.full

    def to_json(self) -> Json:
        return {
            "full": self.full,
            "slope": str(self.slope),
            "base": self.base,
            "pass_mark": self.pass_mark,
            "plateau": self.plateau,
        }

    @classmethod
    def from_json(cls, value: Json) -> PriceTable:
        return cls(**{**value, "slope": read_fraction(value["slope"])})


@dataclass(frozen=True, slots=True)
class NetCost:
    """순공사원가 (works under 100억): a bid under `rate` of it is out. `won`: its part of the base amount, with VAT."""

    won: int
    rate: int = 98_000

    def __post_init__(self) -> None:
        if self.won <= 0 or not is_int(self.rate, 1, WHOLE):
            raise ValueError("not a net cost")

    def to_json(self) -> Json:
        return {"won": str(self.won), "rate": self.rate}

    @classmethod
    def from_json(cls, value: Json) -> NetCost:
        return cls(**{**value, "won": read_won(value["won"])})


@dataclass(frozen=True, slots=True)
class PriceFormula:
    """The price points of a negotiated contract; all that differs between agencies is a parameter.

    `full` points B; percents of the reference price: `break_at` 80 (some agencies 70), `low` 60. `extra` points are
    added step by step from the break down to the low mark. `below_low`: a bid under the low mark counts as one at it
    (`line`), or gets a `flat` low/100 of the points. `is_lowest_lifted`: whether the lowest bid itself is taken as the
    low mark when it lies under it. `reference`: the estimated price, or an amount `given` by the notice.
    `lowest_over`: the lowest of all `valid` bids (then all prices are opened), or of the `qualified` ones.
    """

    full: int
    break_at: int = 80
    low: int = 60
    extra: Fraction = Fraction(2)
    below_low: str = "line"
    is_lowest_lifted: bool = False
    reference: str = "estimated-price"
    reference_won: int | None = None
    lowest_over: str = "qualified"

    def __post_init__(self) -> None:
        are_marks = is_int(self.break_at, 2, 100) and is_int(self.low, 1, 99) and self.low < self.break_at
        if not are_marks or not is_int(self.full, 1, 100) or self.extra < 0 or type(self.is_lowest_lifted) is not bool:
            raise ValueError("not a price formula")
        if self.below_low not in BELOW_LOW or self.lowest_over not in LOWEST_OVER or self.reference not in REFERENCES:
            raise ValueError("not a price formula")
        if (self.reference == "given") != (self.reference_won is not None) or (self.reference_won or 1) <= 0:
            raise ValueError("a price formula names its reference amount exactly where it is given")

    def to_json(self) -> Json:
        return {
            "full": self.full,
            "reference": self.reference,
            "reference_won": None if self.reference_won is None else str(self.reference_won),
            "mark": self.break_at,
            "low": self.low,
            "extra": str(self.extra),
            "lifted": self.is_lowest_lifted,
            "below_low": self.below_low,
            "lowest_over": self.lowest_over,
        }

    @classmethod
    def from_json(cls, value: Json) -> PriceFormula:
        names = {"mark": "break_at", "lifted": "is_lowest_lifted"}
        values = {names.get(name, name): one for name, one in value.items()}
        return cls(
            **{**values, "extra": read_fraction(value["extra"]), "reference_won": read_optional(value["reference_won"])}
        )


@dataclass(frozen=True, slots=True)
class BestValuePrice:
    """Price points of the weighted best price-quality ratio: a formula chosen from the list."""

    full: int
    formula: str

    def __post_init__(self) -> None:
        if not is_int(self.full, 1, 99) or self.formula not in FORMULAS:
            raise ValueError("not a price formula")

    def to_json(self) -> Json:
        return {"full": self.full, "formula": self.formula}


def read_won(value: Any) -> int:
    if not isinstance(value, str) or not WON.fullmatch(value):
        raise ValueError("not an amount")
    return int(value)


def read_optional(value: Any) -> int | None:
    return None if value is None else read_won(value)


def read_fraction(value: Any) -> Fraction:
    if not isinstance(value, str) or not FRACTION.fullmatch(value):
        raise ValueError("not a fraction")
    return Fraction(value)
