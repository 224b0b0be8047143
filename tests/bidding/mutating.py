"""Changed, cut and grown ciphertexts (C7)."""

from __future__ import annotations

import random

from bidding import chunked

KEY, CONTEXT = b"\1" * 32, b"ctx"


def accepted_mutations(size: int, count: int, seed: int) -> int:
    """How many of `count` random mutations of a ciphertext of `size` bytes of text are taken for it."""
    chance = random.Random(f"{size}:{seed}")
    sealed = chunked.encrypt(KEY, CONTEXT, chance.randbytes(size))
    return sum(_opens(_mutated(sealed, chance)) for _ in range(count))


def _mutated(sealed: bytes, chance: random.Random) -> bytes:
    mutated, kind = bytearray(sealed), chance.randrange(3)
    if kind == 0:
        mutated[chance.randrange(len(mutated))] ^= 1 << chance.randrange(8)
    elif kind == 1:
        del mutated[chance.randrange(len(mutated)) :]
    else:
        mutated += chance.randbytes(chance.randrange(1, 40))
    return bytes(mutated)


def _opens(sealed: bytes) -> bool:
    try:
        chunked.decrypt(KEY, CONTEXT, sealed)
    except ValueError:
        return False
    return True
