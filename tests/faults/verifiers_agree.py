"""N2: both verifiers on random bundles and on tampered ones: the same result of every check, the same first failure.

python -m tests.faults.verifiers_agree [RANDOM] [TAMPERED] [SEED]
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from tests.bidding.random_bundles import random_bundles
from tests.bidding.second_verifier import AT_ONCE, Case, differences, first_opinion, second_opinion
from tests.bidding.tampering import corpus

TAMPERED_PER_RANDOM = 2


def random_cases(count: int, seed: int = 0) -> Iterator[Case]:
    for one in random_bundles(count, seed):
        yield Case(one.data, one.policy, one.receipt, one.old_checkpoint)


def tampered_cases(count: int, seed: int = 0) -> Iterator[tuple[str, Case]]:
    for one in corpus(count, seed):
        yield one.name, Case(one.data, one.policy, None, one.old_checkpoint)


def compare(named: Iterator[tuple[str, Case]]) -> tuple[Counter[str], list[str]]:
    """How often which verdict was reached by both, and every difference."""
    verdicts: Counter[str] = Counter()
    wrong: list[str] = []
    number = 0
    while batch := list(islice(named, AT_ONCE)):
        for (name, case), second in zip(batch, second_opinion(case for _, case in batch), strict=True):
            first = first_opinion(case)
            verdicts[first.verdict or "sound"] += 1
            wrong += [f"{number} {name} {difference}" for difference in differences(first, second)]
            number += 1
    return verdicts, wrong


def run(runs: int, seed: int = 0, tampered: int | None = None) -> str:
    honest, first = compare(("random", case) for case in random_cases(runs, seed))
    found, second = compare(tampered_cases(tampered if tampered is not None else TAMPERED_PER_RANDOM * runs, seed))
    wrong = first + second
    assert not wrong, "\n".join(wrong[:50])
    assert set(honest) == {"sound"}, honest
    assert "sound" not in found, f"{found['sound']} tamperings that neither sees"
    return f"agree on {honest.total()} random bundles and {found.total()} tampered ones: {dict(sorted(found.items()))}"


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    randoms, spoiled, begin = [*given, *(500, 1000, 0)[len(given) :]]
    print(run(randoms, begin, spoiled))
