"""What the law allows after a tender that found no winner (유찰), and which rule it failed on, with its figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bidding.types import NextStep, NoticeTerms, Outcome, Step

# A rebid (재입찰) keeps the notice, the price and the conditions; a re-notice (재공고) starts again.
REBID = {"national": "국가계약법 시행령 제20조제1항", "local": "지방계약법 시행령 제19조제1항"}
RENOTICE = {"national": "국가계약법 시행령 제20조제2항", "local": "지방계약법 시행령 제19조제2항"}
NEGOTIATED = {"national": "국가계약법 시행령 제27조제1항", "local": "지방계약법 시행령 제26조제1항"}
SINGLE_QUOTE = {"national": "국가계약법 시행령 제30조제1항", "local": "지방계약법 시행령 제30조제1항"}
# Two valid bids make a competition.
COMPETITION = {"national": "국가계약법 시행령 제11조", "local": "지방계약법 시행령 제11조"}
WINNER = {"national": "국가계약법 시행령 제42조", "local": "지방계약법 시행령 제42조"}
OPENING_RULES = "docs/protocol.md"  # the law knows no keyholders


def next_steps(terms: NoticeTerms, outcome: Outcome) -> tuple[NextStep, ...]:
    """The roads open after `outcome`, the nearest first; none after a ranking.

    A negotiated contract (수의계약) on the original conditions is open once a re-notice has failed too; for quotes,
    one quote alone may do when a second call would plainly bring no other.
    """
    if outcome is Outcome.RANKED:
        return ()
    steps = [
        NextStep("rebid", REBID[terms.regime]),
        NextStep("renotice", RENOTICE[terms.regime]),
    ]
    if terms.is_rebid:
        steps.append(NextStep("negotiated-contract", NEGOTIATED[terms.regime]))
    elif terms.method == "quote" and outcome is Outcome.FAILED:
        steps.append(NextStep("single-quote", SINGLE_QUOTE[terms.regime]))
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Failure:
    """The rule that was not met. `code` is stable; `facts` are whole numbers that fill its sentence (`_won`: won).

    `out` counts the bids that fell out, by reason, those that weigh most first.
    """

    code: str
    legal_basis: str
    facts: Mapping[str, int]
    steps: tuple[Step, ...] = ()
    out: tuple[tuple[str, int], ...] = field(default=())


def explain_sealed(code: str, regime: str, *, received: int, cancelled: int, needed: int) -> Failure:
    """Of a tender that failed before any price was opened: `no-bids`, `too-few-bids`, `keys-lost`, and where proposals
    are scored `too-few-proposals` (that could be read) and `none-qualified`."""
    left = received - cancelled
    facts = {"received": received, "cancelled": cancelled, "left": left, "needed": needed}
    if code == "keys-lost":
        return Failure(code, OPENING_RULES, facts)
    if code == "too-few-proposals":
        return Failure(code, COMPETITION[regime], facts)
    if code == "none-qualified":
        return Failure(code, WINNER[regime], facts)
    steps = [Step("valid-bids", f"{left} < {needed}", "<")]
    if cancelled:
        steps.insert(0, Step("bids-left", f"{received} - {cancelled}", str(left)))
    return Failure(code, COMPETITION[regime], facts, tuple(steps))


def explain_evaluation(evaluation: Mapping[str, Any]) -> Failure:
    """Of an opened tender, from its `evaluation.json`. ValueError where it has a winner."""
    terms = evaluation["terms"]
    if evaluation["outcome"] == Outcome.RANKED:
        raise ValueError("it has not failed")
    placings, regime = evaluation["placings"], terms["regime"]
    if evaluation["outcome"] == Outcome.FAILED:
        valid, needed = evaluation["valid"], terms["minimum_valid"]
        facts = {"received": len(placings), "valid": valid, "invalid": len(placings) - valid, "needed": needed}
        out = _counted(placings, leave=("too-few-valid-bids",))
        steps = (Step("valid-bids", f"{valid} < {needed}", "<"),)
        return Failure("too-few-valid-bids", COMPETITION[regime], facts, steps, out)
    return _explain_prices(evaluation, regime, _counted(placings))


def _explain_prices(evaluation: Mapping[str, Any], regime: str, out: tuple[tuple[str, int], ...]) -> Failure:
    """Nobody from the floor to the estimated price, or on the right side of what the method has in their place."""
    placings, scoring = evaluation["placings"], evaluation["terms"].get("scoring") or {}
    if too_cheap := _amounts(placings, "below-estimated-price"):
        price = int(evaluation["estimated_price"] or scoring["minimum_won"])
        return _missed("all-below-price", regime, out, "against-estimated-price", max(too_cheap), price)
    if dear := _amounts(placings, "above-ceiling"):  # who lies above the estimated price as well is farther off
        return _missed("all-above-ceiling", regime, out, "against-ceiling", min(dear), int(scoring["ceiling_won"]))
    return _explain_range(evaluation, regime, out)


def _missed(code: str, regime: str, out: tuple[tuple[str, int], ...], label: str, nearest: int, limit: int) -> Failure:
    """The bid that came nearest to the one limit that there is."""
    apart = abs(nearest - limit)
    facts = {"nearest_won": nearest, "limit_won": limit, "apart_won": apart}
    return Failure(code, WINNER[regime], facts, _against(label, nearest, "<>"[nearest > limit], limit, apart), out)


def _explain_range(evaluation: Mapping[str, Any], regime: str, out: tuple[tuple[str, int], ...]) -> Failure:
    """The bid that came nearest on either side; where nobody missed a price, whose points can never suffice."""
    placings = evaluation["placings"]
    above, below = _amounts(placings, "above-estimated-price"), _amounts(placings, "below-floor")
    price, floor = (int(evaluation[name] or 0) for name in ("estimated_price", "floor_price"))
    facts: dict[str, int] = {"price_won": price, "floor_won": floor, "above": len(above), "below": len(below)}
    steps: tuple[Step, ...] = ()
    if above:
        lowest = min(above)
        facts |= {"lowest_won": lowest, "over_won": lowest - price}
        steps += _against("against-estimated-price", lowest, ">", price, lowest - price)
    if below:
        highest = max(below)
        facts |= {"highest_won": highest, "under_won": floor - highest}
        steps += _against("against-floor", highest, "<", floor, floor - highest)
    code = "none-between" if above and below else "all-above" if above else "all-below" if below else "none-in-range"
    if hopeless := len(_amounts(placings, "cannot-pass")):
        code, facts = "none-can-pass", facts | {"hopeless": hopeless}
    return Failure(code, WINNER[regime], facts, steps, out)


def explain_exhausted(standing: Mapping[str, Any], regime: str) -> Failure:
    """Everybody who was in the running fell out in a review or refused to contract (`standing.json`)."""
    out = _counted(standing["placings"])
    return Failure("exhausted", WINNER[regime], {"out": sum(count for _, count in out)}, (), out)


def _against(label: str, amount: int, sign: str, limit: int, apart: int) -> tuple[Step, ...]:
    larger, smaller = max(amount, limit), min(amount, limit)
    return Step(label, f"{amount} {sign} {limit}", sign), Step("difference", f"{larger} - {smaller}", str(apart))


def _amounts(placings: Sequence[Mapping[str, Any]], reason: str) -> list[int]:
    return [int(one["amount"]) for one in placings if one["reason"] == reason and one["amount"] is not None]


def _counted(placings: Sequence[Mapping[str, Any]], leave: tuple[str, ...] = ()) -> tuple[tuple[str, int], ...]:
    told = Counter(str(one["reason"]) for one in placings if one["reason"] not in ("valid", *leave))
    return tuple(sorted(told.items(), key=lambda pair: (-pair[1], pair[0])))
