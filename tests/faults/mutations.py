"""C7: every critical length and five large random ones come back; of so many mutations none opens."""

from __future__ import annotations

import random

from bidding import chunked
from tests.bidding.mutating import CONTEXT, KEY, accepted_mutations

SIZES = (0, 1, 16_383, 16_384, 16_385, 32_768, 100_000)
LARGEST = 50 * 1024 * 1024


def run(runs: int) -> str:
    chance = random.Random(runs)
    for size in (*SIZES, *(chance.randrange(LARGEST) for _ in range(5))):
        text = chance.randbytes(size)
        sealed = chunked.encrypt(KEY, CONTEXT, text)
        assert chunked.decrypt(KEY, CONTEXT, sealed) == text, f"{size} bytes came back changed"
    share = -(-runs // len(SIZES))
    taken = sum(accepted_mutations(size, share, seed=runs) for size in SIZES)
    assert taken == 0, f"{taken} mutations were taken for the text"
    return f"{share * len(SIZES):,} mutations of {len(SIZES)} lengths, 0 accepted"
