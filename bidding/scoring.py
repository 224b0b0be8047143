"""The member `scoring` of a notice's terms: what a method needs to know to place bids, one value class a method.

Pure values, read strictly (`read_scoring`): anything that `to_json` would not have written is refused. Won are whole,
decimal strings in JSON; points of a formula whole; rates thousandths of a percent; steepness an exact fraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from app.tlog.canon import jcs
from bidding.criteria import WHOLE, Tech, is_int, read_tech
from bidding.price_scoring import BestValuePrice, NetCost, PriceFormula, PriceTable, read_optional, read_won

Json = dict[str, Any]

FORMS = ("simultaneous", "separate")
MOST_QUANTITY = 10**12
MOST_ROUNDS = 10
LONGEST_ROUND = 86_400  # seconds


class Scoring(Protocol):
    """What all of them have. `technical` is None where no proposals are scored."""

    @property
    def technical(self) -> Tech | None: ...

    def to_json(self) -> Json: ...


class _Plain:
    """A method whose bids are prices alone."""

    __slots__ = ()

    @property
    def technical(self) -> Tech | None:
        return None


@dataclass(frozen=True, slots=True)
class QualificationScoring(_Plain):
    """적격심사 with its price table: the points of each price are in the evaluation, all others come by review."""

    table: PriceTable
    net_cost: NetCost | None = None

    def to_json(self) -> Json:
        net_cost = self.net_cost.to_json() if self.net_cost is not None else None
        return {"table": self.table.to_json(), "net_cost": net_cost}

    @classmethod
    def from_json(cls, value: Json) -> QualificationScoring:
        net_cost = value["net_cost"]
        return cls(PriceTable.from_json(value["table"]), None if net_cost is None else NetCost.from_json(net_cost))


@dataclass(frozen=True, slots=True)
class NegotiationScoring:
    """협상에 의한 계약. `ceiling_won`: the most that a bid may ask where there is no estimated price (예산)."""

    technical: Tech
    price: PriceFormula
    ceiling_won: int | None = None

    def __post_init__(self) -> None:
        _check_split(self.technical.full, self.price.full, self.ceiling_won)

    def to_json(self) -> Json:
        return _split_json(self.technical, self.price, self.ceiling_won)

    @classmethod
    def from_json(cls, value: Json) -> NegotiationScoring:
        technical, price = read_tech(value["technical"]), PriceFormula.from_json(value["price"])
        return cls(technical, price, read_optional(value["ceiling_won"]))


@dataclass(frozen=True, slots=True)
class BestValueScoring:
    """Weighted price and quality: technical and price points make 100."""

    technical: Tech
    price: BestValuePrice
    ceiling_won: int | None = None

    def __post_init__(self) -> None:
        _check_split(self.technical.full, self.price.full, self.ceiling_won)

    def to_json(self) -> Json:
        return _split_json(self.technical, self.price, self.ceiling_won)

    @classmethod
    def from_json(cls, value: Json) -> BestValueScoring:
        technical, price = read_tech(value["technical"]), BestValuePrice(**value["price"])
        return cls(technical, price, read_optional(value["ceiling_won"]))


@dataclass(frozen=True, slots=True)
class TwoStageScoring:
    """2단계 (규격·가격): `simultaneous`, both at once, or `separate`. Who qualifies wins by price alone."""

    technical: Tech
    form: str = "simultaneous"

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ValueError("a two-stage tender is simultaneous or separate")

    def to_json(self) -> Json:
        return {"technical": self.technical.to_json(), "form": self.form}

    @classmethod
    def from_json(cls, value: Json) -> TwoStageScoring:
        return cls(read_tech(value["technical"]), value["form"])


@dataclass(frozen=True, slots=True)
class QuantityScoring(_Plain):
    """희망수량: how much is wanted, in `unit`; each bid offers a price for one and how many."""

    quantity: int
    unit: str

    def __post_init__(self) -> None:
        if not is_int(self.quantity, 1, MOST_QUANTITY) or not (
            isinstance(self.unit, str) and 1 <= len(self.unit) <= 20
        ):
            raise ValueError("not a quantity with its unit")

    def to_json(self) -> Json:
        return {"quantity": self.quantity, "unit": self.unit}

    @classmethod
    def from_json(cls, value: Json) -> QuantityScoring:
        return cls(**value)


@dataclass(frozen=True, slots=True)
class SaleScoring(_Plain):
    """세입: the highest wins. `minimum_won`: the published price of a sale without reserve prices (draw mode M0)."""

    minimum_won: int | None = None

    def __post_init__(self) -> None:
        if self.minimum_won is not None and self.minimum_won <= 0:
            raise ValueError("a least price is positive")

    def to_json(self) -> Json:
        return {} if self.minimum_won is None else {"minimum_won": str(self.minimum_won)}

    @classmethod
    def from_json(cls, value: Json) -> SaleScoring:
        return cls(read_won(value["minimum_won"]) if "minimum_won" in value else None)


@dataclass(frozen=True, slots=True)
class AuctionScoring(_Plain):
    """Reverse e-auction: `step_rate` is the least step, thousandths of a percent of the first round's lowest price."""

    rounds: int
    round_seconds: int
    step_rate: int
    extend_seconds: int
    last_seconds: int

    def __post_init__(self) -> None:
        if not (is_int(self.rounds, 1, MOST_ROUNDS) and is_int(self.round_seconds, 1, LONGEST_ROUND)):
            raise ValueError("rounds out of range")
        if not is_int(self.step_rate, 1, WHOLE - 1):
            raise ValueError("a step is more than nothing and less than the whole")
        if not all(is_int(one, 0, self.round_seconds) for one in (self.last_seconds, self.extend_seconds)):
            raise ValueError("an extension out of range")

    def to_json(self) -> Json:
        return {
            "rounds": self.rounds,
            "round_seconds": self.round_seconds,
            "step_rate": self.step_rate,
            "extend_seconds": self.extend_seconds,
            "last_seconds": self.last_seconds,
        }

    @classmethod
    def from_json(cls, value: Json) -> AuctionScoring:
        """ValueError for anything that `to_json` would not have written."""
        if set(value) != set(cls.__slots__):
            raise ValueError("not the rule of an auction")
        return cls(**value)


# Methods that are missing here have no scoring at all; `qualification` may go without.
SCORINGS: Mapping[str, Any] = MappingProxyType(
    {
        "qualification": QualificationScoring,
        "negotiation": NegotiationScoring,
        "two-stage": TwoStageScoring,
        "desired-quantity": QuantityScoring,
        "sale": SaleScoring,
        "best-value": BestValueScoring,
        "reverse-auction": AuctionScoring,
    }
)


def read_scoring(method: str, value: Json | None) -> Scoring | None:
    """The scoring of a notice by `method`. ValueError for anything that its class would not have written."""
    if value is None:
        if method in SCORINGS and method != "qualification":
            raise ValueError(f"{method} needs its scoring")
        return None
    if method not in SCORINGS:
        raise ValueError(f"{method} has no scoring")
    try:
        made: Scoring = SCORINGS[method].from_json(value)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a scoring: {error}") from error
    if jcs(made.to_json()) != jcs(value):  # by their bytes: 1 == True, and is not it
        raise ValueError("not a scoring as notices carry it")
    return made


def _split_json(technical: Tech, price: PriceFormula | BestValuePrice, ceiling_won: int | None) -> Json:
    return {
        "technical": technical.to_json(),
        "price": price.to_json(),
        "ceiling_won": None if ceiling_won is None else str(ceiling_won),
    }


def _check_split(technical: int, price: int, ceiling_won: int | None) -> None:
    if technical + price != 100:
        raise ValueError("technical and price points make 100")
    if ceiling_won is not None and ceiling_won <= 0:
        raise ValueError("a ceiling is positive")
