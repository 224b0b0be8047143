"""Evaluation rules by the method that a notice names. Pure: the same bids, the same ranking."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import MappingProxyType

from bidding.rules.lowest import rank_lowest, rank_lowest_above_floor
from bidding.types import OpenedBid, Placing, Terms

Rule = Callable[[Terms, Sequence[OpenedBid]], tuple[Placing, ...]]

# `qualification` (적격심사) ranks as a quote does; the first in rank is then reviewed, and the next if it fails.
RULES: MappingProxyType[str, Rule] = MappingProxyType(
    {
        "quote": rank_lowest_above_floor,
        "qualification": rank_lowest_above_floor,
        "lowest": rank_lowest,
    }
)
