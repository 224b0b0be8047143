"""How a notice has its reserve prices made and drawn: the member `draw` of its box. A pure value, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.tlog.canon import jcs
from bidding.criteria import is_int
from bidding.scoring import MOST_QUANTITY

Json = dict[str, Any]

MOST_PRICES = 100  # reserve prices of one draw; a box is a stranger's file, and more would only keep a verifier busy


@dataclass(frozen=True, slots=True)
class DrawRule:
    """How the reserve prices are made and drawn; `to_json` is the box's `draw` member (protocol 3.3, 3.13).

    `kind`: `segments` (one rate in each of `n` equal parts of the range), `split` (`above` rates over and `below`
    rates under 100 %) or `given` (mode M3: somebody chose the prices). `order`: `drawn` renumbers the prices by the
    seed that nobody knows before the opening; `given` keeps the numbers (mode M3 in practice tenders only).
    `base` is the base amount by lot, in won; `round` a code of `bidding.rounding.ROUNDINGS`. Mode M0 (`DrawRule.none`)
    makes no reserve prices and no estimated price: its draw is a seed for lots. `quantity`: the most that one bid may
    offer, where bids say how many they offer (희망수량); None, and absent, elsewhere.
    """

    base: Mapping[str, int]
    mode: str = "M2"
    kind: str = "segments"
    lo: int = 98_000
    hi: int = 102_000
    n: int = 15
    above: int = 7
    below: int = 8
    pick: int = 2
    choose: int = 4
    round: str = "up-1"
    order: str = "drawn"
    quantity: int | None = None

    def __post_init__(self) -> None:
        if self.quantity is not None and not is_int(self.quantity, 1, MOST_QUANTITY):
            raise ValueError("a quantity is a whole number above zero")
        if self.mode == "M0" or self.kind == "none":
            self._check_none()
        else:
            self._check_prices()

    def _check_none(self) -> None:
        numbers = (self.lo, self.hi, self.n, self.pick, self.choose)
        is_empty = not any(numbers) and not self.base and (self.round, self.order) == ("exact", "drawn")
        if (self.mode, self.kind) != ("M0", "none") or not is_empty:
            raise ValueError("mode M0 makes no prices")

    def _check_prices(self) -> None:
        if self.mode not in ("M1", "M2", "M3") or self.kind not in ("segments", "split", "given"):
            raise ValueError(f"unknown draw {self.mode} {self.kind}")
        if (self.mode == "M3") != (self.kind == "given"):
            raise ValueError("reserve prices are given in mode M3, and only there")
        if self.order not in ("drawn", "given") or (self.order == "given" and self.mode != "M3"):
            raise ValueError("only given prices can keep their numbers")
        if self.kind == "split" and self.above + self.below != self.n:
            raise ValueError("a split must make n prices")
        if self.kind == "split" and min(self.above, self.below) < 0:
            raise ValueError("a split cannot make fewer than no prices")
        if not 1 <= self.n <= MOST_PRICES:
            raise ValueError(f"a draw has 1 to {MOST_PRICES} prices")
        if not (0 < self.lo < self.hi and 1 <= self.pick <= self.n and 1 <= self.choose <= self.n):
            raise ValueError("draw out of range")
        if any(won <= 0 for won in self.base.values()):
            raise ValueError("a base amount must be positive")

    def to_json(self) -> Json:
        rule: Json = {"kind": self.kind, "lo": self.lo, "hi": self.hi, "n": self.n}
        if self.kind == "split":
            rule |= {"above": self.above, "below": self.below}
        return {
            "mode": self.mode,
            "rule": rule,
            "pick": self.pick,
            "choose": self.choose,
            "base": {lot: str(won) for lot, won in self.base.items()},
            "round": self.round,
            "order": self.order,
            "beacon": None,
            **({"quantity": self.quantity} if self.quantity is not None else {}),
        }

    @classmethod
    def none(cls) -> DrawRule:
        """Mode M0: a seed, and no prices."""
        return cls(base={}, mode="M0", kind="none", lo=0, hi=0, n=0, pick=0, choose=0, round="exact")

    @classmethod
    def from_json(cls, draw: Json) -> DrawRule:
        """Read a box's `draw`. ValueError for anything that `to_json` would not have written."""
        try:
            rule = draw["rule"]
            made = cls(
                base={lot: int(won) for lot, won in draw["base"].items()},
                **{name: draw[name] for name in ("mode", "pick", "choose", "round", "order")},
                **{name: rule[name] for name in rule},
                quantity=draw.get("quantity"),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a draw: {error}") from error
        if jcs(made.to_json()) != jcs(draw):  # by their bytes: 1 == True, and is not it
            raise ValueError("not a draw as boxes carry it")
        return made
