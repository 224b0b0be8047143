"""How much of a notice one bidder may win: lots are awarded in a fixed order, and who has reached the limit is passed
over.

Pure. Won as ints; `steps` show the comparison that passed a bid over (`arithmetic` of `bidding.types.Step`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bidding.types import Step


@dataclass(frozen=True, slots=True)
class Limit:
    """As the notice says it; None limits nothing."""

    max_lots: int | None = None
    max_won: int | None = None

    @property
    def is_none(self) -> bool:
        return self.max_lots is None and self.max_won is None


@dataclass(frozen=True, slots=True)
class LotBid:
    """A bid in line for a lot, at the price at which it would be awarded."""

    stmt: str
    supplier: str
    amount_won: int


@dataclass(frozen=True, slots=True)
class Held:
    """What one bidder has been awarded of the notice so far."""

    lots: int = 0
    won: int = 0


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A bid that does not win its lot because its bidder has as much as one may have."""

    lot: int
    bid: LotBid
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Allotment:
    """Each lot's winner (None where nobody is left), and who was passed over, in the order of the awards."""

    winners: Mapping[int, LotBid | None]
    passed_over: tuple[PassedOver, ...]


def why_limited(bid: LotBid, held: Held, limit: Limit) -> tuple[Step, ...]:
    """The comparisons that keep `bid` from winning one more lot; empty where nothing does.

    >>> why_limited(LotBid("a", "b", 5), Held(1, 10), Limit(max_lots=1))
    (Step(label='lots-won', expression='1 + 1 > 1', value='2'),)
    """
    steps = []
    if limit.max_lots is not None and held.lots + 1 > limit.max_lots:
        steps.append(Step("lots-won", f"{held.lots} + 1 > {limit.max_lots}", str(held.lots + 1)))
    total = held.won + bid.amount_won
    if limit.max_won is not None and total > limit.max_won:
        steps.append(Step("won-in-all", f"{held.won} + {bid.amount_won} > {limit.max_won}", str(total)))
    return tuple(steps)


def allot(
    order: Sequence[int],
    rankings: Mapping[int, Sequence[LotBid]],
    limit: Limit,
    before: Mapping[str, Held] | None = None,
) -> Allotment:
    """Award the lots of `order` one after the other, each to the first bid of its ranking whose bidder may still win.

    `rankings`: per lot, the bids in line, best first. `before`: what bidders hold of an earlier announcement of the
    same notice. ValueError for an order that does not name each ranked lot once, or a bidder twice in one lot.
    """
    if sorted(order) != sorted(rankings):
        raise ValueError("the order names each lot once")
    held = dict(before or {})
    winners: dict[int, LotBid | None] = {}
    passed: list[PassedOver] = []
    for lot in order:
        _refuse_twice(rankings[lot])
        winners[lot] = None
        for bid in rankings[lot]:
            has = held.get(bid.supplier, Held())
            steps = why_limited(bid, has, limit)
            if not steps:
                winners[lot] = bid
                held[bid.supplier] = replace(has, lots=has.lots + 1, won=has.won + bid.amount_won)
                break
            passed.append(PassedOver(lot, bid, steps))
    return Allotment(winners, tuple(passed))


def _refuse_twice(bids: Iterable[LotBid]) -> None:
    suppliers = [bid.supplier for bid in bids]
    if len(set(suppliers)) != len(suppliers):
        raise ValueError("one bid of a bidder in each lot")
