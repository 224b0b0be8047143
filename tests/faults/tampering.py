"""P7 in full: a thousand tamperings with published tenders, every class at random places, and none undetected.

python -m tests.faults.tampering [COUNT] [SEED]
"""

from __future__ import annotations

import sys
from collections import Counter

from bidding import pins
from bidding.verify import verdict_of, verify
from tests.bidding.tampering import CLASSES, Tampered, corpus


def found_by(one: Tampered) -> str | None:
    """The check that finds it, V00 for what is no bundle any more; None where nobody would."""
    try:
        return verdict_of(verify(one.data, pinned=pins.parse(one.policy), old_checkpoint=one.old_checkpoint))
    except ValueError:
        return "V00"


def run(runs: int, seed: int = 0) -> str:
    """AssertionError, with the numbers and classes, where a single one is not detected."""
    found: Counter[str] = Counter()
    unseen = []
    for number, one in enumerate(corpus(runs, seed)):
        code = found_by(one)
        found[code or "unseen"] += 1
        if code is None:
            unseen.append(f"{number} {one.name}")
    assert unseen == [], unseen
    return f"{runs} of {runs} detected, {len(CLASSES)} classes: {dict(sorted(found.items()))}"


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    count, begin = [*given, *(1000, 0)[len(given) :]]
    print(run(count, begin))
