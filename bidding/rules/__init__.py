"""Evaluation rules by the method that a notice names. Pure: the same bids, the same ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from bidding.rules.best_value import explain_best_value, rank_best_value
from bidding.rules.lowest import rank_first_round, rank_lowest, rank_lowest_above_floor
from bidding.rules.negotiation import explain_negotiation, rank_negotiation
from bidding.rules.qualification import explain_qualification, rank_qualification
from bidding.rules.quantity import explain_quantity, rank_quantity
from bidding.rules.sale import rank_sale
from bidding.rules.two_stage import rank_two_stage
from bidding.types import OpenedBid, Placing, Step, Terms

Rule = Callable[[Terms, Sequence[OpenedBid]], tuple[Placing, ...]]
Explain = Callable[[Terms, Sequence[Placing]], tuple[Step, ...]]

# `qualification` (적격심사): the first in rank is then reviewed, and the next if it fails. `reverse-auction`: the
# sealed first round, before the auction itself.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "quote": rank_lowest_above_floor,
        "qualification": rank_qualification,
        "lowest": rank_lowest,
        "negotiation": rank_negotiation,
        "two-stage": rank_two_stage,
        "desired-quantity": rank_quantity,
        "sale": rank_sale,
        "best-value": rank_best_value,
        "reverse-auction": rank_first_round,
    }
)

# What a method counts once for all bids: the lines that the evaluation itself shows.
EXPLAIN: Mapping[str, Explain] = MappingProxyType(
    {
        "qualification": explain_qualification,
        "negotiation": explain_negotiation,
        "desired-quantity": explain_quantity,
        "best-value": explain_best_value,
    }
)
