"""C6: so many envelopes under each policy, sealed in the browser's code and opened here, and the other way round."""

from __future__ import annotations

from collections.abc import Callable

from tests.bidding.exchanging import POLICIES, Groups, sealed_here_opens_there, sealed_there_opens_here

BATCH = 200


def run(runs: int) -> str:
    there = sum(_many(sealed_there_opens_here, groups, runs) for groups in POLICIES.values())
    here = sum(_many(sealed_here_opens_there, groups, runs) for groups in POLICIES.values())
    return f"{there:,} from the browser's code and {here:,} from ours under {len(POLICIES)} policies, 0 failures"


def _many(exchange: Callable[[Groups, int, int], int], groups: Groups, runs: int) -> int:
    return sum(exchange(groups, min(BATCH, runs - start), start) for start in range(0, runs, BATCH))
