"""The ten characters by which two people compare a box: shown on the bid page, printed in the notice."""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_BITS = 50


def box_code(box_id: str) -> str:
    """`NENTQ-AXBNE` of a box id (64 hex digits): its first 50 bits in base 32.

    >>> box_code("ab" * 32)
    'NENTQ-AXBNE'
    """
    number = int(box_id, 16) >> (256 - _BITS)
    code = "".join(_ALPHABET[number >> shift & 31] for shift in range(_BITS - 5, -1, -5))
    return f"{code[:5]}-{code[5:]}"
